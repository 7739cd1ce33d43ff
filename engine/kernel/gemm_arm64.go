//go:build !purego

package kernel

import "unsafe"

// In kernel_arm64.s, as tile describes it.

//go:noescape
func tile32NEON(a, b, c unsafe.Pointer, t *tile)

//go:noescape
func tile64NEON(a, b, c unsafe.Pointer, t *tile)

// masks says that tiles neither read nor write beyond the last column.
const masks = false

// blockRows[level][v] is the largest number of rows in a block of v vectors, of which
// mostVectors are the most: 16 sums, 4 vectors of B and 4 of A.
var (
	blockRows   = [...][5]int{neon: {1: 4, 2: 4, 3: 4, 4: 4}}
	mostVectors = [...]int{neon: 4}
)

// code is that of blocks of r rows and v vectors.
func (s *shape) code(v, r, _ int) int { return v<<8 | r }

// call computes a strip of C, by way of a copy of it where the last vector is not full.
func (s *shape) call(t *tile, a, b, c unsafe.Pointer) {
	if t.last == s.lanes() {
		s.tile(a, b, c, t)
		return
	}
	var beside [4][4 * 16]byte // one block
	rows, blocks, step := t.shape&255, t.blocks, t.ci
	width := s.bytes((t.shape>>8-1)*s.lanes() + t.last)
	t.blocks, t.ci = 1, len(beside[0])
	for range blocks {
		for i := range rows {
			copy(beside[i][:], unsafe.Slice((*byte)(unsafe.Add(c, i*step)), width))
		}
		s.tile(a, b, unsafe.Pointer(&beside), t)
		for i := range rows {
			copy(unsafe.Slice((*byte)(unsafe.Add(c, i*step)), width), beside[i][:])
		}
		a, c = unsafe.Add(a, rows*t.ai), unsafe.Add(c, rows*step)
	}
	t.ci = step
}

func (s *shape) tile(a, b, c unsafe.Pointer, t *tile) {
	if s.log == 2 {
		tile32NEON(a, b, c, t)
	} else {
		tile64NEON(a, b, c, t)
	}
}

// turn packs a strip of a transposed B.
func (s *shape) turn(dst, b unsafe.Pointer, t *tile, width int) { s.copy(dst, b, t, width) }
