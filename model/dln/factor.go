package dln

import (
	"math"
	"slices"

	"unroll/l2o/linop"
)

// A factor is the thin QR factorisation of chosen columns of X, X_P = QR, kept up to date as columns come and go: a new column is
// orthogonalised twice (Daniel, Gragg, Kaufman and Stewart 1976), one that leaves is rotated away. Either costs O(nk), not O(nk²).
type factor struct {
	x    *linop.ColMajor
	cols []int       // P, in the order of joining, (k)
	q    [][]float64 // columns of Q, (k, n)
	r    [][]float64 // columns of R down to the diagonal, (k, 1…k)
	c    []float64   // room for Qᵀb, (k)
}

// dependent is the share of a column, outside the span of those in P, below which it counts as inside.
const dependent = 1e-9

// add appends column j to P. It reports false, and changes nothing, if the column lies in the span of the others.
func (f *factor) add(j int) bool {
	v := make([]float64, f.x.M)
	f.x.Column(v, j)
	size := norm(v)
	r := make([]float64, len(f.q)+1)
	for range 2 {
		for i, q := range f.q {
			c := dot(q, v)
			r[i] += c
			for k, qk := range q {
				v[k] -= c * qk
			}
		}
	}
	rest := norm(v)
	if rest <= dependent*size {
		return false
	}
	for k := range v {
		v[k] /= rest
	}
	r[len(f.q)] = rest
	f.cols, f.q, f.r = append(f.cols, j), append(f.q, v), append(f.r, r)
	return true
}

// drop takes the column at position p out of P. What stands right of it in R then has one entry below the diagonal per column, which
// Givens rotations of neighbouring rows remove.
func (f *factor) drop(p int) {
	f.cols, f.r = slices.Delete(f.cols, p, p+1), slices.Delete(f.r, p, p+1)
	for i := p; i < len(f.r); i++ {
		a, b := f.r[i][i], f.r[i][i+1]
		h := math.Hypot(a, b)
		c, s := a/h, b/h
		for _, col := range f.r[i:] {
			col[i], col[i+1] = c*col[i]+s*col[i+1], c*col[i+1]-s*col[i]
		}
		f.r[i] = f.r[i][:i+1]
		low, high := f.q[i], f.q[i+1]
		for k, v := range low {
			low[k], high[k] = c*v+s*high[k], c*high[k]-s*v
		}
	}
	f.q = f.q[:len(f.q)-1]
}

// solve sets z, in the order of P, to the least-squares solution of X_P z ≈ y and residual to y − X_P z. One step of iterative refinement
// makes up for what the orthogonality of Q has lost in many updates.
func (f *factor) solve(z, residual, y []float64) {
	clear(z)
	copy(residual, y)
	for range 2 {
		f.correct(z, residual)
		copy(residual, y)
		for i, j := range f.cols {
			f.x.AddColumn(residual, -z[i], j)
		}
	}
}

// correct adds R⁻¹Qᵀb to z.
func (f *factor) correct(z, b []float64) {
	f.c = f.c[:0]
	for _, q := range f.q {
		f.c = append(f.c, dot(q, b))
	}
	for i, col := range slices.Backward(f.r) {
		step := f.c[i] / col[i]
		z[i] += step
		for k, v := range col[:i] {
			f.c[k] -= step * v
		}
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func norm(v []float64) float64 { return math.Sqrt(dot(v, v)) }

// dependence returns the columns of P that make up column j of their span, and j after them.
func (f *factor) dependence(j int) []int {
	v, z := make([]float64, f.x.M), make([]float64, len(f.cols))
	f.x.Column(v, j)
	size := norm(v)
	f.correct(z, v)
	var chosen []int
	for i, k := range f.cols {
		f.x.Column(v, k)
		if math.Abs(z[i])*norm(v) > 1e-6*size {
			chosen = append(chosen, k)
		}
	}
	slices.Sort(chosen)
	return append(chosen, j)
}
