package l2otest

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o"
)

// Loss is the conformance suite of an [l2o.Loss] on data that it accepts. It needs no formula: derivatives are tested by differences, the
// conjugate by its definition as a supremum.
func Loss(t TB, loss l2o.Loss, y []float64) {
	t.Helper()
	if err := loss.Check(y); err != nil {
		t.Errorf("loss: Check of good data: %v", err)
	}
	rng := rand.New(rand.NewPCG(29, 0))
	for range 50 {
		z := scaled(gaussian(rng, len(y)), 3)
		checkLossDerivatives(t, loss, z, y)
		for i := range y {
			checkLossConjugate(t, loss, z[i], y[i], rng)
		}
	}
}

func checkLossDerivatives(t TB, loss l2o.Loss, z, y []float64) {
	t.Helper()
	const h = 1e-5
	kept, grad, hess := slices.Clone(z), make([]float64, len(z)), make([]float64, len(z))
	loss.Grad(grad, z, y)
	loss.Hess(hess, z, y)
	if !slices.Equal(z, kept) {
		t.Errorf("loss: its argument is changed")
	}
	if loss.Grad(kept, kept, y); !slices.Equal(kept, grad) {
		t.Errorf("loss: Grad in place gives %v, want %v", kept, grad)
	}
	total := 0.0
	for i := range z {
		value := func(v float64) float64 { return loss.Value([]float64{v}, y[i:i+1]) }
		slope := func(v float64) float64 {
			d := []float64{v}
			loss.Grad(d, d, y[i:i+1])
			return d[0]
		}
		total += value(z[i])
		if want := (value(z[i]+h) - value(z[i]-h)) / (2 * h); !(math.Abs(grad[i]-want) <= 1e-8*(1+math.Abs(want))) {
			t.Errorf("loss: Grad at %v is %v, differences are %v", z[i], grad[i], want)
		}
		if want := (slope(z[i]+h) - slope(z[i]-h)) / (2 * h); !(math.Abs(hess[i]-want) <= 1e-8) {
			t.Errorf("loss: Hess at %v is %v, differences are %v", z[i], hess[i], want)
		}
		if hess[i] > loss.Curvature() {
			t.Errorf("loss: Curvature %v is below Hess %v at %v", loss.Curvature(), hess[i], z[i])
		}
	}
	loss.Hess(hess, make([]float64, len(y)), y) // both losses bend most at 0
	if top := slices.Max(hess); math.Abs(top-loss.Curvature()) > 1e-12 {
		t.Errorf("loss: Curvature is %v, but the largest seen is %v", loss.Curvature(), top)
	}
	if v := loss.Value(z, y); !(math.Abs(v-total) <= 1e-12*(1+total)) {
		t.Errorf("loss: Value is %v, the sum over rows %v", v, total)
	}
}

// checkLossConjugate takes u as the slope at another point, where the supremum of −zu − ℓ(z) is attained.
func checkLossConjugate(t TB, loss l2o.Loss, z, y float64, rng *rand.Rand) {
	t.Helper()
	other := 3 * rng.NormFloat64()
	at, data := []float64{other}, []float64{y}
	u := []float64{0}
	loss.Grad(u, at, data)
	u[0] = -u[0]
	conjugate := -other*u[0] - loss.Value(at, data)
	want := loss.Value([]float64{z}, data) + conjugate + z*u[0]
	if got := loss.FenchelYoung([]float64{z}, u, data); !(got >= 0 && math.Abs(got-want) <= 1e-12*(1+math.Abs(z*u[0]))) {
		t.Errorf("loss: FenchelYoung at z = %v, u = %v is %v, want %v", z, u[0], got, want)
	}
	if got := loss.FenchelYoung(at, u, data); got != 0 {
		t.Errorf("loss: FenchelYoung at the slope itself is %v, want 0", got)
	}
}
