package checkpoints

import (
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"
)

// A Param is one named array, row-major. The name has 1 to 255 bytes of UTF-8, the shape at most 8
// dimensions of at least 1; a scalar's is empty.
type Param struct {
	Name  string
	Shape []int
	F32   []float32 // exactly one of F32 and F64 is set
	F64   []float64
}

// A File is what a checkpoint holds. Save writes Params in the order of their names and JSON in its
// canonical form, so that equal Files are equal bytes; Open returns them so.
type File struct {
	Config     json.RawMessage // what the model is: enough to build it again
	State      json.RawMessage // where its training stood; empty for weights alone
	Provenance Provenance
	Params     []Param
}

const (
	maxName = 255
	maxRank = 8
)

// Len returns the number of elements of Shape. It panics on a shape that Validate refuses.
func (p Param) Len() int {
	n, err := product(p.Shape)
	if err != nil {
		panic("checkpoints: " + err.Error())
	}
	return n
}

// Validate returns an error that names p and what is wrong with its name, its shape or the number of
// its values.
func (p Param) Validate() error {
	if err := checkName(p.Name); err != nil {
		return err
	}
	n, err := product(p.Shape)
	switch {
	case err != nil:
		return fmt.Errorf("param %q: %w", p.Name, err)
	case (p.F32 == nil) == (p.F64 == nil):
		return fmt.Errorf("param %q: exactly one of F32 and F64 must be set", p.Name)
	case len(p.F32)+len(p.F64) != n:
		return fmt.Errorf("param %q: %d values, but shape %v holds %d", p.Name, len(p.F32)+len(p.F64), p.Shape, n)
	}
	return nil
}

func checkName(name string) error {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return fmt.Errorf("param name %.40q: 1 to %d bytes of UTF-8 are allowed", name, maxName)
	}
	return nil
}

// product multiplies the dimensions of a shape without overflow.
func product(shape []int) (int, error) {
	if len(shape) > maxRank {
		return 0, fmt.Errorf("rank %d, at most %d is allowed", len(shape), maxRank)
	}
	n := 1
	for _, d := range shape {
		if d < 1 || d > math.MaxInt/n {
			return 0, fmt.Errorf("shape %v: dimensions from 1 up, whose product fits an int, are allowed", shape)
		}
		n *= d
	}
	return n, nil
}
