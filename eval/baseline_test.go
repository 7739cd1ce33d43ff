package eval

import (
	"fmt"
	"slices"
	"testing"

	"unroll/data"
)

// The reference values were computed with another program on other draws of the same law (d = 20, S = 3, Gaussian rows and nonzeros, no
// noise): the mean squared error of the twelfth iterate at the best absolute weight, and of the Lasso's minimiser. They are known to the
// digits given, so each is an interval. The Lasso's at N = 10 stems from a first-order method with a budget: on 500,000 prompts the
// minimiser, certified on every one, has 0.181 ± 0.001, and 300 iterations of FISTA stand at 0.20.
func TestBaselines(t *testing.T) {
	const layers = 12
	var ws []Weight
	for _, v := range []float64{0.5, 1, 1.5, 2, 2.5, 3} {
		ws = append(ws, Weight{Value: v})
	}
	for _, c := range []struct {
		n                  int
		ista, fista, lasso Interval
	}{
		{10, Interval{1.17, 1.19}, Interval{0.825, 0.835}, Interval{0.205, 0.215}},
		{20, Interval{0.3765, 0.3775}, Interval{0.1095, 0.1105}, Interval{0, 1e-3}},
	} {
		law := data.SparseRecovery{D: 20, S: 3, N: c.n, Values: data.Gaussian, Design: data.Gaussian}
		b := law.Draw(1, data.Test, 0, 20_000)
		// Column layers is the last iterate at the first weight, and so on by layers+1.
		checkMean(t, fmt.Sprintf("N=%d ISTA", c.n), best(ista.squaredErrors(b, ws, layers, 0), layers, layers+1), c.ista)
		checkMean(t, fmt.Sprintf("N=%d FISTA", c.n), best(fista.squaredErrors(b, ws, layers, 0), layers, layers+1), c.fista)
		minimisers, open := lassoErrors(b, lassoWeights, 0)
		checkMean(t, fmt.Sprintf("N=%d Lasso", c.n), best(minimisers, 0, 1), c.lasso)
		if slices.Max(open) != 0 {
			t.Errorf("N=%d: the Lasso's certificate is open on %v prompts at λ = %v", c.n, open, lassoWeights)
		}
	}
}

// best returns the column of smallest mean among first, first+stride, ….
func best(m matrix, first, stride int) []float64 {
	column := m.Col(first)
	for j := first + stride; j < m.Cols; j += stride {
		if other := m.Col(j); mean(other) < mean(column) {
			column = other
		}
	}
	return column
}

// checkMean wants the mean within four of its standard errors of an interval.
func checkMean(t *testing.T, name string, squared []float64, want Interval) {
	t.Helper()
	m, se := mean(squared), standardError(squared)
	t.Logf("%-10s %.4f ± %.4f, reference %.4g to %.4g", name, m, se, want.Lo, want.Hi)
	if miss := max(want.Lo-m, m-want.Hi); !(miss <= 4*se) {
		t.Errorf("%s: mean error %.4f is %.1f standard errors of %.4f from [%g, %g]", name, m, miss/se, se, want.Lo, want.Hi)
	}
}
