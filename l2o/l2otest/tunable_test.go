package l2otest_test

import (
	"math"
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/prox"
)

// Each of these is the penalty it embeds but for one method.
type (
	weightAdjointOfAnother struct{ prox.WeightedL1 }
	weightSignForgotten    struct{ prox.WeightedL1 }
	weightOfZeroes         struct{ prox.WeightedL1 }
	weightNotItsLogarithm  struct{ prox.WeightedL1 }
	stepIgnored            struct{ prox.WeightedL1 }
	jacobianOfAll          struct{ prox.WeightedL1 }
	pointOverwritten       struct{ prox.WeightedL1 }
)

func (g weightAdjointOfAnother) WeightAdjoint(dst, v []float64, tau float64, t []float64) {
	g.WeightedL1.WeightAdjoint(dst, v, tau, t)
	dst[0] += 0.01 * t[1]
}

func (g weightSignForgotten) WeightJacobian(dst, v []float64, tau float64, t []float64) {
	g.WeightedL1.WeightJacobian(dst, v, tau, t)
	for j := range dst {
		dst[j] = math.Copysign(dst[j], -t[j])
	}
}

func (g weightOfZeroes) WeightJacobian(dst, v []float64, tau float64, t []float64) {
	for j, x := range v {
		dst[j] = -math.Copysign(tau*g.Lambda*g.Weights[j], x) * t[j]
	}
}

func (g weightNotItsLogarithm) WeightJacobian(dst, v []float64, tau float64, t []float64) {
	g.WeightedL1.WeightJacobian(dst, v, tau, t)
	for j := range dst {
		dst[j] /= g.Weights[j]
	}
}

func (g stepIgnored) Prox(dst, v []float64, _ float64) { g.WeightedL1.Prox(dst, v, 1) }

func (g jacobianOfAll) Jacobian(dst, _ []float64, _ float64, t []float64) { copy(dst, t) }

func (g pointOverwritten) WeightAdjoint(dst, v []float64, tau float64, t []float64) {
	g.WeightedL1.WeightAdjoint(dst, v, tau, t)
	v[0] = 0
}

func TestTunableSuiteRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		wrong  func(g prox.WeightedL1) prox.Tunable
	}{
		"adjoint of another matrix":    {"⟨t,Jᵀw⟩", func(g prox.WeightedL1) prox.Tunable { return weightAdjointOfAnother{g} }},
		"sign forgotten":               {"WeightJacobian: it is", func(g prox.WeightedL1) prox.Tunable { return weightSignForgotten{g} }},
		"also where the prox is 0":     {"WeightJacobian: it is", func(g prox.WeightedL1) prox.Tunable { return weightOfZeroes{g} }},
		"derivative in ω, not log ω":   {"WeightJacobian along 1: it is", func(g prox.WeightedL1) prox.Tunable { return weightNotItsLogarithm{g} }},
		"step ignored":                 {"prox inequality", func(g prox.WeightedL1) prox.Tunable { return stepIgnored{g} }},
		"Jacobian 1 where it is 0":     {"Jacobian: at v", func(g prox.WeightedL1) prox.Tunable { return jacobianOfAll{g} }},
		"a derivative moves its point": {"change their point", func(g prox.WeightedL1) prox.Tunable { return pointOverwritten{g} }},
	} {
		t.Run(name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) {
				l2otest.Tunable(t, func(theta []float64) prox.Tunable {
					g := prox.WeightedL1{Lambda: 0.5, Weights: []float64{0.8, 2}}
					for k, v := range theta {
						g.Weights[k] *= math.Exp(v)
					}
					return c.wrong(g)
				}, l2otest.TunableOptions{N: []int{2}})
			})
		})
	}
}

// Differences over steps so long that there is a kink in almost every one compare nothing, and the suite says so.
func TestTunableSuiteRefusesKinksEverywhere(t *testing.T) {
	g := prox.WeightedL1{Lambda: 0.5, Weights: []float64{0.8, 2}}
	l2otest.Refuses(t, "there is a kink nearby", func(t l2otest.TB) {
		l2otest.Tunable(t, func([]float64) prox.Tunable { return g }, l2otest.TunableOptions{N: []int{2}, Step: 5})
	})
}
