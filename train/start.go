package train

import (
	"math"
	"slices"

	"unroll/checkpoints"
	"unroll/engine/kernel"
)

// A start is the weights of a solver of package lista at which its training starts.
type start []checkpoints.Param

func (s start) init() []checkpoints.Param {
	params := slices.Clone(s)
	for i, p := range params {
		params[i].F32, params[i].F64 = slices.Clone(p.F32), slices.Clone(p.F64)
	}
	return params
}

// scale is 1 for logarithms, and for a matrix matrixRate of the root mean square of where it starts, so that LR is a fraction for all.
func (s start) scale(name string) float64 {
	p := s[slices.IndexFunc(s, func(p checkpoints.Param) bool { return p.Name == name })]
	if len(p.Shape) < 2 {
		return 1
	}
	return matrixRate * math.Sqrt((float64(kernel.SumSquares(p.F32))+kernel.SumSquares(p.F64))/float64(p.Len()))
}

// matrixRate is what a matrix's entries change beside a threshold. At 1, which the thresholds take well, the noise of the gradients in a hundred
// thousand entries holds LISTA-CPSS at −36 dB.
const matrixRate = 0.05
