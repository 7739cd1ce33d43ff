//go:build (amd64 || arm64) && !purego

package kernel

import "unsafe"

// packs reports whether terms rows of op(B) have to be copied: where B is transposed,
// where its rows lie so far apart that many passes over them cost more than one copy, or
// where they end within a vector and the tiles cannot mask it.
func (s *shape) packs(terms int) bool {
	return s.bj != 1 || s.m >= 64 && s.bytes(terms*s.bp) > 1<<16 || !masks && s.n&(s.lanes()-1) != 0
}

// cacheLine is what most processors read at a time.
const cacheLine = 64

// pack copies the first t.k rows of a panel of op(B), v vectors and width columns wide. A row of B gives all its strips at once, as the next
// one may lie in another page of memory. Rows of several strips are an odd number of lines apart, so that a strip uses all sets of a cache.
func (s *shape) pack(t *tile, w *workspace, b unsafe.Pointer, v, width int) unsafe.Pointer {
	t.bp = v << vectorShift()
	if v > mostVectors[level] {
		t.bp = (pieces(t.bp, cacheLine) | 1) * cacheLine
	}
	dst := unsafe.Pointer(&w.panel)
	if s.bj == 1 || t.k < 32>>s.log {
		s.copy(dst, b, t, width)
		return dst
	}
	s.turn(dst, b, t, width)
	return dst
}

// copy packs row by row, or element by element where a transposed B is too narrow to turn.
func (s *shape) copy(dst, b unsafe.Pointer, t *tile, width int) {
	for p := range t.k {
		to, from := unsafe.Add(dst, p*t.bp), s.at(b, p*s.bp)
		if s.bj == 1 {
			n := s.bytes(width)
			copy(unsafe.Slice((*byte)(to), n), unsafe.Slice((*byte)(from), n))
			continue
		}
		for j := range width {
			if s.log == 2 {
				*(*float32)(s.at(to, j)) = *(*float32)(s.at(from, j*s.bj))
			} else {
				*(*float64)(s.at(to, j)) = *(*float64)(s.at(from, j*s.bj))
			}
		}
	}
}
