package engine

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// SoftThreshold adds S_θ(v) = v − min(max(v, −θ), θ) of v (B, n) to its graph, for one learned threshold theta (1) or one for each
// coordinate (n), none of them negative. Of the fraction pass of a row's entries, rounded to whole ones, that are largest in size, those
// above their thresholds are let through as they are: the support selection of Chen, Liu, Wang and Yin (2018); 0 selects none. Which
// entries those are counts as constant in the derivative. Entries of equal size pass together.
func SoftThreshold(v, theta *gorgonia.Node, pass float64) (*gorgonia.Node, error) {
	if v.Dtype() == tensor.Float64 {
		return addThreshold[float64](v, theta, pass)
	}
	return addThreshold[float32](v, theta, pass)
}

func addThreshold[F kernel.Float](v, theta *gorgonia.Node, pass float64) (*gorgonia.Node, error) {
	if v.Dims() != 2 {
		return nil, fmt.Errorf("engine: a threshold for %v, want a matrix (B, n)", v.Shape())
	}
	s, err := newThreshold[F](v.Shape()[0], v.Shape()[1], theta.Shape(), pass)
	if err != nil {
		return nil, err
	}
	o := &gradOp{op: newOp("SoftThreshold", v.Dtype(), v.Shape().Clone(), v.Shape().Clone(), theta.Shape().Clone()), wrt: []bool{true, true}}
	out := dense(o.output, s.out)
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		s.forward(values[F](in[0]), values[F](in[1]))
		return out, nil
	}
	o.grads = []*tensor.Dense{dense(o.inputs[0], s.dV), dense(o.inputs[1], s.dTheta)}
	o.back = func(in []*tensor.Dense) {
		s.backward(values[F](in[0]), values[F](in[1]), values[F](in[3]))
	}
	return gorgonia.ApplyOp(o, v, theta)
}

// threshold is the soft threshold of rows of n numbers, forward and backward.
type threshold[F kernel.Float] struct {
	n, pass    int // columns; entries of a row that pass
	out, dV    []F // (B, n)
	dTheta     []F // (1) or (n)
	cut        []F // (B) entries as large as this and above their threshold pass
	candidates []F // (n)
}

func newThreshold[F kernel.Float](rows, n int, theta tensor.Shape, pass float64) (*threshold[F], error) {
	if theta.Dims() != 1 || theta[0] != 1 && theta[0] != n {
		return nil, fmt.Errorf("engine: thresholds of shape %v for rows of %d numbers, want (1) or (%d)", theta, n, n)
	}
	if !(pass >= 0 && pass <= 1) {
		return nil, fmt.Errorf("engine: a fraction of %v of the entries passes, want 0 to 1", pass)
	}
	return &threshold[F]{n: n, pass: int(math.Round(pass * float64(n))), out: make([]F, rows*n), dV: make([]F, rows*n),
		dTheta: make([]F, theta[0]), cut: make([]F, rows), candidates: make([]F, 0, n)}, nil
}

// forward fills out from v and theta, and keeps which entries passed.
func (s *threshold[F]) forward(v, theta []F) {
	for r := range s.cut {
		row, out := v[r*s.n:(r+1)*s.n], s.out[r*s.n:(r+1)*s.n]
		if len(theta) == 1 {
			kernel.Soft(out, row, theta[0])
		} else {
			for i, x := range row {
				out[i] = x - min(max(x, -theta[i]), theta[i])
			}
		}
		if s.pass == 0 {
			continue
		}
		s.cut[r] = s.least(row, theta)
		for i, x := range row {
			if size := max(x, -x); size >= s.cut[r] && size > theta[i*s.step()] {
				out[i] = x
			}
		}
	}
}

// step is the distance from one entry's threshold to the next one's.
func (s *threshold[F]) step() int { return min(1, len(s.dTheta)-1) }

// least is the size of the smallest entry among those of a row that may pass, 0 where all above their thresholds do. Entries below every
// threshold need not be ranked.
func (s *threshold[F]) least(row, theta []F) F {
	floor, ranked := slices.Min(theta), s.candidates[:0]
	for _, x := range row {
		if size := max(x, -x); size > floor {
			ranked = append(ranked, size)
		}
	}
	if len(ranked) <= s.pass {
		return 0
	}
	slices.Sort(ranked)
	return ranked[len(ranked)-s.pass]
}

// backward fills dV and dTheta from the gradient g of out; v and theta are forward's.
func (s *threshold[F]) backward(v, theta, g []F) {
	clear(s.dTheta)
	for r := range s.cut {
		row, dV, g := v[r*s.n:(r+1)*s.n], s.dV[r*s.n:(r+1)*s.n], g[r*s.n:(r+1)*s.n]
		if len(theta) == 1 {
			s.dTheta[0] += kernel.SoftGrad(dV, g, row, theta[0])
		} else {
			for i, x := range row {
				dV[i] = 0
				if max(x, -x) > theta[i] {
					dV[i] = g[i]
					s.dTheta[i] -= signed(g[i], x)
				}
			}
		}
		if s.pass == 0 {
			continue
		}
		for i, x := range row {
			if size := max(x, -x); size >= s.cut[r] && size > theta[i*s.step()] { // its threshold was not taken off
				s.dTheta[i*s.step()] += signed(g[i], x)
			}
		}
	}
}

// signed is g·sign(x) for x ≠ 0.
func signed[F kernel.Float](g, x F) F {
	if x < 0 {
		return -g
	}
	return g
}
