package kernel

import (
	"fmt"
	"unsafe"
)

// Inner adds the inner products of vectors x with vectors y, all of n elements, to a
// matrix whose rows begin ld elements apart. Each is summed in pieces of 512 products, and
// those in w = 8 running sums for float32, 4 for float64 (32 bytes), the last round of a
// piece filled up with zeros.
//
//	for i := range x {
//		for j := range y {
//			for from := 0; from < n; from += 512 {
//				clear(s)
//				for p := from; p < min(from+512, n); p++ { s[p%w] = fma(x[i][p], y[j][p], s[p%w]) }
//				for h := w/2; h > 0; h /= 2 {
//					for l := range h { s[l] += s[l+h] }
//				}
//				dst[i*ld+j] += s[0]
//			}
//		}
//	}
//
// The vectors may lie anywhere: unlike a matrix for Gemm they need not be copied together.
// dst must not overlap them.
func Inner[F Float](dst []F, ld int, x, y [][]F) {
	if len(x) == 0 || len(y) == 0 {
		return
	}
	n := len(x[0])
	for _, v := range x {
		same("Inner", n, len(v))
	}
	for _, v := range y {
		same("Inner", n, len(v))
	}
	if ld < len(y) || !fits(len(dst), 1, len(x), len(y), ld, 0) {
		panic(fmt.Sprintf("kernel: Inner: %d elements are too few for %d×%d with row stride %d", len(dst), len(x), len(y), ld))
	}
	if n == 0 || inner(dst, ld, x, y) {
		return
	}
	for from := 0; from < n; from += innerPiece {
		to := min(from+innerPiece, n)
		for i := range x {
			for j := range y {
				dst[i*ld+j] += innerGo(x[i][from:to], y[j][from:to])
			}
		}
	}
}

// innerPiece is how many products are summed at a time: what three and four vectors have
// of them fits the first cache.
const innerPiece = 512

// innerGo is the sum of one piece.
func innerGo[F Float](x, y []F) F {
	var s [8]F
	w := int(32 / unsafe.Sizeof(s[0]))
	for p := range x {
		s[p%w] = fma(x[p], y[p], s[p%w])
	}
	if left := len(x) % w; left != 0 {
		for l := left; l < w; l++ {
			s[l] += 0
		}
	}
	for h := w / 2; h > 0; h /= 2 {
		for l := range h {
			s[l] += s[l+h]
		}
	}
	return s[0]
}
