package kernel

import (
	"fmt"
	"unsafe"
)

// Combine adds to dst a combination of some rows of a matrix, which begin ld elements
// apart: what a product with a vector of few nonzeros is. The sum is one chain in the
// order of v, as in Gemm, which has the terms with zeros besides.
//
//	for j := range dst {
//		s := 0
//		for i := range v { s = fma(v[i], rows[at[i]*ld+j], s) }
//		dst[j] = fma(α, s, dst[j])
//	}
//
// The length of dst is a multiple of [LineOf]. dst must not overlap the rest.
func Combine[F Float](dst []F, alpha F, v []F, at []int32, rows []F, ld int) {
	same("Combine", len(v), len(at))
	if len(dst)%LineOf[F]() != 0 || ld < len(dst) {
		panic(fmt.Sprintf("kernel: Combine: rows of %d elements, %d apart, are no whole lines of %d", len(dst), ld, LineOf[F]()))
	}
	if len(dst) == 0 {
		return
	}
	held := 0 // rows that lie in the slice
	if len(rows) >= len(dst) {
		held = (len(rows)-len(dst))/ld + 1
	}
	for _, r := range at {
		if uint(r) >= uint(held) {
			panic(fmt.Sprintf("kernel: Combine: row %d of %d", r, held))
		}
	}
	if len(v) > 0 && combine(dst, alpha, v, at, rows, ld) {
		return
	}
	for j := range dst {
		var s F
		for i, r := range at {
			s = fma(v[i], rows[int(r)*ld+j], s)
		}
		dst[j] = fma(alpha, s, dst[j])
	}
}

// LineOf is how many elements 64 bytes hold.
func LineOf[F Float]() int { return int(64 / unsafe.Sizeof(F(0))) }
