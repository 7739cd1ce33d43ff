//go:build !purego

package kernel

import "unsafe"

// A tile of Inner has 3×4 sums: with three vectors of x and one of y they fill the
// registers of AVX2, and seven loads feed twelve products.
const innerRows, innerColumns = 3, 4

// innerBlock is how many vectors of y are met by all of x before the next ones are: their
// pieces stay in the second cache.
const innerBlock = 64

// inner is Inner in assembly; it reports false where there is none to use. AVX2 serves both
// levels, as the order of additions is that of its vectors.
func inner[F Float](dst []F, ld int, x, y [][]F) bool {
	if level == portable {
		return false
	}
	for from := 0; from < len(x[0]); from += innerPiece {
		n := min(innerPiece, len(x[0])-from)
		for left := 0; left < len(y); left += innerBlock {
			right := min(left+innerBlock, len(y))
			for i := 0; i < len(x); i += innerRows {
				rows := x[i:min(i+innerRows, len(x))]
				for j := left; j < right; j += innerColumns {
					innerTile(dst[i*ld+j:], ld, rows, y[j:min(j+innerColumns, right)], from, n)
				}
			}
		}
	}
	return true
}

// innerTile adds a piece to one tile; one that is not whole is computed beside dst, with
// its last vectors repeated.
func innerTile[F Float](dst []F, ld int, x, y [][]F, from, n int) {
	if len(x) == innerRows && len(y) == innerColumns {
		innerCall(&dst[0], ld, &x[0], &y[0], from, n)
		return
	}
	var sums [innerRows * innerColumns]F
	var xs [innerRows][]F
	var ys [innerColumns][]F
	for i := range xs {
		xs[i] = x[min(i, len(x)-1)]
	}
	for j := range ys {
		ys[j] = y[min(j, len(y)-1)]
	}
	innerCall(&sums[0], innerColumns, &xs[0], &ys[0], from, n)
	for i := range x {
		for j := range y {
			dst[i*ld+j] += sums[i*innerColumns+j]
		}
	}
}

func innerCall[F Float](dst *F, ld int, x, y *[]F, from, n int) {
	size := int(unsafe.Sizeof(*dst))
	if single[F]() {
		inner32(unsafe.Pointer(dst), ld*size, unsafe.Pointer(x), unsafe.Pointer(y), from*size, n)
	} else {
		inner64(unsafe.Pointer(dst), ld*size, unsafe.Pointer(x), unsafe.Pointer(y), from*size, n)
	}
}
