package lista

import (
	"fmt"
	"math"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// Analytic returns the W (m, n) with the smallest ‖WᵀA‖_F among those with w_jᵀa_j = 1 for every column:
//
//	w_j = G a_j / (a_jᵀ G a_j),    G = (AAᵀ)⁻¹
//
// For ‖WᵀA‖_F² = Σ_j w_jᵀ(AAᵀ)w_j splits over the columns, and a Lagrange multiplier gives each. Up to the scale of its columns W is (A⁺)ᵀ:
// with D_jj = (a_jᵀGa_j)^{-1/2}, I − WᵀA is similar to the symmetric matrix I − (G^{1/2}AD)ᵀ(G^{1/2}AD), whose diagonal is zero. It panics
// where the rows of A are dependent or a column is 0.
//
// Reference: J. Liu, X. Chen, Z. Wang, W. Yin, ICLR 2019, equation (16).
func Analytic(a *linop.Dense) []float64 {
	w, scale := pseudoInverse(a), make([]float64, a.N)
	for i := range a.M {
		for j := range a.N {
			scale[j] += w[i*a.N+j] * a.Data[i*a.N+j]
		}
	}
	for j, s := range scale {
		if !(s > 0) {
			panic(fmt.Sprintf("lista: column %d of a %d×%d dictionary is 0", j, a.M, a.N))
		}
	}
	for i := range w {
		w[i] /= scale[i%a.N]
	}
	return w
}

// Projected returns the W of [Analytic] as Liu et al. compute it, by so many steps of projected gradient on ½‖WᵀA‖_F² from W = A, for columns
// of A of unit norm:
//
//	W ← P(W − τ AAᵀW),  τ = 1/‖A‖²;    P moves each w_j along a_j to w_jᵀa_j = 1
func Projected(a *linop.Dense, steps int) []float64 {
	m, n := a.M, a.N
	gram := make([]float64, m*m)
	kernel.Gemm(false, true, m, m, n, 1, a.Data, n, a.Data, n, false, gram, m) // AAᵀ (m, m)
	w, g, inner := scaled(1, a.Data), make([]float64, m*n), make([]float64, n)
	tau := step(a)
	for range steps {
		kernel.Gemm(false, false, m, n, m, 1, gram, m, w, n, false, g, n) // (m, n)
		kernel.Axpy(-tau, g, w)
		for j := range inner {
			inner[j] = 1
		}
		for i, v := range w {
			inner[i%n] -= v * a.Data[i]
		}
		for i := range w {
			w[i] += inner[i%n] * a.Data[i]
		}
	}
	return w
}

// Coherence returns max_{i≠j} |w_iᵀa_j|, the generalised mutual coherence of W and A (Liu et al. 2019, equation (8)).
func Coherence(w []float64, a *linop.Dense) float64 {
	product := make([]float64, a.N*a.N)
	kernel.Gemm(true, false, a.N, a.N, a.M, 1, w, a.N, a.Data, a.N, false, product, a.N) // WᵀA (n, n)
	worst := 0.0
	for i, v := range product {
		if i/a.N != i%a.N {
			worst = max(worst, math.Abs(v))
		}
	}
	return worst
}

// pseudoInverse returns (A⁺)ᵀ = (AAᵀ)⁻¹A (m, n), by a Cholesky factor of AAᵀ.
func pseudoInverse(a *linop.Dense) []float64 {
	m, n := a.M, a.N
	l := make([]float64, m*m)
	kernel.Gemm(false, true, m, m, n, 1, a.Data, n, a.Data, n, false, l, m) // AAᵀ (m, m)
	for i := range m {
		row := l[i*m : i*m+m]
		for j := range i {
			row[j] = (row[j] - kernel.Dot(row[:j], l[j*m:j*m+j])) / l[j*m+j]
		}
		pivot := row[i] - kernel.SumSquares(row[:i])
		if !(pivot > dependent*row[i]) {
			panic(fmt.Sprintf("lista: the rows of a %d×%d dictionary are dependent at row %d", m, n, i))
		}
		row[i] = math.Sqrt(pivot)
	}
	w := scaled(1, a.Data)
	row := func(i int) []float64 { return w[i*n : (i+1)*n] }
	for i := range m { // L u = A
		for j := range i {
			kernel.Axpy(-l[i*m+j], row(j), row(i))
		}
		kernel.Scale(row(i), 1/l[i*m+i], row(i))
	}
	for i := m - 1; i >= 0; i-- { // Lᵀ w = u
		for j := i + 1; j < m; j++ {
			kernel.Axpy(-l[j*m+i], row(j), row(i))
		}
		kernel.Scale(row(i), 1/l[i*m+i], row(i))
	}
	return w
}

// dependent is the pivot, relative to the row's square, below which a row counts as one of the span of those before it.
const dependent = 1e-12
