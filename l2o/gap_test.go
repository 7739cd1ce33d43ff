package l2o_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// At x = 2 of min ½(x−5)² + |x|: r = 3, Aᵀr = 3, s = 1/3, u = 1; the gap is ½(1−3)² + 2·(1−1) = 2. As F(2) = 6.5
// and F* = F(4) = 4.5, it is exact here. At 0: r = 5, u = 1, ½·16 + 0 = 8, and F(0) − F* = 12.5 − 4.5.
func TestGapByHand(t *testing.T) {
	for x, want := range map[float64]float64{2: 2, 0: 8, 4: 0} {
		if got := l2o.Gap(scalar, []float64{x}); math.Abs(got-want) > 1e-14 {
			t.Errorf("gap at %v is %v, want %v", x, got, want)
		}
	}
	if got := l2o.Objective(scalar, []float64{2}); got != 6.5 {
		t.Errorf("F(2) = %v, want 6.5", got)
	}
}

// The gap is the difference of the two objectives, where that is no smaller than its rounding, never negative,
// and bounds F(x) − F(z) for every z.
func TestGapIsPrimalMinusDual(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, g := range []prox.Func{prox.L1{Lambda: 0.8}, prox.SquaredL2{Lambda: 0.8}} {
		p := lasso(10, 20, 0.1)
		p.G = g
		for range 50 {
			x := make([]float64, 20)
			for j := range x {
				x[j] = rng.NormFloat64() * float64(rng.IntN(2))
			}
			got, want := l2o.Gap(p, x), l2o.Objective(p, x)-dual(p, x)
			if !(got >= 0) || math.Abs(got-want) > 1e-12*(1+l2o.Objective(p, x)) {
				t.Errorf("%T: gap %.17g, F(x) − D(u) = %.17g", g, got, want)
			}
		}
	}
}

// dual returns D(s·r) = s⟨y,r⟩ − ½s²‖r‖² − g*(sAᵀr) at the residual r of x.
func dual(p *l2o.Problem, x []float64) float64 {
	r, w := make([]float64, len(p.Y)), make([]float64, len(x))
	p.A.Apply(r, x)
	for i, v := range p.Y {
		r[i] = v - r[i]
	}
	p.A.Adjoint(w, r)
	switch g := p.G.(type) {
	case prox.L1:
		s := min(1, g.Lambda/l2o.LambdaMax(p.A, r))
		return s*inner(p.Y, r) - s*s*inner(r, r)/2
	case prox.SquaredL2:
		return inner(p.Y, r) - inner(r, r)/2 - inner(w, w)/(2*g.Lambda)
	}
	panic("no conjugate known")
}

func inner(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// At the solution the gap is one rounding of λ‖x‖₁, and not below 0.
func TestGapAtTheSolution(t *testing.T) {
	p := lasso(10, 20, 0.3)
	x := last(l2o.FISTA{}, p, 3000)
	if got := l2o.Gap(p, x); !(got >= 0 && got <= 1e-15*l2o.Objective(p, x)) {
		t.Errorf("gap of the converged iterate is %.3g of an objective of %.3g", got, l2o.Objective(p, x))
	}
}

func TestGapOfWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), 1e200} {
		if got := l2o.Gap(scalar, []float64{bad}); got-got == 0 {
			t.Errorf("gap at %v is %v", bad, got)
		}
	}
}

func TestGapRefusesTheWrongLength(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	l2o.Gap(&l2o.Problem{A: &linop.Dense{M: 1, N: 2, Data: []float64{1, 2}}, Y: []float64{1}, G: prox.L1{}}, []float64{1})
}
