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

// A variant is FISTA with one thing changed; the zero value with stepFactor 1 and momentum 1 is FISTA.
type variant struct {
	momentum   float64 // factor on the momentum
	stepFactor float64 // factor on 1/‖A‖²
	stepAdd    float64 // added to ‖A‖²
	threshold  float64 // step of the prox, 0 for the same as of the gradient
	start      float64 // every entry of x₀
	firstIndex int     // number of x₀
	slowFirst  bool    // half the step for the first unknown

	acceptAll   bool       // Check refuses nothing
	noPanic     bool       // Iterates yields nothing for a problem that Check refuses
	wrongArg    bool       // Check blames another argument
	changeY     bool       // rescales y in place
	yieldsNone  bool       // not even x₀
	shared      *[]float64 // x lives in the solver
	resumesFrom *[]float64 // the second sequence goes on where the first ended
}

func (s variant) Check(p *l2o.Problem) error {
	if s.acceptAll {
		return nil
	}
	err := l2o.FISTA{}.Check(p)
	if err != nil && s.wrongArg {
		return &l2o.InputError{Arg: "B"}
	}
	return err
}

func (s variant) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] {
	if err := s.Check(p); err != nil && !s.noPanic {
		panic(err)
	} else if err != nil || s.yieldsNone {
		return func(func(int, []float64) bool) {}
	}
	return func(yield func(int, []float64) bool) { s.run(p, yield) }
}

func (s variant) run(p *l2o.Problem, yield func(int, []float64) bool) {
	m, n := p.A.Dims()
	x, prev, z, v, r := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, m)
	for j := range x {
		x[j], z[j] = s.start, s.start
	}
	for _, kept := range []*[]float64{s.shared, s.resumesFrom} {
		if kept != nil && len(*kept) != n {
			*kept = make([]float64, n)
		}
	}
	if s.resumesFrom != nil {
		copy(z, *s.resumesFrom)
	}
	if s.shared != nil {
		z = *s.shared
		clear(z)
	}
	tau := s.stepFactor / (math.Pow(linop.Norm(p.A), 2) + s.stepAdd)
	t := 1.0
	for k := s.firstIndex; yield(k, x); k++ {
		copy(prev, x)
		p.A.Apply(r, z)
		for i := range r {
			r[i] -= p.Y[i]
		}
		p.A.Adjoint(v, r)
		for j := range v {
			v[j] = z[j] - tau*v[j]
		}
		if s.slowFirst {
			v[0] = (v[0] + z[0]) / 2
		}
		p.G.Prox(x, v, tau)
		if s.threshold != 0 {
			p.G.Prox(x, v, s.threshold)
		}
		next := (1 + math.Sqrt(1+4*t*t)) / 2
		for j := range z {
			z[j] = x[j] + s.momentum*(t-1)/next*(x[j]-prev[j])
		}
		t = next
		if s.resumesFrom != nil {
			copy(*s.resumesFrom, x)
		}
		if s.changeY {
			p.Y[0] *= 2
		}
	}
}

var fistaGuarantee = l2otest.Guarantee{Rate: func(k int) float64 { return 2 / float64((k+1)*(k+1)) }}

func TestMinimizerSuiteAcceptsFISTA(t *testing.T) {
	l2otest.Minimizer(t, variant{momentum: 1, stepFactor: 1}, fistaGuarantee)
}

func TestMinimizerSuiteRefuses(t *testing.T) {
	monotone := l2otest.Guarantee{Rate: fistaGuarantee.Rate, Monotone: true}
	for _, c := range []struct {
		reason    string
		guarantee l2otest.Guarantee
		solver    variant
	}{
		{"rate", fistaGuarantee, variant{momentum: -1, stepFactor: 1}},
		{"rate", fistaGuarantee, variant{momentum: 0, stepFactor: 1}},
		{"rate", fistaGuarantee, variant{momentum: 1, stepFactor: 0.05}},
		{"rate", fistaGuarantee, variant{momentum: 1, stepFactor: 3}},
		{"convergence", fistaGuarantee, variant{momentum: 1, stepFactor: 3}},
		{"monotone", monotone, variant{momentum: 1, stepFactor: 1}},
		{"convergence", fistaGuarantee, variant{momentum: 1, stepFactor: 1, threshold: 1}},
		{"orthonormal", fistaGuarantee, variant{momentum: 1, stepFactor: 1, threshold: 0.9}},
		{"at λ = λ_max", fistaGuarantee, variant{momentum: 1, stepFactor: 1, threshold: 1e-3}},
		{"permutation", fistaGuarantee, variant{momentum: 1, stepFactor: 1, slowFirst: true}},
		{"scaling", fistaGuarantee, variant{momentum: 1, stepFactor: 1, stepAdd: 1e-12}},
		{"a good problem", fistaGuarantee, variant{momentum: 1, stepFactor: 1, noPanic: true, wrongArg: true, acceptAll: false, start: 0}},
	} {
		t.Run(fmt.Sprintf("%s/%+v", c.reason, c.solver), func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.Minimizer(t, c.solver, c.guarantee) })
		})
	}
}
