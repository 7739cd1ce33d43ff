package l2o

import (
	"math"
	"slices"
	"sync"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// A workingSet holds the blocks that coordinate descent works on, in the order of joining, with their columns side by side and, if that is
// worth it, AᵀA of them.
type workingSet struct {
	blocks []int
	at     []int       // place of the first coordinate of block b, −1 for none
	size   []int       // coordinates of blocks[i]
	coords []int       // (k)
	cols   [][]float64 // the k columns, (m)
	gram   [][]float64 // (k', k'), k' ≤ k, rows of products
	kept   factor      // of gram on the face of the last Newton step

	products []float64 // (wide, wide)
	wide     int
}

func (s *workingSet) add(d *descent, b int) {
	block := members(d.g, b)
	s.at[b] = len(s.coords)
	s.blocks, s.size = append(s.blocks, b), append(s.size, len(block))
	s.coords = append(s.coords, block...)
}

// hasGram reports whether sweeps on k columns of m rows are worth their Gram matrix, in time and in memory.
func hasGram(k, m int) bool { return k <= 8*m+512 && k <= maxGram && k*m <= 1<<27 }

const maxGram = 4096

const (
	gramBlock    = 12  // rows of a Gram matrix that are computed together, each up to the end of the block
	gramRows     = 512 // rows of the columns that all blocks have before the next are looked at; a piece of kernel.Inner
	weightedRows = 128 // rows of the columns that are multiplied by weights at a time: what stays in the cache
)

// columns brings cols up to date. A matrix held by columns is not copied.
func (s *workingSet) columns(a linop.Columns) {
	for _, j := range s.coords[len(s.cols):] {
		s.cols = append(s.cols, columnAt(a, nil, j))
	}
}

// grams brings gram up to date with the products of the new columns with all of them. With weights h it is A_SᵀHA_S, and all of it is new.
func (s *workingSet) grams(h []float64, m int) {
	k, old := len(s.cols), len(s.gram)
	if h != nil {
		old = 0
	}
	if k == old {
		return
	}
	s.widen(k, old)
	fresh := s.products[old*s.wide:]
	if h != nil {
		s.weighted(fresh, h, m)
	} else {
		s.unweighted(fresh, old, m)
	}
	s.gram = s.gram[:0]
	for i := range k {
		row := s.products[i*s.wide : i*s.wide+k : (i+1)*s.wide]
		s.gram = append(s.gram, row)
	}
	for i := old; i < k; i++ { // the upper triangle
		for j, v := range s.gram[i][:i] {
			s.gram[j][i] = v
		}
	}
}

// widen has products hold k rows, the first old of which stay, and the others begin at 0.
func (s *workingSet) widen(k, old int) {
	if k > s.wide {
		products := gramRoom(max(k, min(2*s.wide, maxGram)))
		wide := int(math.Sqrt(float64(len(products))))
		for i := range old {
			copy(products[i*wide:], s.gram[i][:old])
		}
		s.release()
		s.products, s.wide = products, wide
	}
	for i := old; i < k; i++ {
		clear(s.products[i*s.wide : i*s.wide+k])
	}
}

// gramRooms keeps memory from one solution to the next: clearing it takes as long as some of the products.
var gramRooms sync.Pool

// gramRoom has room for at least that many rows.
func gramRoom(rows int) []float64 {
	if room, ok := gramRooms.Get().(*[]float64); ok && len(*room) >= rows*rows {
		return *room
	}
	return make([]float64, rows*rows)
}

// release gives the memory of the Gram matrix back, which is not looked at any more.
func (s *workingSet) release() {
	if s.products != nil {
		room := s.products
		gramRooms.Put(&room)
		s.products, s.gram, s.wide = nil, nil, 0
	}
}

// lowerProducts adds the inner products of the last columns with all up to themselves, and some beyond.
func lowerProducts(dst []float64, wide int, last, all [][]float64) {
	old := len(all) - len(last)
	for i := 0; i < len(last); i += gramBlock {
		to := min(i+gramBlock, len(last))
		kernel.Inner(dst[i*wide:], wide, last[i:to], all[:old+to])
	}
}

// unweighted adds the products of the columns from old on.
func (s *workingSet) unweighted(dst []float64, old, m int) {
	if m <= gramRows {
		lowerProducts(dst, s.wide, s.cols[old:], s.cols)
		return
	}
	part := make([][]float64, len(s.cols))
	for from := 0; from < m; from += gramRows {
		for i, c := range s.cols {
			part[i] = c[from:min(from+gramRows, m)]
		}
		lowerProducts(dst, s.wide, part[old:], part)
	}
}

// weighted adds the products with weights between.
func (s *workingSet) weighted(dst, h []float64, m int) {
	k := len(s.cols)
	room := make([]float64, k*weightedRows)
	left, right := make([][]float64, k), make([][]float64, k)
	for from := 0; from < m; from += weightedRows {
		to := min(from+weightedRows, m)
		for i, c := range s.cols {
			left[i], right[i] = room[i*weightedRows:][:to-from], c[from:to]
			for t, v := range h[from:to] {
				left[i][t] = v * right[i][t]
			}
		}
		lowerProducts(dst, s.wide, left, right)
	}
}

// model poses min over the set of the second-order model of the loss at d.x, with weights h = ℓ″ or nil for 1, plus g. Without a Gram
// matrix it is the model with h = Curvature, which lies above the loss.
func (s *workingSet) model(d *descent, h []float64) *model {
	k := len(s.coords)
	q := &model{g: d.g, blocks: s.blocks, size: s.size, coords: s.coords, full: d.room[3], room: d.room[:3], curvature: 1}
	copy(q.full, d.x)
	room := make([]float64, 3*k+len(s.blocks))
	q.x, q.slope, q.square, q.step = room[:k], room[k:2*k], room[2*k:3*k], room[3*k:]
	for i, j := range s.coords {
		q.x[i], q.slope[i] = d.x[j], d.w[j]
	}
	if hasGram(k, d.m) {
		s.columns(d.a)
		s.grams(h, d.m)
		q.gram, q.kept = s.gram, &s.kept
		if h != nil {
			s.kept = factor{}
		}
	} else {
		q.a, q.residual = d.a, slices.Clone(d.u)
		q.curvature = d.loss.Curvature()
	}
	for i, j := range s.coords {
		if q.gram != nil {
			q.square[i] = q.gram[i][i]
		} else {
			q.square[i] = q.curvature * d.squares[j]
		}
	}
	at := 0
	for i, size := range s.size {
		q.step[i] = math.MaxFloat64 // of a block of zeros
		if l := q.lipschitz(at, size, d); l > 0 {
			q.step[i] = 1 / l
		}
		at += size
	}
	return q
}
