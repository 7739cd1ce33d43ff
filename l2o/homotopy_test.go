package l2o_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

func pathOf(t *testing.T, a linop.Operator, y []float64, to float64) []l2o.Breakpoint {
	t.Helper()
	path, err := l2o.Homotopy{}.Path(&l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: to}})
	if err != nil {
		t.Error(err)
	}
	return path
}

// On [[2,0],[0,1]] with y = (3, 2) the problem splits: x₁ = S_λ(6)/4 and x₂ = S_λ(2)/1, with breakpoints at 6 and 2.
func TestHomotopyByHand(t *testing.T) {
	path := pathOf(t, &linop.Dense{M: 2, N: 2, Data: []float64{2, 0, 0, 1}}, []float64{3, 2}, 0.5)
	if len(path) != 3 || path[0].Lambda != 6 || path[1].Lambda != 2 || path[2].Lambda != 0.5 {
		t.Fatalf("breakpoints %v", path)
	}
	for _, c := range []struct{ lambda, x1, x2 float64 }{{7, 0, 0}, {6, 0, 0}, {4, 0.5, 0}, {2, 1, 0}, {1, 1.25, 1}, {0.5, 1.375, 1.5}, {0.1, 1.375, 1.5}} {
		if x := l2o.At(path, c.lambda); math.Abs(x[0]-c.x1) > 1e-15 || math.Abs(x[1]-c.x2) > 1e-15 {
			t.Errorf("at λ = %g x is %v, want (%g, %g)", c.lambda, x, c.x1, c.x2)
		}
	}
}

// A coordinate that joins and leaves: A = [[1,1],[0,½]]ᵀ is not orthogonal. With y = (1, 1.2) and columns (1,0), (1,½): c = (1, 1.6), so
// that the second joins at 1.6, with x₂ = (1.6−λ)/1.25. Then c₁ = 1 − x₂ reaches λ at 1 − (1.6−λ)/1.25 = λ, λ = −1.4: never. At λ = 0 with both
// free x = A⁻¹y = (−1.4, 2.4), and c₁ = −λ at 1 − (1.6−λ)/1.25 = −λ: λ = 0.28/1.8 = 7/45.
func TestHomotopyJoinsOnTheOtherSide(t *testing.T) {
	path := pathOf(t, &linop.Dense{M: 2, N: 2, Data: []float64{1, 1, 0, 0.5}}, []float64{1, 1.2}, 0)
	want := []float64{1.6, 7. / 45, 0}
	for i, b := range path {
		if len(path) != len(want) || math.Abs(b.Lambda-want[i]) > 1e-15 {
			t.Fatalf("breakpoints %v, want λ = %v", path, want)
		}
	}
	if x := path[2].X; math.Abs(x[0]+1.4) > 1e-14 || math.Abs(x[1]-2.4) > 1e-14 {
		t.Errorf("at λ = 0 x is %v, want (−1.4, 2.4)", x)
	}
}

// Every breakpoint, and the points halfway, are certified to rounding and equal the solution of coordinate descent there to 1e-10: wide,
// square and tall, independent and strongly correlated columns.
func TestHomotopyIsCoordinateDescent(t *testing.T) {
	count, worst := 0, 0.0
	for i, shape := range [][2]int{{1, 5}, {5, 3}, {10, 20}, {20, 20}, {40, 12}, {25, 60}, {30, 200}} {
		for _, rho := range []float64{0, 0.9} {
			rng := rand.New(rand.NewPCG(uint64(i), 21))
			a := chain(rng, shape[0], shape[1], rho)
			y := observed(rng, a)
			path := pathOf(t, a, y, 1e-3*l2o.LambdaMax(a, y))
			for k := range path {
				worst = max(worst, certified(t, a, y, path[k].Lambda, path[k].X))
				if count++; k > 0 {
					half := 0.5 * (path[k-1].Lambda + path[k].Lambda)
					worst = max(worst, certified(t, a, y, half, l2o.At(path, half)))
				}
			}
		}
	}
	t.Logf("%d breakpoints, off by at most %.2g", count, worst)
}

// certified returns the distance of x to the answer of coordinate descent.
func certified(t *testing.T, a linop.Operator, y []float64, lambda float64, x []float64) float64 {
	t.Helper()
	p := &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: lambda}}
	if gap := l2o.Certify(p, x).RelativeGap; !(gap <= 1e-14) {
		t.Errorf("at λ = %g the relative gap is %.2g", lambda, gap)
	}
	sol, err := l2o.Solve(l2o.CD{}, p, l2o.Stop{Gap: 1e-14})
	d := largestGap(sol.X, x)
	if err != nil || !(d <= 1e-10) {
		t.Errorf("at λ = %g coordinate descent is %.2g away, with gap %.2g, error %v", lambda, d, sol.RelativeGap, err)
	}
	return d
}

