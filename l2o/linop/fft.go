package linop

import "math"

// A dft is the discrete Fourier transform X_k = Σ_j x_j e^(−2πi jk/n) of many sequences side by side, lane by lane: element j of all of them is a
// row of lanes numbers, real and imaginary parts apart. So every step is one over long rows with one factor.
//
// It is Stockham's ordering of the fast transform (Cochran et al., What is the fast Fourier transform?, 1967): a pass of radix r over sequences
// of length n = r·m, of which s lie in each other's gaps, is
//
//	y_(s(rp+j)+q) = e^(−2πi pj/n) Σ_k e^(−2πi jk/r) x_(s(p+mk)+q),    p < m, j < r, q < s,
//
// after which there are rs sequences of length m, and the last pass leaves everything in its place.
type dft struct {
	n      int
	passes []pass
}

type pass struct {
	radix, m, s int
	factor      []float64 // (m, radix−1, 2): e^(−2πi pj/n), j = 1, …
}

// newDFT returns the transform of length n = 2ᵃ3ᵇ.
func newDFT(n int) *dft {
	d := &dft{n: n}
	for left, s := n, 1; left > 1; {
		p := pass{radix: 3, s: s}
		switch {
		case left == 8:
			p.radix = 8
		case left%4 == 0:
			p.radix = 4
		case left%2 == 0:
			p.radix = 2
		}
		p.m = left / p.radix
		for i := range p.m {
			for j := 1; j < p.radix; j++ {
				sin, cos := math.Sincos(-2 * math.Pi * float64(i*j%left) / float64(left))
				p.factor = append(p.factor, cos, sin)
			}
		}
		d.passes = append(d.passes, p)
		left, s = p.m, s*p.radix
	}
	return d
}

// quick returns the least 2ᵃ3ᵇ that is n or more.
func quick(n int) int {
	best := 1
	for best < n {
		best *= 2
	}
	for three := 3; three < 3*n; three *= 3 {
		for t := three; t < best; t *= 2 {
			if t >= n {
				best = t
			}
		}
	}
	return best
}

// quickEven returns the least even one.
func quickEven(n int) int { return 2 * quick((n+1)/2) }

// A lanes is memory for sequences side by side: (n, lanes) each.
type lanes struct{ re, im []float64 }

// exchanged returns it with real and imaginary parts exchanged.
func (x lanes) exchanged() lanes { return lanes{x.im, x.re} }

// transform replaces x by its transform; the memory of y may then be that of x and the other way round. The inverse, times n, is the transform
// with real and imaginary parts exchanged.
func (d *dft) transform(x, y *lanes, width int) {
	for _, p := range d.passes {
		switch p.radix {
		case 2:
			p.two(x, y, p.s*width)
		case 3:
			p.three(x, y, p.s*width)
		case 8:
			eight(x, y, p.s*width)
		default:
			p.four(x, y, p.s*width)
		}
		*x, *y = *y, *x
	}
}

func (p *pass) two(x, y *lanes, run int) {
	for i := range p.m {
		wr, wi := p.factor[2*i], p.factor[2*i+1]
		from, other, to := i*run, (i+p.m)*run, 2*i*run
		ar, ai, br, bi := x.re[from:][:run], x.im[from:][:run], x.re[other:][:run], x.im[other:][:run]
		sr, si, dr, di := y.re[to:][:run], y.im[to:][:run], y.re[to+run:][:run], y.im[to+run:][:run]
		for q := range sr {
			u, v := ar[q]-br[q], ai[q]-bi[q]
			sr[q], si[q] = ar[q]+br[q], ai[q]+bi[q]
			dr[q], di[q] = u*wr-v*wi, u*wi+v*wr
		}
	}
}

func (p *pass) three(x, y *lanes, run int) {
	sin := math.Sqrt(3) / 2
	for i := range p.m {
		w := p.factor[4*i:][:4]
		at := func(v []float64, k int) []float64 { return v[(i+k*p.m)*run:][:run] }
		to := func(v []float64, j int) []float64 { return v[(3*i+j)*run:][:run] }
		ar, ai, br, bi, cr, ci := at(x.re, 0), at(x.im, 0), at(x.re, 1), at(x.im, 1), at(x.re, 2), at(x.im, 2)
		y0r, y0i, y1r, y1i, y2r, y2i := to(y.re, 0), to(y.im, 0), to(y.re, 1), to(y.im, 1), to(y.re, 2), to(y.im, 2)
		for q := range y0r {
			sr, si := br[q]+cr[q], bi[q]+ci[q]
			mr, mi := ar[q]-0.5*sr, ai[q]-0.5*si
			ur, ui := sin*(bi[q]-ci[q]), sin*(cr[q]-br[q]) // −i sin (b − c)
			y0r[q], y0i[q] = ar[q]+sr, ai[q]+si
			pr, pi := mr+ur, mi+ui
			y1r[q], y1i[q] = pr*w[0]-pi*w[1], pr*w[1]+pi*w[0]
			pr, pi = mr-ur, mi-ui
			y2r[q], y2i[q] = pr*w[2]-pi*w[3], pr*w[3]+pi*w[2]
		}
	}
}

