package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// shapes the models make, and the square one everybody quotes.
var shapes = []struct {
	tA, tB         bool
	batch, m, n, k int
}{
	{false, false, 1, 512, 512, 512},
	{false, true, 1, 512, 512, 512},
	{true, false, 1, 512, 512, 512},
	{false, false, 1, 704, 64, 64},
	{false, false, 1, 704, 128, 64},
	{false, false, 1, 1408, 160, 64},
	{false, true, 1, 704, 64, 128},
	{true, false, 1, 64, 128, 704},
	{true, false, 1, 64, 128, 8192},
	{false, true, 64, 11, 11, 64},
	{false, false, 64, 11, 64, 11},
	{true, false, 64, 11, 64, 11},
	{false, false, 1, 21, 42, 42},
	{false, true, 1, 21, 42, 42},
	{false, false, 1, 2688, 42, 42},
	{false, false, 1, 101, 101, 42},
	{false, false, 1, 101, 42, 101},
	{false, false, 1, 250, 1024, 500},
	{false, false, 1, 250, 1, 500},
	{true, false, 1, 500, 1, 250},
	{false, false, 1, 2, 2, 2},
	{false, false, 1, 3, 3, 3},
	{false, false, 1, 5, 5, 5},
	{false, false, 1, 8, 8, 8},
	{false, true, 1, 8, 8, 8},
	{false, false, 1, 16, 16, 16},
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range shapes {
		name := fmt.Sprintf("%c%c_%dx%dx%dx%d", "NT"[btoi(s.tA)], "NT"[btoi(s.tB)], s.batch, s.m, s.n, s.k)
		for l := best; l > portable; l-- {
			b.Run(name+"/float32/"+l.String(), func(b *testing.B) { benchGemm[float32](b, l, s.tA, s.tB, s.batch, s.m, s.n, s.k) })
			b.Run(name+"/float64/"+l.String(), func(b *testing.B) { benchGemm[float64](b, l, s.tA, s.tB, s.batch, s.m, s.n, s.k) })
		}
		if s.batch > 1 {
			continue
		}
		b.Run(name+"/float32/gonum", func(b *testing.B) { benchSgemm(b, gonum.Implementation{}, s.tA, s.tB, s.m, s.n, s.k) })
		b.Run(name+"/float64/gonum", func(b *testing.B) { benchDgemm(b, gonum.Implementation{}, s.tA, s.tB, s.m, s.n, s.k) })
	}
}

func btoi(x bool) int {
	if x {
		return 1
	}
	return 0
}

func benchGemm[F Float](b *testing.B, l instructions, tA, tB bool, batch, m, n, k int) {
	defer func() { level = best }()
	level = l
	x, y, z := operands[F](batch*m*k, batch*k*n, batch*m*n)
	lda, ldb := k, n
	if tA {
		lda = m
	}
	if tB {
		ldb = k
	}
	for b.Loop() {
		GemmBatch(tA, tB, batch, m, n, k, 1, x, lda, m*k, y, ldb, k*n, false, z, n, m*n)
	}
	gflops(b, 2*batch*m*n*k)
}

func operands[F Float](a, b, c int) (x, y, z []F) {
	rng := rand.New(rand.NewPCG(5, 6))
	return vector[F](rng, a, false), vector[F](rng, b, false), make([]F, c)
}

