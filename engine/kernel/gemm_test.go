package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// atEveryLevel runs f on each instruction set of this machine.
func atEveryLevel(t *testing.T, f func(t *testing.T)) {
	defer func() { level = best }()
	for l := best; l >= portable; l-- {
		t.Run(l.String(), func(t *testing.T) { level = l; f(t) })
	}
}

// A gemmCase is a product to test: sizes, elements between rows and between matrices
// beyond the necessary, operands that the batch shares, and whether odd values occur.
type gemmCase struct {
	tA, tB, acc, shareA, shareB, odd bool
	batch, m, n, k, pad, gap         int
}

func randomCase(rng *rand.Rand) gemmCase {
	size := func() int { return rng.IntN(1 + []int{3, 20, 70, 129}[rng.IntN(4)]) }
	coin := func() bool { return rng.IntN(2) == 0 }
	g := gemmCase{tA: coin(), tB: coin(), acc: coin(), shareA: coin(), shareB: coin(), odd: rng.IntN(4) == 0,
		batch: 1 + rng.IntN(2)*rng.IntN(4), m: size(), n: size(), k: size(), pad: rng.IntN(2) * rng.IntN(20), gap: rng.IntN(2) * rng.IntN(9)}
	if rng.IntN(20) == 0 { // chains of several panels
		g.k, g.m, g.n = 100+rng.IntN(1200), g.m%30, g.n%70
	}
	return g
}

// A gemmFunc is GemmBatch or something that claims to be.
type gemmFunc[F Float] func(tA, tB bool, batch, m, n, k int, alpha F, a []F, lda, sa int, b []F, ldb, sb int, acc bool, c []F, ldc, sc int)

// a variant is a loop that could be mistaken for the definition of Gemm; its zero value
// is that definition, written for nothing but reading.
type variant struct{ twoRoundings, twoChains, alphaFirst, startsAtC, forgetsAcc, overruns bool }

func naive[F Float](x variant) gemmFunc[F] {
	return func(tA, tB bool, batch, m, n, k int, alpha F, a []F, lda, sa int, b []F, ldb, sb int, acc bool, c []F, ldc, sc int) {
		for e := range batch * m * n {
			q, i, j := e/(m*n), e/n%m, e%n
			to := &c[q*sc+i*ldc+j]
			s, old := [2]F{}, F(0)
			if acc && !x.forgetsAcc {
				old = *to
			}
			if x.startsAtC {
				s[0], old = old, 0
			}
			for p := range k {
				u, v, half := a[q*sa+index(tA, i, p, lda)], b[q*sb+index(tB, p, j, ldb)], 0
				if x.alphaFirst {
					u *= alpha
				}
				if x.twoChains {
					half = p % 2
				}
				if x.twoRoundings {
					s[half] += F(u * v)
				} else {
					s[half] = fma(u, v, s[half])
				}
			}
			if x.twoChains {
				s[0] += s[1]
			}
			if x.alphaFirst {
				*to = s[0] + old
			} else {
				*to = fma(alpha, s[0], old)
			}
			if x.overruns && j == n-1 && q*sc+i*ldc+n < len(c) {
				c[q*sc+i*ldc+n] = 0
			}
		}
	}
}

func index(transposed bool, row, col, ld int) int {
	if transposed {
		row, col = col, row
	}
	return row*ld + col
}

