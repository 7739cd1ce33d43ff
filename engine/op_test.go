package engine

import (
	"math/rand/v2"
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
	column := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 4}))
	if view, err := column.Slice(nil, tensor.ScalarSlice(1)); err != nil { // 2 and 4, not contiguous
		t.Fatal(err)
	} else {
		column = view.(*tensor.Dense)
	}
	for _, wrong := range []*tensor.Dense{
		tensor.New(tensor.WithShape(3), tensor.WithBacking([]float64{1, 2, 3})),
		column,
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

// What a step needs is allocated with the graph.
func TestLayerAllocatesNothing(t *testing.T) {
	s := LayerShape{Batch: 3, Tokens: 5, Width: 6, Fixed: 2, Hidden: 7, Heads: 2, ReLU: true, Saturate: 0.5}
	state := newLayerState[float64](s, make([]float64, 25))
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	h, g := random(3*5*6), random(3*5*6)
	k, o, q, v, w1, w2 := random(2*6*6), random(2*6*4), random(2*6*6), random(2*6*6), random(6*7), random(7*4)
	if n := testing.AllocsPerRun(5, func() { state.forward(h, k, o, q, v, w1, w2) }); n != 0 {
		t.Errorf("forward allocates %g times", n)
	}
	if n := testing.AllocsPerRun(5, func() { state.backward(h, k, o, q, v, w1, w2, state.out, g) }); n != 0 {
		t.Errorf("backward allocates %g times", n)
	}
}
