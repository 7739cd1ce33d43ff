package kernel

import (
	"math/rand/v2"
	"testing"
)

// innerCase draws vectors of n elements and a matrix for their products, all between
// guards.
func innerCase[F Float](rng *rand.Rand, rows, columns, n int) (dst []F, ld int, x, y [][]F) {
	draw := func() []F {
		v := vector[F](rng, n+2, n%3 == 0)
		v[0], v[n+1] = guard, guard
		return v[1 : n+1 : n+1]
	}
	for range rows {
		x = append(x, draw())
	}
	for range columns {
		y = append(y, draw())
	}
	ld = columns + rng.IntN(3)
	dst = vector[F](rng, (rows-1)*ld+columns, false)
	return dst, ld, x, y
}

func testInner[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for trial := range 300 {
		rows, columns, n := 1+rng.IntN(9), 1+rng.IntN(9), rng.IntN(70)
		if trial%20 == 0 {
			columns, n = 60+rng.IntN(80), 500+rng.IntN(600)
		}
		dst, ld, x, y := innerCase[F](rng, rows, columns, n)
		want := append([]F(nil), dst...)
		Inner(dst, ld, x, y)
		here := level
		level = portable
		Inner(want, ld, x, y)
		level = here
		for i := range dst {
			if bitsOf(dst[i]) != bitsOf(want[i]) {
				t.Fatalf("%d×%d of %d %T: element %d is %v, want %v", rows, columns, n, dst[0], i, dst[i], want[i])
			}
		}
	}
}

func TestInnerAgreesAtEveryLevel(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testInner[float32](t)
		testInner[float64](t)
	})
}

// Products of whole numbers are exact in any order: the portable loop against the plainest one, and no element beyond them is touched.
func TestInnerOfWholeNumbers(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		for _, n := range []int{0, 1, 3, 4, 5, 511, 512, 513, 1030} {
			const rows, columns, ld = 4, 7, 9
			x, y := make([][]float64, rows), make([][]float64, columns)
			for _, vectors := range [][][]float64{x, y} {
				for i := range vectors {
					vectors[i] = make([]float64, n)
					for p := range n {
						vectors[i][p] = float64(rng.IntN(21) - 10)
					}
				}
			}
			dst := make([]float64, rows*ld)
			for i := range dst {
				dst[i] = guard
			}
			Inner(dst[:(rows-1)*ld+columns], ld, x, y)
			for i := range rows {
				for j := range ld {
					want := float64(guard)
					for p := 0; j < columns && p < n; p++ {
						want += x[i][p] * y[j][p]
					}
					if got := dst[i*ld+j]; got != want {
						t.Fatalf("n = %d: element (%d, %d) is %v, want %v", n, i, j, got, want)
					}
				}
			}
		}
	})
}

func TestInnerRefusesWrongSizes(t *testing.T) {
	v := func(n int) []float64 { return make([]float64, n) }
	for name, call := range map[string]func(){
		"x":   func() { Inner(v(4), 2, [][]float64{v(3), v(2)}, [][]float64{v(3), v(3)}) },
		"y":   func() { Inner(v(4), 2, [][]float64{v(3), v(3)}, [][]float64{v(3), v(4)}) },
		"dst": func() { Inner(v(3), 2, [][]float64{v(3), v(3)}, [][]float64{v(3), v(3)}) },
		"ld":  func() { Inner(v(4), 1, [][]float64{v(3), v(3)}, [][]float64{v(3), v(3)}) },
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

func BenchmarkInner(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{100, 500, 10_000} {
		const k = 192
		dst, ld, x, _ := innerCase[float64](rng, k, k, n)
		b.Run(string(rune('0'+n/1000))+"k", func(b *testing.B) {
			for range b.N {
				clear(dst)
				Inner(dst, ld, x, x)
			}
			b.ReportMetric(2*k*k*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
