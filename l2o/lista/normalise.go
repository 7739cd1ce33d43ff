package lista

import "unroll/l2o/linop"

// Scale is what a solver of this config multiplies A (m, n) and y with before it reads them: 1/‖A‖₂ for a normalised one, so that 1 is a safe
// step for every A, else 1. The signal that they speak of stays the same.
func (c Config) Scale(a []float64) float64 {
	return c.scale(&linop.Dense{M: len(a) / c.N, N: c.N, Data: a})
}

func (c Config) scale(a linop.Operator) float64 {
	if !c.Normalise {
		return 1
	}
	if norm := linop.Norm(a); norm > 0 {
		return 1 / norm
	}
	return 1
}

// normalised is the batch as the layers read it.
func (c Config) normalised(p batch) batch {
	if !c.Normalise {
		return p
	}
	f := c.scale(p.a)
	if a, dense := p.a.(*linop.Dense); dense {
		return newBatch(&linop.Dense{M: a.M, N: a.N, Data: scaled(f, a.Data)}, scaled(f, p.y))
	}
	return newBatch(multiple{p.a, f}, scaled(f, p.y))
}

// multiple is f·A.
type multiple struct {
	linop.Operator
	f float64
}

// Apply sets dst = f·Ax.
func (a multiple) Apply(dst, x []float64) {
	a.Operator.Apply(dst, x)
	a.times(dst)
}

// Adjoint sets dst = f·Aᵀy.
func (a multiple) Adjoint(dst, y []float64) {
	a.Operator.Adjoint(dst, y)
	a.times(dst)
}

func (a multiple) times(dst []float64) {
	for i := range dst {
		dst[i] *= a.f
	}
}
