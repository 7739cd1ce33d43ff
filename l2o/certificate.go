package l2o

import (
	"math"

	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Certificate says how good an x is, from x and the problem alone.
type Certificate struct {
	Primal      float64 // F(x)
	Gap         float64 // [Gap], F(x) − F* or more
	RelativeGap float64 // Gap / F(0), 0 where the gap is 0; for a penalty that is +Inf at 0, F at the point of its domain nearest to 0
	Distance    float64 // of 0 to the subdifferential of F at x
	Support     []int   // indices of the nonzeros of x, ascending
	// Margin is the least distance by which a block of unknowns off the support satisfies its optimality condition,
	// λ − |A_jᵀu| for an ℓ1 penalty: above 0 complementarity is strict. +Inf where every block with a penalty is on the support.
	Margin float64
	// Identified says that the dual optimum is known well enough to tell the blocks that are 0 in every minimiser, and that these
	// are exactly those off the support: every minimiser is 0 there, and no block on the support is known to be. Unknowns without a
	// penalty are no part of it.
	Identified bool
	// Left is max |A_jᵀu| over the unknowns without a penalty, after their columns were projected out of u, and Radius the bound
	// on their |x_j| within which Gap holds. Both are 0 where every unknown has a penalty.
	Left, Radius float64
}

// Certify returns the certificate of x, whatever it was computed by. It panics if x has the wrong length.
//
// The dual optimum lies within √(2c·gap) of the dual point u of [Gap], where c = sup ℓ″: ℓ* is 1/c-strongly convex (Ndiaye,
// Fercoq, Gramfort, Salmon, "Gap safe screening rules for sparsity enforcing penalties", JMLR 18, 2017, Theorem 2).
func Certify(p *Problem, x []float64) Certificate {
	return newJudge(p).certify(x)
}

func (c *judge) certify(x []float64) Certificate { return c.certificate(x, c.gap(x)) }

// certificate is certify for an x that the judge has just found the gap of.
func (c *judge) certificate(x []float64, v verdict) Certificate {
	if c.from.at(x) && c.from.settle(math.Sqrt(2*c.p.loss().Curvature()*v.total)) {
		v = c.gap(x)
	}
	cert := Certificate{
		Primal: v.loss + c.p.G.Value(x), Gap: v.total, RelativeGap: relative(v.total, c.start()), Support: support(x),
		Left: v.left, Radius: v.radius,
	}
	cert.Margin, cert.Identified = c.complementarity(x, math.Sqrt(2*c.p.loss().Curvature()*v.total))
	c.slopes(x)
	cert.Distance = c.p.G.Distance(c.w, x)
	return cert
}

// relative returns gap/scale, and 0 for 0/0.
func relative(gap, scale float64) float64 {
	if gap == 0 {
		return 0
	}
	return gap / scale
}

// complementarity returns the margin, and whether every block's slack exceeds what the distance of u to the dual optimum, radius,
// can take from it exactly where x is 0. Blocks without a penalty are no part of this.
func (c *judge) complementarity(x []float64, radius float64) (margin float64, identified bool) {
	g, ok := c.p.G.(prox.Separable)
	if !ok || !finite(radius) {
		return 0, false
	}
	norms := c.norms()
	held := make([]bool, len(x))
	for _, j := range c.free {
		held[j] = true
	}
	margin, identified = math.Inf(1), true
	size := math.Sqrt(sumSquares(c.u))
	var one [1]int
	var w []float64
	for b := range g.Blocks(len(x)) {
		block := g.Block(b)
		if block == nil {
			one[0] = b
			block = one[:]
		}
		if held[block[0]] {
			continue
		}
		w = w[:0]
		zero, norm := true, norms[block[0]]
		for _, j := range block {
			w = append(w, c.w[j])
			zero = zero && x[j] == 0
		}
		for _, j := range block[1:] {
			norm = math.Hypot(norm, norms[j])
		}
		slack := g.Slack(b, w)
		if zero {
			margin = min(margin, slack)
		}
		rounding := 1e-14 * norm * size // of A_bᵀu
		if zero != (slack > radius*norm+rounding) {
			identified = false
		}
	}
	return margin, identified
}

// slopes sets w = −Aᵀℓ′(Ax).
func (c *judge) slopes(x []float64) {
	if c.from.at(x) {
		copy(c.w, c.from.w)
		return
	}
	c.p.residual(c.u, x)
	c.p.A.Adjoint(c.w, c.u)
}

// norms returns ‖A_j‖ or bounds on it.
func (c *judge) norms() []float64 {
	if c.from == nil {
		return columnNorms(c.p.A)
	}
	norms := make([]float64, len(c.w))
	for j, s := range c.from.squares {
		norms[j] = math.Sqrt(s)
	}
	return norms
}

// columnNorms returns ‖A_j‖, or ‖A‖ for each where columns are not at hand.
func columnNorms(A linop.Operator) []float64 {
	m, n := A.Dims()
	norms := make([]float64, n)
	switch a := A.(type) {
	case *linop.Dense: // row by row, as it lies in memory
		for i := range m {
			for j, v := range a.Data[i*n : (i+1)*n] {
				norms[j] += v * v
			}
		}
		for j, s := range norms {
			norms[j] = math.Sqrt(s)
		}
	case linop.Columns:
		column := make([]float64, m)
		for j := range norms {
			a.Column(column, j)
			norms[j] = math.Sqrt(sumSquares(column))
		}
	default:
		top := linop.Norm(A)
		for j := range norms {
			norms[j] = top
		}
	}
	return norms
}

// columnLengths returns ‖A_j‖, by one product with A each where columns are not at hand.
func columnLengths(A linop.Operator) []float64 {
	if _, ok := A.(linop.Columns); ok {
		return columnNorms(A)
	}
	m, n := A.Dims()
	norms, unit, column := make([]float64, n), make([]float64, n), make([]float64, m)
	for j := range norms {
		unit[j] = 1
		A.Apply(column, unit)
		unit[j], norms[j] = 0, math.Sqrt(sumSquares(column))
	}
	return norms
}

func support(x []float64) []int {
	var s []int
	for j, v := range x {
		if v != 0 {
			s = append(s, j)
		}
	}
	return s
}
