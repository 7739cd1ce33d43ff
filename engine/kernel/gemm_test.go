package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// bitsOf makes NaNs comparable: the payload is the one thing that may differ.
func bitsOf[F Float](x F) uint64 {
	if x != x {
		return 0x7ff8000000000001
	}
	return math.Float64bits(float64(x))
}

// atEveryLevel runs f on each instruction set of this machine.
func atEveryLevel(t *testing.T, f func(t *testing.T)) {
	defer func() { level = best }()
	for l := best; l >= portable; l-- {
		t.Run(l.String(), func(t *testing.T) { level = l; f(t) })
	}
}

// guarded is a slice inside a larger one whose other elements must stay as they are.
type guarded[F Float] struct{ all, in []F }

const guard = -12345

func newGuarded[F Float](rng *rand.Rand, n int) guarded[F] {
	all := make([]F, n+2*40)
	for i := range all {
		all[i] = guard
	}
	g := guarded[F]{all, all[40 : 40+n : 40+n]}
	fill(rng, g.in)
	return g
}

func (g guarded[F]) check(t *testing.T, name string) {
	t.Helper()
	n := len(g.in)
	for i, x := range g.all {
		if (i < 40 || i >= 40+n) && x != guard {
			t.Fatalf("%s: element %d outside a slice of %d was written", name, i-40, n)
		}
	}
}

func fill[F Float](rng *rand.Rand, x []F) {
	for i := range x {
		x[i] = F(rng.NormFloat64())
	}
}

// naive is the definition, written once more and for nothing but reading.
func naive[F Float](tA, tB bool, m, n, k int, alpha F, a []F, lda int, b []F, ldb int, acc bool, c []F, ldc int) {
	for i := range m {
		for j := range n {
			var s, old F
			for p := range k {
				x, y := i*lda+p, p*ldb+j
				if tA {
					x = p*lda + i
				}
				if tB {
					y = j*ldb + p
				}
				s = fma(a[x], b[y], s)
			}
			if acc {
				old = c[i*ldc+j]
			}
			c[i*ldc+j] = fma(alpha, s, old)
		}
	}
}

// A product to test: sizes, leading dimensions beyond the columns, distances of a batch.
type gemmCase struct {
	tA, tB, acc      bool
	batch, m, n, k   int
	padA, padB, padC int
	shareA, shareB   bool
}

func testGemm[F Float](t *testing.T, rng *rand.Rand, g gemmCase) {
	t.Helper()
	ra, ca, rb, cb := g.m, g.k, g.k, g.n
	if g.tA {
		ra, ca = ca, ra
	}
	if g.tB {
		rb, cb = cb, rb
	}
	lda, ldb, ldc := ca+g.padA, cb+g.padB, g.n+g.padC
	sa, sb, sc := ra*lda+g.padB, rb*ldb+g.padC, max(1, g.m*ldc+g.padA)
	if g.shareA {
		sa = 0
	}
	if g.shareB {
		sb = 0
	}
	size := func(rows, cols, ld, s int) int {
		if rows == 0 || cols == 0 {
			return 0
		}
		return (g.batch-1)*s + (rows-1)*ld + cols
	}
	a := newGuarded[F](rng, size(ra, ca, lda, sa))
	b := newGuarded[F](rng, size(rb, cb, ldb, sb))
	c := newGuarded[F](rng, size(g.m, g.n, ldc, sc))
	alpha := []F{1, -1, 0.3}[rng.IntN(3)]
	want := append([]F(nil), c.in...)
	for q := range g.batch {
		naive(g.tA, g.tB, g.m, g.n, g.k, alpha, tail(a.in, q*sa), lda, tail(b.in, q*sb), ldb, g.acc, tail(want, q*sc), ldc)
	}
	name := fmt.Sprintf("%T %+v", alpha, g)
	GemmBatch(g.tA, g.tB, g.batch, g.m, g.n, g.k, alpha, a.in, lda, sa, b.in, ldb, sb, g.acc, c.in, ldc, sc)
	for i := range want {
		if bitsOf(c.in[i]) != bitsOf(want[i]) {
			t.Fatalf("%s: element %d is %v, want %v", name, i, c.in[i], want[i])
		}
	}
	a.check(t, name)
	b.check(t, name)
	c.check(t, name)
}

func tail[F Float](x []F, from int) []F { return x[min(from, len(x)):] }

func randomCase(rng *rand.Rand) gemmCase {
	size := func() int { return rng.IntN(1 + []int{3, 20, 70, 129}[rng.IntN(4)]) }
	flip := func() bool { return rng.IntN(2) == 0 }
	pad := func() int { return rng.IntN(2) * rng.IntN(20) }
	g := gemmCase{tA: flip(), tB: flip(), acc: flip(), batch: 1 + rng.IntN(3)*rng.IntN(2), m: size(), n: size(), k: size(),
		padA: pad(), padB: pad(), padC: pad(), shareA: flip(), shareB: flip()}
	if rng.IntN(20) == 0 {
		g.k, g.m, g.n = 200+rng.IntN(900), g.m%30, g.n%70
	}
	return g
}

func TestGemmIsOneChainPerElement(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 700 {
			testGemm[float32](t, rng, randomCase(rng))
			testGemm[float64](t, rng, randomCase(rng))
		}
	})
}