func (p *pass) four(x, y *lanes, run int) {
	for i := range p.m {
		w := p.factor[6*i:][:6]
		w1r, w1i, w2r, w2i, w3r, w3i := w[0], w[1], w[2], w[3], w[4], w[5]
		at := func(v []float64, k int) []float64 { return v[(i+k*p.m)*run:][:run] }
		to := func(v []float64, j int) []float64 { return v[(4*i+j)*run:][:run] }
		ar, ai, br, bi := at(x.re, 0), at(x.im, 0), at(x.re, 1), at(x.im, 1)
		cr, ci, dr, di := at(x.re, 2), at(x.im, 2), at(x.re, 3), at(x.im, 3)
		y0r, y0i, y1r, y1i := to(y.re, 0), to(y.im, 0), to(y.re, 1), to(y.im, 1)
		y2r, y2i, y3r, y3i := to(y.re, 2), to(y.im, 2), to(y.re, 3), to(y.im, 3)
		for q := range y0r {
			sr, si, tr, ti := ar[q]+cr[q], ai[q]+ci[q], ar[q]-cr[q], ai[q]-ci[q]
			ur, ui, vr, vi := br[q]+dr[q], bi[q]+di[q], bi[q]-di[q], dr[q]-br[q] // v = −i (b − d)
			y0r[q], y0i[q] = sr+ur, si+ui
			pr, pi := tr+vr, ti+vi
			y1r[q], y1i[q] = pr*w1r-pi*w1i, pr*w1i+pi*w1r
			pr, pi = sr-ur, si-ui
			y2r[q], y2i[q] = pr*w2r-pi*w2i, pr*w2i+pi*w2r
			pr, pi = tr-vr, ti-vi
			y3r[q], y3i[q] = pr*w3r-pi*w3i, pr*w3i+pi*w3r
		}
	}
}

// eight is the last pass of a length that 8 divides, in which m = 1 and no factors are left: even and odd elements through two of four, and these
// joined with e^(−πik/4).
func eight(x, y *lanes, run int) {
	half := math.Sqrt2 / 2
	at := func(v []float64, k int) []float64 { return v[k*run:][:run] }
	x0r, x1r, x2r, x3r, x4r, x5r, x6r, x7r := at(x.re, 0), at(x.re, 1), at(x.re, 2), at(x.re, 3), at(x.re, 4), at(x.re, 5), at(x.re, 6), at(x.re, 7)
	x0i, x1i, x2i, x3i, x4i, x5i, x6i, x7i := at(x.im, 0), at(x.im, 1), at(x.im, 2), at(x.im, 3), at(x.im, 4), at(x.im, 5), at(x.im, 6), at(x.im, 7)
	y0r, y1r, y2r, y3r, y4r, y5r, y6r, y7r := at(y.re, 0), at(y.re, 1), at(y.re, 2), at(y.re, 3), at(y.re, 4), at(y.re, 5), at(y.re, 6), at(y.re, 7)
	y0i, y1i, y2i, y3i, y4i, y5i, y6i, y7i := at(y.im, 0), at(y.im, 1), at(y.im, 2), at(y.im, 3), at(y.im, 4), at(y.im, 5), at(y.im, 6), at(y.im, 7)
	for q := range y0r {
		sr, si, tr, ti := x0r[q]+x4r[q], x0i[q]+x4i[q], x0r[q]-x4r[q], x0i[q]-x4i[q]
		ur, ui, vr, vi := x2r[q]+x6r[q], x2i[q]+x6i[q], x2i[q]-x6i[q], x6r[q]-x2r[q]
		e0r, e0i, e1r, e1i, e2r, e2i, e3r, e3i := sr+ur, si+ui, tr+vr, ti+vi, sr-ur, si-ui, tr-vr, ti-vi
		sr, si, tr, ti = x1r[q]+x5r[q], x1i[q]+x5i[q], x1r[q]-x5r[q], x1i[q]-x5i[q]
		ur, ui, vr, vi = x3r[q]+x7r[q], x3i[q]+x7i[q], x3i[q]-x7i[q], x7r[q]-x3r[q]
		o0r, o0i, o2r, o2i := sr+ur, si+ui, si-ui, ur-sr // the second of these times −i
		pr, pi, wr, wi := tr+vr, ti+vi, tr-vr, ti-vi
		o1r, o1i, o3r, o3i := half*(pr+pi), half*(pi-pr), half*(wi-wr), -half*(wr+wi)
		y0r[q], y0i[q], y4r[q], y4i[q] = e0r+o0r, e0i+o0i, e0r-o0r, e0i-o0i
		y1r[q], y1i[q], y5r[q], y5i[q] = e1r+o1r, e1i+o1i, e1r-o1r, e1i-o1i
		y2r[q], y2i[q], y6r[q], y6i[q] = e2r+o2r, e2i+o2i, e2r-o2r, e2i-o2i
		y3r[q], y3i[q], y7r[q], y7i[q] = e3r+o3r, e3i+o3i, e3r-o3r, e3i-o3i
	}
}
