package engine

import (
	"hash/fnv"
	"math"

	"gorgonia.org/gorgonia"
)

// Kinks hashes on which side of their kinks the attention scores, the MLP's units and the saturated slots of a float64 transformer
// layer lay in its last run.
func Kinks(layer *gorgonia.Node) uint64 {
	s := layer.Op().(*layerOp[float64]).state
	hash := fnv.New64a()
	side := func(above bool) {
		if above {
			hash.Write([]byte{1})
		} else {
			hash.Write([]byte{0})
		}
	}
	for i := range s.Heads * s.Batch * s.Queries * s.Tokens {
		h, b, q, key := i/(s.Batch*s.Queries*s.Tokens), i/(s.Queries*s.Tokens)%s.Batch, i/s.Tokens%s.Queries, i%s.Tokens
		side(s.ReLU && key < s.keys[q] && dot(projection(s, s.q, h, b, s.Tokens-s.Queries+q), projection(s, s.k, h, b, key)) > 0)
	}
	for r := range s.Batch * s.Queries {
		for j := range s.Hidden {
			unit := 0.0
			for i := range s.Width {
				unit += s.after[r*s.Width+i] * s.w1[i*s.Hidden+j]
			}
			side(unit > 0)
		}
	}
	for _, v := range s.out {
		side(s.Saturate > 0 && math.Abs(v) > s.Saturate)
	}
	return hash.Sum64()
}

// projection is token t of prompt b times the h-th matrix (D, D) of w.
func projection(s *layerState[float64], w []float64, h, b, t int) []float64 {
	d := s.Width
	out := make([]float64, d)
	for i, x := range s.h[(b*s.Tokens+t)*d : (b*s.Tokens+t+1)*d] {
		for j := range out {
			out[j] += x * w[(h*d+i)*d+j]
		}
	}
	return out
}

func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
