package prox_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/prox"
)

// penalties is the table of the conformance test: a new penalty is one more row.
var penalties = []prox.Func{
	prox.L1{}, prox.L1{Lambda: 0.01}, prox.L1{Lambda: 0.7}, prox.L1{Lambda: 30},
	prox.SquaredL2{}, prox.SquaredL2{Lambda: 0.01}, prox.SquaredL2{Lambda: 0.7}, prox.SquaredL2{Lambda: 30},
	prox.WeightedL1{Lambda: 0.7, Weights: []float64{1, 0, 2, math.Inf(1), 0.1, 0, 30}},
	prox.WeightedL1{Weights: []float64{1, math.Inf(1)}}, prox.WeightedL1{Lambda: 2, Weights: []float64{0.3}},
	prox.NonNegL1{}, prox.NonNegL1{Lambda: 0.01}, prox.NonNegL1{Lambda: 0.7}, prox.NonNegL1{Lambda: 30},
	prox.ElasticNet{}, prox.ElasticNet{Lambda: 0.7}, prox.ElasticNet{Ridge: 0.7}, prox.ElasticNet{Lambda: 0.3, Ridge: 0.2}, prox.ElasticNet{Lambda: 9, Ridge: 4},
	prox.Box{Lo: -0.5, Hi: 0.7}, prox.Box{}, prox.Box{Hi: 1}, prox.Box{Lo: -1}, prox.Box{Lo: 0.2, Hi: 0.9}, prox.Box{Lo: -30, Hi: 30}, prox.Box{Lo: 1, Hi: 1},
	prox.Group{Lambda: 0.7, Groups: [][]int{{0, 3}, {1, 5, 6}, {4}, {2}}},
	prox.Group{Lambda: 0.5, Groups: [][]int{{6, 3, 0}, {1, 5}, {4, 2}}, Weights: []float64{1, 0, 3}},
	prox.Group{Groups: [][]int{{0, 1}}}, prox.Group{Lambda: 0.7, Groups: [][]int{{0, 1}}}, prox.Group{Lambda: 30, Groups: [][]int{{0}}},
}

func TestConformance(t *testing.T) {
	for _, g := range penalties {
		t.Run(fmt.Sprintf("%T%v", g, g), func(t *testing.T) { l2otest.Func(t, g) })
	}
}

func TestL1ByHand(t *testing.T) {
	g := prox.L1{Lambda: 2}
	x, w := []float64{3, 0, -1}, []float64{2, 5, 0}
	p := make([]float64, 3)
	g.Prox(p, []float64{2, -3, 0.5}, 0.5) // threshold 1
	for j, want := range []float64{1, -2, 0} {
		if p[j] != want {
			t.Errorf("prox[%d] = %v, want %v", j, p[j], want)
		}
	}
	same(t, "Value", g.Value(x), 8)
	same(t, "Distance", g.Distance(w, x), math.Sqrt(0+9+4)) // to (2, [−2,2], −2)
	same(t, "DualScale", g.DualScale(w), 0.4)
	same(t, "FenchelYoung outside", g.FenchelYoung(x, w), math.Inf(1))
	same(t, "FenchelYoung", g.FenchelYoung(x, []float64{2, 1, 0}), 2) // 8 + 0 − 6
}

func TestSquaredL2ByHand(t *testing.T) {
	g := prox.SquaredL2{Lambda: 2}
	x, w := []float64{3, -1}, []float64{2, 2}
	p := make([]float64, 2)
	g.Prox(p, []float64{4, -2}, 0.5) // divided by 2
	same(t, "Prox", p[0], 2)
	same(t, "Prox", p[1], -1)
	same(t, "Value", g.Value(x), 10)
	same(t, "Distance", g.Distance(w, x), math.Sqrt(32)) // to (6, −2)
	same(t, "DualScale", g.DualScale(w), 1)
	same(t, "FenchelYoung", g.FenchelYoung(x, w), 8) // 10 + 8/4 − 4
}

// The dual point must be feasible as rounded, or the gap would be +Inf by one unit in the last place.
func TestL1DualScaleIsFeasibleAsRounded(t *testing.T) {
	for i := range 10_000 {
		g := prox.L1{Lambda: 1 + float64(i)/7}
		w := []float64{g.Lambda * (1 + float64(i)/333), 0.3}
		if s := g.DualScale(w); s*w[0] > g.Lambda {
			t.Fatalf("λ = %v, w = %v: s·w = %.17g is outside", g.Lambda, w, s*w[0])
		}
	}
}

func TestCheckNamesTheWeight(t *testing.T) {
	for _, lambda := range []float64{-1, math.NaN(), math.Inf(1)} {
		for _, g := range []prox.Func{prox.L1{Lambda: lambda}, prox.SquaredL2{Lambda: lambda}} {
			if e, ok := errors.AsType[*prox.ParamError](g.Check(1)); !ok || e.Param != "Lambda" {
				t.Errorf("%T{%v}: Check returns %v", g, lambda, g.Check(1))
			}
		}
	}
}

func TestLengthsThatDiffer(t *testing.T) {
	one, two := []float64{1}, []float64{1, 2}
	for _, g := range []prox.Func{prox.L1{Lambda: 1}, prox.SquaredL2{Lambda: 1}} {
		for name, call := range map[string]func(){
			"Prox":         func() { g.Prox(two, one, 1) },
			"FenchelYoung": func() { g.FenchelYoung(two, one) },
			"Distance":     func() { g.Distance(two, one) },
		} {
			if !panics(call) {
				t.Errorf("%T: %s of vectors of different lengths does not panic", g, name)
			}
		}
	}
}

func panics(call func()) (did bool) {
	defer func() { did = recover() != nil }()
	call()
	return false
}

func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-15*math.Abs(want) && got != want {
		t.Errorf("%s = %.17g, want %v", what, got, want)
	}
}
