package dln

import (
	"math"

	"unroll/l2o/linop"
)

// A field is −∇L(β) = b − Hβ, with H = XᵀX/n and b = Xᵀy/n.
type field struct {
	x        linop.Columns
	y        []float64
	residual []float64 // (n)
	gram     []float64 // H, (d, d)
	pull     []float64 // b, (d)
	least    float64   // coefficients below change nothing in double precision
}

func newField(x linop.Columns, y []float64) field {
	n, d := x.Dims()
	f := field{x: x, y: y, residual: make([]float64, n), gram: make([]float64, d*d), pull: make([]float64, d)}
	for i := range d {
		x.Column(f.residual, i)
		x.Adjoint(f.gram[i*d:(i+1)*d], f.residual)
	}
	x.Adjoint(f.pull, y)
	for _, v := range [][]float64{f.gram, f.pull} {
		for i := range v {
			v[i] /= float64(n)
		}
	}
	f.least = 1e-25 * largest(f.pull) / max(largest(f.gram), math.SmallestNonzeroFloat64)
	return f
}

// at sets dst = −∇L(β).
func (f *field) at(dst, beta []float64) {
	d := len(dst)
	copy(dst, f.pull)
	for j, b := range beta {
		if math.Abs(b) > f.least || b != b {
			for i, v := range f.gram[j*d : (j+1)*d] {
				dst[i] -= b * v
			}
		}
	}
}

func (f *field) loss(beta []float64) float64 {
	f.x.Apply(f.residual, beta)
	for i, v := range f.y {
		f.residual[i] -= v
	}
	return dot(f.residual, f.residual) / float64(2*len(f.y))
}
