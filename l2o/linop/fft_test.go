package linop

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/engine/kernel"
)

// naive is the definition of the transform of lane t, with exact angles.
func naive(x []kernel.Complex8, t int) []complex128 {
	n := len(x)
	roots, y := make([]complex128, n), make([]complex128, n)
	for k := range roots {
		roots[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n))
	}
	for k := range y {
		for j, v := range x {
			y[k] += complex(v.Re[t], v.Im[t]) * roots[j*k%n]
		}
	}
	return y
}

// Every length up to 600 that has a transform, in every lane.
func TestTransformIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	worst, lengths := 0.0, 0
	for n := shortest; n <= 600; n++ {
		if quick(n) != n {
			continue
		}
		lengths++
		x, y := make([]kernel.Complex8, n+1), make([]kernel.Complex8, n)
		for i := range x[:n] {
			for l := range 8 {
				x[i].Re[l], x[i].Im[l] = rng.NormFloat64(), rng.NormFloat64()
			}
		}
		before := slices.Clone(x[:n])
		got, _ := newDFT(n).transform(x, y)
		for l := range 8 {
			off, size := 0.0, 0.0
			for k, want := range naive(before, l) {
				off, size = max(off, cmplx.Abs(complex(got[k].Re[l], got[k].Im[l])-want)), max(size, cmplx.Abs(want))
			}
			if !(off <= 1e-13*size) {
				t.Fatalf("length %d, lane %d: %.1e off", n, l, off/size)
			}
			worst = max(worst, off/size)
		}
	}
	if lengths != 27 {
		t.Errorf("%d lengths, want 27", lengths)
	}
	t.Logf("at most %.1e off", worst)
}

func TestQuickIsTheLeastOfItsKind(t *testing.T) {
	kind := func(n int) bool {
		for _, p := range []int{2, 3} {
			for n%p == 0 {
				n /= p
			}
		}
		return n == 1
	}
	for n := 1; n <= 3000; n++ {
		want := max(n, shortest)
		for !kind(want) {
			want++
		}
		if got := quick(n); got != want {
			t.Fatalf("quick(%d) = %d, want %d", n, got, want)
		}
	}
}
