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
	for _, hd := range s.heads {
		for _, v := range hd.weights {
			side(s.ReLU && v > 0)
		}
	}
	for _, v := range s.units {
		side(v > 0)
	}
	for _, v := range s.out {
		side(s.Saturate > 0 && math.Abs(v) > s.Saturate)
	}
	return hash.Sum64()
}
