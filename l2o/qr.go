package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
)

// A thinQR is the factorisation A_S = QR of chosen columns, one more or one less at a time: Q (m, k) has orthonormal columns, R (k, k) is
// upper triangular with a positive diagonal.
//
// A column joins by Gram–Schmidt with one reorthogonalisation, after which QᵀQ = I to rounding however close the columns are (Giraud, Langou,
// Rozložník, "The loss of orthogonality in the Gram–Schmidt orthogonalization process", 2005); one leaves by Givens rotations of R and Q
// (Golub and Van Loan, Matrix Computations, 4th ed., §6.5.2).
type thinQR struct {
	a [][]float64 // k columns of A, (m)
	q [][]float64 // k columns of Q, (m)
	r [][]float64 // k columns of R; r[j] ends on the diagonal, (j+1)
}

// dependent is the distance from the columns there are, relative to its length, below which a column counts as their combination.
const dependent = 1e-11

// append adds a copy of column a and reports whether it is independent of those there are; if not, nothing changes.
func (f *thinQR) append(a []float64) bool {
	k := len(f.q)
	a, v, r := slices.Clone(a), slices.Clone(a), make([]float64, k+1)
	for range 2 {
		for i, q := range f.q {
			c := kernel.Dot(q, v)
			kernel.Axpy(-c, q, v)
			r[i] += c
		}
	}
	norm := math.Sqrt(kernel.SumSquares(v))
	if !(norm > dependent*math.Sqrt(kernel.SumSquares(a))) {
		return false
	}
	for i := range v {
		v[i] /= norm
	}
	r[k] = norm
	f.a, f.q, f.r = append(f.a, a), append(f.q, v), append(f.r, r)
	return true
}

// remove takes out the i-th column. Without it R has one entry below the diagonal in every column from the i-th on.
func (f *thinQR) remove(i int) {
	f.a = slices.Delete(f.a, i, i+1)
	f.r = slices.Delete(f.r, i, i+1)
	for k := i; k < len(f.r); k++ {
		h := math.Hypot(f.r[k][k], f.r[k][k+1])
		c, s := f.r[k][k]/h, f.r[k][k+1]/h
		for _, r := range f.r[k:] {
			r[k], r[k+1] = c*r[k]+s*r[k+1], c*r[k+1]-s*r[k]
		}
		f.r[k] = f.r[k][:k+1]
		p, q := f.q[k], f.q[k+1]
		for t := range p {
			p[t], q[t] = c*p[t]+s*q[t], c*q[t]-s*p[t]
		}
	}
	f.q = f.q[:len(f.r)]
}

// back sets v = R⁻¹v, (k).
func (f *thinQR) back(v []float64) {
	for j, r := range slices.Backward(f.r) {
		v[j] /= r[j]
		for i := range j {
			v[i] -= v[j] * r[i]
		}
	}
}

// forth sets v = R⁻ᵀv, (k).
func (f *thinQR) forth(v []float64) {
	for j, r := range f.r {
		s := v[j]
		for i := range j {
			s -= r[i] * v[i]
		}
		v[j] = s / r[j]
	}
}

// gram returns (A_SᵀA_S)⁻¹ s, (k).
func (f *thinQR) gram(s []float64) []float64 {
	w := slices.Clone(s)
	f.forth(w)
	f.back(w)
	return w
}

// solve returns the x (k) and the r (m) for which r = y − A_S x and A_Sᵀr = c: with c = 0 the least-squares solution, with c = λs that of the
// Lasso on S. It corrects both by the residuals of the two equations, taken in twice the precision, until they no longer shrink:
//
//	[ I   A_S ] [δr]   [ y − r − A_S x ]          δr = f − Q(Qᵀf − R⁻ᵀg)
//	[ A_Sᵀ  0 ] [δx] = [ c − A_Sᵀr     ] = [f g]  δx = R⁻¹(Qᵀf − R⁻ᵀg)
//
// The error falls by a factor of about cond(A_S)·1e-16 each time, and not by its square as with normal equations (Björck, "Iterative
// refinement of linear least squares solutions I", BIT 7, 1967).
func (f *thinQR) solve(y, c []float64) (x, r []float64) {
	x, r = make([]float64, len(f.q)), make([]float64, len(y))
	g, e, tail := make([]float64, len(f.q)), make([]float64, len(y)), make([]float64, len(y))
	previous := math.Inf(1)
	for range 5 {
		f.defect(e, tail, y, r, x)
		for j, a := range f.a {
			high, low := dot2(a, r, -c[j])
			g[j] = -high - low
		}
		f.forth(g)
		for j, q := range f.q {
			g[j] = kernel.Dot(q, e) - g[j]
		}
		for j, q := range f.q {
			kernel.Axpy(-g[j], q, e)
		}
		f.back(g)
		change := kernel.SumSquares(g)
		if !(change < 0.25*previous) {
			break
		}
		previous = change
		kernel.Add(x, x, g)
		kernel.Add(r, r, e)
	}
	return x, r
}

// defect sets e = y − r − A_S x in twice the precision.
func (f *thinQR) defect(e, tail, y, r, x []float64) {
	for i, v := range y {
		e[i], tail[i] = twoSum(v, -r[i])
	}
	for j, a := range f.a {
		v := -x[j]
		for i, t := range a {
			p := float64(v * t) // rounded here, and not fused into the sum
			s, low := twoSum(e[i], p)
			e[i], tail[i] = s, tail[i]+(low+math.FMA(v, t, -p))
		}
	}
	kernel.Add(e, e, tail)
}

// dot2 returns ⟨a,b⟩ + c as a sum of two numbers, as if computed in twice the precision (Ogita, Rump, Oishi, "Accurate sum and dot product",
// 2005, Algorithm 5.3).
func dot2(a, b []float64, c float64) (high, low float64) {
	high = c
	for i, v := range a {
		p := float64(v * b[i])
		s, e := twoSum(high, p)
		high, low = s, low+(e+math.FMA(v, b[i], -p))
	}
	return high, low
}

// twoSum returns a + b = s + e exactly, s rounded (Knuth).
func twoSum(a, b float64) (s, e float64) {
	s = a + b
	t := s - a
	return s, (a - (s - t)) + (b - t)
}
