package kernel

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// fencedComplex is n vectors at the end of the memory, or at its start.
func fencedComplex(f fence, n int, atEnd bool) []Complex8 {
	v := fenced[float64](f, 16*n, atEnd)
	return unsafe.Slice((*Complex8)(unsafe.Pointer(unsafe.SliceData(v))), n)
}

// A read or write outside a slice ends the process here.
func TestFourierTouchesNothingOutside(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(25, 0))
		var f [3]fence
		for i := range f {
			f[i] = newFence(t, 1<<16)
		}
		for i := range 300 {
			atEnd := i%2 == 0
			r, m, s := []int{2, 3, 4, 8}[rng.IntN(4)], 1+rng.IntN(5), 1+rng.IntN(5)
			of := func(i, n int) []Complex8 { return fencedComplex(f[i], n, atEnd) }
			Butterfly(r, m, of(0, r*m*s), of(1, r*m*s), fenced[float64](f[2], 2*(r-1)*m, atEnd))
			n := 16 + rng.IntN(60)
			step := 8 + rng.IntN(3)
			SplitSpectra(of(0, n/16*step+8), of(1, n/16*step+8), step, of(2, n+1))
			JoinSpectra(of(2, n+1), of(0, n/16*step+8), of(1, n/16*step+8), step)
			MulConj(of(0, s), of(1, s), 1)
		}
	})
}
