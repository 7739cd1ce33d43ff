package engine_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"unroll/engine"
)

// Errors of (1, 2) and (3, 5) from the target (1, 1), by hand, and the gradient in both, the second of which another node reads too.
func TestSquaredErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	target := input(g, "target", []float64{1, 1}, 1, 2)
	a, b := input(g, "a", []float64{1, 2}, 1, 2), input(g, "b", []float64{3, 5}, 1, 2)
	out, err := engine.SquaredErrors(target, a, b)
	if err != nil {
		t.Fatal(err)
	}
	p := compile(t, g, out, a, b)
	if got, _, _ := p.run(t); !slices.Equal(got, []float64{1, 20}) {
		t.Errorf("errors %v, want 1 and 20", got)
	}
	p.checkGrad(t, smooth)

	g = gorgonia.NewGraph()
	target, a = input(g, "target", []float64{1, 1}, 1, 2), input(g, "a", []float64{1, 2}, 1, 2)
	if out, err = engine.SquaredErrors(target, a); err != nil {
		t.Fatal(err)
	}
	compile(t, g, out, a).checkGrad(t, smooth)

	g = gorgonia.NewGraph()
	r := rand.New(rand.NewPCG(1, 1))
	target, b = input(g, "target", gaussian(r, 6, 1), 2, 3), input(g, "b", gaussian(r, 6, 1), 2, 3)
	next := gorgonia.Must(gorgonia.Tanh(b))
	if out, err = engine.SquaredErrors(target, b, next); err != nil {
		t.Fatal(err)
	}
	compile(t, g, out, b).checkGrad(t, smooth)
}

func TestSquaredErrorsRefuse(t *testing.T) {
	g := gorgonia.NewGraph()
	target, other := input(g, "target", make([]float64, 6), 2, 3), input(g, "other", make([]float64, 6), 3, 2)
	if _, err := engine.SquaredErrors(target, target, other); err == nil || !strings.Contains(err.Error(), "(3, 2)") {
		t.Errorf("an estimate of another shape: error %v", err)
	}
	if _, err := engine.SquaredErrors(target); err == nil {
		t.Error("no estimates at all were accepted")
	}
}
