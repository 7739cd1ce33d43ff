package l2otest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Case is a problem with a name.
type Case struct {
	Name    string
	Problem *l2o.Problem
}

// A BadCase is a problem that must be refused, with an [l2o.InputError] whose Arg is as given.
type BadCase struct {
	Case
	Arg string
}

// Broken returns copies of p, whose A is dense, each broken in its own way in A or in y.
func Broken(p *l2o.Problem) []BadCase {
	a := p.A.(*linop.Dense)
	withA := func(data []float64) *l2o.Problem {
		return &l2o.Problem{A: &linop.Dense{M: a.M, N: a.N, Data: data}, Y: p.Y, G: p.G}
	}
	withY := func(y []float64) *l2o.Problem { return &l2o.Problem{A: p.A, Y: y, G: p.G} }
	i := len(a.Data) - 1
	lastA, lastY := fmt.Sprintf("A[%d,%d]", a.M-1, a.N-1), fmt.Sprintf("Y[%d]", a.M-1)
	return []BadCase{
		{Case{"no operator", &l2o.Problem{Y: p.Y, G: p.G}}, "A"},
		{Case{"no rows", &l2o.Problem{A: &linop.Dense{N: a.N}, G: p.G}}, "A"},
		{Case{"matrix too short", withA(a.Data[:i])}, "A"},
		{Case{"NaN in A", withA(replaced(a.Data, i, math.NaN()))}, lastA},
		{Case{"Inf in A", withA(replaced(a.Data, i, math.Inf(1)))}, lastA},
		{Case{"A beyond squares", withA(scaled(a.Data, 0x1p600))}, "A"},
		{Case{"A below squares", withA(scaled(a.Data, 0x1p-520))}, "A"},
		{Case{"y too short", withY(p.Y[:a.M-1])}, "Y"},
		{Case{"y too long", withY(append(slices.Clone(p.Y), 0))}, "Y"},
		{Case{"NaN in y", withY(replaced(p.Y, a.M-1, math.NaN()))}, lastY},
		{Case{"−Inf in y", withY(replaced(p.Y, a.M-1, math.Inf(-1)))}, lastY},
		{Case{"y beyond squares", withY(scaled(p.Y, 0x1p600))}, "Y"},
		{Case{"y below squares", withY(scaled(p.Y, 0x1p-520))}, "Y"},
	}
}

// BrokenPenalties returns copies of p with penalties that are none.
func BrokenPenalties(p *l2o.Problem) []BadCase {
	var cases []BadCase
	for _, c := range []struct {
		name, arg string
		g         prox.Func
	}{
		{"no penalty", "G", nil},
		{"negative λ", "G.Lambda", prox.L1{Lambda: -1}},
		{"λ is NaN", "G.Lambda", prox.L1{Lambda: math.NaN()}},
		{"λ is +Inf", "G.Lambda", prox.SquaredL2{Lambda: math.Inf(1)}},
	} {
		cases = append(cases, BadCase{Case{c.name, &l2o.Problem{A: p.A, Y: p.Y, G: c.g}}, c.arg})
	}
	return cases
}

// Odd returns problems at the edge of what is allowed; each has a minimiser that a solver must find.
func Odd() []Case {
	lasso := func(name string, m, n int, lambda float64, y []float64, a ...float64) Case {
		return Case{name, &l2o.Problem{A: &linop.Dense{M: m, N: n, Data: a}, Y: y, G: prox.L1{Lambda: lambda}}}
	}
	return []Case{
		lasso("one number", 1, 1, 0.5, []float64{2}, 3),
		lasso("A = 0", 2, 3, 1, []float64{1, 2}, make([]float64, 6)...),
		lasso("y = 0", 2, 2, 1, []float64{0, 0}, 1, 2, 3, 4),
		lasso("y = −0", 1, 2, 1, []float64{math.Copysign(0, -1)}, 1, 2),
		lasso("zero column", 2, 2, 0.1, []float64{1, 1}, 1, 0, 2, 0),
		lasso("equal columns", 2, 2, 0.1, []float64{1, 1}, 1, 1, 2, 2),
		lasso("opposite columns", 2, 2, 0.1, []float64{1, 1}, 1, -1, 2, -2),
		lasso("equal rows", 2, 2, 0.1, []float64{1, 2}, 1, 2, 1, 2),
		lasso("subnormal beside one", 1, 2, 0.1, []float64{1}, 1, 0x1p-1070),
		lasso("λ = 0", 1, 2, 0, []float64{1}, 1, 2),
		lasso("huge", 2, 2, 1e80, []float64{1e40, 2e40}, 1e40, 2e40, 3e40, -1e40),
		lasso("tiny", 2, 2, 1e-80, []float64{1e-40, 2e-40}, 1e-40, 2e-40, 3e-40, -1e-40),
		{"ridge", &l2o.Problem{A: &linop.Dense{M: 1, N: 2, Data: []float64{1, 2}}, Y: []float64{1}, G: prox.SquaredL2{Lambda: 0.5}}},
	}
}

// Random returns a Lasso of the given shape with λ = share·λ_max: A has normal entries, rows of variance 1/m,
// and y is A applied to a vector of which a third is not 0, plus noise.
func Random(rng *rand.Rand, m, n int, share float64) *l2o.Problem {
	a := &linop.Dense{M: m, N: n, Data: scaled(gaussian(rng, m*n), 1/math.Sqrt(float64(m)))}
	x := gaussian(rng, n)
	for j := range x {
		if j%3 != 0 {
			x[j] = 0
		}
	}
	y := make([]float64, m)
	a.Apply(y, x)
	for i := range y {
		y[i] += 0.1 * rng.NormFloat64()
	}
	return &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: share * l2o.LambdaMax(a, y)}}
}

func replaced(v []float64, i int, by float64) []float64 {
	w := slices.Clone(v)
	w[i] = by
	return w
}