// Where many coordinates join or leave at once, columns are the same, opposite or sums of others, the path goes on to 0 and is certified.
func TestHomotopyWithTies(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	signs := func(m, n int) *linop.Dense { // entries ±1: equal norms, many equal products
		a := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}
		for k := range a.Data {
			a.Data[k] = float64(1 - 2*rng.IntN(2))
		}
		return a
	}
	ones := func(n int) []float64 { return slices.Repeat([]float64{1}, n) }
	eye := &linop.Dense{M: 4, N: 4, Data: []float64{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}}
	sum := &linop.Dense{M: 2, N: 3, Data: []float64{1, 0, 1, 0, 1, 1}}
	same := &linop.Dense{M: 2, N: 4, Data: []float64{1, 1, -1, 2, 2, 2, -2, 1}}
	cases := map[string]*l2o.Problem{
		"equal entries":       {A: eye, Y: ones(4)},
		"opposite entries":    {A: eye, Y: []float64{1, -1, 1, -1}},
		"a sum of columns":    {A: sum, Y: []float64{1, 1}},
		"equal and opposite":  {A: same, Y: []float64{1, 3}},
		"one row":             {A: &linop.Dense{M: 1, N: 3, Data: []float64{2, -2, 1}}, Y: []float64{3}},
		"y = 0":               {A: eye, Y: make([]float64, 4)},
		"A = 0":               {A: &linop.Dense{M: 2, N: 2, Data: make([]float64, 4)}, Y: ones(2)},
		"duplicated and tied": {A: &linop.Dense{M: 2, N: 4, Data: []float64{1, 1, 0, 0, 0, 0, 1, 1}}, Y: ones(2)},
	}
	for i := range 60 {
		m, n := 2+rng.IntN(12), 2+rng.IntN(16)
		a := signs(m, n)
		y := make([]float64, m)
		for k := range y {
			y[k] = float64(rng.IntN(5) - 2)
		}
		cases[fmt.Sprintf("±1, %d×%d, %d", m, n, i)] = &l2o.Problem{A: a, Y: y}
	}
	for name, p := range cases {
		top := l2o.LambdaMax(p.A, p.Y)
		path := pathOf(t, p.A, p.Y, 1e-3*top)
		for k, b := range path {
			q := &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: b.Lambda}}
			if gap := l2o.Certify(q, b.X).RelativeGap; !(gap <= 1e-14) {
				t.Errorf("%s: breakpoint %d of %d, λ = %g: relative gap %.2g", name, k, len(path), b.Lambda, gap)
			}
			if k > 0 && !(b.Lambda < path[k-1].Lambda) {
				t.Errorf("%s: breakpoint %d does not lie below the one before", name, k)
			}
		}
		if last := path[len(path)-1].Lambda; last != 1e-3*top {
			t.Errorf("%s: the path ends at %g·λ_max", name, last/top)
		}
	}
}

// The path of Mairal and Yu ("Complexity analysis of the Lasso regularization path", ICML 2012, Theorem 1) has (3ⁿ+1)/2 linear pieces, the
// most there can be: 0 above λ_max and one from each breakpoint but the last, which is at λ = 0.
func TestHomotopyOnTheLongestPath(t *testing.T) {
	const n = 5
	a, y := longest(n)
	path := pathOf(t, a, y, 0)
	if want := (243 + 1) / 2; len(path) != want {
		t.Errorf("%d breakpoints, want %d", len(path), want)
	}
}

// longest returns the problem (ibid., Proposition 2): a new column (2αy, α) under a small enough α and a new entry 1 of y.
func longest(n int) (*linop.Dense, []float64) {
	a, y := [][]float64{{1}}, []float64{1}
	for len(a) < n {
		path, err := l2o.Homotopy{}.Path(&l2o.Problem{A: denseOf(a), Y: y, G: prox.L1{}})
		if err != nil {
			panic(err)
		}
		least := path[len(path)-2].Lambda // the last one is at λ = 0
		square := 0.0
		for _, v := range y {
			square += v * v
		}
		alpha := 0.5 * least / (2*square + 1)
		for i := range a {
			a[i] = append(a[i], 2*alpha*y[i])
		}
		a = append(a, append(make([]float64, len(a)), alpha))
		y = append(y, 1)
	}
	return denseOf(a), y
}

func denseOf(rows [][]float64) *linop.Dense {
	return &linop.Dense{M: len(rows), N: len(rows[0]), Data: slices.Concat(rows...)}
}

// A weight below the rounding of Aᵀy is no place to follow a path to: it ends there in an error that names it, or certified, but not in NaN.
func TestHomotopyBelowRounding(t *testing.T) {
	p := l2otest.Random(rand.New(rand.NewPCG(23, 23)), 10, 30, 1)
	p.G = prox.L1{Lambda: 1e-17 * p.G.(prox.L1).Lambda}
	path, err := l2o.Homotopy{}.Path(p)
	if bad, ok := errors.AsType[*l2o.PathError](err); err != nil && (!ok || bad.Wanted != p.G.(prox.L1).Lambda) {
		t.Errorf("error %v", err)
	}
	for _, b := range path {
		if s := largest(b.X); s-s != 0 {
			t.Errorf("x is %v at λ = %g", b.X, b.Lambda)
		}
	}
}
