package kernel

import (
	"fmt"
	"math"
)

// SplitSpectra takes the transform z of eight sequences u + iv side by side, of n ≥ 16 elements each and z[n] = z[0], apart into those of the
// real sequences u and v, of which the frequencies 0 … n/2 tell all: 2û_k = z_k + z̄_(n−k) and 2iv̂_k = z_k − z̄_(n−k). Eight frequencies become a
// vector, one for each sequence, step vectors behind those of the eight before; the last ones go on beyond n/2.
//
//	for k := range 8 * (n/16 + 1) {
//		for l := range 8 { at u[k/8*step+l] and v[k/8*step+l], lane k%8: 2û_k and 2v̂_k of sequence l }
//	}
func SplitSpectra(u, v []Complex8, step int, z []Complex8) {
	blocks := spectra("SplitSpectra", u, v, step, z)
	if splitSpectra(u, v, step, z, blocks) {
		return
	}
	for k := range 8 * blocks {
		at, t := k/8*step, k%8
		here, there := &z[k], &z[len(z)-1-k]
		for l := range 8 {
			a, b := &u[at+l], &v[at+l]
			a.Re[t], a.Im[t] = here.Re[l]+there.Re[l], here.Im[l]-there.Im[l]
			b.Re[t], b.Im[t] = here.Im[l]+there.Im[l], there.Re[l]-here.Re[l]
		}
	}
}

// JoinSpectra is the way back from conjugates: it sets z_k = u_k + iv_k and z_(n−k) = ū_k + iv̄_k, z[n] beside z[0], of which the transform is
// real sequences in its real and imaginary parts. Where frequencies beyond n/2 make an element twice the later one counts, in this order:
//
//	for k := 0; k < 8 * (n/16 + 1); k += 4 { z_k … z_(k+3), then z_(n−k) … z_(n−k−3) }
func JoinSpectra(z, u, v []Complex8, step int) {
	blocks := spectra("JoinSpectra", u, v, step, z)
	if joinSpectra(z, u, v, step, blocks) {
		return
	}
	for from := 0; from < 8*blocks; from += 4 {
		for k := from; k < from+4; k++ {
			at, t, to := k/8*step, k%8, &z[k]
			for l := range 8 {
				a, b := &u[at+l], &v[at+l]
				to.Re[l], to.Im[l] = a.Re[t]-b.Im[t], a.Im[t]+b.Re[t]
			}
		}
		for k := from; k < from+4; k++ {
			at, t, to := k/8*step, k%8, &z[len(z)-1-k]
			for l := range 8 {
				a, b := &u[at+l], &v[at+l]
				to.Re[l], to.Im[l] = a.Re[t]+b.Im[t], b.Re[t]-a.Im[t]
			}
		}
	}
}

// spectra checks lengths and returns the number of vectors of each sequence.
func spectra(name string, u, v []Complex8, step int, z []Complex8) int {
	blocks := (len(z)-1)/16 + 1
	if len(z) < 17 || step < 8 || min(len(u), len(v)) < (blocks-1)*step+8 {
		panic(fmt.Sprintf("kernel: %s: %d and %d vectors %d apart do not hold the spectra of %d elements", name, len(u), len(v), step, len(z)-1))
	}
	return blocks
}

// MulConj replaces x by the conjugate of its product with g, or for sign = −1 with the conjugate of g.
//
//	for every lane { x = (fma(xr, gr, −xi·h), fma(−xr, h, −xi·gr)) where h = sign·gi }
func MulConj(x, g []Complex8, sign float64) {
	same("MulConj", len(x), len(g))
	if len(x) == 0 || mulConj(x, g, sign) {
		return
	}
	for i := range x {
		for t := range 8 {
			xr, xi, gr, h := x[i].Re[t], x[i].Im[t], g[i].Re[t], sign*g[i].Im[t]
			x[i].Re[t], x[i].Im[t] = math.FMA(xr, gr, -float64(xi*h)), math.FMA(-xr, h, -float64(xi*gr))
		}
	}
}
