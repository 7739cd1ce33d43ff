//go:build !purego

package kernel

import "unsafe"

// butterfly is Butterfly in assembly; it reports false where there is none to use. A pass over sequences of 4096 takes some ten microseconds.
func butterfly(r, m, s int, y, x []Complex8, w []float64) bool {
	if level == portable {
		return false
	}
	to, from, factors := unsafe.Pointer(&y[0]), unsafe.Pointer(&x[0]), unsafe.Pointer(&w[0])
	wide := level == avx512
	switch {
	case r == 2 && wide:
		butterfly2AVX512(to, from, factors, m, s)
	case r == 2:
		butterfly2AVX2(to, from, factors, m, s)
	case r == 3 && wide:
		butterfly3AVX512(to, from, factors, m, s, root3, 0.5)
	case r == 3:
		butterfly3AVX2(to, from, factors, m, s, root3, 0.5)
	case r == 4 && wide:
		butterfly4AVX512(to, from, factors, m, s)
	case r == 4:
		butterfly4AVX2(to, from, factors, m, s)
	case wide:
		butterfly8AVX512(to, from, factors, m, s, root8)
	default:
		butterfly8AVX2(to, from, factors, m, s, root8)
	}
	return true
}
