package kernel

import (
	"fmt"
	"math"
)

// Complex8 is a vector of eight complex numbers, real and imaginary parts apart.
type Complex8 struct{ Re, Im [8]float64 }

// Butterfly is a pass of the fast Fourier transform in Stockham's ordering (Cochran et al., What is the fast Fourier transform?, 1967), of eight
// sequences side by side: from s = len(x)/(rm) sequences of length rm, each s-th element of x one of the same sequence, it makes rs of length m.
//
//	for p := range m {
//		for q := range s {
//			for j := range r {
//				z := Σ_k e^(−2πi jk/r) x[(p+mk)s+q]
//				y[(rp+j)s+q] = w[p][j]·z, or z for j = 0
//			}
//		}
//	}
//
// The radix r is 2, 3, 4 or 8. The factors w (m, r−1, 2) are pairs of real and imaginary part. The order of additions is that of the functions
// below; the product of z and a factor is (fma(zr, wr, −zi·wi), fma(zr, wi, zi·wr)). y must not overlap x.
func Butterfly(r, m int, y, x []Complex8, w []float64) {
	if r != 2 && r != 3 && r != 4 && r != 8 || m < 1 || len(x)%(r*m) != 0 {
		panic(fmt.Sprintf("kernel: Butterfly: %d vectors are not whole sequences of %d·%d", len(x), r, m))
	}
	same("Butterfly", len(x), len(y))
	same("Butterfly", 2*(r-1)*m, len(w))
	s := len(x) / (r * m)
	if s == 0 || butterfly(r, m, s, y, x, w) {
		return
	}
	for p := range m {
		for q := range s {
			from, to, factors := x[p*s+q:], y[r*p*s+q:], w[2*(r-1)*p:]
			switch r {
			case 2:
				butterfly2(to, from, s, m*s, factors)
			case 3:
				butterfly3(to, from, s, m*s, factors)
			case 4:
				butterfly4(to, from, s, m*s, factors)
			case 8:
				butterfly8(to, from, s, m*s, factors)
			}
		}
	}
}

// turned sets lane t of element j to w[j]·z.
func (y *Complex8) turned(t, j int, zr, zi float64, w []float64) {
	wr, wi := w[2*j-2], w[2*j-1]
	y.Re[t], y.Im[t] = math.FMA(zr, wr, -float64(zi*wi)), math.FMA(zr, wi, float64(zi*wr))
}

// The elements of x lie apart by leg, those of y by s.

func butterfly2(y, x []Complex8, s, leg int, w []float64) {
	a, b, y0, y1 := &x[0], &x[leg], &y[0], &y[s]
	for t := range 8 {
		y0.Re[t], y0.Im[t] = a.Re[t]+b.Re[t], a.Im[t]+b.Im[t]
		y1.turned(t, 1, a.Re[t]-b.Re[t], a.Im[t]-b.Im[t], w)
	}
}

// What the roots of unity beside ±1 and ±i are made of: e^(2πi/3) = −½ + root3·i and e^(πi/4) = root8 (1 + i).
const root3, root8 = 0.8660254037844386467637231707529361834714, math.Sqrt2 / 2

func butterfly3(y, x []Complex8, s, leg int, w []float64) {
	a, b, c, y0, y1, y2 := &x[0], &x[leg], &x[2*leg], &y[0], &y[s], &y[2*s]
	for t := range 8 {
		sr, si := b.Re[t]+c.Re[t], b.Im[t]+c.Im[t]
		dr, di := b.Im[t]-c.Im[t], c.Re[t]-b.Re[t] // −i(b − c)
		y0.Re[t], y0.Im[t] = a.Re[t]+sr, a.Im[t]+si
		mr, mi := math.FMA(-0.5, sr, a.Re[t]), math.FMA(-0.5, si, a.Im[t])
		y1.turned(t, 1, math.FMA(root3, dr, mr), math.FMA(root3, di, mi), w)
		y2.turned(t, 2, math.FMA(-root3, dr, mr), math.FMA(-root3, di, mi), w)
	}
}

// fourth is what radices 4 and 8 begin with: e_k = Σ_j (−i)^jk x_j.
func fourth(a, b, c, d *Complex8, t int) (e0r, e0i, e1r, e1i, e2r, e2i, e3r, e3i float64) {
	sr, si, tr, ti := a.Re[t]+c.Re[t], a.Im[t]+c.Im[t], a.Re[t]-c.Re[t], a.Im[t]-c.Im[t]
	ur, ui, vr, vi := b.Re[t]+d.Re[t], b.Im[t]+d.Im[t], b.Re[t]-d.Re[t], b.Im[t]-d.Im[t]
	return sr + ur, si + ui, tr + vi, ti - vr, sr - ur, si - ui, tr - vi, ti + vr
}

func butterfly4(y, x []Complex8, s, leg int, w []float64) {
	a, b, c, d, y0, y1, y2, y3 := &x[0], &x[leg], &x[2*leg], &x[3*leg], &y[0], &y[s], &y[2*s], &y[3*s]
	for t := range 8 {
		e0r, e0i, e1r, e1i, e2r, e2i, e3r, e3i := fourth(a, b, c, d, t)
		y0.Re[t], y0.Im[t] = e0r, e0i
		y1.turned(t, 1, e1r, e1i, w)
		y2.turned(t, 2, e2r, e2i, w)
		y3.turned(t, 3, e3r, e3i, w)
	}
}

// butterfly8 joins the transforms e of even and o of odd elements: element k is e_k + e^(−πik/4) o_k, and k + 4 the difference. For odd k the
// factor is √½ times a sum and a difference.
func butterfly8(y, x []Complex8, s, leg int, w []float64) {
	a, b, c, d, e, f, g, h := &x[0], &x[leg], &x[2*leg], &x[3*leg], &x[4*leg], &x[5*leg], &x[6*leg], &x[7*leg]
	y0, y1, y2, y3, y4, y5, y6, y7 := &y[0], &y[s], &y[2*s], &y[3*s], &y[4*s], &y[5*s], &y[6*s], &y[7*s]
	for t := range 8 {
		o0r, o0i, o1r, o1i, o2i, o2r, o3r, o3i := fourth(b, d, f, h, t) // o2 times −i, but for the sign
		o1r, o1i, o3r, o3i = o1r+o1i, o1i-o1r, o3i-o3r, o3r+o3i
		e0r, e0i, e1r, e1i, e2r, e2i, e3r, e3i := fourth(a, c, e, g, t)
		y0.Re[t], y0.Im[t] = e0r+o0r, e0i+o0i
		y1.turned(t, 1, math.FMA(root8, o1r, e1r), math.FMA(root8, o1i, e1i), w)
		y2.turned(t, 2, e2r+o2r, e2i-o2i, w)
		y3.turned(t, 3, math.FMA(root8, o3r, e3r), math.FMA(-root8, o3i, e3i), w)
		y4.turned(t, 4, e0r-o0r, e0i-o0i, w)
		y5.turned(t, 5, math.FMA(-root8, o1r, e1r), math.FMA(-root8, o1i, e1i), w)
		y6.turned(t, 6, e2r-o2r, e2i+o2i, w)
		y7.turned(t, 7, math.FMA(-root8, o3r, e3r), math.FMA(root8, o3i, e3i), w)
	}
}
