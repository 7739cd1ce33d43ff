//go:build (amd64 || arm64) && !purego

package kernel

import (
	"math"
	"sync"
	"unsafe"
)

const (
	// A panel of B has at most panelRows rows of lineBytes, which the second cache holds and is fast enough for. Fewer rows would keep a strip
	// in the first one, and would read and write C more often, which costs more.
	panelRows = 528
	lineBytes = 512

	// groupBytes of A stay in the second cache beside a panel while all its strips meet them.
	groupBytes = 256 << 10

	// maxProducts bounds one call, in products of vectors, to some ten microseconds:
	// the scheduler cannot interrupt assembly.
	maxProducts = 1 << 16
)

// A workspace is what some products need beside their operands.
type workspace struct {
	panel [panelRows * (lineBytes + cacheLine) / 8]float64
	sums  []float64 // unfinished chains
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// multiply is GemmBatch in assembly; it reports false where there is none to use.
func multiply(s *shape, a, b, c unsafe.Pointer) bool {
	if level == portable || s.k == 0 {
		return false
	}
	if s.n == 1 && s.ci == 1 && s.m > 1 {
		a, b = b, a
		s.swap()
	}
	if s.block(a, b, c) {
		return true
	}
	s.merge()
	var w *workspace
	if s.k > panelRows || s.packs(s.k) {
		w = workspaces.Get().(*workspace)
		defer workspaces.Put(w)
	}
	s.product(w, a, b, c)
	for q := 1; q < s.batch; q++ {
		s.product(w, s.at(a, q*s.sa), s.at(b, q*s.sb), s.at(c, q*s.sc))
	}
	return true
}

// swap turns a column C into the row Cᵀ = op(B)ᵀ·op(A)ᵀ, which fills vectors and has the
// same chains, as a·b = b·a.
func (s *shape) swap() {
	s.m, s.n = 1, s.m
	s.ap, s.bp, s.bj = s.bp, s.ap, s.ai
	s.sa, s.sb = s.sb, s.sa
}

// merge makes one product of a batch that shares B and lists its rows evenly.
func (s *shape) merge() {
	if s.m == 1 {
		s.ai, s.ci = s.sa, s.sc
	}
	if s.sb == 0 && s.sa == s.m*s.ai && s.sc == s.m*s.ci {
		s.m, s.batch = s.m*s.batch, 1
	}
}

// bytes is what i elements take.
func (s *shape) bytes(i int) int { return i << (s.log & 3) } // the mask spares a test for long shifts

// at is the address of the i-th element.
func (s *shape) at(p unsafe.Pointer, i int) unsafe.Pointer { return unsafe.Add(p, s.bytes(i)) }

// lanes is the number of elements in a vector.
func (s *shape) lanes() int { return 1 << s.lanesLog() }

func (s *shape) lanesLog() int { return (vectorShift() - s.log) & 7 }

// product computes one product: panels of B that stay in the caches, strip by strip, and
// while a strip is near all of A that meets it. Chains longer than a panel wait in C, or
// beside it where C still holds what they are added to. (Goto and van de Geijn, Anatomy of
// high-performance matrix multiplication, 2008, has the reasons; A is not packed here,
// because a broadcast reads it as it lies.)
func (s *shape) product(w *workspace, a, b, c unsafe.Pointer) {
	var t tile
	t.ai, t.ap, t.ci, t.alpha = s.bytes(s.ai), s.bytes(s.ap), s.bytes(s.ci), s.one
	sums, aside := c, s.acc && s.k > panelRows
	if aside {
		sums, t.ci = w.room(s.bytes(s.m*s.n)), s.bytes(s.n)
	}
	for from := 0; from < s.k; from += panelRows {
		t.k = min(panelRows, s.k-from)
		if from+t.k == s.k && !aside {
			t.alpha = s.alpha
			if s.acc {
				t.acc = 1
			}
		}
		s.panels(&t, w, s.at(a, from*s.ap), s.at(b, from*s.bp), sums)
		t.start = 1
	}
	if aside {
		s.add(c, sums)
	}
}

// panels cuts C into panels of nearly equal width where B has to be packed, and those into groups of rows.
func (s *shape) panels(t *tile, w *workspace, a, b, c unsafe.Pointer) {
	if !s.packs(t.k) {
		t.bp = s.bytes(s.bp)
		s.groups(t, a, b, c, s.n)
		return
	}
	lanes := s.lanes()
	vectors := (s.n + lanes - 1) >> s.lanesLog()
	count := pieces(vectors, lineBytes>>vectorShift())
	for j := 0; j < s.n; count-- {
		v := pieces(vectors, count)
		width := min(v*lanes, s.n-j)
		s.groups(t, a, s.pack(t, w, s.at(b, j*s.bj), v, width), s.at(c, j), width)
		vectors -= v
		j += width
	}
}

// groups cuts the rows of n columns of C into groups of nearly equal height, and those into strips.
func (s *shape) groups(t *tile, a, b, c unsafe.Pointer, n int) {
	count := pieces(s.bytes(s.m*t.k), groupBytes)
	for i := 0; i < s.m; count-- { // no pointer beyond the last row, which the race detector's checks refuse
		m := pieces(s.m-i, count)
		s.strips(t, unsafe.Add(a, i*t.ai), b, unsafe.Add(c, i*t.ci), m, n)
		i += m
	}
}

// strips cuts m rows and n columns of C into strips of nearly equal width, at most as many
// vectors as a block can have, and those into blocks.
func (s *shape) strips(t *tile, a, b, c unsafe.Pointer, m, n int) {
	lanes := s.lanes()
	vectors := (n + lanes - 1) >> s.lanesLog()
	count := pieces(vectors, mostVectors[level])
	for j := 0; j < n; count-- {
		v := pieces(vectors, count)
		width := min(v*lanes, n-j)
		t.last = width - (v-1)*lanes
		s.blocks(t, a, s.at(b, j), s.at(c, j), m, v)
		vectors -= v
		j += width
	}
}

// pieces is ⌈n/size⌉, without a division in the cases of small matrices.
func pieces(n, size int) int {
	switch {
	case n <= size:
		return 1
	case size == 1:
		return n
	}
	return (n + size - 1) / size
}

// blocks cuts m rows into blocks of nearly equal height, the taller first.
func (s *shape) blocks(t *tile, a, b, c unsafe.Pointer, m, v int) {
	count := pieces(m, blockRows[level][v])
	for rows := m; ; {
		r, n := rows, 1
		if count > 1 {
			r = pieces(rows, count)
			n = rows - (r-1)*count // of this height; the rest has r−1 rows
		}
		if each := r * v * t.k; n*each > maxProducts {
			n = max(1, maxProducts/each)
		}
		t.shape, t.blocks = s.code(v, r, t.last), n
		s.call(t, a, b, c)
		rows -= r * n
		if rows == 0 {
			return
		}
		count -= n
		a, c = unsafe.Add(a, r*n*t.ai), unsafe.Add(c, r*n*t.ci)
	}
}

// room is space for unfinished chains.
func (w *workspace) room(bytes int) unsafe.Pointer {
	if need := (bytes + 7) / 8; len(w.sums) < need {
		w.sums = make([]float64, need)
	}
	return unsafe.Pointer(unsafe.SliceData(w.sums))
}

// add ends the chains that waited beside C: C = fma(α, sums, C).
func (s *shape) add(c, sums unsafe.Pointer) {
	for i := range s.m {
		to, from := s.at(c, i*s.ci), s.at(sums, i*s.n)
		if s.log == 2 {
			Axpy(math.Float32frombits(uint32(s.alpha)), unsafe.Slice((*float32)(from), s.n), unsafe.Slice((*float32)(to), s.n))
		} else {
			Axpy(math.Float64frombits(s.alpha), unsafe.Slice((*float64)(from), s.n), unsafe.Slice((*float64)(to), s.n))
		}
	}
}
