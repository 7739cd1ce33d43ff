package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// FilterStep adds a step along filter responses to the graph, for images x (B, C, H, W), filters w (F, C, k, k), k odd, and bounds theta
// (B, F), none of them negative:
//
//	z = w ∗ x,   u = min(max(z, −θ), θ),   x′ = x − wᵀ ∗ u
//
// with the convolution of [kernel.Conv], zeros outside the image, and wᵀ ∗ its adjoint: a descent step on Σ h_θ(z), h_θ Huber's function, which
// is nonexpansive where ‖w ∗ ·‖² ≤ 2. It is one fused op, differentiable in x, w and theta, and owns its buffers.
func FilterStep(x, w, theta *gorgonia.Node) (*gorgonia.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return addFilterStep[float64](x, w, theta)
	}
	return addFilterStep[float32](x, w, theta)
}

func addFilterStep[F kernel.Float](x, w, theta *gorgonia.Node) (*gorgonia.Node, error) {
	xs, ws, ts := x.Shape().Clone(), w.Shape().Clone(), theta.Shape().Clone()
	if xs.Dims() != 4 || ws.Dims() != 4 || ws[1] != xs[1] || ws[2] != ws[3] || ws[2]%2 == 0 || !ts.Eq(tensor.Shape{xs[0], ws[0]}) {
		return nil, fmt.Errorf("engine: a filter step for images of shape %v, filters %v and bounds %v, want (B, C, H, W), (F, C, k, k) with odd k and (B, F)", xs, ws, ts)
	}
	s := newFilterState[F](xs[0], kernel.Conv{In: xs[1], Out: ws[0], Size: ws[2], H: xs[2], W: xs[3]})
	o := &gradOp{op: newOp("FilterStep", x.Dtype(), xs, xs, ws, ts), wrt: []bool{true, true, true}}
	out := dense(xs, s.out)
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		s.forward(values[F](in[0]), values[F](in[1]), values[F](in[2]))
		return out, nil
	}
	o.grads = []*tensor.Dense{dense(xs, s.dX), dense(ws, s.dW), dense(ts, s.dTheta)}
	o.back = func(in []*tensor.Dense) {
		s.backward(values[F](in[0]), values[F](in[1]), values[F](in[2]), values[F](in[4]))
	}
	n, err := gorgonia.ApplyOp(o, x, w, theta)
	if err != nil {
		return nil, fmt.Errorf("engine: filter step: %w", err)
	}
	return n, nil
}

// filterState is what the forward and backward ops of one step share.
type filterState[F kernel.Float] struct {
	conv  kernel.Conv
	batch int

	z               []F // (B, F, H, W)
	out, dX         []F // (B, C, H, W)
	dW              []F // (F, C, k, k)
	dTheta          []F // (B, F)
	u, dU, dZ, cols []F // of one image (F, H, W), and the convolution's scratch
}

func newFilterState[F kernel.Float](batch int, c kernel.Conv) *filterState[F] {
	image, responses := c.In*c.H*c.W, c.Out*c.H*c.W
	return &filterState[F]{conv: c, batch: batch, z: make([]F, batch*responses),
		out: make([]F, batch*image), dX: make([]F, batch*image), dW: make([]F, c.Out*c.In*c.Size*c.Size), dTheta: make([]F, batch*c.Out),
		u: make([]F, responses), dU: make([]F, responses), dZ: make([]F, responses), cols: make([]F, c.Scratch())}
}

// of returns image b of a batch.
func of[F kernel.Float](v []F, b, batch int) []F {
	n := len(v) / batch
	return v[b*n : (b+1)*n]
}

// forward fills out, and keeps the responses.
func (s *filterState[F]) forward(x, w, theta []F) {
	copy(s.out, x)
	for b := range s.batch {
		z, bounds := of(s.z, b, s.batch), of(theta, b, s.batch)
		kernel.Convolve(s.conv, w, of(x, b, s.batch), false, z, s.cols) // (F, H, W)
		for f, t := range bounds {
			s.bound(f, z, t)
		}
		kernel.ConvolveAdjoint(s.conv, w, s.u, true, of(s.out, b, s.batch), s.cols) // (C, H, W)
	}
}

// bound fills feature f of u with the −u of the recurrence.
func (s *filterState[F]) bound(f int, z []F, t F) {
	u := of(s.u, f, s.conv.Out)
	for i, v := range of(z, f, s.conv.Out) {
		u[i] = -min(max(v, -t), t)
	}
}

// backward fills the gradients from that of out, g. On a bound the response counts as inside.
func (s *filterState[F]) backward(x, w, theta, g []F) {
	clear(s.dW)
	copy(s.dX, g)
	for b := range s.batch {
		z, gradient := of(s.z, b, s.batch), of(g, b, s.batch)
		kernel.Convolve(s.conv, w, gradient, false, s.dU, s.cols) // that of −u (F, H, W)
		for f, t := range of(theta, b, s.batch) {
			s.bound(f, z, t)
			s.dTheta[b*s.conv.Out+f] = s.inside(f, z, t)
		}
		kernel.ConvolveWeights(s.conv, gradient, s.u, s.dW, s.cols)
		kernel.ConvolveWeights(s.conv, of(x, b, s.batch), s.dZ, s.dW, s.cols)
		kernel.ConvolveAdjoint(s.conv, w, s.dZ, true, of(s.dX, b, s.batch), s.cols)
	}
}

// inside fills feature f of dZ from that of dU, and returns the gradient of its bound.
func (s *filterState[F]) inside(f int, z []F, t F) (dTheta F) {
	dU, dZ := of(s.dU, f, s.conv.Out), of(s.dZ, f, s.conv.Out)
	for i, v := range of(z, f, s.conv.Out) {
		switch {
		case v > t:
			dTheta -= dU[i]
			dZ[i] = 0
		case v < -t:
			dTheta += dU[i]
			dZ[i] = 0
		default:
			dZ[i] = -dU[i]
		}
	}
	return dTheta
}
