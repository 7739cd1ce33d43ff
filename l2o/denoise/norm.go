package denoise

import "math"

// squaredNorm bounds ‖w∗‖² from above, for images of every size. Zero padding makes w∗ a part of the convolution of the plane, whose squared
// norm is sup_ω λmax(G(ω)),
//
//	G(ω) = ŵ(ω)ᴴŵ(ω) (C, C) = Σ_d R(d) e^{iω·d},   R_{cc'}(d) = Σ_{f,t} w[f,c,t]·w[f,c',t+d].
//
// G is taken on a grid of 64×64 frequencies. For every vector u, uᴴG(ω)u is a trigonometric polynomial of degree Size−1 in each of the two
// frequencies, and between n points those of degree d rise above the largest value on them by 1/cos(πd/n) at most (Ehlich and Zeller 1964): once
// for each of the two. The bound is within 4 % for 5×5 filters.
func (c Config) squaredNorm(w []float64) float64 {
	const n = 64
	lags := 2*c.Size - 1
	r := c.correlation(w) // (pairs, lags, lags)
	row := make([]complex128, len(r)/lags)
	top := 0.0
	for i := range n/2 + 1 { // the others are their conjugates
		wave := waves(2*math.Pi*float64(i)/n, c.Size)
		for j := range row {
			row[j] = 0
			for d, e := range wave {
				row[j] += complex(r[(j/lags*lags+d)*lags+j%lags], 0) * e
			}
		}
		for k := range n {
			top = max(top, largest(c.Channels, row, waves(2*math.Pi*float64(k)/n, c.Size)))
		}
	}
	rise := math.Cos(math.Pi * float64(c.Size-1) / n)
	return top * (1 + rounding) / (rise * rise)
}

// rounding covers the closed form of the eigenvalue, which is good to half of the digits where two are equal.
const rounding = 1e-7

// waves returns e^{iωd} for d from −(size−1) to size−1.
func waves(omega float64, size int) []complex128 {
	all := make([]complex128, 2*size-1)
	for d := range all {
		sin, cos := math.Sincos(omega * float64(d-size+1))
		all[d] = complex(cos, sin)
	}
	return all
}

// correlation returns R for the pairs of channels c ≤ c' (pairs, lags, lags).
func (c Config) correlation(w []float64) (r []float64) {
	n, lags := c.Size, 2*c.Size-1
	for p := range c.Channels {
		for q := p; q < c.Channels; q++ {
			one := make([]float64, lags*lags)
			for f := range c.Filters {
				u, v := w[(f*c.Channels+p)*n*n:][:n*n], w[(f*c.Channels+q)*n*n:][:n*n]
				for s, x := range u {
					for t, y := range v {
						one[(t/n-s/n+n-1)*lags+t%n-s%n+n-1] += x * y
					}
				}
			}
			r = append(r, one...)
		}
	}
	return r
}

// largest returns λmax of the Hermitian matrix (C, C), C at most 3, whose upper triangle is row (pairs, lags) times a wave.
func largest(channels int, row, wave []complex128) float64 {
	var g [6]complex128
	for p := range len(row) / len(wave) {
		for d, e := range wave {
			g[p] += row[p*len(wave)+d] * e
		}
	}
	if channels == 1 {
		return real(g[0])
	}
	return largest3(real(g[0]), real(g[3]), real(g[5]), g[1], g[2], g[4])
}

// largest3 is the largest eigenvalue of a Hermitian matrix of diagonal a, b, c and upper triangle d = (1,2), e = (1,3), f = (2,3): with q the
// mean of the diagonal, 6p² = ‖A − qI‖² and 2r = det((A − qI)/p), it is q + 2p·cos(arccos(r)/3) (Smith 1961).
func largest3(a, b, c float64, d, e, f complex128) float64 {
	square := func(z complex128) float64 { return real(z)*real(z) + imag(z)*imag(z) }
	q := (a + b + c) / 3
	a, b, c = a-q, b-q, c-q
	p := math.Sqrt((a*a + b*b + c*c + 2*(square(d)+square(e)+square(f))) / 6)
	if p == 0 {
		return q
	}
	det := a*b*c + 2*real(d*f*complex(real(e), -imag(e))) - a*square(f) - b*square(e) - c*square(d)
	return q + 2*p*math.Cos(math.Acos(min(max(det/(2*p*p*p), -1), 1))/3)
}

// lipschitz bounds the Lipschitz constant of a denoiser, Π_k max(1, ‖w_k∗‖² − 1).
func (c Config) lipschitz(weights []float64) float64 {
	bound := 1.0
	for k := range c.Layers {
		_, _, w := c.of(k, weights)
		bound *= max(1, c.squaredNorm(w)-1)
	}
	return bound
}
