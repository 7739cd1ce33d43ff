package l2otest_test

import (
	"fmt"
	"iter"
	"math"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
)

// A variant is FISTA with factors on its constants; right has them all right.
type variant struct {
	momentum float64 // factor on (t_k − 1)/t_{k+1}
	step     float64 // factor on τ
	norm2    float64 // added to ‖A‖²
	prox     float64 // step of the prox; 0 for τ
	first    float64 // factor on the gradient in the first unknown
}

var right = variant{momentum: 1, step: 1, first: 1}

func (s variant) Check(p *l2o.Problem) error { return l2o.FISTA{}.Check(p) }

func (s variant) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] {
	if err := s.Check(p); err != nil {
		panic(err)
	}
	return func(yield func(int, []float64) bool) {
		m, n := p.A.Dims()
		x, prev, z := make([]float64, n), make([]float64, n), make([]float64, n)
		v, r := make([]float64, n), make([]float64, m)
		tau, t := s.step/(math.Pow(linop.Norm(p.A), 2)+s.norm2), 1.0
		for k := 0; yield(k, x); k++ {
			copy(prev, x)
			p.A.Apply(r, z)
			for i := range r {
				r[i] -= p.Y[i]
			}
			p.A.Adjoint(v, r)
			v[0] *= s.first
			for j := range v {
				v[j] = z[j] - tau*v[j]
			}
			if s.prox == 0 {
				p.G.Prox(x, v, tau)
			} else {
				p.G.Prox(x, v, s.prox)
			}
			next := (1 + math.Sqrt(1+4*t*t)) / 2
			for j := range z {
				z[j] = x[j] + s.momentum*(t-1)/next*(x[j]-prev[j])
			}
			t = next
		}
	}
}

var (
	fista    = l2otest.Guarantee{Rate: func(k int) float64 { return 2 / float64((k+1)*(k+1)) }}
	monotone = l2otest.Guarantee{Rate: fista.Rate, Monotone: true}
)

func TestMinimizerSuiteAccepts(t *testing.T) {
	l2otest.Minimizer(t, l2o.FISTA{}, fista)
}

func TestMinimizerSuiteRefuses(t *testing.T) {
	with := func(change func(*variant)) variant {
		s := right
		change(&s)
		return s
	}
	for _, c := range []struct {
		name, reason string
		solver       variant
		guarantee    l2otest.Guarantee
	}{
		{"momentum of the wrong sign", "rate", with(func(s *variant) { s.momentum = -1 }), fista},
		{"no momentum", "rate", with(func(s *variant) { s.momentum = 0 }), fista},
		{"step too short", "rate", with(func(s *variant) { s.step = 0.05 }), fista},
		{"step too long", "rate", with(func(s *variant) { s.step = 3 }), fista},
		{"step too long", "convergence", with(func(s *variant) { s.step = 3 }), fista},
		{"called monotone", "monotone", right, monotone},
		{"threshold λ instead of τλ", "convergence", with(func(s *variant) { s.prox = 1 }), fista},
		{"threshold too small", "orthonormal", with(func(s *variant) { s.prox = 0.9 }), fista},
		{"threshold too small", "λ = λ_max", with(func(s *variant) { s.prox = 1e-3 }), fista},
		{"unknowns not treated alike", "permutation", with(func(s *variant) { s.first = 0.5 }), fista},
		{"no step where A = 0", "finite", right, fista},
		{"an absolute epsilon", "scaling", with(func(s *variant) { s.norm2 = 1e-12 }), fista},
	} {
		t.Run(fmt.Sprintf("%s: %s", c.name, c.reason), func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.Minimizer(t, c.solver, c.guarantee) })
		})
	}
}
