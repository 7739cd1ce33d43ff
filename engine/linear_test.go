package engine_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"

	"unroll/engine"
)

// The product is that of the loops, and so is its gradient in what is not constant.
func TestLinear(t *testing.T) {
	for _, l := range []engine.Linear{{}, {Transpose: true}, {Constant: true}, {Transpose: true, Constant: true}} {
		for seed := range uint64(10) {
			r := rand.New(rand.NewPCG(seed, 11))
			b, rows, cols := 1+r.IntN(5), 1+r.IntN(7), 1+r.IntN(9)
			in, n := rows, cols
			if l.Transpose {
				in, n = cols, rows
			}
			g := gorgonia.NewGraph()
			x, w := input(g, "x", gaussian(r, b*in, 1), b, in), input(g, "w", gaussian(r, rows*cols, 1), rows, cols)
			out, err := l.Apply(x, w)
			if err != nil {
				t.Fatal(err)
			}
			learned := gorgonia.Nodes{x, w}
			if l.Constant {
				learned = learned[:1]
				if _, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(out)), w); err == nil {
					t.Errorf("%+v: there is a gradient in w", l)
				}
			}
			p := compile(t, g, out, learned...)
			got, _, _ := p.run(t)
			values, matrix := x.Value().Data().([]float64), w.Value().Data().([]float64)
			for i, v := range got {
				want := 0.0
				for k := range in {
					at := k*cols + i%n
					if l.Transpose {
						at = i%n*cols + k
					}
					want += values[i/n*in+k] * matrix[at]
				}
				if math.Abs(v-want) > 1e-13 {
					t.Fatalf("%+v, seed %d: entry %d is %g, want %g", l, seed, i, v, want)
				}
			}
			if stats := p.checkGrad(t, func() uint64 { return 0 }); t.Failed() {
				t.Fatalf("%+v, seed %d: %+v", l, seed, stats)
			}
		}
	}
}

func TestLinearRefuses(t *testing.T) {
	g := gorgonia.NewGraph()
	x, w := input(g, "x", make([]float64, 6), 2, 3), input(g, "w", make([]float64, 12), 3, 4)
	if _, err := (engine.Linear{Transpose: true}).Apply(x, w); err == nil || err.Error() != "engine: rows of 3 numbers for a matrix of shape (3, 4), want 4 (transposed: true)" {
		t.Errorf("error %v", err)
	}
	if _, err := (engine.Linear{}).Apply(x, input(g, "v", make([]float64, 3), 3)); err == nil {
		t.Error("a product with a vector was accepted")
	}
}
