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
