package linop

import (
	"math"

	"unroll/engine/kernel"
)

// A dft is the discrete Fourier transform X_k = Σ_j x_j e^(−2πi jk/n) of eight sequences side by side, in passes of [kernel.Butterfly]. Each
// splits sequences of length n = r·m, of which s lie in each other's gaps, into rs of length m; the last pass leaves everything in its place.
type dft struct {
	n      int
	passes []pass
}

type pass struct {
	radix, m int
	factors  []float64 // (m, radix−1, 2): e^(−2πi pj/n), j = 1, …
}

// newDFT returns the transform of length n = 2ᵃ3ᵇ.
func newDFT(n int) *dft {
	d := &dft{n: n}
	for left := n; left > 1; {
		p := pass{radix: 3}
		for _, r := range []int{2, 4, 8} {
			if left%r == 0 {
				p.radix = r
			}
		}
		p.m = left / p.radix
		for i := range p.m {
			for j := 1; j < p.radix; j++ {
				sin, cos := math.Sincos(-2 * math.Pi * float64(i*j%left) / float64(left))
				p.factors = append(p.factors, cos, sin)
			}
		}
		d.passes = append(d.passes, p)
		left = p.m
	}
	return d
}

// shortest is the least length of a transform, which [kernel.SplitSpectra] asks for.
const shortest = 16

// quick returns the least 2ᵃ3ᵇ that is n or more, and not too short.
func quick(n int) int {
	n = max(n, shortest)
	best := shortest
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

// transform replaces the first n elements of x by their transform, and returns where they are then: in x, or in y, which it overwrites.
func (d *dft) transform(x, y []kernel.Complex8) (there, other []kernel.Complex8) {
	for _, p := range d.passes {
		kernel.Butterfly(p.radix, p.m, y[:d.n], x[:d.n], p.factors)
		x, y = y, x
	}
	return x, y
}
