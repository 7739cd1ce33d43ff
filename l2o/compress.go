package l2o

import (
	"math"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// A compression is a least-squares problem with many rows as one with n+1 of them. With [A y] = QR, Q (m, n+1) with orthonormal columns,
//
//	‖Ax − y‖ = ‖R_A x − R_y‖,   AᵀA = R_AᵀR_A,   Aᵀy = R_AᵀR_y
//
// for the first n and the last column of R: objective, gap, certificate and every look at a column are those of A and y. R comes from the
// Cholesky factor of [A y]ᵀ[A y], which takes one pass over A.
type compression struct {
	a    *linop.ColMajor // R_A, (n+1, n)
	y    []float64       // R_y, (n+1)
	norm []float64       // ‖A_j‖, (n)
}

// spread is the least pivot, against its diagonal, with which a compression is made: R is then known to half of its digits at least.
const spread = 1e-6

// compress returns nil for another loss, where A has too few rows or there are too few solutions for it to pay, and where columns, or they
// and y, are nearly dependent.
func compress(p *Problem, solutions int) *compression {
	m, n := p.A.Dims()
	if p.loss() != (Squared{}) || m < 4*n || n > 16*solutions || n > 4096 {
		return nil
	}
	a := columnsOf(p.A)
	var s workingSet
	for j := range n {
		s.cols = append(s.cols, columnAt(a, nil, j))
	}
	s.cols = append(s.cols, p.Y)
	s.grams(nil, m)
	var l cholesky
	for j, row := range s.gram {
		if !(row[j] >= 0x1p-900 && row[j] <= 0x1p900) || !l.append(row[:j+1], spread) {
			return nil
		}
	}
	c := &compression{&linop.ColMajor{M: n + 1, N: n, Data: make([]float64, n*(n+1))}, l.rows[n], make([]float64, n)}
	for j := range n {
		copy(c.a.Data[j*(n+1):], l.rows[j])
		c.norm[j] = math.Sqrt(s.gram[j][j])
	}
	return c
}

// tells reports whether the gap of x is that of the original to a hundredth of the one allowed. The Gram matrix and its factor are off by at
// most 4(m+n)ulp·‖A_i‖‖A_j‖, entry by entry, and the gap by that times (Σ‖A_j‖|x_j| + ‖y‖)² (Higham, Accuracy and Stability of Numerical
// Algorithms, 2002, §3.5 and Theorem 10.3).
func (c *compression) tells(x []float64, rows int, gap float64) bool {
	size := math.Sqrt(kernel.SumSquares(c.y))
	allowed := margin * gap * 0.5 * size * size
	for j, v := range x {
		size += c.norm[j] * math.Abs(v)
	}
	return 4*ulp*float64(rows+len(x))*size*size <= allowed
}

// margin is the part of an allowed gap that may go to rounding.
const margin = 0.01

// path solves p with the weights of the problems on the compression; nil where that cannot tell a gap well enough.
func (c *compression) path(p *Problem, problems []*Problem, stop Stop) []Solution {
	small := make([]*Problem, len(problems))
	for i, q := range problems {
		small[i] = &Problem{A: c.a, Y: c.y, Loss: q.Loss, G: q.G}
	}
	allowed := stop.Gap
	stop.Gap *= 1 - margin
	d := newDescent(&Problem{A: c.a, Y: c.y, Loss: p.Loss, G: p.G}, nil)
	defer d.set.release()
	path := d.path(small, stop)
	m, _ := p.A.Dims()
	for _, sol := range path {
		if !c.tells(sol.X, m, allowed) {
			return nil
		}
	}
	return path
}
