//go:build !purego

package kernel

import "unsafe"

// masks says that tiles neither read nor write beyond the last column.
const masks = true

// blockRows[level][v] is the largest number of rows in a block of v vectors, of which
// mostVectors are the most: so many sums, v vectors of B and one of A fill the registers.
var (
	blockRows   = [...][5]int{avx2: {1: 8, 2: 6}, avx512: {1: 12, 2: 8, 3: 8, 4: 6}}
	mostVectors = [...]int{avx2: 2, avx512: 4}
)

// code is that of blocks of r rows and v vectors, with so many columns in the last one: AVX2 asks whether it is full, AVX-512, which masks
// every last vector, whether half a vector will do.
func (s *shape) code(v, r, last int) int {
	c := v<<8 | r<<1
	if level == avx2 && last < s.lanes() || level == avx512 && last <= s.lanes()/2 {
		c |= 1
	}
	return c
}

func (s *shape) call(t *tile, a, b, c unsafe.Pointer) {
	switch {
	case level == avx512 && s.log == 2:
		tile32AVX512(a, b, c, t)
	case level == avx512:
		tile64AVX512(a, b, c, t)
	case s.log == 2:
		tile32AVX2(a, b, c, t)
	default:
		tile64AVX2(a, b, c, t)
	}
}

// turn packs a strip of a transposed B in groups of four columns. Where fewer are left the
// last one is repeated, and nobody reads the copies.
func (s *shape) turn(dst, b unsafe.Pointer, t *tile, width int) {
	row := func(j int) unsafe.Pointer { return s.at(b, min(j, width-1)*s.bj) }
	for j := 0; j < width; j += 4 {
		if s.log == 2 {
			turn32(s.at(dst, j), t.bp, row(j), row(j+1), row(j+2), row(j+3), t.k)
		} else {
			turn64(s.at(dst, j), t.bp, row(j), row(j+1), row(j+2), row(j+3), t.k)
		}
	}
}
