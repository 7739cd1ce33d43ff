package graph_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
	"unroll/l2o/diff/graph"
	"unroll/l2o/l2otest"
)

// A program is the graph of ⟨w, x*(A, y, λ)⟩ and its gradients.
type program struct {
	machine *engine.Machine
	values  []*tensor.Dense // A, y, λ
}

func input(g *gorgonia.ExprGraph, name string, values []float64, shape ...int) (*gorgonia.Node, *tensor.Dense) {
	t := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
	return gorgonia.NewTensor(g, tensor.Float64, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(t)), t
}

func newProgram(t *testing.T, m, n int, a, y, lambda, w []float64) *program {
	t.Helper()
	g := gorgonia.NewGraph()
	nodeA, valueA := input(g, "A", a, m, n)
	nodeY, valueY := input(g, "y", y, m)
	nodeL, valueL := input(g, "lambda", lambda, 1)
	nodeW, _ := input(g, "w", w, n)
	x, err := graph.Lasso(nodeA, nodeY, nodeL)
	if err != nil {
		t.Fatal(err)
	}
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(x, nodeW))))
	grads, err := gorgonia.Grad(cost, nodeA, nodeY, nodeL)
	if err != nil {
		t.Fatal(err)
	}
	machine, err := engine.NewMachine(g, append(gorgonia.Nodes{cost, x}, grads...)...)
	if err != nil {
		t.Fatal(err)
	}
	return &program{machine, []*tensor.Dense{valueA, valueY, valueL}}
}

// The gradient of the graph agrees with central differences of its own value in A, y and λ.
func TestLassoGradient(t *testing.T) {
	const m, n = 12, 8
	rng := rand.New(rand.NewPCG(3, 3))
	normal := func(k int) []float64 {
		v := make([]float64, k)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	a, y, lambda, w := normal(m*n), normal(m), []float64{1.5}, normal(n)
	p := newProgram(t, m, n, a, y, lambda, w)
	defer p.machine.Close()
	parts := [][]float64{a, y, lambda}
	at := append(append(append([]float64(nil), a...), y...), lambda...)
	stats := l2otest.CheckGrad(t, func(v []float64) (float64, []float64, uint64) {
		for _, part := range parts {
			copy(part, v[:len(part)])
			v = v[len(part):]
		}
		if err := p.machine.Run(); err != nil {
			t.Fatal(err)
		}
		var grad []float64
		for i := range parts {
			grad = append(grad, p.machine.Value(2+i).Data().([]float64)...)
		}
		signs := uint64(0)
		for _, v := range p.machine.Value(1).Data().([]float64) {
			signs = signs*3 + uint64(1+math.Copysign(1, v)*min(1, math.Abs(v)*1e300))
		}
		return p.machine.Value(0).Data().(float64), grad, signs
	}, at, l2otest.GradOptions{Directions: 20, Step: 1e-5, Tol: 1e-6})
	t.Logf("worst relative error %.1e, %d of %d resampled", stats.Worst, stats.Resampled, stats.Tried)
}

func TestLassoRefuses(t *testing.T) {
	g := gorgonia.NewGraph()
	a, _ := input(g, "A", make([]float64, 6), 3, 2)
	y, _ := input(g, "y", make([]float64, 2), 2)
	three, _ := input(g, "three", make([]float64, 3), 3)
	lambda, _ := input(g, "lambda", []float64{1}, 1)
	for name, in := range map[string][3]*gorgonia.Node{"a y of the wrong length": {a, y, lambda}, "a λ of the wrong length": {a, three, three}} {
		if _, err := graph.Lasso(in[0], in[1], in[2]); err == nil || !strings.Contains(err.Error(), "want (m, n), (m) and (1)") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	single := gorgonia.NewTensor(g, tensor.Float32, 1, gorgonia.WithShape(3), gorgonia.WithName("y32"))
	if _, err := graph.Lasso(a, single, lambda); err == nil || !strings.Contains(err.Error(), "float32") {
		t.Errorf("error %v, want float32 refused", err)
	}
	for name, c := range map[string]struct {
		a      []float64
		lambda float64
		want   string
	}{
		"two equal columns":   {[]float64{1, 1, 2, 2, 3, 3}, 0.5, "diff: "}, // by the solution found: dependent columns, or no slack
		"λ = 0":               {[]float64{1, 0, 2, 1, 3, 0}, 0, "G.Lambda is 0"},
		"λ at the breakpoint": {[]float64{1, 0, 0, 1, 0, 0}, 1, "strict complementarity"},
		"NaN":                 {[]float64{math.NaN(), 0, 2, 1, 3, 0}, 1, "A[0,0]"},
	} {
		p := newProgram(t, 3, 2, c.a, []float64{1, 0.5, 0.25}, []float64{c.lambda}, []float64{1, 1})
		if err := p.machine.Run(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		p.machine.Close()
	}
}
