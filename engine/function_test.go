package engine_test

import (
	"errors"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
)

// f(x, w) = (x₀²w, x₁²w): values and gradients of Σ (1, 3) ∘ f by hand, in both precisions, from run to run; errors of both directions are the
// machine's.
func TestFunction(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		g := gorgonia.NewGraph()
		values := map[string]*tensor.Dense{"x": tensor.New(tensor.Of(dt), tensor.WithShape(2)), "w": tensor.New(tensor.Of(dt), tensor.WithShape(1)),
			"weights": tensor.New(tensor.Of(dt), tensor.WithShape(2))}
		node := func(name string) *gorgonia.Node {
			return gorgonia.NewTensor(g, dt, 1, gorgonia.WithShape(values[name].Shape()...), gorgonia.WithName(name), gorgonia.WithValue(values[name]))
		}
		x, w := node("x"), node("w")
		f, err := engine.Function("Squares", tensor.Shape{2}, func(dst []float64, in [][]float64) error {
			for i, v := range in[0] {
				if v < 0 {
					return errors.New("negative")
				}
				dst[i] = v * v * in[1][0]
			}
			return nil
		}, func(grads, in [][]float64, g []float64) error {
			grads[1][0] = 0
			for i, v := range in[0] {
				if v == 0 {
					return errors.New("zero")
				}
				grads[0][i] = 2 * v * in[1][0] * g[i]
				grads[1][0] += v * v * g[i]
			}
			return nil
		}, x, w)
		if err != nil {
			t.Fatal(err)
		}
		grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(f, node("weights"))))), x, w)
		if err != nil {
			t.Fatal(err)
		}
		m, err := engine.NewMachine(g, f, grads[0], grads[1])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		run := func(x0, x1, w0 float64) error {
			for name, v := range map[string][]float64{"x": {x0, x1}, "w": {w0}, "weights": {1, 3}} {
				for i, v := range v {
					if dt == tensor.Float64 {
						values[name].Float64s()[i] = v
					} else {
						values[name].Float32s()[i] = float32(v)
					}
				}
			}
			return m.Run()
		}
		for _, c := range []struct {
			at   [3]float64
			want [][]float64
		}{
			{[3]float64{1, 2, 0.5}, [][]float64{{0.5, 2}, {1, 6}, {13}}},
			{[3]float64{3, 1, 2}, [][]float64{{18, 2}, {12, 12}, {12}}},
		} {
			if err := run(c.at[0], c.at[1], c.at[2]); err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				for j, v := range want {
					if got := number(m.Value(i), j); got != v {
						t.Errorf("%v at %v: value %d is %g at %d, want %g", dt, c.at, i, got, j, v)
					}
				}
			}
		}
		if err := run(1, -1, 1); err == nil || !strings.Contains(err.Error(), "Squares: negative") {
			t.Errorf("%v: the error is %v, want that of the forward function", dt, err)
		}
		if err := run(1, 0, 1); err == nil || !strings.Contains(err.Error(), "Squares: zero") {
			t.Errorf("%v: the error is %v, want that of the backward function", dt, err)
		}
		if err := run(1, 1, 1); err != nil {
			t.Errorf("%v: after a run that failed: %v", dt, err)
		}
	}
	if _, err := engine.Function("Nothing", tensor.Shape{1}, nil, nil); err == nil || !strings.Contains(err.Error(), "no inputs") {
		t.Errorf("a function of nothing: error %v", err)
	}
}
