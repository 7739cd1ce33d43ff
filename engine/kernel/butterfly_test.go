package kernel

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// complexes draws vectors between guards.
func complexes(rng *rand.Rand, n int) (x, all []Complex8) {
	all = make([]Complex8, n+2)
	for i := range all {
		for t := range 8 {
			all[i].Re[t], all[i].Im[t] = rng.NormFloat64(), rng.NormFloat64()
		}
	}
	for t := range 8 {
		all[0].Re[t], all[0].Im[t], all[n+1].Re[t], all[n+1].Im[t] = guard, guard, guard, guard
	}
	return all[1 : n+1 : n+1], all
}

// A fourier is one of the functions for the Fourier transform on operands of a random size, which it returns.
type fourier func(rng *rand.Rand) [][]Complex8

var fouriers = map[string]fourier{
	"Butterfly": func(rng *rand.Rand) [][]Complex8 {
		r, m, s := []int{2, 3, 4, 8}[rng.IntN(4)], 1+rng.IntN(5), rng.IntN(5)
		x, allX := complexes(rng, r*m*s)
		y, allY := complexes(rng, r*m*s)
		w := make([]float64, 2*(r-1)*m)
		for i := range w {
			w[i] = rng.NormFloat64()
		}
		Butterfly(r, m, y, x, w)
		return [][]Complex8{allX, allY}
	},
	"SplitSpectra": func(rng *rand.Rand) [][]Complex8 {
		u, v, step, z, all := spectraCase(rng)
		SplitSpectra(u, v, step, z)
		return all
	},
	"JoinSpectra": func(rng *rand.Rand) [][]Complex8 {
		u, v, step, z, all := spectraCase(rng)
		JoinSpectra(z, u, v, step)
		return all
	},
	"MulConj": func(rng *rand.Rand) [][]Complex8 {
		n := rng.IntN(5)
		x, all := complexes(rng, n)
		g, _ := complexes(rng, n)
		MulConj(x, g, float64(2*rng.IntN(2)-1))
		return [][]Complex8{all}
	},
}

func spectraCase(rng *rand.Rand) (u, v []Complex8, step int, z []Complex8, all [][]Complex8) {
	n := 16 + rng.IntN(60)
	step = 8 + rng.IntN(3)
	z, allZ := complexes(rng, n+1)
	u, allU := complexes(rng, n/16*step+8)
	v, allV := complexes(rng, n/16*step+8)
	return u, v, step, z, [][]Complex8{allU, allV, allZ}
}

// sameBits tells the first difference.
func sameBits(got, want [][]Complex8) error {
	for a := range want {
		for i := range want[a] {
			for t := range 8 {
				if bitsOf(got[a][i].Re[t]) != bitsOf(want[a][i].Re[t]) || bitsOf(got[a][i].Im[t]) != bitsOf(want[a][i].Im[t]) {
					return fmt.Errorf("operand %d, vector %d of %d is %v, want %v", a, i, len(want[a]), got[a][i], want[a][i])
				}
			}
		}
	}
	return nil
}

func TestFourierAgreesAtEveryLevel(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		for name, f := range fouriers {
			for seed := range uint64(200) {
				got := f(rand.New(rand.NewPCG(seed, 21)))
				here := level
				level = portable
				want := f(rand.New(rand.NewPCG(seed, 21)))
				level = here
				if err := sameBits(got, want); err != nil {
					t.Fatalf("%s, seed %d: %v", name, seed, err)
				}
			}
		}
	})
}

// The definition, in complex numbers: a transform of r elements, or a sum and a difference.
func TestButterflyIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 0))
	for _, r := range []int{2, 3, 4, 8} {
		const m, s = 3, 2
		x, _ := complexes(rng, r*m*s)
		y := make([]Complex8, r*m*s)
		w := vector[float64](rng, 2*(r-1)*m, false)
		Butterfly(r, m, y, x, w)
		for e := range r * m * s * 8 {
			t8, q, j, p := e%8, e/8%s, e/8/s%r, e/8/s/r
			z := complex128(0)
			for k := range r {
				z += cmplx.Rect(1, -2*math.Pi*float64(j*k%r)/float64(r)) * x[(p+m*k)*s+q].at(t8)
			}
			if j > 0 {
				i := 2 * (p*(r-1) + j - 1)
				z *= complex(w[i], w[i+1])
			}
			if got := y[(r*p+j)*s+q].at(t8); cmplx.Abs(got-z) > 1e-14*float64(r) {
				t.Fatalf("radix %d: element (%d, %d, %d) is %v, want %v", r, p, j, q, got, z)
			}
		}
	}
}

func (v *Complex8) at(t int) complex128 { return complex(v.Re[t], v.Im[t]) }

