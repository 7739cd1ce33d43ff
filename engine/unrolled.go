package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// Unrolled is what layers of unrolled iterations have in common: each takes a batch of iterates x (B, n), or nil for the zero that the
// first layer starts from, and measurements y (B, m), which are data, to
//
//	x⁺ = S_θ(v)        // (B, n), with S_θ and Pass as in SoftThreshold
type Unrolled struct {
	Pass   float64 // fraction of the entries that support selection lets through
	LearnA bool    // Coupled is differentiable in A too
}

// Coupled adds the layer v = x + (y − x Aᵀ) W with A and W (m, n) (Chen, Liu, Wang and Yin 2018, LISTA-CP). It is one fused op,
// differentiable in x, W, theta and, where asked, in A. Where x is nil, a is not read and may be nil too.
func (u Unrolled) Coupled(x, y, a, w, theta *gorgonia.Node) (*gorgonia.Node, error) {
	return u.add(true, x, y, w, a, theta)
}

// Free adds the layer v = y W₁ + x W₂ with W₁ (m, n) and W₂ (n, n) (Gregor and LeCun 2010, LISTA). It is one fused op,
// differentiable in x, W₁, W₂ and theta. Where x is nil, w2 is not read and may be nil too.
func (u Unrolled) Free(x, y, w1, w2, theta *gorgonia.Node) (*gorgonia.Node, error) {
	return u.add(false, x, y, w1, w2, theta)
}

func (u Unrolled) add(coupled bool, x, y, w, second, theta *gorgonia.Node) (*gorgonia.Node, error) {
	if y.Dtype() == tensor.Float64 {
		return addUnrolled[float64](u, coupled, x, y, w, second, theta)
	}
	return addUnrolled[float32](u, coupled, x, y, w, second, theta)
}

func addUnrolled[F kernel.Float](u Unrolled, coupled bool, x, y, w, second, theta *gorgonia.Node) (*gorgonia.Node, error) {
	if y.Dims() != 2 || w.Dims() != 2 {
		return nil, fmt.Errorf("engine: a layer for y of shape %v and W of shape %v, want matrices", y.Shape(), w.Shape())
	}
	batch, m, n := y.Shape()[0], y.Shape()[1], w.Shape()[1]
	t, err := newThreshold[F](batch, n, theta.Shape(), u.Pass)
	if err != nil {
		return nil, err
	}
	s := newUnrolledState(t, coupled, x == nil, batch, m, n)
	nodes := gorgonia.Nodes{y, w, theta}
	shapes := []tensor.Shape{{batch, m}, {m, n}, theta.Shape().Clone()}
	o := &gradOp{wrt: []bool{false, true, true}, grads: []*tensor.Dense{nil, dense(shapes[1], s.dW), dense(shapes[2], t.dTheta)}}
	if x != nil {
		rows := n
		if coupled {
			rows = m
		}
		nodes, shapes = append(nodes, x, second), append(shapes, tensor.Shape{batch, n}, tensor.Shape{rows, n})
		o.wrt, o.grads = append(o.wrt, true, !coupled || u.LearnA), append(o.grads, dense(shapes[3], s.dX), dense(shapes[4], s.dSecond))
	}
	o.op = newOp("UnrolledLayer", y.Dtype(), tensor.Shape{batch, n}, shapes...)
	out := dense(o.output, t.out)
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		s.set(in)
		s.forward()
		return out, nil
	}
	o.back = func(in []*tensor.Dense) {
		s.set(in)
		s.backward(values[F](in[len(in)-1]), len(o.wrt) > 4 && o.wrt[4])
	}
	node, err := gorgonia.ApplyOp(o, nodes...)
	if err != nil {
		return nil, fmt.Errorf("engine: unrolled layer: %w", err)
	}
	return node, nil
}

// unrolledState is what the forward and backward ops of one layer share. Residuals lie in rows of whole lines, of which the first m
// elements count.
type unrolledState[F kernel.Float] struct {
	*threshold[F]
	coupled, first bool
	batch, m, n    int
	line           int // m in whole lines

	y, w, theta, x, second []F // of the run; second is A or W₂

	v            []F // (B, n)
	residual, dR []F // y − x Aᵀ, or y, and its gradient, (B, line)
	dW           []F // (m, n)
	dX           []F // (B, n)
	dSecond      []F // like second

	inX, inDV *nonzeros[F]
	fewInX    bool
	turned    []F // Aᵀ, Wᵀ, or a gradient's transpose, (n, line)
}

