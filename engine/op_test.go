package engine

import (
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Gorgonia runs an op on a goroutine of its own, where a panic would end the process: it must come back as an error with name and shapes.
func TestPanicInDoIsAnError(t *testing.T) {
	g := gorgonia.NewGraph()
	in := gorgonia.NewTensor(g, tensor.Float64, 2, gorgonia.WithShape(2, 3), gorgonia.WithName("in"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(make([]float64, 6)))))
	o := newOp("Broken", tensor.Float64, tensor.Shape{2, 3}, tensor.Shape{2, 3})
	o.compute = func([]*tensor.Dense) (*tensor.Dense, error) { panic("index out of range") }
	m, err := NewMachine(g, gorgonia.Must(gorgonia.ApplyOp(&o, in)))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	names(t, m.Run(), "Broken", "(2, 3)", "index out of range")
}

// An op refuses, when it is added and when it runs, what it was not made for.
func TestOpRefusesInputs(t *testing.T) {
	o := newOp("Copy", tensor.Float64, tensor.Shape{2}, tensor.Shape{2})
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) { return in[0], nil }
	right := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2}))
	if _, err := o.Do(right); err != nil {
		t.Error(err)
	}
	_, err := o.InferShape(tensor.Shape{3})
	names(t, err, "Copy", "(3)", "(2)")

	square := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 4}))
	column, err := square.Slice(nil, gorgonia.S(1)) // 2 and 4, with a gap between them
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []*tensor.Dense{
		tensor.New(tensor.WithShape(3), tensor.WithBacking([]float64{1, 2, 3})),
		column.(*tensor.Dense),
		tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2})),
	} {
		_, err := o.Do(wrong)
		names(t, err, "Copy", "(2)", "float64")
	}
	_, err = o.Do(gorgonia.NewF64(1))
	names(t, err, "Copy", "(2)", "float64")
}

func names(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one that names %q", parts)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not name %q", err, p)
		}
	}
}
