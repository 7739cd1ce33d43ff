package l2o

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// LambdaMax returns ‖Aᵀy‖∞, the smallest λ for which x = 0 minimises ½‖Ax−y‖² + λ‖x‖₁.
func LambdaMax(A linop.Operator, y []float64) float64 {
	_, n := A.Dims()
	w := make([]float64, n)
	A.Adjoint(w, y)
	return prox.L1{}.LambdaMax(w)
}

// LambdaMax returns the smallest λ at which every unknown with a penalty is 0, whatever the λ of the penalty itself; those without one are
// fitted first. The error is an *[InputError]: that of Check, or for a penalty under which no λ makes 0 the answer.
func (p *Problem) LambdaMax() (float64, error) {
	g, ok := p.G.(prox.Sparse)
	if !ok {
		return 0, &InputError{"G", fmt.Sprintf("%T", p.G), "a penalty under which 0 is the answer for large λ, a prox.Sparse"}
	}
	if err := p.Check(); err != nil {
		return 0, err
	}
	c := newJudge(&Problem{A: p.A, Y: p.Y, Loss: p.Loss, G: g.WithLambda(1)})
	c.fitFree()
	p.A.Adjoint(c.w, c.u)
	return g.LambdaMax(c.w), nil
}

// fitFree sets u = −ℓ′(z) at the z in the span of the free columns that minimises the loss: by Newton's method, each step halved until
// it does not raise the loss. Where there is no minimiser, as with separable labels, u is that of the last of fitSteps.
func (c *judge) fitFree() {
	const fitSteps = 100
	loss, k := c.p.loss(), len(c.span.q)
	value := loss.Value(c.z, c.p.Y) // at z = 0
	z, hess := make([]float64, len(c.z)), make([]float64, len(c.z))
	slope := mat.NewVecDense(max(k, 1), nil)
	for step := 0; ; step++ {
		c.dual()
		if k == 0 || step == fitSteps {
			return
		}
		loss.Hess(hess, c.z, c.p.Y)
		for i, q := range c.span.q {
			slope.SetVec(i, kernel.Dot(q, c.u))
		}
		var newton mat.VecDense
		var factor mat.Cholesky
		if !factor.Factorize(c.curved(hess)) || factor.SolveVecTo(&newton, slope) != nil {
			return // ℓ″ has vanished: the labels are separable
		}
		for t := 1.0; ; t /= 2 {
			copy(z, c.z)
			c.add(z, t, &newton)
			next := loss.Value(z, c.p.Y)
			if next < value {
				value = next
				break
			}
			if t < 0x1p-30 { // where the loss tells points no longer apart, a whole step squares the error that is left
				c.add(c.z, 1, &newton)
				c.dual()
				return
			}
		}
		copy(c.z, z)
	}
}

// add sets z += t Q step.
func (c *judge) add(z []float64, t float64, step *mat.VecDense) {
	for i, q := range c.span.q {
		kernel.Axpy(t*step.AtVec(i), q, z)
	}
}

// dual sets u = −ℓ′(z).
func (c *judge) dual() {
	c.p.loss().Grad(c.u, c.z, c.p.Y)
	for i, t := range c.u {
		c.u[i] = -t
	}
}

// curved returns QᵀDQ for the diagonal D and the basis Q of the free columns.
func (c *judge) curved(diagonal []float64) *mat.SymDense {
	k := len(c.span.q)
	s := mat.NewSymDense(k, nil)
	scaled := make([]float64, len(diagonal))
	for i, q := range c.span.q {
		for r, d := range diagonal {
			scaled[r] = d * q[r]
		}
		for j := range i + 1 {
			s.SetSym(i, j, kernel.Dot(scaled, c.span.q[j]))
		}
	}
	return s
}
