package checkpoints

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A tensor is what the header of a safetensors file says of one array. The file is the header's length in 8 little-endian bytes, the
// header in JSON, and the values of all arrays, row-major and little-endian; Offsets count from the first value (safetensors, "Format").
type tensor struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets []int  `json:"data_offsets"` // of the first byte and of that after the last; an array of Go would hide a third
	name    string
}

const (
	metadataKey = "__metadata__" // of texts about the file, which a reader may ignore
	headerAlign = 8              // spaces fill the header up, so that the values lie aligned in memory
)

// EncodeSafetensors returns the .safetensors file of params: those of float64 first, each kind by name. Equal params are equal bytes.
func EncodeSafetensors(params []Param) ([]byte, error) {
	if err := checkParams(params); err != nil {
		return nil, err
	}
	params = slices.SortedFunc(slices.Values(params), func(a, b Param) int {
		if wide := a.F64 != nil; wide != (b.F64 != nil) {
			if wide {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	var values Envelope
	tensors := map[string]tensor{}
	for _, p := range params {
		if p.Name == metadataKey {
			return nil, fmt.Errorf("param %q: safetensors keeps this name for itself", p.Name)
		}
		t := tensor{DType: "F32", Shape: append([]int{}, p.Shape...)}
		if p.F64 != nil {
			t.DType = "F64"
		}
		from := len(values.Data)
		values.append(p)
		t.Offsets = []int{from, len(values.Data)}
		tensors[p.Name] = t
	}
	header, err := json.Marshal(tensors) // by name
	if err != nil {
		return nil, err
	}
	for len(header)%headerAlign != 0 {
		header = append(header, ' ')
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), values.Data...), nil
}

// ReadSafetensors reads the arrays of a .safetensors file in the order of their values, whoever wrote it. Its error names the file.
func ReadSafetensors(path string) ([]Param, error) {
	data, err := read(OS{}, path)
	if err != nil {
		return nil, err
	}
	params, err := decodeSafetensors(data)
	if err != nil {
		return nil, &FormatError{path, err.Error()}
	}
	return params, nil
}

// decodeSafetensors accepts arrays that lie one behind the other, without a gap, from the first value to the last.
func decodeSafetensors(data []byte) (params []Param, err error) {
	if len(data) < 8 || binary.LittleEndian.Uint64(data) > uint64(len(data)-8) {
		return nil, errors.New("no safetensors header: truncated, or not such a file")
	}
	end := 8 + int(binary.LittleEndian.Uint64(data))
	tensors, err := parseTensors(data[8:end])
	if err != nil {
		return nil, fmt.Errorf("safetensors header: %w", err)
	}
	slices.SortFunc(tensors, func(a, b tensor) int { return cmp.Compare(a.Offsets[0], b.Offsets[0]) })
	values, at := data[end:], 0
	for _, t := range tensors {
		dtype, ok := map[string]string{"F32": "float32", "F64": "float64"}[t.DType]
		if !ok {
			return nil, fmt.Errorf("param %q: dtype %q, F32 and F64 are allowed", t.name, t.DType)
		}
		p, size, err := newParam(t.name, t.Shape, dtype, values[at:])
		if err != nil {
			return nil, err
		}
		if !slices.Equal(t.Offsets, []int{at, at + size}) {
			return nil, fmt.Errorf("param %q: data_offsets %v, want [%d %d]", t.name, t.Offsets, at, at+size)
		}
		at += size
		params = append(params, p)
	}
	if at < len(values) {
		return nil, fmt.Errorf("%d bytes of no param", len(values)-at)
	}
	return params, checkParams(params)
}

// parseTensors reads the header's object key by key: a map would hide a name that stands twice.
func parseTensors(header []byte) (tensors []tensor, err error) {
	d := json.NewDecoder(bytes.NewReader(header))
	d.DisallowUnknownFields()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		if key == metadataKey {
			var ignored map[string]string
			if err := d.Decode(&ignored); err != nil {
				return nil, err
			}
			continue
		}
		t := tensor{name: key.(string)} // the decoder lets no other key pass
		if err := d.Decode(&t); err != nil {
			return nil, fmt.Errorf("%.40q: %w", t.name, err)
		}
		if t.Shape == nil { // a scalar's is empty, and there
			return nil, fmt.Errorf("param %q: no shape", t.name)
		}
		if len(t.Offsets) != 2 {
			return nil, fmt.Errorf("param %q: data_offsets %v, want two numbers", t.name, t.Offsets)
		}
		tensors = append(tensors, t)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return tensors, nil
}
