package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// combineCase draws a matrix of rows, of which n elements count, some of them and numbers, and dst between guards.
func combineCase[F Float](rng *rand.Rand, lines, rows, count int) (dst, v []F, at []int32, matrix []F, ld int) {
	n := lines * LineOf[F]()
	ld = n + rng.IntN(20)
	matrix = vector[F](rng, max(0, rows-1)*ld+n, false)
	for range count {
		at, v = append(at, int32(rng.IntN(rows))), append(v, F(rng.NormFloat64()))
	}
	dst = vector[F](rng, n+2, false)
	dst[0], dst[n+1] = guard, guard
	return dst, v, at, matrix, ld
}

func testCombine[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	for trial := range 300 {
		lines, rows, count := rng.IntN(40), 1+rng.IntN(30), rng.IntN(30)
		dst, v, at, matrix, ld := combineCase[F](rng, lines, rows, count)
		want, alpha := append([]F(nil), dst...), F([]float64{1, -1, 0.7}[trial%3])
		n := len(dst) - 1
		Combine(dst[1:n:n], alpha, v, at, matrix, ld)
		here := level
		level = portable
		Combine(want[1:n:n], alpha, v, at, matrix, ld)
		level = here
		for i := range dst {
			if bitsOf(dst[i]) != bitsOf(want[i]) {
				t.Fatalf("%d lines, %d of %d rows, %T: element %d is %v, want %v", lines, count, rows, dst[0], i-1, dst[i], want[i])
			}
		}
	}
}

func TestCombineAgreesAtEveryLevel(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testCombine[float32](t)
		testCombine[float64](t)
	})
}

// The terms that Combine leaves out add nothing: it has the bits of Gemm on a vector with zeros.
func TestCombineIsASparseProduct(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(27, 28))
		for _, n := range []int{16, 48, 256, 400} {
			const rows = 70
			matrix, x := vector[float32](rng, rows*n, false), make([]float32, rows)
			var v []float32
			var at []int32
			for i := range x {
				if rng.IntN(5) == 0 {
					x[i] = float32(rng.NormFloat64())
					v, at = append(v, x[i]), append(at, int32(i))
				}
			}
			got := vector[float32](rng, n, false)
			want := append([]float32(nil), got...)
			Combine(got, -1, v, at, matrix, n)
			Gemm(false, false, 1, n, rows, -1, x, rows, matrix, n, true, want, n)
			for i := range got {
				if bitsOf(got[i]) != bitsOf(want[i]) {
					t.Fatalf("n = %d: element %d is %v, Gemm's is %v", n, i, got[i], want[i])
				}
			}
		}
	})
}

func TestTranspose(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testTranspose[float32](t)
		testTranspose[float64](t)
	})
}

func testTranspose[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	for range 200 {
		m, n := rng.IntN(40), rng.IntN(40)
		lds, ldd := n+rng.IntN(5), m+rng.IntN(5)
		src, dst := vector[F](rng, m*lds, false), make([]F, n*ldd)
		for i := range dst {
			dst[i] = guard
		}
		Transpose(dst, ldd, src, lds, m, n)
		for j := range n {
			for i := range ldd {
				want := F(guard)
				if i < m {
					want = src[i*lds+j]
				}
				if got := dst[j*ldd+i]; got != want {
					t.Fatalf("%d×%d: element (%d, %d) is %v, want %v", m, n, j, i, got, want)
				}
			}
		}
	}
}

func TestCombineRefusesWrongSizes(t *testing.T) {
	v := func(n int) []float32 { return make([]float32, n) }
	for name, call := range map[string]func(){
		"dst":   func() { Combine(v(15), 1, v(1), []int32{0}, v(32), 16) },
		"ld":    func() { Combine(v(32), 1, v(1), []int32{0}, v(64), 16) },
		"at":    func() { Combine(v(16), 1, v(2), []int32{0}, v(32), 16) },
		"row":   func() { Combine(v(16), 1, v(1), []int32{2}, v(32), 16) },
		"below": func() { Combine(v(16), 1, v(1), []int32{-1}, v(32), 16) },
		"turn":  func() { Transpose(v(5), 2, v(6), 3, 2, 3) },
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

func BenchmarkCombine(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{64, 256, 1024} {
		const rows = 500
		matrix, dst := vector[float32](rng, rows*n, false), vector[float32](rng, n, false)
		var v []float32
		var at []int32
		for i := range rows {
			if rng.IntN(5) == 0 {
				v, at = append(v, 1), append(at, int32(i))
			}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				Combine(dst, 1, v, at, matrix, n)
			}
			b.ReportMetric(2*float64(n*len(v))*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkTranspose(b *testing.B) {
	src, dst := make([]float32, 250*500), make([]float32, 500*256)
	for range b.N {
		Transpose(dst, 256, src, 500, 250, 500)
	}
}
