package bilevel

import "math"

// gmres solves (I − Jᵀ) v = w by the generalised minimal residual method, restarted (Saad and Schultz 1986): in the Krylov space of
// M = I − Jᵀ and the residual r, with an orthonormal basis v_1, v_2, … from Arnoldi's recurrence
//
//	h_{i+1} v_{i+1} = M v_i − Σ_{l≤i} h_{li} v_l,
//
// it takes the point of least residual. It ends when ‖w − Mv‖ ≤ tol·‖w‖, computed anew at every restart, or after so many products. The
// solution is then within ‖w − Mv‖/(1−q) of the exact one, q = ‖J‖ < 1. It returns the relative residual, the products taken, and the basis.
func gmres(v []float64, transpose func(dst, w []float64), w []float64, tol float64, most int) (residual float64, products, basis int) {
	const room = 30
	target := norm(w)
	if target == 0 {
		clear(v)
		return 0, 0, 0
	}
	r, image := make([]float64, len(w)), make([]float64, len(w))
	for {
		transpose(image, v)
		products++
		for i := range r {
			r[i] = w[i] - v[i] + image[i]
		}
		residual = norm(r) / target
		if !(residual > tol) || products >= most {
			return residual, products, basis
		}
		took, size := arnoldi(v, transpose, r, tol*target, min(room, most-products))
		products += took
		basis = max(basis, size)
	}
}

// arnoldi adds to v the correction of one cycle from the residual r.
func arnoldi(v []float64, transpose func(dst, w []float64), r []float64, tol float64, room int) (products, size int) {
	beta := norm(r)
	basis := [][]float64{scaled(r, 1/beta)}
	var h [][]float64 // column i of the upper triangle, after the rotations
	var cos, sin []float64
	g := []float64{beta} // right-hand side, after the rotations
	for i := 0; i < room && math.Abs(g[i]) > 0.5*tol; i++ {
		next := make([]float64, len(r))
		transpose(next, basis[i])
		for j := range next {
			next[j] = basis[i][j] - next[j]
		}
		column := make([]float64, i+1)
		for range 2 { // a second time, for what rounding has left
			for l, b := range basis {
				c := dot(next, b)
				column[l] += c
				for j := range next {
					next[j] -= c * b[j]
				}
			}
		}
		below := norm(next)
		for l := range i {
			column[l], column[l+1] = cos[l]*column[l]+sin[l]*column[l+1], cos[l]*column[l+1]-sin[l]*column[l]
		}
		d := math.Hypot(column[i], below)
		if d == 0 {
			break
		}
		cos, sin = append(cos, column[i]/d), append(sin, below/d)
		column[i] = d
		h = append(h, column)
		g = append(g, -sin[i]*g[i])
		g[i] *= cos[i]
		if below == 0 {
			break
		}
		scale(next, 1/below)
		basis = append(basis, next)
	}
	y := make([]float64, len(h))
	for i := len(h) - 1; i >= 0; i-- {
		y[i] = g[i]
		for l := i + 1; l < len(h); l++ {
			y[i] -= h[l][i] * y[l]
		}
		y[i] /= h[i][i]
		for j := range v {
			v[j] += y[i] * basis[i][j]
		}
	}
	return len(h), len(basis)
}

func scaled(v []float64, by float64) []float64 {
	s := make([]float64, len(v))
	for i := range v {
		s[i] = by * v[i]
	}
	return s
}
