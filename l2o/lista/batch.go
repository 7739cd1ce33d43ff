package lista

import (
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// A batch is what the layers read: measurements of several signals by one operator. A layer is written for all of its rows at once.
type batch struct {
	a          linop.Operator
	y          []float64 // (B, m)
	size, m, n int
}

func newBatch(a linop.Operator, y []float64) batch {
	m, n := a.Dims()
	return batch{a, y, len(y) / m, m, n}
}

// A layer takes x_k (B, n) to x_{k+1} in place, k from 0.
type layer func(k int, x []float64)

// measured returns room for (B, m), and sought for (B, n).
func (p batch) measured() []float64 { return make([]float64, p.size*p.m) }

func (p batch) sought() []float64 { return make([]float64, p.size*p.n) }

// residual sets r = y − xAᵀ (B, m).
func (p batch) residual(r, x []float64) {
	p.apply(r, x)
	for i, v := range r {
		r[i] = p.y[i] - v
	}
}

// apply sets r = xAᵀ (B, m).
func (p batch) apply(r, x []float64) {
	if a, ok := p.a.(*linop.Dense); ok && p.size > 1 {
		kernel.Gemm(false, true, p.size, p.m, p.n, 1, x, p.n, a.Data, p.n, false, r, p.m)
		return
	}
	for i := range p.size {
		p.a.Apply(r[i*p.m:(i+1)*p.m], x[i*p.n:(i+1)*p.n])
	}
}

// adjoint sets v = rA (B, n).
func (p batch) adjoint(v, r []float64) {
	if a, ok := p.a.(*linop.Dense); ok {
		times(v, r, a)
		return
	}
	for i := range p.size {
		p.a.Adjoint(v[i*p.n:(i+1)*p.n], r[i*p.m:(i+1)*p.m])
	}
}

// times sets v = uW for rows u.
func times(v, u []float64, w *linop.Dense) {
	if rows := len(u) / w.M; rows > 1 {
		kernel.Gemm(false, false, rows, w.N, w.M, 1, u, w.M, w.Data, w.N, false, v, w.N)
		return
	}
	w.Adjoint(v, u)
}

// row is that of signal i out of v (B, n).
func (p batch) row(v []float64, i int) []float64 { return v[i*p.n : (i+1)*p.n] }
