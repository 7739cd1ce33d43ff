package linop_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/l2o/linop"
)

// db4 as published, for the definition below.
var db4 = []float64{
	0.23037781330889650, 0.71484657055291565, 0.63088076792985890, -0.02798376941685985,
	-0.18703481171909308, 0.03084138183556076, 0.03288301166688520, -0.01059740178506903,
}

// filter returns Σ_m f_m x_((2k+m−3) mod n) for f = h, or for f_m = (−1)ᵐ h_(7−m).
func filter(x func(i int) float64, n, k int, detail bool) (sum float64) {
	for m, v := range db4 {
		if detail {
			v = db4[7-m] * float64(1-2*(m%2))
		}
		sum += v * x(((2*k+m-3)%n+n)%n)
	}
	return sum
}

// transform is the definition of one channel, coefficient by coefficient.
func transform(x []float64, h, w, levels int) []float64 {
	if levels == 0 {
		return x
	}
	out := make([]float64, 0, h*w)
	for _, detail := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} { // down, along
		for i := range h / 2 {
			for j := range w / 2 {
				out = append(out, filter(func(v int) float64 {
					return filter(func(u int) float64 { return x[u*w+v] }, h, i, detail[0])
				}, w, j, detail[1]))
			}
		}
	}
	copy(out, transform(out[:h*w/4], h/2, w/2, levels-1))
	return out
}

var waveletShapes = []struct {
	shape  linop.Shape
	levels int
}{
	{linop.Shape{C: 1, H: 2, W: 2}, 1}, {linop.Shape{C: 2, H: 4, W: 12}, 2}, {linop.Shape{C: 1, H: 32, W: 32}, 5}, {linop.Shape{C: 3, H: 48, W: 80}, 4},
	{linop.Shape{C: 1, H: 2, W: 66}, 1}, {linop.Shape{C: 1, H: 130, W: 6}, 1}, {linop.Shape{C: 1, H: 64, W: 128}, 3},
}

func TestWaveletIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	for _, c := range waveletShapes {
		s := c.shape
		x, got, want := gaussian(rng, s.Len()), make([]float64, s.Len()), []float64(nil)
		must(linop.NewWavelet(s, c.levels)).Apply(got, x)
		for channel := range s.C {
			want = append(want, transform(x[channel*s.H*s.W:(channel+1)*s.H*s.W], s.H, s.W, c.levels)...)
		}
		near(t, fmt.Sprint(s), got, want)
	}
}

// Perfect reconstruction both ways, and Parseval's identity.
func TestWaveletIsOrthonormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	worst := 0.0
	for _, c := range append(waveletShapes, waveletShape512) {
		a := must(linop.NewWavelet(c.shape, c.levels))
		x, y, z := gaussian(rng, c.shape.Len()), make([]float64, c.shape.Len()), make([]float64, c.shape.Len())
		for _, direction := range []func(){
			func() { a.Apply(y, x); a.Adjoint(z, y) },
			func() { a.Adjoint(y, x); a.Apply(z, y) },
		} {
			direction()
			energy, kept := 0.0, 0.0
			for i, v := range x {
				worst = max(worst, math.Abs(z[i]-v))
				energy, kept = energy+v*v, kept+y[i]*y[i]
			}
			worst = max(worst, math.Abs(kept/energy-1))
		}
	}
	t.Logf("at most %.1e off", worst)
	if !(worst <= 1e-12) {
		t.Errorf("reconstruction or energy is %.1e off, want at most 1e-12", worst)
	}
}

var waveletShape512 = struct {
	shape  linop.Shape
	levels int
}{linop.Shape{C: 3, H: 512, W: 512}, 4}

