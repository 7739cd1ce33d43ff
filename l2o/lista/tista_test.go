package lista_test

import (
	"math"
	"testing"

	"unroll/l2o/lista"
)

// The shrinkage is the posterior mean by quadrature: Simpson's rule on x ± 14 standard deviations of the posterior of a nonzero, whose
// density is a normal one with mean r/(1+τ²) and variance τ²/(1+τ²).
func TestPosteriorMeanIsTheIntegral(t *testing.T) {
	worst := 0.0
	for _, q := range []float64{.01, .1, .5, .99} {
		for _, variance := range []float64{1e-4, .01, .3, 1, 7} {
			for _, r := range []float64{0, .01, .3, -1, 2.5, -6} {
				tau, sd := math.Sqrt(variance), math.Sqrt(variance/(1+variance))
				density := func(v, sd float64) float64 { return math.Exp(-.5*v*v/(sd*sd)) / (sd * math.Sqrt(2*math.Pi)) }
				const intervals = 2000
				mass, mean := 0.0, 0.0
				for i := 0; i <= intervals; i++ {
					weight := float64(2 + i%2*2)
					if i == 0 || i == intervals {
						weight = 1
					}
					h := 28 * sd / intervals
					x := r/(1+variance) + (float64(i)-intervals/2)*h
					part := weight * h / 3 * q * density(x, 1) * density(r-x, tau)
					mass += part
					mean += part * x
				}
				want := mean / (mass + (1-q)*density(r, tau))
				if mass+(1-q)*density(r, tau) == 0 {
					continue // both densities underflow; the ratio does not
				}
				off := math.Abs(lista.PosteriorMean(r, variance, q) - want)
				worst = max(worst, off)
				if !(off <= 1e-12*max(1, math.Abs(r))) {
					t.Errorf("q=%g τ²=%g: E[X | r=%g] = %.15g, the integral is %.15g", q, variance, r, lista.PosteriorMean(r, variance, q), want)
				}
			}
		}
	}
	t.Logf("at most %.2g from the integral", worst)
}

// Far out nothing is shrunk but by the prior's variance, also where both densities underflow.
func TestPosteriorMeanFarOut(t *testing.T) {
	for _, r := range []float64{-1e6, -50, 50, 1e6} {
		if got := lista.PosteriorMean(r, 1e-9, .1); math.Abs(got-r) > 1e-8*math.Abs(r) {
			t.Errorf("E[X | r=%g] = %g", r, got)
		}
	}
}
