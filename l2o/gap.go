package l2o

import (
	"math"

	"unroll/l2o/linop"
)

// Gap returns the duality gap of x, a bound on F(x) − F* that needs no knowledge of the minimiser.
//
// The dual of F is D(u) = −Σ ℓ*(−uᵢ) − g*(Aᵀu). With z = Ax,
//
//	F(x) − D(u) = Σ ℓ(zᵢ) + ℓ*(−uᵢ) + g(x) + g*(Aᵀu)          and 0 = ⟨z,u⟩ − ⟨x,Aᵀu⟩
//	            = Σ [ℓ(zᵢ) + ℓ*(−uᵢ) + zᵢuᵢ] + [g(x) + g*(Aᵀu) − ⟨x,Aᵀu⟩],
//
// all terms non-negative (Fenchel and Young), so that rounding never makes it negative; for the squared loss the first sum is
// ½‖u−r‖² with r = y − Ax. The dual point is u = s·r for r = −ℓ′(z) and the largest s ∈ [0,1] that keeps Aᵀu in the domain of
// g*: at the minimiser s = 1 and the gap is 0.
//
// No scaling but 0 brings Aᵀu into that domain where a coordinate has no penalty, as A_jᵀu must be 0 there. So r is first
// projected onto the orthogonal complement of those columns. What rounding leaves, e_j = A_jᵀu, is charged at the most that it
// can be worth to a point with |x_j| ≤ R, R|e_j| − x_j e_j: there the gap is a bound on F(x) less the least F of all points with
// these coordinates within R, for R = 2·max(|x_j|, ‖y‖/‖A_free‖). [Certificate] reports both.
//
// It is NaN or +Inf for an x that is not finite. It panics if x has the wrong length.
func Gap(p *Problem, x []float64) float64 {
	return newJudge(p).gap(x).total
}

// A judge is the memory for the gaps of one problem.
type judge struct {
	p    *Problem
	z, u []float64 // (m)
	w    []float64 // (n)
	free []int     // coordinates without a penalty
	span thinQR    // of their columns
	size float64   // ‖A_free‖
	from *descent  // has z, u and w of the iterate in question; nil for none
	top  float64   // what start returns, once it has; 0 before
}

// A verdict is a gap with its parts. The judge holds u and Aᵀu, whose free entries are set to 0.
type verdict struct {
	total        float64
	loss         float64 // f(x)
	left, radius float64 // max |e_j| and R; 0 where every coordinate has a penalty
}

func newJudge(p *Problem) *judge {
	m, n := p.A.Dims()
	c := &judge{p: p, z: make([]float64, m), u: make([]float64, m), w: make([]float64, n), free: p.G.Free(n)}
	column := make([]float64, m)
	for _, j := range c.free {
		columnOf(p.A, column, j)
		c.size = math.Hypot(c.size, math.Sqrt(sumSquares(column)))
		if len(c.span.q) < m {
			c.span.append(column)
		}
	}
	return c
}

func (c *judge) gap(x []float64) verdict {
	p, loss := c.p, c.p.loss()
	c.images(x)
	v := verdict{loss: loss.Value(c.z, p.Y)}
	charge := c.charge(x, &v)
	s := p.G.DualScale(c.w)
	c.scale(s)
	lost := loss.FenchelYoung(c.z, c.u, p.Y)
	if math.IsInf(lost, 1) { // the projection left the domain of ℓ*, which holds 0
		s = 0
		c.scale(s)
		lost = loss.FenchelYoung(c.z, c.u, p.Y)
	}
	v.left *= s
	v.total = lost + p.G.FenchelYoung(x, c.w) + s*charge
	return v
}

// images sets z = Ax, u = −ℓ′(z), projected, and w = Aᵀu.
func (c *judge) images(x []float64) {
	if c.from.at(x) && len(c.free) == 0 {
		copy(c.z, c.from.z)
		copy(c.u, c.from.u)
		copy(c.w, c.from.w)
		return
	}
	c.p.A.Apply(c.z, x)
	c.p.loss().Grad(c.u, c.z, c.p.Y)
	for i, t := range c.u {
		c.u[i] = -t
	}
	c.project()
	c.p.A.Adjoint(c.w, c.u)
}

// project replaces u by its projection onto the orthogonal complement of the free columns, twice against rounding.
func (c *judge) project() {
	for range 2 {
		for _, q := range c.span.q {
			d := 0.0
			for i, t := range q {
				d += t * c.u[i]
			}
			for i, t := range q {
				c.u[i] -= d * t
			}
		}
	}
}

// charge sets the free entries of w to 0 and returns Σ R|e_j| − x_j e_j of what they were.
func (c *judge) charge(x []float64, v *verdict) float64 {
	if len(c.free) == 0 {
		return 0
	}
	if c.size > 0 {
		v.radius = 2 * math.Sqrt(sumSquares(c.p.Y)) / c.size
	}
	for _, j := range c.free {
		v.radius = max(v.radius, 2*math.Abs(x[j]))
	}
	sum := 0.0
	for _, j := range c.free {
		sum += v.radius*math.Abs(c.w[j]) - x[j]*c.w[j]
		v.left = max(v.left, math.Abs(c.w[j]))
		c.w[j] = 0
	}
	return sum
}

func (c *judge) scale(s float64) {
	if s == 1 {
		return
	}
	for i := range c.u {
		c.u[i] *= s
	}
	for j := range c.w {
		c.w[j] *= s
	}
}

// start returns F at the point from which relative gaps are measured: 0, or what of g's domain is nearest to it.
func (c *judge) start() float64 {
	if c.top == 0 {
		x, z := make([]float64, len(c.w)), make([]float64, len(c.z))
		c.p.G.Prox(x, x, 1)
		c.p.A.Apply(z, x)
		c.top = c.p.loss().Value(z, c.p.Y) + c.p.G.Value(x)
	}
	return c.top
}

// columnOf sets dst = A_j.
func columnOf(A linop.Operator, dst []float64, j int) {
	if a, ok := A.(linop.Columns); ok {
		a.Column(dst, j)
		return
	}
	_, n := A.Dims()
	unit := make([]float64, n)
	unit[j] = 1
	A.Apply(dst, unit)
}
