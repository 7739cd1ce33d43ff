package checkpoints

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"math"
)

// decode reads the gob of one Envelope, and nothing after it.
func decode(payload []byte) (*File, error) {
	if err := checkMessages(payload); err != nil {
		return nil, err
	}
	r := bytes.NewReader(payload)
	var e Envelope
	if err := gob.NewDecoder(r).Decode(&e); err != nil {
		return nil, err
	}
	if r.Len() > 0 {
		return nil, fmt.Errorf("%d bytes after the envelope", r.Len())
	}
	return e.unpack()
}

// checkMessages refuses a gob that is not whole messages, each a length and so many bytes: for a length
// that lies, the decoder would allocate ten megabytes before it notices. A length below 128 is one byte,
// another is the negated count of its big-endian bytes and then those (encoding/gob, "Encoding Details").
func checkMessages(payload []byte) error {
	for rest := payload; len(rest) > 0; {
		size, head := uint64(rest[0]), 1
		if size >= 128 {
			if head = 1 + 256 - int(rest[0]); head > 9 || head > len(rest) {
				return errors.New("a gob message without its length")
			}
			size = 0
			for _, b := range rest[1:head] {
				size = size<<8 | uint64(b)
			}
		}
		if size > uint64(len(rest)-head) {
			return fmt.Errorf("a gob message of %d bytes, %d are left", size, len(rest)-head)
		}
		rest = rest[head+int(size):]
	}
	return nil
}

// unpack is the inverse of pack and refuses an Envelope that breaks the rules of its fields. It
// allocates no more than e holds.
func (e *Envelope) unpack() (*File, error) {
	switch {
	case e.Magic != magic || e.Version != version:
		return nil, fmt.Errorf("envelope of magic %q and version %d", e.Magic, e.Version)
	case len(e.DTypes) != len(e.Names) || len(e.Ranks) != len(e.Names):
		return nil, fmt.Errorf("%d names, %d dtypes, %d ranks", len(e.Names), len(e.DTypes), len(e.Ranks))
	}
	for _, raw := range [][]byte{e.Config, e.State, e.Provenance} {
		if c, err := canonical(raw); err != nil || !bytes.Equal(c, raw) {
			return nil, errors.New("JSON that is not canonical")
		}
	}
	f := &File{Config: e.Config, State: e.State}
	if err := f.Provenance.parse(e.Provenance); err != nil {
		return nil, fmt.Errorf("provenance: %w", err)
	}
	dims, data := e.Dims, e.Data
	for i, name := range e.Names {
		if i > 0 && name <= e.Names[i-1] {
			return nil, fmt.Errorf("param %q after %q", name, e.Names[i-1])
		}
		rank := e.Ranks[i]
		if rank < 0 || rank > len(dims) {
			return nil, fmt.Errorf("param %q: rank %d", name, rank)
		}
		p, size, err := newParam(name, dims[:rank:rank], e.DTypes[i], data)
		if err != nil {
			return nil, err
		}
		f.Params = append(f.Params, p)
		dims, data = dims[rank:], data[size:]
	}
	if len(dims) > 0 || len(data) > 0 {
		return nil, fmt.Errorf("%d dimensions and %d bytes of no param", len(dims), len(data))
	}
	return f, nil
}

// newParam reads the values of a Param from the start of data and returns how many bytes they took.
func newParam(name string, shape []int, dtype string, data []byte) (p Param, size int, err error) {
	if err := checkName(name); err != nil {
		return p, 0, err
	}
	n, err := product(shape)
	if err != nil {
		return p, 0, fmt.Errorf("param %q: %w", name, err)
	}
	p = Param{Name: name, Shape: shape}
	switch {
	case dtype == "float32" && n <= len(data)/4:
		p.F32 = make([]float32, n)
		for i := range p.F32 {
			p.F32[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		return p, 4 * n, nil
	case dtype == "float64" && n <= len(data)/8:
		p.F64 = make([]float64, n)
		for i := range p.F64 {
			p.F64[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		}
		return p, 8 * n, nil
	}
	return p, 0, fmt.Errorf("param %q: %d bytes for %s of shape %v", name, len(data), dtype, shape)
}