// Spectra of real sequences, from their joint transform and back to that of their conjugates.
func TestSpectraOfTwo(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 0))
	for n := 16; n < 40; n++ {
		const l = 5 // one of the eight
		step, a, b := 8+n%2, vector[float64](rng, n, false), vector[float64](rng, n, false)
		z := make([]Complex8, n+1)
		hat := func(x []float64, k int) (sum complex128) {
			for i, v := range x {
				sum += complex(v, 0) * cmplx.Rect(1, -2*math.Pi*float64(i*k%n)/float64(n))
			}
			return sum
		}
		set := func(k int, v complex128) { z[k].Re[l], z[k].Im[l] = real(v), imag(v) }
		for k := range n + 1 {
			set(k, hat(a, k)+1i*hat(b, k))
		}
		u, v := make([]Complex8, n/16*step+8), make([]Complex8, n/16*step+8)
		SplitSpectra(u, v, step, z)
		for k := range n/2 + 1 {
			gotA, gotB := u[k/8*step+l].at(k%8), v[k/8*step+l].at(k%8)
			if !(cmplx.Abs(gotA-2*hat(a, k)) <= 1e-12) || !(cmplx.Abs(gotB-2*hat(b, k)) <= 1e-12) {
				t.Fatalf("n = %d: frequency %d is %v and %v, want twice %v and %v", n, k, gotA, gotB, hat(a, k), hat(b, k))
			}
		}
		clear(z)
		for _, s := range [][]Complex8{u, v} {
			for i := range s {
				for t8 := range 8 {
					s[i].Im[t8] *= -1
				}
			}
		}
		JoinSpectra(z, u, v, step)
		for k := range n + 1 {
			want := 2 * (cmplx.Conj(hat(a, k)) + 1i*cmplx.Conj(hat(b, k)))
			if got := z[k].at(l); !(cmplx.Abs(got-want) <= 1e-12) {
				t.Fatalf("n = %d: element %d of both is %v, want %v", n, k, got, want)
			}
		}
	}
}

func TestMulConj(t *testing.T) {
	rng := rand.New(rand.NewPCG(24, 0))
	for _, sign := range []float64{1, -1} {
		x, _ := complexes(rng, 3)
		g, _ := complexes(rng, 3)
		got := append([]Complex8(nil), x...)
		MulConj(got, g, sign)
		for i := range 3 * 8 {
			u, v := x[i/8].at(i%8), g[i/8].at(i%8)
			if sign < 0 {
				v = cmplx.Conj(v)
			}
			if want := cmplx.Conj(u * v); !(cmplx.Abs(got[i/8].at(i%8)-want) <= 1e-14*cmplx.Abs(want)) {
				t.Fatalf("sign %v: %v, want %v", sign, got[i/8].at(i%8), want)
			}
		}
	}
}

func TestFourierRefusesWrongSizes(t *testing.T) {
	v := func(n int) []Complex8 { return make([]Complex8, n) }
	for name, call := range map[string]func(){
		"radix":          func() { Butterfly(5, 1, v(5), v(5), make([]float64, 8)) },
		"x":              func() { Butterfly(2, 2, v(6), v(6), make([]float64, 4)) },
		"y":              func() { Butterfly(2, 2, v(4), v(8), make([]float64, 4)) },
		"w":              func() { Butterfly(2, 2, v(8), v(8), make([]float64, 3)) },
		"z":              func() { SplitSpectra(v(8), v(8), 8, v(16)) },
		"step":           func() { SplitSpectra(v(99), v(99), 7, v(33)) },
		"u":              func() { SplitSpectra(v(23), v(24), 8, v(33)) },
		"v of the other": func() { JoinSpectra(v(33), v(24), v(23), 8) },
		"g":              func() { MulConj(v(2), v(3), 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a wrong %s passes", name)
				}
			}()
			call()
		}()
	}
}

func BenchmarkButterfly(b *testing.B) {
	atLevels := []instructions{}
	for l := best; l >= portable; l-- {
		atLevels = append(atLevels, l)
	}
	defer func() { level = best }()
	x, _ := complexes(rand.New(rand.NewPCG(1, 0)), 512)
	y := make([]Complex8, 512)
	for _, l := range atLevels {
		for _, c := range []struct{ r, m, s int }{{2, 8, 32}, {3, 8, 16}, {4, 8, 16}, {8, 64, 1}, {8, 8, 8}, {8, 1, 64}} {
			b.Run(fmt.Sprintf("%v/%d·%d·%d", l, c.r, c.m, c.s), func(b *testing.B) {
				level = l
				n, w := c.r*c.m*c.s, make([]float64, 2*(c.r-1)*c.m)
				for b.Loop() {
					Butterfly(c.r, c.m, y[:n], x[:n], w)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n)/8, "ns/element")
			})
		}
	}
}
