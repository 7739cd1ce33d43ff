package l2otest_test

import (
	"math"
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/prox"
)

// Each of these is the penalty it embeds but for one method.
type (
	thresholdWithoutStep struct{ prox.L1 }
	hardThreshold        struct{ prox.L1 }
	proxOfItsInput       struct{ prox.L1 }
	valueDoubled         struct{ prox.L1 }
	conjugateIgnored     struct{ prox.L1 }
	conjugateHalved      struct{ prox.SquaredL2 }
	scaleTooSmall        struct{ prox.L1 }
	scaleTooLarge        struct{ prox.L1 }
	distanceOfSupport    struct{ prox.L1 }
	distanceOfOpposite   struct{ prox.SquaredL2 }
	refusingItself       struct{ prox.L1 }
	signIgnored          struct{ prox.NonNegL1 }
	signIgnoredByNormal  struct{ prox.NonNegL1 }
)

func (g thresholdWithoutStep) Prox(dst, v []float64, _ float64) { g.L1.Prox(dst, v, 1) }

func (g hardThreshold) Prox(dst, v []float64, tau float64) {
	for j, t := range v {
		dst[j] = t
		if math.Abs(t) <= tau*g.Lambda {
			dst[j] = 0
		}
	}
}

func (g proxOfItsInput) Prox(dst, v []float64, tau float64) {
	g.L1.Prox(v, v, tau)
	copy(dst, v)
}

func (g valueDoubled) Value(x []float64) float64 { return 2 * g.L1.Value(x) }

func (g conjugateIgnored) FenchelYoung(x, w []float64) float64 {
	s := 0.0
	for j, t := range x {
		s += math.Abs(t)*g.Lambda - t*w[j]
	}
	return math.Abs(s)
}

func (g conjugateHalved) FenchelYoung(x, w []float64) float64 {
	return 0.5 * g.SquaredL2.FenchelYoung(x, w)
}

func (g scaleTooSmall) DualScale(w []float64) float64 { return 0.5 * g.L1.DualScale(w) }

func (g scaleTooLarge) DualScale([]float64) float64 { return 1 }

func (g distanceOfSupport) Distance(w, x []float64) float64 {
	s := 0.0
	for j, t := range x {
		if t != 0 {
			s = math.Hypot(s, w[j]-math.Copysign(g.Lambda, t))
		}
	}
	return s
}

func (g distanceOfOpposite) Distance(w, x []float64) float64 {
	s := 0.0
	for j, t := range x {
		s = math.Hypot(s, w[j]+g.Lambda*t)
	}
	return s
}

func (refusingItself) Check(int) error { return &prox.ParamError{Param: "Lambda", Value: 1, Want: "2"} }

func (g signIgnored) FenchelYoung(x, w []float64) float64 {
	return max(g.NonNegL1.FenchelYoung(absolute(x), w), 0)
}

func (g signIgnoredByNormal) Distance(w, x []float64) float64 {
	return g.NonNegL1.Distance(w, absolute(x))
}

func absolute(x []float64) []float64 {
	z := make([]float64, len(x))
	for j, v := range x {
		z[j] = math.Abs(v)
	}
	return z
}

func TestFuncSuiteRefuses(t *testing.T) {
	l1, l2 := prox.L1{Lambda: 0.7}, prox.SquaredL2{Lambda: 0.7}
	for _, c := range []struct {
		name, reason string
		g            prox.Func
	}{
		{"threshold λ instead of τλ", "prox inequality", thresholdWithoutStep{l1}},
		{"hard threshold", "prox inequality", hardThreshold{l1}},
		{"prox overwrites its input", "Prox changes its argument", proxOfItsInput{l1}},
		{"value twice too large", "prox inequality", valueDoubled{l1}},
		{"no domain of the conjugate", "in the domain of g* too", conjugateIgnored{l1}},
		{"half the conjugate", "the supremum of", conjugateHalved{l2}},
		{"scale not the largest", "in the domain of g* too", scaleTooSmall{l1}},
		{"scale outside the domain", "want a finite number ≥ 0", scaleTooLarge{l1}},
		{"distance off the support forgotten", "Distance of", distanceOfSupport{l1}},
		{"distance to −∂g", "Distance of", distanceOfOpposite{l2}},
		{"gap that ignores a constraint", "outside its domain", signIgnored{prox.NonNegL1{Lambda: 0.7}}},
		{"distance that ignores a constraint", "outside its domain", signIgnoredByNormal{prox.NonNegL1{Lambda: 0.7}}},
		{"Check refuses it", "Check:", refusingItself{l1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.Func(t, c.g) })
		})
	}
}
