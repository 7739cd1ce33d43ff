package linop

import (
	"fmt"

	"unroll/engine/kernel"
)

// A Scaled is (A − 1·meanᵀ)·diag(1/scale): another matrix with each column centred and then divided, without a copy of it, so that a
// sparse one stays sparse. *Scaled is a [Columns].
//
// A product with column j is the difference of ⟨A_j, r⟩ and mean_j·Σrᵢ, so its rounding is relative to the size of the column as it stood.
// Where means are far larger than what varies around them, and there is room for a copy, centre the copy.
type Scaled struct {
	A     Columns
	Mean  []float64 // (n); nil means 0
	Scale []float64 // (n), none of them 0; nil means 1
}

// Dims returns the number of rows and of columns.
func (a *Scaled) Dims() (m, n int) { return a.A.Dims() }

// Apply sets dst = (A − 1·meanᵀ)(x/scale), column by column.
func (a *Scaled) Apply(dst, x []float64) {
	m, n := a.check()
	checkLengths("Apply", m, n, len(dst), len(x))
	clear(dst)
	shift := 0.0
	for j, v := range x {
		if v != 0 {
			v = a.divided(v, j)
			a.A.AddColumn(dst, v, j)
			shift += v * a.mean(j)
		}
	}
	a.shift(dst, shift)
}

// Adjoint sets dst = (Aᵀy − mean·Σyᵢ)/scale.
func (a *Scaled) Adjoint(dst, y []float64) {
	m, n := a.check()
	checkLengths("Adjoint", m, n, len(y), len(dst))
	a.A.Adjoint(dst, y)
	sum := a.sum(y)
	for j, v := range dst {
		dst[j] = a.divided(v-a.mean(j)*sum, j)
	}
}

// Column sets dst = (A_j − mean_j)/scale_j.
func (a *Scaled) Column(dst []float64, j int) {
	m, n := a.check()
	checkColumn("Column", m, n, len(dst), j)
	a.A.Column(dst, j)
	mean := a.mean(j)
	for i, v := range dst {
		dst[i] = a.divided(v-mean, j)
	}
}

// DotColumn returns (⟨A_j, r⟩ − mean_j·Σrᵢ)/scale_j.
func (a *Scaled) DotColumn(j int, r []float64) float64 {
	m, n := a.check()
	checkColumn("DotColumn", m, n, len(r), j)
	return a.divided(a.A.DotColumn(j, r)-a.mean(j)*a.sum(r), j)
}

// AddColumn adds v·(A_j − mean_j)/scale_j to r.
func (a *Scaled) AddColumn(r []float64, v float64, j int) {
	m, n := a.check()
	checkColumn("AddColumn", m, n, len(r), j)
	v = a.divided(v, j)
	a.A.AddColumn(r, v, j)
	a.shift(r, v*a.mean(j))
}

func (a *Scaled) mean(j int) float64 {
	if a.Mean == nil {
		return 0
	}
	return a.Mean[j]
}

func (a *Scaled) divided(v float64, j int) float64 {
	if a.Scale == nil {
		return v
	}
	return v / a.Scale[j]
}

func (a *Scaled) sum(r []float64) float64 {
	if a.Mean == nil {
		return 0
	}
	return kernel.Sum(r)
}

func (a *Scaled) shift(r []float64, by float64) {
	if a.Mean == nil {
		return
	}
	for i := range r {
		r[i] -= by
	}
}

func (a *Scaled) check() (m, n int) {
	m, n = a.A.Dims()
	if a.Mean != nil && len(a.Mean) != n || a.Scale != nil && len(a.Scale) != n {
		panic(fmt.Sprintf("linop: %d means and %d scales for %d columns", len(a.Mean), len(a.Scale), n))
	}
	return m, n
}