// try compares f with the definition on one case, padding and gaps included.
func try[F Float](rng *rand.Rand, g gemmCase, f gemmFunc[F]) error {
	rows := func(t bool, r, c int) (int, int) {
		if t {
			return c, r
		}
		return r, c
	}
	ra, ca := rows(g.tA, g.m, g.k)
	rb, cb := rows(g.tB, g.k, g.n)
	lda, ldb, ldc := ca+g.pad, cb+g.pad/2, g.n+g.pad/3
	sa, sb, sc := ra*lda+g.gap, rb*ldb, max(1, g.m*ldc+g.gap)
	if g.shareA {
		sa = 0
	}
	if g.shareB {
		sb = 0
	}
	length := func(rows, cols, ld, stride int) int {
		return max(0, (g.batch-1)*stride+(rows-1)*ld+cols)
	}
	a := vector[F](rng, length(ra, ca, lda, sa), g.odd)
	b := vector[F](rng, length(rb, cb, ldb, sb), g.odd)
	c := vector[F](rng, length(g.m, g.n, ldc, sc), g.odd)
	alpha := []F{1, -1, 0.3, 0}[rng.IntN(4)]
	if !g.acc && g.m > 0 && g.n > 0 {
		c[0] = F(math.NaN()) // must not matter
	}
	want := append([]F(nil), c...)
	naive[F](variant{})(g.tA, g.tB, g.batch, g.m, g.n, g.k, alpha, a, lda, sa, b, ldb, sb, g.acc, want, ldc, sc)
	f(g.tA, g.tB, g.batch, g.m, g.n, g.k, alpha, a, lda, sa, b, ldb, sb, g.acc, c, ldc, sc)
	for i := range want {
		if bitsOf(c[i]) != bitsOf(want[i]) {
			return fmt.Errorf("%T %+v α=%v: element %d is %v, want %v", alpha, g, alpha, i, c[i], want[i])
		}
	}
	return nil
}

func vector[F Float](rng *rand.Rand, n int, odd bool) []F {
	x := make([]F, n)
	for i := range x {
		if x[i] = F(rng.NormFloat64()); odd && rng.IntN(8) == 0 {
			x[i] = oddValue[F](rng)
		}
	}
	return x
}

// oddValue is one of those that a loop might treat in its own way.
func oddValue[F Float](rng *rand.Rand) F {
	tiny := F(math.Ldexp(1, -1070))
	if tiny == 0 {
		tiny = F(math.Ldexp(1, -148))
	}
	return []F{0, F(math.Copysign(0, -1)), F(math.NaN()), F(math.Inf(1)), F(math.Inf(-1)), tiny, -tiny, 1e38, -1e38, 0.4, -0.4}[rng.IntN(11)]
}

// bitsOf makes NaNs comparable: their payload is the one thing that may differ.
func bitsOf[F Float](x F) uint64 {
	if x != x {
		return 0x7ff8000000000001
	}
	return math.Float64bits(float64(x))
}

// gemmCases are random shapes and those that reach every way through the code: rows cut
// into several calls, panels copied, columns turned into rows.
func gemmCases(rng *rand.Rand, n int) []gemmCase {
	cases := []gemmCase{
		{m: 1500, n: 33, k: 70, batch: 1}, {m: 1500, n: 9, k: 150, batch: 1, acc: true, tB: true},
		{m: 70, n: 150, k: 140, batch: 1}, {m: 70, n: 150, k: 140, batch: 1, tA: true, acc: true},
		{m: 70, n: 310, k: 540, batch: 1}, {m: 9, n: 310, k: 1100, batch: 1, tB: true, acc: true},
		{m: 90, n: 1, k: 30, batch: 2}, {m: 90, n: 1, k: 300, batch: 2, tA: true, acc: true}, {m: 1, n: 300, k: 40, batch: 3, shareB: true},
		{m: 5, n: 7, k: 9, batch: 4, shareB: true}, {m: 5, n: 7, k: 0, batch: 2, acc: true}, {m: 5, n: 7, k: 0, batch: 2},
	}
	for m := range 13 { // every block of rows and vectors, both widths of its last one
		for _, n := range []int{3, 4, 7, 8, 13, 16, 29, 32, 45, 48, 61, 64} {
			cases = append(cases, gemmCase{m: m, n: n, k: 3 + m%2*530, batch: 1, acc: m/2%2 == 0})
		}
	}
	for range n {
		cases = append(cases, randomCase(rng))
	}
	return cases
}

