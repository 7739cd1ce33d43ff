package kernel

import (
	"math"
	"unsafe"
)

// fma returns a·b + c rounded once.
func fma[F Float](a, b, c F) F {
	if unsafe.Sizeof(c) == 8 {
		return F(math.FMA(float64(a), float64(b), float64(c)))
	}
	return F(fma32(float32(a), float32(b), float32(c)))
}

// fma32 is fma in float32. The product is exact in float64; the sum is not, and rounding
// it to 53 bits and then to 24 errs only where the first rounding lands on, or leaves, a
// midpoint of two float32. Those are the normal results with tail 100…0 in the 29 bits
// to be dropped, and subnormal results, whose midpoints lie elsewhere.
func fma32(a, b, c float32) float32 {
	p := float64(a) * float64(b)
	s := p + float64(c)
	const tail, half = 1<<29 - 1, 1 << 28
	if math.Float64bits(s)&tail != half && math.Abs(s) >= 0x1p-126 {
		return float32(s)
	}
	return float32(addToOdd(p, float64(c), s))
}

// addToOdd returns x + y rounded to odd, given s = x + y rounded to nearest: an inexact
// sum becomes the neighbour with an odd last bit, which remembers on which side of every
// shorter midpoint the exact sum lies. Rounding it again to p ≤ 51 bits is then the same
// as rounding once (Boldo and Melquiond, Emulation of FMA and correctly rounded sums:
// proved algorithms using rounding to odd, 2008, theorem 1).
func addToOdd(x, y, s float64) float64 {
	// Knuth's TwoSum: x + y = s + e exactly. No product is involved, so nothing fuses.
	t := s - x
	e := (x - (s - t)) + (y - t)
	u := math.Float64bits(s)
	if e == 0 || e != e || u&1 == 1 {
		return s
	}
	if (e > 0) == (s > 0) {
		return math.Float64frombits(u + 1)
	}
	return math.Float64frombits(u - 1)
}
