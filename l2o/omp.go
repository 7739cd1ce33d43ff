package l2o

import (
	"iter"
	"math"

	"unroll/engine/kernel"
)

// OMP is orthogonal matching pursuit, which looks for few columns that explain y, without a penalty: x_k has k nonzeros.
//
//	S₀ = ∅,  r₀ = y
//	j_k = argmax_j |⟨A_j, r_{k−1}⟩| / ‖A_j‖                S_k = S_{k−1} ∪ {j_k}
//	x_k = argmin ‖y − Ax‖ over the x with support S_k       r_k = y − A x_k,  orthogonal to the columns of S_k
//
// If y = Ax* with S nonzeros and |⟨A_i, A_j⟩| < ‖A_i‖‖A_j‖/(2S−1) for all i ≠ j, then x_S = x* (Tropp 2004, Theorem 3.1 and Corollary
// 3.6). The sequence ends with x_K, with a residual that rounding has made, or where the column is a combination of those of S.
//
// References: Y. Pati, R. Rezaiifar, P. Krishnaprasad, "Orthogonal matching pursuit", Asilomar 1993; J. Tropp, "Greed is good: algorithmic
// results for sparse approximation", IEEE Trans. Information Theory 50(10), 2004.
type OMP struct {
	Terms int // K; 0 means min(m, n)
}

// Check refuses a negative K, other losses than the squared one, and what [Problem.Check] refuses. The penalty is not looked at.
func (s OMP) Check(p *Problem) error {
	if s.Terms < 0 {
		return &InputError{"Terms", s.Terms, "a number > 0, or 0 for min(m, n)"}
	}
	if p.loss() != (Squared{}) {
		return unsupported(s, p, "loss l2o.Squared, without a penalty")
	}
	return p.Check()
}

// Iterates yields x₀ = 0, x₁, … up to x_K or the end as above.
func (s OMP) Iterates(p *Problem) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		m, n := p.A.Dims()
		most := min(m, n)
		if s.Terms > 0 {
			most = min(most, s.Terms)
		}
		x, w, column := make([]float64, n), make([]float64, n), make([]float64, m)
		norms := columnLengths(p.A)
		r, support := p.Y, []int(nil)
		var f thinQR
		for k := 0; yield(k, x) && k < most; k++ {
			p.A.Adjoint(w, r)
			j := steepest(w, norms, x)
			if j < 0 || kernel.SumSquares(r) <= noResidual*kernel.SumSquares(p.Y) {
				return
			}
			columnOf(p.A, column, j)
			if !f.append(column) {
				return
			}
			support = append(support, j)
			var xs []float64
			xs, r = f.solve(p.Y, make([]float64, k+1))
			for i, j := range support {
				x[j] = xs[i]
			}
		}
	}
}

// noResidual is the part of ‖y‖² that is rounding.
const noResidual = 0x1p-100

// steepest returns the coordinate with the largest |w_j|/‖A_j‖ of those where x is 0, the first of equal ones, or −1 where all are 0.
func steepest(w, norms, x []float64) int {
	at, top := -1, 0.0
	for j, v := range w {
		if t := math.Abs(v) / norms[j]; x[j] == 0 && t > top {
			at, top = j, t
		}
	}
	return at
}