func gflops(b *testing.B, flops int) {
	b.ReportMetric(float64(flops)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}

func transpose(t bool) (blas.Transpose, func(rows, cols int) int) {
	if t {
		return blas.Trans, func(rows, cols int) int { return rows }
	}
	return blas.NoTrans, func(rows, cols int) int { return cols }
}

func benchSgemm(b *testing.B, s library, tA, tB bool, m, n, k int) {
	x, y, z := operands[float32](m*k, k*n, m*n)
	ta, lda := transpose(tA)
	tb, ldb := transpose(tB)
	for b.Loop() {
		s.Sgemm(ta, tb, m, n, k, 1, x, lda(m, k), y, ldb(k, n), 0, z, n)
	}
	gflops(b, 2*m*n*k)
}

func benchDgemm(b *testing.B, s library, tA, tB bool, m, n, k int) {
	x, y, z := operands[float64](m*k, k*n, m*n)
	ta, lda := transpose(tA)
	tb, ldb := transpose(tB)
	for b.Loop() {
		s.Dgemm(ta, tb, m, n, k, 1, x, lda(m, k), y, ldb(k, n), 0, z, n)
	}
	gflops(b, 2*m*n*k)
}

// BenchmarkBLAS sets BLAS beside gonum's own from the smallest products on, and
// BenchmarkBLASVectors from the shortest vectors.
func BenchmarkBLAS(b *testing.B) {
	sizes := [][3]int{{2, 500, 250}, {500, 2, 250}, {250, 1024, 500}, {512, 512, 512}}
	for _, m := range []int{2, 3, 4, 8, 50} {
		for _, n := range []int{2, 3, 4, 8, 50} {
			for _, k := range []int{2, 3, 8, 40} {
				sizes = append(sizes, [3]int{m, n, k})
			}
		}
	}
	for _, s := range sizes {
		for op := range 4 {
			tA, tB := op&2 != 0, op&1 != 0
			for _, from := range []library{BLAS{}, gonum.Implementation{}} {
				name := fmt.Sprintf("%c%c_%dx%dx%d/%%s/%T", "NT"[btoi(tA)], "NT"[btoi(tB)], s[0], s[1], s[2], from)
				b.Run(fmt.Sprintf(name, "float32"), func(b *testing.B) { benchSgemm(b, from, tA, tB, s[0], s[1], s[2]) })
				b.Run(fmt.Sprintf(name, "float64"), func(b *testing.B) { benchDgemm(b, from, tA, tB, s[0], s[1], s[2]) })
			}
		}
	}
}

func BenchmarkBLASVectors(b *testing.B) {
	for _, n := range []int{2, 100, long - 1, long, 1 << 15} {
		x, y, _ := operands[float32](n, n, 0)
		u, v, _ := operands[float64](n, n, 0)
		for _, from := range []library{BLAS{}, gonum.Implementation{}} {
			for _, f := range []struct {
				name string
				call func()
			}{
				{"Saxpy", func() { from.Saxpy(n, 1e-9, x, 1, y, 1) }},
				{"Daxpy", func() { from.Daxpy(n, 1e-9, u, 1, v, 1) }},
				{"Sdot", func() { from.Sdot(n, x, 1, y, 1) }},
				{"Ddot", func() { from.Ddot(n, u, 1, v, 1) }},
			} {
				b.Run(fmt.Sprintf("%s_%d/%T", f.name, n, from), func(b *testing.B) {
					for b.Loop() {
						f.call()
					}
				})
			}
		}
	}
}

// BenchmarkLoops counts the bytes of the vectors each loop names, read or written.
func BenchmarkLoops(b *testing.B) {
	defer func() { level = best }()
	const n = 4096
	rng := rand.New(rand.NewPCG(5, 6))
	var v [][]float32
	for range 4 {
		v = append(v, vector[float32](rng, n, false))
	}
	vectors := map[string]int{"Axpy": 3, "Add": 3, "Scale": 2, "Soft": 2, "SoftGrad": 3, "ProxStep": 3, "ReLU": 2, "ReLUGrad": 3, "Adam": 7, "Dot": 2, "Sum": 1}
	for _, l := range loops[float32]() {
		if vectors[l.name] == 0 {
			continue
		}
		for _, set := range []instructions{best, portable} {
			b.Run(l.name+"/"+set.String(), func(b *testing.B) {
				level = set
				b.SetBytes(int64(4 * n * vectors[l.name]))
				for b.Loop() {
					l.run(v)
				}
			})
		}
	}
}
