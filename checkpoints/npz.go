package checkpoints

import (
	"bytes"
	"fmt"

	"unroll/checkpoints/npy"
)

// EncodeNPZ returns the .npz file of params, each under its name, in their order. Equal params are equal bytes.
func EncodeNPZ(params []Param) ([]byte, error) {
	var arrays []npy.Named
	if err := checkParams(params); err != nil {
		return nil, err
	}
	for _, p := range params {
		arrays = append(arrays, npy.Named{Name: p.Name, Array: &npy.Array{Shape: p.Shape, F32: p.F32, F64: p.F64}})
	}
	var b bytes.Buffer
	if err := npy.WriteArchive(&b, arrays); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ReadNPZ reads the arrays of a .npz file in its order, whoever wrote it. Its error names the file.
func ReadNPZ(path string) ([]Param, error) {
	data, err := read(OS{}, path)
	if err != nil {
		return nil, err
	}
	archive, err := npy.OpenArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("checkpoints: %s: %w", path, err)
	}
	var params []Param
	for _, name := range archive.Names() {
		a, err := archive.Read(name)
		if err != nil {
			return nil, fmt.Errorf("checkpoints: %s: %w", path, err)
		}
		params = append(params, Param{Name: name, Shape: a.Shape, F32: a.F32, F64: a.F64})
	}
	if err := checkParams(params); err != nil {
		return nil, &FormatError{path, err.Error()}
	}
	return params, nil
}

// checkParams refuses a param that is not valid and a name that stands twice.
func checkParams(params []Param) error {
	seen := map[string]bool{}
	for _, p := range params {
		if err := p.Validate(); err != nil {
			return err
		}
		if seen[p.Name] {
			return fmt.Errorf("param %q stands twice", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}
