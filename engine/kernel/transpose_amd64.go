//go:build !purego

package kernel

import "unsafe"

// turnRows writes four rows of n elements from row i on as columns; it reports false where there is no assembly to do it.
func turnRows[F Float](dst []F, ldd int, src []F, lds, i, n int) bool {
	size := int(unsafe.Sizeof(src[0]))
	if level == portable || n*size < 32 {
		return false
	}
	row := func(k int) unsafe.Pointer { return unsafe.Pointer(&src[(i+k)*lds]) }
	if size == 4 {
		turn32(unsafe.Pointer(&dst[i]), ldd*size, row(0), row(1), row(2), row(3), n)
	} else {
		turn64(unsafe.Pointer(&dst[i]), ldd*size, row(0), row(1), row(2), row(3), n)
	}
	return true
}
