package eval

import (
	"math"
	"runtime"
	"testing"

	"unroll/data"
)

// The reference values were computed with another program on other draws of the same law (d = 20, S = 3, Gaussian rows and nonzeros, no
// noise): the mean squared error of the twelfth iterate at the best absolute weight, and of the Lasso's minimiser. They are known to the
// digits given, so each is an interval. The Lasso's at N = 10 stems from a first-order method with a budget: on 500,000 prompts the
// minimiser, certified on every one, has 0.181 ± 0.001, and 300 iterations of FISTA stand at 0.20.
func TestBaselines(t *testing.T) {
	var ws []Weight
	for _, v := range []float64{0.5, 1, 1.5, 2, 2.5, 3} {
		ws = append(ws, Weight{Value: v})
	}
	const layers = 12
	for _, c := range []struct {
		n                  int
		ista, fista, lasso Interval
	}{
		{10, Interval{1.17, 1.19}, Interval{0.825, 0.835}, Interval{0.205, 0.215}},
		{20, Interval{0.3765, 0.3775}, Interval{0.1095, 0.1105}, Interval{0, 1e-3}},
	} {
		law := data.SparseRecovery{D: 20, S: 3, N: c.n, Values: data.Gaussian, Design: data.Gaussian}
		b := law.Draw(1, data.Test, 0, 20_000)
		check := func(name string, squared []float64, want Interval) {
			m, se := mean(squared), standardError(squared)
			t.Logf("N=%d %-5s %.4f ± %.4f, reference %.4g to %.4g", c.n, name, m, se, want.Lo, want.Hi)
			if miss := max(want.Lo-m, m-want.Hi); !(miss <= 4*se) {
				t.Errorf("N=%d %s: mean error %.4f is %.1f standard errors of %.4f from [%g, %g]", c.n, name, m, miss/se, se, want.Lo, want.Hi)
			}
		}
		for _, method := range []classical{ista, fista} {
			all := method.squaredErrors(b, ws, layers, runtime.GOMAXPROCS(0))
			best := math.Inf(1)
			var column []float64
			for w := range ws {
				if v := all.Col(w*(layers+1) + layers); mean(v) < best {
					best, column = mean(v), v
				}
			}
			check(method.Name, column, map[string]Interval{ista.Name: c.ista, fista.Name: c.fista}[method.Name])
		}
		all, open := lassoErrors(b, lassoWeights, runtime.GOMAXPROCS(0))
		column := all.Col(0)
		for w := range lassoWeights {
			if v := all.Col(w); mean(v) < mean(column) {
				column = v
			}
		}
		check(lassoName, column, c.lasso)
		for w, n := range open {
			if n != 0 {
				t.Errorf("N=%d: the Lasso's certificate is open on %d prompts at λ = %g", c.n, n, lassoWeights[w])
			}
		}
	}
}
