// Package graph holds the equilibrium of plug-and-play with a convolutional denoiser on Gorgonia's computation graph, to train the denoiser in it.
package graph

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"unroll/engine"
	"unroll/l2o/bilevel"
	"unroll/l2o/denoise"
	"unroll/l2o/denoise/graph"
	"unroll/l2o/linop"
)

// A Plug is T blocks of K layers through which no gradient goes, and one more that is differentiated: JFB(K, T) of [bilevel.ReTune], for pixels
// y = m∘x + noise, m 0 or 1,
//
//	v = u − τ m∘(u − y),    φ(u) = v + α (D_σ(v) − v).
//
// The memory of the graph is that of K layers whatever T is. The learned parameters are log α, log τ and all weights of D. The strength σ stays
// what it is, for a denoiser's bounds exp(p log σ + a) have learned offsets a, which can do all that another σ could.
type Plug struct {
	Denoiser denoise.Config
	K, T     int
	Sigma    float64
}

// Layout is that of the plain layers' θ: τ, σ, α and the denoiser's weights.
func (p Plug) Layout(tau, alpha float64, weights []float64) *bilevel.Layout {
	return bilevel.NewLayout(p.K, 2).Step(tau, false).
		Factor("sigma", []float64{p.Sigma}, func(_, b int) int { return -b }).
		Factor("relax", []float64{alpha}, func(_, b int) int { return b - 1 }).Weights(weights)
}

// Equilibrium adds u_{K(T+1)} (B, C, H, W) to the graph, for w the denoiser's weights in the order of its Init, then log α (1) and log τ (1), and the
// data y and m (B, C, H, W). The iteration starts at y.
func (p Plug) Equilibrium(w gorgonia.Nodes, y, m *gorgonia.Node) (*gorgonia.Node, error) {
	own := 2 * p.Denoiser.Layers
	if len(w) != own+2 {
		return nil, fmt.Errorf("graph: %d weights of plug-and-play with a denoiser of %d layers, want %d", len(w), p.Denoiser.Layers, own+2)
	}
	if p.K < 1 || p.T < 0 || !(p.Sigma > 0) {
		return nil, fmt.Errorf("graph: K=%d, T=%d, σ=%g: want K ≥ 1, T ≥ 0 and σ > 0", p.K, p.T, p.Sigma)
	}
	shape := y.Shape()
	if shape.Dims() != 4 || !m.Shape().Eq(shape) {
		return nil, fmt.Errorf("graph: pixels of shape %v and a mask of %v, want two of (B, C, H, W)", shape, m.Shape())
	}
	level, err := engine.Detached("Level", []int{shape[0], 2}, func(dst []float64, _ [][]float64) error {
		for b := range shape[0] {
			dst[2*b], dst[2*b+1] = math.Log(p.Sigma), 1
		}
		return nil
	}, y)
	if err != nil {
		return nil, err
	}
	all, err := engine.Detached("All", shape, func(dst []float64, _ [][]float64) error {
		for i := range dst {
			dst[i] = 1
		}
		return nil
	}, y)
	if err != nil {
		return nil, err
	}
	u := y
	if p.T > 0 {
		restart, err := p.restart(shape[0], linop.Shape{C: shape[1], H: shape[2], W: shape[3]})
		if err != nil {
			return nil, err
		}
		if u, err = engine.Detached("Restarts", shape, restart, append(gorgonia.Nodes{y, m}, w...)...); err != nil {
			return nil, err
		}
	}
	for k := range p.K {
		v, err := engine.Toward(u, y, m, w[own+1]) // (B, C, H, W)
		if err != nil {
			return nil, fmt.Errorf("graph: layer %d: %w", k, err)
		}
		d, err := graph.Denoiser(p.Denoiser, w[:own], v, level)
		if err != nil {
			return nil, fmt.Errorf("graph: layer %d: %w", k, err)
		}
		if u, err = engine.Toward(v, d[len(d)-1], all, w[own]); err != nil {
			return nil, fmt.Errorf("graph: layer %d: %w", k, err)
		}
	}
	return u, nil
}

// restart runs KT layers of each image by plain loops, from inputs y, m and w.
func (p Plug) restart(batch int, s linop.Shape) (func(dst []float64, in [][]float64) error, error) {
	n, mask := s.Len(), &linop.Diagonal{}
	mask.D = make([]float64, n)
	net := p.Denoiser.On(s.H, s.W)
	step, err := bilevel.NewForwardBackward(mask, make([]float64, n), 0, bilevel.NewRelaxed(net, n), p.Layout(1, 1, make([]float64, net.Weights())))
	if err != nil {
		return nil, err
	}
	return func(dst []float64, in [][]float64) error {
		theta := Theta(in[2:], p.Sigma)
		for b := range batch {
			y := in[0][b*n : (b+1)*n]
			copy(mask.D, in[1][b*n:(b+1)*n])
			copy(step.Y, y)
			copy(dst[b*n:(b+1)*n], bilevel.Run(step, theta, y, p.K, p.K*p.T))
		}
		return nil
	}, nil
}

// Theta puts the weights of [Plug.Equilibrium], each flat, in the order of [Plug.Layout].
func Theta(w [][]float64, sigma float64) []float64 {
	last := len(w) - 2
	theta := []float64{w[last+1][0], math.Log(sigma), w[last][0]}
	for _, v := range w[:last] {
		theta = append(theta, v...)
	}
	return theta
}