func newUnrolledState[F kernel.Float](t *threshold[F], coupled, first bool, batch, m, n int) *unrolledState[F] {
	line := wholeLines[F](m)
	s := &unrolledState[F]{threshold: t, coupled: coupled, first: first, batch: batch, m: m, n: n, line: line, v: make([]F, batch*n),
		dW: make([]F, m*n), residual: make([]F, batch*line), inDV: newNonzeros[F](batch, n), turned: make([]F, n*line)}
	if first {
		return s
	}
	s.dX = make([]F, batch*n)
	if !coupled {
		s.dSecond = make([]F, n*n)
		return s
	}
	s.dR, s.dSecond, s.inX = make([]F, batch*line), make([]F, m*n), newNonzeros[F](batch, n)
	return s
}

func (s *unrolledState[F]) set(in []*tensor.Dense) {
	s.y, s.w, s.theta = values[F](in[0]), values[F](in[1]), values[F](in[2])
	if !s.first {
		s.x, s.second = values[F](in[3]), values[F](in[4])
	}
}

func (s *unrolledState[F]) forward() {
	b, m, n := s.batch, s.m, s.n
	for r := range b {
		copy(s.residual[r*s.line:], s.y[r*m:(r+1)*m])
	}
	if !s.first && s.coupled {
		if s.fewInX = s.inX.find(s.x); s.fewInX { // y − x Aᵀ (B, m)
			kernel.Transpose(s.turned, s.line, s.second, n, m, n)
			s.inX.addTo(s.residual, -1, s.turned, s.line)
		} else {
			kernel.Gemm(false, true, b, m, n, -1, s.x, n, s.second, n, true, s.residual, s.line)
		}
		copy(s.v, s.x)
	} else if !s.first {
		kernel.Gemm(false, false, b, n, n, 1, s.x, n, s.second, n, false, s.v, n) // x W₂ (B, n)
	}
	kernel.Gemm(false, false, b, n, m, 1, s.residual, s.line, s.w, n, !s.first, s.v, n) // (B, n)
	s.threshold.forward(s.v, s.theta)
}

// backward fills the gradients from that of the output, g; dSecond only where it is wanted.
func (s *unrolledState[F]) backward(g []F, wanted bool) {
	b, m, n := s.batch, s.m, s.n
	s.threshold.backward(s.v, s.theta, g)
	few := s.inDV.find(s.dV)
	s.outer(s.dW, 1, s.residual, s.dV, s.inDV, few) // (m, n)
	if s.first {
		return
	}
	if !s.coupled {
		kernel.Gemm(true, false, n, n, b, 1, s.x, n, s.dV, n, false, s.dSecond, n) // (n, n)
		kernel.Gemm(false, true, b, n, n, 1, s.dV, n, s.second, n, false, s.dX, n) // (B, n)
		return
	}
	if few { // dV Wᵀ (B, m)
		kernel.Transpose(s.turned, s.line, s.w, n, m, n)
		clear(s.dR)
		s.inDV.addTo(s.dR, 1, s.turned, s.line)
	} else {
		kernel.Gemm(false, true, b, m, n, 1, s.dV, n, s.w, n, false, s.dR, s.line)
	}
	copy(s.dX, s.dV)
	kernel.Gemm(false, false, b, n, m, -1, s.dR, s.line, s.second, n, true, s.dX, n) // (B, n)
	if wanted {
		s.outer(s.dSecond, -1, s.dR, s.x, s.inX, s.fewInX) // (m, n)
	}
}

// outer is α·leftᵀ right (m, n) of left (B, line) and right (B, n), whose nonzeros are listed.
func (s *unrolledState[F]) outer(dst []F, alpha F, left, right []F, list *nonzeros[F], few bool) {
	if !few {
		kernel.Gemm(true, false, s.m, s.n, s.batch, alpha, left, s.line, right, s.n, false, dst, s.n)
		return
	}
	clear(s.turned)
	list.turn().addTo(s.turned, alpha, left, s.line)
	kernel.Transpose(dst, s.n, s.turned, s.line, s.n, s.m)
}
