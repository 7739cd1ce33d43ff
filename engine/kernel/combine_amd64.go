//go:build !purego

package kernel

import "unsafe"

// combine is Combine in assembly; it reports false where there is none to use.
func combine[F Float](dst []F, alpha F, v []F, at []int32, rows []F, ld int) bool {
	if level == portable {
		return false
	}
	size := int(unsafe.Sizeof(alpha))
	const step = 1 << 10 // bytes that AVX-512 sums at a time
	for from, bytes := 0, len(dst)*size; from < bytes; from += step {
		part := min(step, bytes-from)
		to, first := unsafe.Add(unsafe.Pointer(&dst[0]), from), unsafe.Add(unsafe.Pointer(&rows[0]), from)
		x, index := unsafe.Pointer(&v[0]), unsafe.Pointer(&at[0])
		switch {
		case single[F]() && level == avx512:
			combine32AVX512(to, first, x, index, len(v), ld*size, part, float32(alpha))
		case single[F]():
			combine32AVX2(to, first, x, index, len(v), ld*size, part, float32(alpha))
		case level == avx512:
			combine64AVX512(to, first, x, index, len(v), ld*size, part, float64(alpha))
		default:
			combine64AVX2(to, first, x, index, len(v), ld*size, part, float64(alpha))
		}
	}
	return true
}