func TestGemmIsOneChainPerElement(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for _, g := range gemmCases(rng, 400) {
			if err := try(rng, g, GemmBatch[float32]); err != nil {
				t.Fatal(err)
			}
			if err := try(rng, g, GemmBatch[float64]); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestGemmTestRefusesOtherLoops(t *testing.T) {
	for _, x := range []variant{{twoRoundings: true}, {twoChains: true}, {alphaFirst: true}, {startsAtC: true}, {forgetsAcc: true}, {overruns: true}} {
		rng := rand.New(rand.NewPCG(3, 4))
		refused32, refused64 := false, false
		for range 50 {
			g := randomCase(rng)
			refused32 = refused32 || try(rng, g, naive[float32](x)) != nil
			refused64 = refused64 || try(rng, g, naive[float64](x)) != nil
		}
		if !refused32 || !refused64 {
			t.Errorf("%+v passes for Gemm", x)
		}
	}
}

func TestGemmByHand(t *testing.T) {
	x, y := []float32{1, 2, 3, 4, 5, 6}, []float32{1, 0, 2, 1, 0, 3}
	for _, c := range []struct {
		tA, tB          bool
		m, n, k, la, lb int
		want            []float32
	}{
		{false, false, 2, 2, 3, 3, 2, []float32{5, 11, 14, 23}},     // [1 2 3; 4 5 6]·[1 0; 2 1; 0 3]
		{false, true, 2, 2, 3, 3, 3, []float32{7, 10, 16, 22}},      // [1 2 3; 4 5 6]·[1 1; 0 0; 2 3]
		{true, false, 3, 2, 2, 3, 2, []float32{9, 4, 12, 5, 15, 6}}, // [1 4; 2 5; 3 6]·[1 0; 2 1]
		{true, true, 2, 2, 3, 2, 3, []float32{11, 16, 14, 20}},      // [1 3 5; 2 4 6]·[1 1; 0 0; 2 3]
	} {
		got := make([]float32, c.m*c.n)
		Gemm(c.tA, c.tB, c.m, c.n, c.k, 1, x, c.la, y, c.lb, false, got, c.n)
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v: %v", c, got)
		}
		Gemm(c.tA, c.tB, c.m, c.n, c.k, -1, x, c.la, y, c.lb, true, got, c.n)
		if Sum(got) != 0 {
			t.Errorf("%+v: taken off again %v is left", c, got)
		}
	}
}

func TestGemmConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(9, uint64(w)))
			for range 15 {
				if err := try(rng, gemmCase{tB: true, acc: w%2 == 0, batch: 2, m: 20, n: 40, k: 200}, GemmBatch[float32]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestGemmRefusesShortSlices(t *testing.T) {
	x := make([]float32, 100)
	huge := int(^uint(0)>>1)/4 + 1 // 8 of them wrap around to 0
	for _, c := range []struct {
		want string
		call func()
	}{
		{"negative size", func() { Gemm(false, false, -1, 1, 1, 1, x, 1, x, 1, false, x, 1) }},
		{"kernel: a: 100 elements", func() { Gemm(false, false, 10, 2, 11, 1, x, 11, x, 2, false, x, 2) }},
		{"kernel: a: 100 elements", func() { Gemm(true, false, 11, 2, 10, 1, x, 11, x, 2, false, x, 2) }},
		{"kernel: a: 10 columns", func() { Gemm(false, false, 2, 2, 10, 1, x, 9, x, 2, false, x, 2) }},
		{"kernel: b: 100 elements", func() { Gemm(false, true, 2, 11, 10, 1, x, 10, x, 10, false, x, 11) }},
		{"kernel: c: 100 elements", func() { Gemm(false, false, 11, 10, 2, 1, x, 2, x, 10, false, x, 10) }},
		{"kernel: c: 100 elements", func() { Gemm(false, false, 9, 2, 1, 1, x, 1, x, 2, false, x, huge) }},
		{"kernel: b: 100 elements", func() { GemmBatch(false, false, 9, 2, 2, 2, 1, x, 2, 4, x, 2, huge, false, x, 2, 4) }},
		{"stride 0 between", func() { GemmBatch(false, false, 2, 2, 2, 2, 1, x, 2, 4, x, 2, 4, false, x, 2, 0) }},
		{"kernel: a: 2 columns", func() { GemmBatch(false, false, 2, 2, 2, 2, 1, x, 2, -1, x, 2, 4, false, x, 2, 4) }},
		{"kernel: Add: slices of 3 and 2", func() { Add(x[:3], x[:3], x[:2]) }},
		{"kernel: Dot: slices of 3 and 2", func() { Dot(x[:3], x[:2]) }},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, c.want) {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			c.call()
		}()
	}
}
