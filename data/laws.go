package data

import (
	"math"
	"math/rand/v2"
)

// signal fills beta with S nonzeros at uniformly random places of the allowed support.
func (d SparseRecovery) signal(r *rand.Rand, beta []float64) {
	places := len(beta)
	if d.Support > 0 {
		places = d.Support
	}
	clear(beta)
	for left, j := d.S, 0; left > 0; j++ { // selection sampling: each S-subset is equally likely (Knuth, algorithm 3.4.2S)
		if r.IntN(places-j) < left {
			beta[j] = d.value(r)
			left--
		}
	}
}

func (d SparseRecovery) value(r *rand.Rand) float64 {
	if d.Values == Sign {
		return float64(2*r.IntN(2) - 1)
	}
	return r.NormFloat64()
}

// rows fills x with n rows of the design.
func (d SparseRecovery) rows(r *rand.Rand, x []float64, n int) {
	for i := range x {
		x[i] = r.NormFloat64()
	}
	for i := range n {
		row := x[i*d.D : (i+1)*d.D]
		switch d.Design {
		case AR: // x_j = ρ·x_{j−1} + √(1−ρ²)·z_j is the stationary chain with covariance ρ^|j−k|
			for j := 1; j < len(row); j++ {
				row[j] = float64(d.Rho*row[j-1]) + float64(math.Sqrt(1-float64(d.Rho*d.Rho))*row[j])
			}
		case Coherent:
			common := float64(math.Sqrt(d.Rho) * r.NormFloat64())
			for j := range row {
				row[j] = float64(math.Sqrt(1-d.Rho)*row[j]) + common
			}
		case Orthonormal: // Gram–Schmidt on Gaussian rows is uniform on the Stiefel manifold
			orthogonalise(row, x[:i*d.D])
		}
	}
}

// orthogonalise makes row orthogonal to the earlier rows, each of length √d, and gives it that length. Two passes: once is not enough
// in floating point when a projection nearly vanishes, twice is (Giraud, Langou and Rozložník 2005).
func orthogonalise(row, earlier []float64) {
	n := float64(len(row))
	for range 2 {
		for k := 0; k < len(earlier); k += len(row) {
			e := earlier[k : k+len(row)]
			c := dot(e, row) / n
			for j := range row {
				row[j] -= float64(c * e[j])
			}
		}
	}
	c := math.Sqrt(n / dot(row, row))
	for j := range row {
		row[j] *= c
	}
}

// dot rounds every product, as the conversions here and above do: a compiler may not fuse them into multiply–adds. A seed then draws the same
// bits on every architecture, as far as Exp and Log of math do, which one normal number in about a hundred needs.
func dot(a, b []float64) float64 {
	var s float64
	for i, v := range a {
		s += float64(v * b[i])
	}
	return s
}
