package l2o

import (
	"gonum.org/v1/gonum/mat"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// A shiftedGram is QΛQᵀ, the smaller of AAᵀ and AᵀA in its eigenbasis, where adding ρI and inverting cost nothing.
type shiftedGram struct {
	a       linop.Operator
	wide    bool // AAᵀ, (m, m), rather than AᵀA, (n, n)
	vectors [][]float64
	values  []float64 // ≥ 0
	g, h    []float64 // (min(m, n))
}

func newShiftedGram(A linop.Operator) *shiftedGram {
	m, n := A.Dims()
	k := min(m, n)
	s := &shiftedGram{a: A, wide: m <= n, g: make([]float64, k), h: make([]float64, k)}
	gram := mat.NewSymDense(k, nil)
	image := make([]float64, max(m, n))
	for i := range k {
		clear(s.h)
		s.h[i] = 1
		if s.wide {
			A.Adjoint(image, s.h)
			A.Apply(s.g, image)
		} else {
			A.Apply(image, s.h)
			A.Adjoint(s.g, image)
		}
		for j := range i + 1 {
			gram.SetSym(i, j, s.g[j])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		panic("l2o: the eigenvalues of a symmetric matrix were not found")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	s.values = eigen.Values(nil)
	for i := range k {
		s.values[i] = max(s.values[i], 0)
		s.vectors = append(s.vectors, mat.Col(nil, i, &vectors))
	}
	return s
}

// mean returns the mean eigenvalue of the gram matrix, 1 if it is 0.
func (s *shiftedGram) mean() float64 {
	sum := 0.0
	for _, v := range s.values {
		sum += v
	}
	if sum == 0 {
		return 1
	}
	return sum / float64(len(s.values))
}

// step sets x = (AᵀA + ρI)⁻¹Aᵀr = Aᵀ(AAᵀ + ρI)⁻¹r, for r (m) and x (n).
func (s *shiftedGram) step(x, r []float64, rho float64) {
	if s.wide {
		s.solve(s.h, r, rho)
		s.a.Adjoint(x, s.h)
		return
	}
	s.a.Adjoint(s.h, r)
	s.solve(x, s.h, rho)
}

// solve sets dst = (QΛQᵀ + ρI)⁻¹b; dst is not b.
func (s *shiftedGram) solve(dst, b []float64, rho float64) {
	clear(dst)
	for i, q := range s.vectors {
		c := kernel.Dot(q, b) / (s.values[i] + rho)
		kernel.Axpy(c, q, dst)
	}
}
