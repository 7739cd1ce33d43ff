package eval

import (
	"iter"
	"math"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
)

const exactName = "exact"

// exactErrors returns the errors (P, 1) of the estimate that no method beats without noise: least squares on the support of S coordinates
// that leaves the smallest residual, found by enumerating all of them. Without noise and with N > S it is x* up to rounding.
func exactErrors(b data.Batch, S, workers int) matrix {
	errors := newMatrix(b.Size, 1)
	eachPrompt(b, workers, func(i int, p *l2o.Problem, star []float64) {
		errors.Row(i)[0] = distance2(bestSupport(p.A.(*linop.Dense), p.Y, S), star)
	})
	return errors
}

// bestSupport returns the least squares fit of y on the S columns that fit it best, (n). Supports whose columns are dependent are passed over.
func bestSupport(A *linop.Dense, y []float64, S int) []float64 {
	gram, aty := newMatrix(A.N, A.N), make([]float64, A.N)
	A.Adjoint(aty, y)
	column, image := make([]float64, A.N), make([]float64, A.M)
	for j := range A.N {
		column[j] = 1
		A.Apply(image, column)
		A.Adjoint(gram.Row(j), image)
		column[j] = 0
	}
	best, bestFit := make([]float64, A.N), 0.0
	factor, fit := newMatrix(S, S), make([]float64, S)
	for support := range supports(A.N, S) {
		gain, ok := project(gram, aty, support, factor, fit)
		if !ok || gain <= bestFit {
			continue
		}
		bestFit = gain
		clear(best)
		for k, j := range support {
			best[j] = fit[k]
		}
	}
	return best
}

// project solves the normal equations on a support by Cholesky's factor and returns bᵀG⁻¹b, what the fit takes off ‖y‖².
func project(gram matrix, aty []float64, support []int, factor matrix, fit []float64) (gain float64, ok bool) {
	for r, i := range support {
		fit[r] = aty[i]
		for c, j := range support[:r+1] {
			v := gram.Row(i)[j]
			for k := range c {
				v -= factor.Row(r)[k] * factor.Row(c)[k]
			}
			if c < r {
				factor.Row(r)[c] = v / factor.Row(c)[c]
				continue
			}
			if !(v > 1e-12*gram.Row(i)[i]) {
				return 0, false
			}
			factor.Row(r)[r] = math.Sqrt(v)
		}
		for k := range r {
			fit[r] -= factor.Row(r)[k] * fit[k]
		}
		fit[r] /= factor.Row(r)[r]
		gain += fit[r] * fit[r]
	}
	for r := len(support) - 1; r >= 0; r-- {
		for k := r + 1; k < len(support); k++ {
			fit[r] -= factor.Row(k)[r] * fit[k]
		}
		fit[r] /= factor.Row(r)[r]
	}
	return gain, true
}

// supports yields every ascending choice of S of the numbers 0…n−1, in lexicographic order. The slice is the iterator's own.
func supports(n, S int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		s := make([]int, S)
		for k := range s {
			s[k] = k
		}
		for yield(s) {
			k := S - 1
			for k >= 0 && s[k] == n-S+k {
				k--
			}
			if k < 0 {
				return
			}
			s[k]++
			for k++; k < S; k++ {
				s[k] = s[k-1] + 1
			}
		}
	}
}
