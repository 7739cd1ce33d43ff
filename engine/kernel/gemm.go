package kernel

import (
	"fmt"
	"math"
	"math/bits"
	"unsafe"
)

// Gemm multiplies matrices: C = α·op(A)·op(B), plus C when acc is set, where op(A) is
// m×k, op(B) is k×n and op transposes where tA or tB says so. Matrices are row-major;
// lda, ldb, ldc are the distances in elements from one stored row to the next.
//
//	for i := range m {
//		for j := range n {
//			s := 0
//			for p := range k { s = fma(op(A)[i,p], op(B)[p,j], s) }
//			C[i,j] = fma(α, s, acc ? C[i,j] : 0)
//		}
//	}
//
// C must not overlap A or B. With acc false its old values do not matter.
func Gemm[F Float](tA, tB bool, m, n, k int, alpha F, a []F, lda int, b []F, ldb int, acc bool, c []F, ldc int) {
	GemmBatch(tA, tB, 1, m, n, k, alpha, a, lda, 0, b, ldb, 0, acc, c, ldc, 0)
}

// GemmBatch is batch products of one shape, the q-th on a[q·sa:], b[q·sb:] and c[q·sc:].
//
//	for q := range batch {
//		Gemm(tA, tB, m, n, k, α, a[q*sa:], lda, b[q*sb:], ldb, acc, c[q*sc:], ldc)
//	}
//
// A stride sa or sb of 0 shares that operand; sc is positive when batch > 1. The matrices
// of C may interleave, as the heads of one layer do.
func GemmBatch[F Float](tA, tB bool, batch, m, n, k int, alpha F, a []F, lda, sa int, b []F, ldb, sb int, acc bool, c []F, ldc, sc int) {
	if batch < 0 || m < 0 || n < 0 || k < 0 {
		panic(fmt.Sprintf("kernel: negative size: batch %d, m %d, n %d, k %d", batch, m, n, k))
	}
	if batch == 0 || m == 0 || n == 0 {
		return
	}
	if batch > 1 && sc <= 0 {
		panic(fmt.Sprintf("kernel: stride %d between the results of a batch", sc))
	}
	var s shape // field by field: a copy of a literal would wait for its stores
	s.batch, s.m, s.n, s.k = batch, m, n, k
	s.ai, s.ap, s.bp, s.bj, s.ci = lda, 1, ldb, 1, ldc
	s.sa, s.sb, s.sc, s.acc = sa, sb, sc, acc
	s.number(unsafe.Sizeof(alpha), float64(alpha))
	ra, ca, rb, cb := m, k, k, n
	if tA {
		s.ai, s.ap, ra, ca = 1, lda, k, m
	}
	if tB {
		s.bp, s.bj, rb, cb = 1, ldb, n, k
	}
	if !fits(len(a), batch, ra, ca, lda, sa) {
		refuse("a", len(a), batch, ra, ca, lda, sa)
	}
	if !fits(len(b), batch, rb, cb, ldb, sb) {
		refuse("b", len(b), batch, rb, cb, ldb, sb)
	}
	if !fits(len(c), batch, m, n, ldc, sc) {
		refuse("c", len(c), batch, m, n, ldc, sc)
	}
	if !multiply(&s, unsafe.Pointer(unsafe.SliceData(a)), unsafe.Pointer(unsafe.SliceData(b)), unsafe.Pointer(unsafe.SliceData(c))) {
		multiplyGo(&s, alpha, a, b, c)
	}
}

// A shape is a checked product without its operands. Element (i, p) of op(A) lies at
// i·ai + p·ap, element (p, j) of op(B) at p·bp + j·bj, element (i, j) of C at i·ci + j.
type shape struct {
	batch, m, n, k     int
	ai, ap, bp, bj, ci int
	sa, sb, sc         int
	acc                bool
	log                int    // of the bytes of an element, 2 or 3
	alpha, one         uint64 // bits of α and 1 in the element type
}

// number sets what depends on the element type.
func (s *shape) number(size uintptr, alpha float64) {
	if size == 4 {
		s.log, s.alpha, s.one = 2, uint64(math.Float32bits(float32(alpha))), uint64(math.Float32bits(1))
		return
	}
	s.log, s.alpha, s.one = 3, math.Float64bits(alpha), math.Float64bits(1)
}

// fits reports whether batch matrices of rows×cols, none of them 0, lie in have elements.
func fits(have, batch, rows, cols, ld, stride int) bool {
	hi1, skip := bits.Mul64(uint64(batch-1), uint64(stride))
	hi2, body := bits.Mul64(uint64(rows-1), uint64(ld))
	need, carry := bits.Add64(skip, body, 0)
	return hi1|hi2|carry == 0 && have >= cols && uint64(have-cols) >= need && ld >= cols
}

// refuse panics about an operand that does not fit, unless it is empty.
func refuse(name string, have, batch, rows, cols, ld, stride int) {
	if rows == 0 || cols == 0 {
		return
	}
	if ld < cols || stride < 0 {
		panic(fmt.Sprintf("kernel: %s: %d columns, row stride %d, batch stride %d", name, cols, ld, stride))
	}
	panic(fmt.Sprintf("kernel: %s: %d elements are too few for %d times %d×%d with row stride %d and batch stride %d",
		name, have, batch, rows, cols, ld, stride))
}

// multiplyGo is the loop of GemmBatch, four columns at a time so that four chains of
// additions overlap.
func multiplyGo[F Float](s *shape, alpha F, a, b, c []F) {
	for q := range s.batch {
		for i := range s.m {
			for j := 0; j < s.n; j += 4 {
				var sum [4]F
				w := min(4, s.n-j)
				for p := range s.k {
					x, at := a[q*s.sa+i*s.ai+p*s.ap], q*s.sb+p*s.bp+j*s.bj
					for l := range w {
						sum[l] = fma(x, b[at+l*s.bj], sum[l])
					}
				}
				row := c[q*s.sc+i*s.ci+j:][:w]
				for l := range row {
					if !s.acc {
						row[l] = 0
					}
					row[l] = fma(alpha, sum[l], row[l])
				}
			}
		}
	}
}
