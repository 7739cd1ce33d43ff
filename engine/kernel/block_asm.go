//go:build (amd64 || arm64) && !purego

package kernel

import "unsafe"

// block computes a product that is one block of C and one panel of B, without the ways
// that larger ones need: the smallest products spend their time there. It reports false
// for all others.
func (s *shape) block(a, b, c unsafe.Pointer) bool {
	if s.batch != 1 || s.n > s.lanes() || s.m > blockRows[level][1] || s.k > panelRows || s.packs(s.k) {
		return false
	}
	var t tile
	t.ai, t.ap, t.bp, t.ci = s.bytes(s.ai), s.bytes(s.ap), s.bytes(s.bp), s.bytes(s.ci)
	t.k, t.shape, t.blocks, t.last = s.k, s.code(1, s.m, s.n), 1, s.n
	t.alpha = s.alpha
	if s.acc {
		t.acc = 1
	}
	s.call(&t, a, b, c)
	return true
}
