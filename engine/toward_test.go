package engine_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
)

// Values are those of the formula, by hand, and the gradients in x, z and log those of central differences.
func TestToward(t *testing.T) {
	g, r := gorgonia.NewGraph(), rand.New(rand.NewPCG(4, 1))
	x, z, m := input(g, "x", []float64{1, 2, 3, 4, 5, 6}, 2, 3), input(g, "z", []float64{0, 0, 0, 8, 8, 8}, 2, 3), input(g, "m", []float64{1, 0, 0.5, 1, 0, 0.5}, 2, 3)
	log := input(g, "log", []float64{math.Log(0.5)}, 1)
	out, err := engine.Toward(x, z, m, log)
	if err != nil {
		t.Fatal(err)
	}
	p := compile(t, g, out, x, z, log)
	got, _, _ := p.run(t)
	if off := apart(got, []float64{0.5, 2, 2.25, 6, 5, 6.5}); off > 1e-15 {
		t.Errorf("values %v", got)
	}
	for _, v := range p.inputs {
		copy(v, gaussian(r, len(v), 1))
	}
	t.Logf("%+v", p.checkGrad(t, func() uint64 { return 0 }))
}

// In float32 the step and its gradients are those of float64, up to rounding.
func TestTowardInFloat32(t *testing.T) {
	run := func(dt tensor.Dtype) (values []float64) {
		g, r := gorgonia.NewGraph(), rand.New(rand.NewPCG(4, 2))
		var in gorgonia.Nodes
		for _, name := range []string{"x", "z", "m", "log"} {
			n := 6
			if name == "log" {
				n = 1
			}
			value := tensor.New(tensor.Of(dt), tensor.WithShape(n))
			for i, v := range gaussian(r, n, 1) {
				if dt == tensor.Float64 {
					value.Float64s()[i] = v
				} else {
					value.Float32s()[i] = float32(v)
				}
			}
			in = append(in, gorgonia.NewTensor(g, dt, 1, gorgonia.WithShape(n), gorgonia.WithName(name), gorgonia.WithValue(value)))
		}
		out, err := engine.Toward(in[0], in[1], in[2], in[3])
		if err != nil {
			t.Fatal(err)
		}
		grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(out)))), in[0], in[1], in[3])
		if err != nil {
			t.Fatal(err)
		}
		m, err := engine.NewMachine(g, append(gorgonia.Nodes{out}, grads...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		if err := m.Run(); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			switch v := m.Value(i).Data().(type) {
			case []float64:
				values = append(values, v...)
			case []float32:
				for _, x := range v {
					values = append(values, float64(x))
				}
			}
		}
		return values
	}
	if off := apart(run(tensor.Float32), run(tensor.Float64)); off > 1e-5 {
		t.Errorf("%g apart", off)
	}
}

func TestTowardRefusals(t *testing.T) {
	g := gorgonia.NewGraph()
	x, short, log := input(g, "x", make([]float64, 6), 2, 3), input(g, "short", make([]float64, 3), 1, 3), input(g, "log", make([]float64, 1), 1)
	for _, in := range []gorgonia.Nodes{{x, short, x, log}, {x, x, short, log}, {x, x, x, short}} {
		if _, err := engine.Toward(in[0], in[1], in[2], in[3]); err == nil || !strings.Contains(err.Error(), "one shape") || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v", err)
		}
	}
}

// What comes out of a detached node is data: the gradient in x of Σ w·(x² ∘ d(x)) is that of d held where it is, in both precisions, and it follows
// its inputs from run to run.
func TestDetached(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		g := gorgonia.NewGraph()
		backing := tensor.New(tensor.Of(dt), tensor.WithShape(2))
		x := gorgonia.NewTensor(g, dt, 1, gorgonia.WithShape(2), gorgonia.WithName("x"), gorgonia.WithValue(backing))
		cube := func(dst []float64, in [][]float64) error {
			for i, v := range in[0] {
				if v < 0 {
					return errors.New("negative")
				}
				dst[i] = v * v * v
			}
			return nil
		}
		d, err := engine.Detached("Cube", tensor.Shape{2}, cube, x)
		if err != nil {
			t.Fatal(err)
		}
		product := gorgonia.Must(gorgonia.HadamardProd(gorgonia.Must(gorgonia.Square(x)), d))
		grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(product)), x)
		if err != nil {
			t.Fatal(err)
		}
		m, err := engine.NewMachine(g, product, grads[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		at := func(a, b float64) error {
			for i, v := range []float64{a, b} {
				if dt == tensor.Float64 {
					backing.Float64s()[i] = v
				} else {
					backing.Float32s()[i] = float32(v)
				}
			}
			return m.Run()
		}
		for _, v := range [][2]float64{{1, 2}, {3, 0.5}} {
			if err := at(v[0], v[1]); err != nil {
				t.Fatal(err)
			}
			for i, x := range v {
				if value, slope := number(m.Value(0), i), number(m.Value(1), i); value != math.Pow(x, 5) || slope != 2*math.Pow(x, 4) {
					t.Errorf("%v: value %g and slope %g at %g, want %g and %g", dt, value, slope, x, math.Pow(x, 5), 2*math.Pow(x, 4))
				}
			}
		}
		if err := at(1, -1); err == nil || !strings.Contains(err.Error(), "Cube") || !strings.Contains(err.Error(), "negative") {
			t.Errorf("error %v", err)
		}
	}
}

// number is number i of a vector.
func number(v gorgonia.Value, i int) float64 {
	if wide, ok := v.Data().([]float64); ok {
		return wide[i]
	}
	return float64(v.Data().([]float32)[i])
}
