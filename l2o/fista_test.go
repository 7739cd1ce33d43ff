package l2o_test

import (
	"math"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// scalar is min ½(x−5)² + |x|, whose minimiser is 4. With τ = ½ one proximal gradient step from z > −3 is
//
//	soft(z − ½(z−5), ½) = z/2 + 5/2 − 1/2 = z/2 + 2.
var scalar = &l2o.Problem{A: &linop.Dense{M: 1, N: 1, Data: []float64{1}}, Y: []float64{5}, G: prox.L1{Lambda: 1}}

// ISTA halves the error 4 − x_k: 0, 2, 3, 3.5, 3.75.
func TestISTAByHand(t *testing.T) {
	checkIterates(t, l2o.ISTA{Step: 0.5}, []float64{0, 2, 3, 3.5, 3.75}, 0)
}

// FISTA: t₁ = 1, t₂ = (1+√5)/2, t₃ = (1+√(1+4t₂²))/2 = 2.193527085331054, t₄ = 2.749791340120445.
//
//	z₁ = 0                                          x₁ = 2
//	z₂ = x₁, as t₁ − 1 = 0                          x₂ = 2/2 + 2 = 3
//	z₃ = 3 + (t₂−1)/t₃ · (3−2)                      x₃ = z₃/2 + 2
//	   = 3 + 0.281753525125321 = 3.281753525125321     = 3.640876762562660
//	z₄ = x₃ + (t₃−1)/t₄ · (x₃−x₂)                   x₄ = z₄/2 + 2
//	   = x₃ + 0.434042782780302 · 0.640876762562660    = 3.959522348002294
//	   = 3.919044696004588
func TestFISTAByHand(t *testing.T) {
	checkIterates(t, l2o.FISTA{Step: 0.5}, []float64{0, 2, 3, 3.640876762562660, 3.959522348002294}, 2e-15)
}

// min ½(2x+6)² + 4|x| has the minimiser −2, which τ = 1/L = ¼ reaches in one step: soft(¼·2·(−6), ¼·4) = −2.
func TestDefaultStepByHand(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 1, N: 1, Data: []float64{2}}, Y: []float64{-6}, G: prox.L1{Lambda: 4}}
	for _, s := range []l2o.Solver{l2o.ISTA{}, l2o.FISTA{}} {
		for k, x := range s.Iterates(p) {
			if k == 1 {
				if x[0] != -2 {
					t.Errorf("%T: x₁ = %v, want −2", s, x[0])
				}
				break
			}
		}
	}
}

func checkIterates(t *testing.T, s l2o.Solver, want []float64, tol float64) {
	t.Helper()
	for k, x := range s.Iterates(scalar) {
		if math.Abs(x[0]-want[k]) > tol {
			t.Errorf("%T: x_%d = %.16g, want %.16g", s, k, x[0], want[k])
		}
		if k+1 == len(want) {
			break
		}
	}
}

func TestGivenStepIsTheDefaultStep(t *testing.T) {
	p := lasso(10, 20, 0.1)
	tau := 1 / math.Pow(linop.Norm(p.A), 2)
	for _, pair := range [][2]l2o.Solver{
		{l2o.ISTA{}, l2o.ISTA{Step: tau}},
		{l2o.FISTA{}, l2o.FISTA{Step: tau}},
	} {
		if a, b := last(pair[0], p, 20), last(pair[1], p, 20); !slices.Equal(a, b) {
			t.Errorf("%T: x₂₀ differs between the default step and the same step given", pair[0])
		}
	}
}

// last returns x_K itself, not a copy.
func last(s l2o.Solver, p *l2o.Problem, K int) []float64 {
	for k, x := range s.Iterates(p) {
		if k == K {
			return x
		}
	}
	return nil
}

func BenchmarkTwelveIterations(b *testing.B) {
	p := lasso(10, 20, 0.1)
	tau := 1 / math.Pow(linop.Norm(p.A), 2)
	for _, c := range []struct {
		name   string
		solver l2o.Solver
	}{{"ISTA", l2o.ISTA{Step: tau}}, {"FISTA", l2o.FISTA{Step: tau}}, {"FISTA with Norm", l2o.FISTA{}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				last(c.solver, p, 12)
			}
		})
	}
}
