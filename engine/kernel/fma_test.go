package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// Rounding the exact sum once, in 200 bits, is the definition fma32 has to meet.
func exactFMA32(a, b, c float32) float32 {
	p := new(big.Float).SetPrec(2000).SetFloat64(float64(a) * float64(b))
	p.Add(p, new(big.Float).SetFloat64(float64(c)))
	f, _ := p.Float32()
	return f
}

func TestFMA32RoundsOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	twice := 0
	for i := range 200_000 {
		a, b, c := awkward32(rng), awkward32(rng), awkward32(rng)
		if i%2 == 0 {
			a, b, c = midpoint32(rng)
		}
		got, want := fma32(a, b, c), exactFMA32(a, b, c)
		if got != want {
			t.Fatalf("fma32(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
		if float32(math.FMA(float64(a), float64(b), float64(c))) != want {
			twice++
		}
	}
	if twice == 0 {
		t.Error("no case tells one rounding from two: the test is too easy")
	}
}

// awkward32 draws floats of 1 to 24 bits and either sign, many of them near the smallest.
func awkward32(rng *rand.Rand) float32 {
	m := float64(rng.Uint32N(1<<24)>>rng.IntN(24)) * float64(1-2*rng.IntN(2))
	return float32(math.Ldexp(m, rng.IntN(40)-44-80*rng.IntN(2)))
}

// midpoint32 draws c odd in units of its last place and a·b short of half a unit by a
// part that float64 cannot hold beside c; every second time the unit is the smallest float.
func midpoint32(rng *rand.Rand) (a, b, c float32) {
	d := math.Ldexp(1, -17-rng.IntN(7))
	unit, n := 0, 1<<23+rng.IntN(1<<23)|1
	if rng.IntN(2) == 0 {
		unit, n = -150, 1<<20+rng.IntN(1<<20)|1
	}
	sign := float64(1 - 2*rng.IntN(2))
	a = float32(math.Ldexp(sign*(1+d), unit/2))
	return a, float32(math.Ldexp(1-d, unit-unit/2)), float32(math.Ldexp(sign*float64(n), unit+1))
}

func TestFMASpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range [][4]float32{
		{inf, 1, 1, inf}, {inf, 0, 1, nan}, {inf, 1, -inf, nan}, {1, 1, nan, nan}, {0, 1, inf, inf},
		{math.MaxFloat32, 2, -math.MaxFloat32, math.MaxFloat32}, {math.MaxFloat32, 2, 0, inf},
	} {
		got := fma(c[0], c[1], c[2])
		if got != c[3] && !(got != got && c[3] != c[3]) {
			t.Errorf("fma(%v, %v, %v) = %v, want %v", c[0], c[1], c[2], got, c[3])
		}
	}
	if got := fma(float32(0), -1, 0); math.Signbit(float64(got)) {
		t.Error("fma(0, -1, 0) is -0")
	}
}
