package checkpoints

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// An Envelope is the gob of a checkpoint. It has plain fields only: for a map gob would allocate what
// a few bytes claim, and in a float it keeps neither −0 nor the payload of a NaN.
type Envelope struct {
	Magic      string
	Version    uint32
	Config     []byte   // canonical JSON
	State      []byte   // canonical JSON
	Provenance []byte   // canonical JSON
	Names      []string // of the arrays, strictly increasing
	DTypes     []string // of each array, "float32" or "float64"
	Ranks      []int    // of each array
	Dims       []int    // the shapes one after the other, ΣRanks dimensions
	Data       []byte   // the arrays one after the other, row-major, little-endian
}

const (
	version = 1
	magic   = "unroll-model\r\n\x1a\n" // a transfer that takes it for text breaks it, as PNG's
)

// gob numbers types in the order in which a process first meets them. Meeting ours at the start keeps
// the bytes of a File free of what else the program encodes.
func init() {
	if err := gob.NewEncoder(io.Discard).Encode(Envelope{}); err != nil {
		panic("checkpoints: " + err.Error())
	}
}

// pack lays f out as an Envelope.
func pack(f *File) (*Envelope, error) {
	provenance, err := json.Marshal(f.Provenance)
	if err != nil {
		return nil, err
	}
	e := &Envelope{Magic: magic, Version: version}
	for _, j := range []struct {
		name     string
		raw      []byte
		envelope *[]byte
	}{
		{"config", f.Config, &e.Config},
		{"state", f.State, &e.State},
		{"provenance", provenance, &e.Provenance},
	} {
		if *j.envelope, err = canonical(j.raw); err != nil {
			return nil, fmt.Errorf("%s: %w", j.name, err)
		}
	}
	byName := func(a, b Param) int { return strings.Compare(a.Name, b.Name) }
	for _, p := range slices.SortedFunc(slices.Values(f.Params), byName) {
		if err := p.Validate(); err != nil {
			return nil, err
		}
		if n := len(e.Names); n > 0 && p.Name == e.Names[n-1] {
			return nil, fmt.Errorf("param %q stands twice", p.Name)
		}
		e.append(p)
	}
	return e, nil
}

func (e *Envelope) append(p Param) {
	dtype := "float32"
	if p.F64 != nil {
		dtype = "float64"
	}
	e.Names = append(e.Names, p.Name)
	e.DTypes = append(e.DTypes, dtype)
	e.Ranks = append(e.Ranks, len(p.Shape))
	e.Dims = append(e.Dims, p.Shape...)
	for _, v := range p.F32 {
		e.Data = binary.LittleEndian.AppendUint32(e.Data, math.Float32bits(v))
	}
	for _, v := range p.F64 {
		e.Data = binary.LittleEndian.AppendUint64(e.Data, math.Float64bits(v))
	}
}

// canonical returns one JSON value with sorted keys and no space. Empty input stays empty.
func canonical(raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // a number keeps its digits
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