// Four vanishing moments: away from the seam, cubics have no detail; a constant has none anywhere, and its mean doubles at every level.
func TestWaveletByHand(t *testing.T) {
	s := linop.Shape{C: 1, H: 32, W: 32}
	a := must(linop.NewWavelet(s, 1))
	x, y := make([]float64, s.Len()), make([]float64, s.Len())
	for i := range x {
		u, v := float64(i/32)/8-2, float64(i%32)/8-2
		x[i] = 1 + u + v*v*v - u*u*u*v*v + 2*u*v
	}
	a.Apply(y, x)
	for _, b := range a.Bands()[1:] {
		for i := 2; i < 14; i++ {
			for j := 2; j < 13; j++ {
				if v := y[b.Start+i*b.W+j]; !(math.Abs(v) <= 1e-12) {
					t.Errorf("orientation %d of a cubic has the detail %v at (%d, %d)", b.Orientation, v, i, j)
				}
			}
		}
	}
	a = must(linop.NewWavelet(s, 4))
	a.Apply(y, slices.Repeat([]float64{0.25}, s.Len()))
	for i, v := range y {
		if want := map[bool]float64{true: 4}[i < 4]; !(math.Abs(v-want) <= 1e-13) {
			t.Errorf("coefficient %d of a constant is %v, want %v", i, v, want)
		}
	}
	// An impulse at (5, 8) meets h_(8−2k) down and the filters' number 11−2k along: smooth at (k, l) is h_(8−2k) h_(11−2l).
	a = must(linop.NewWavelet(s, 1))
	clear(x)
	x[5*32+8] = 1
	a.Apply(y, x)
	for k := 1; k <= 4; k++ {
		for l := 2; l <= 5; l++ {
			low, alongHigh := db4[8-2*k]*db4[11-2*l], -db4[8-2*k]*db4[7-(11-2*l)]
			near(t, "impulse", []float64{y[k*16+l], y[2*256+k*16+l]}, []float64{low, alongHigh})
		}
	}
}

// Every coefficient is in one band and in one group, and a group holds those of one place.
func TestBandsAndTiedAreAPartition(t *testing.T) {
	s := linop.Shape{C: 3, H: 16, W: 8}
	a := must(linop.NewWavelet(s, 3))
	start := 0
	bandOf := make([]linop.Band, s.Len())
	for _, b := range a.Bands() {
		if b.Start != start {
			t.Fatalf("band %+v starts where the one before ends at %d", b, start)
		}
		start += b.Len()
		for k := range b.Len() {
			bandOf[b.Start+k] = b
		}
	}
	if start != s.Len() || len(a.Bands()) != 3*10 {
		t.Fatalf("%d bands end at %d, want 30 at %d", len(a.Bands()), start, s.Len())
	}
	for _, c := range []struct {
		channels, orientations bool
		size                   int // of a group of details
	}{{false, false, 1}, {true, false, 3}, {false, true, 3}, {true, true, 9}} {
		groups, scale := a.Tied(c.channels, c.orientations)
		held := make([]int, s.Len())
		for g, group := range groups {
			first := bandOf[group[0]]
			size, want := c.size, first.Scale
			if first.Orientation == linop.Approximation {
				size, want = 1, 0
				if c.channels {
					size = 3
				}
			}
			if len(group) != size || scale[g] != want {
				t.Fatalf("%+v: group %v of scale %d, want %d of scale %d", c, group, scale[g], size, want)
			}
			for _, j := range group {
				held[j]++
				if b := bandOf[j]; b.Scale != first.Scale || j-b.Start != group[0]-first.Start {
					t.Fatalf("%+v: group %v is not of one place", c, group)
				}
			}
		}
		if slices.ContainsFunc(held, func(times int) bool { return times != 1 }) {
			t.Errorf("%+v: coefficients are held %v times", c, held)
		}
	}
}

func BenchmarkWavelet(b *testing.B) {
	a := must(linop.NewWavelet(waveletShape512.shape, waveletShape512.levels))
	x, y := gaussian(rand.New(rand.NewPCG(1, 0)), waveletShape512.shape.Len()), make([]float64, waveletShape512.shape.Len())
	b.Run("Apply", func(b *testing.B) {
		for b.Loop() {
			a.Apply(y, x)
		}
	})
	b.Run("Adjoint", func(b *testing.B) {
		for b.Loop() {
			a.Adjoint(x, y)
		}
	})
}
