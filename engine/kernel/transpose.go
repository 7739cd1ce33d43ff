package kernel

import "fmt"

// Transpose copies an m×n matrix to the n×m one of its columns; lds and ldd are the
// distances in elements from one row to the next.
//
//	for i := range m {
//		for j := range n { dst[j*ldd+i] = src[i*lds+j] }
//	}
func Transpose[F Float](dst []F, ldd int, src []F, lds, m, n int) {
	if m == 0 || n == 0 {
		return
	}
	if m < 0 || n < 0 || !fits(len(src), 1, m, n, lds, 0) || !fits(len(dst), 1, n, m, ldd, 0) {
		panic(fmt.Sprintf("kernel: Transpose: %d elements to %d for a matrix of %d×%d with row strides %d and %d", len(src), len(dst), m, n, lds, ldd))
	}
	i := 0
	for ; i+4 <= m && turnRows(dst, ldd, src, lds, i, n); i += 4 {
	}
	for ; i < m; i++ {
		for j, v := range src[i*lds:][:n] {
			dst[j*ldd+i] = v
		}
	}
}
