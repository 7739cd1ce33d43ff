package model

import (
	"cmp"
	"math"
	"slices"
)

// distrust is how far an estimate is from explaining its prompt by S numbers, in units of β and without knowledge of β*:
//
//	s(β̂)² = ‖β̂ − β̃‖² + d/‖X‖_F²·‖y − Xβ̃‖²
//
// β̃ is the least squares fit of y on the S columns where β̂ is largest. Without noise and with the support found, β̃ is β* and s is the error
// itself; with a wrong support the misfit, over the root mean square norm of a column, is what a mistake of its size would leave.
func distrust(x, y, estimate []float64, s int) float64 {
	n, d := len(y), len(estimate)
	fit, residual := sparseFit(x, y, estimate, min(s, n, d))
	var apart, misfit, frobenius float64
	for j, v := range estimate {
		apart += (v - fit[j]) * (v - fit[j])
	}
	for _, v := range residual {
		misfit += v * v
	}
	for _, v := range x {
		frobenius += v * v
	}
	if frobenius == 0 {
		return math.Sqrt(apart)
	}
	return math.Sqrt(apart + float64(d)/frobenius*misfit)
}

// sparseFit returns the least squares fit of y on the s columns where the estimate is largest, (d), and its residual, (n), by Gram and
// Schmidt, modified. A column that depends on those before it is left out.
func sparseFit(x, y, estimate []float64, s int) (fit, residual []float64) {
	n, d := len(y), len(estimate)
	order := make([]int, d)
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int { return -cmp.Compare(math.Abs(estimate[a]), math.Abs(estimate[b])) })
	residual = slices.Clone(y)
	var support []int
	var basis, upper [][]float64 // Q by columns; those of R, as long as they need be
	var along []float64          // Qᵀy
	for _, j := range order[:s] {
		q, r := make([]float64, n), make([]float64, len(basis)+1)
		for i := range q {
			q[i] = x[i*d+j]
		}
		whole := norm(q)
		for k, b := range basis {
			r[k] = orthogonalise(q, b)
		}
		left := norm(q)
		if left <= 1e-10*whole {
			continue
		}
		for i := range q {
			q[i] /= left
		}
		r[len(basis)] = left
		along = append(along, orthogonalise(residual, q))
		support, basis, upper = append(support, j), append(basis, q), append(upper, r)
	}
	fit = make([]float64, d)
	for k := len(support) - 1; k >= 0; k-- { // R fit = Qᵀy
		value := along[k] / upper[k][k]
		for i, r := range upper[k][:k] {
			along[i] -= r * value
		}
		fit[support[k]] = value
	}
	return fit, residual
}

// orthogonalise takes from v what lies along the unit vector b, and returns it.
func orthogonalise(v, b []float64) (along float64) {
	for i, w := range b {
		along += w * v[i]
	}
	for i, w := range b {
		v[i] -= along * w
	}
	return along
}

func norm(v []float64) float64 {
	var s float64
	for _, w := range v {
		s += w * w
	}
	return math.Sqrt(s)
}
