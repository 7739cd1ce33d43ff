package l2o

import (
	"math"
	"slices"

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
	gram   [][]float64 // (k', k'), k' ≤ k
	panel  []float64   // room for growing gram
	kept   factor      // of gram on the face of the last Newton step
}

func (s *workingSet) add(d *descent, b int) {
	block := members(d.g, b)
	s.at[b] = len(s.coords)
	s.blocks, s.size = append(s.blocks, b), append(s.size, len(block))
	s.coords = append(s.coords, block...)
}

// hasGram reports whether sweeps on k columns of m rows are worth their Gram matrix, in time and in memory.
func hasGram(k, m int) bool { return k <= 8*m+512 && k <= 4096 && k*m <= 1<<27 }

// panelSize is how many numbers of the columns are multiplied at a time: what stays in the cache.
const panelSize = 1 << 15

// gramBlock is how many rows of a Gram matrix are computed together.
const gramBlock = 32

// columns brings cols up to date. A matrix held by columns is not copied.
func (s *workingSet) columns(a linop.Columns) {
	for _, j := range s.coords[len(s.cols):] {
		s.cols = append(s.cols, columnAt(a, nil, j))
	}
}

// grams brings gram up to date, as the product of the new columns with all of them, in pieces of rows that stay in the cache. With weights
// h it is A_SᵀHA_S, and all of it is new.
func (s *workingSet) grams(h []float64, m int) {
	k, old := len(s.cols), len(s.gram)
	if h != nil {
		s.gram, old = s.gram[:0], 0
	}
	fresh := k - old
	if fresh == 0 {
		return
	}
	rows := max(panelSize/(k+fresh), 8)
	if size := (k + fresh) * rows; len(s.panel) < size {
		s.panel = make([]float64, size)
	}
	all, some := s.panel[:k*rows], s.panel[old*rows:k*rows]
	product := make([]float64, fresh*k)
	for from := 0; from < m; from += rows {
		to := min(from+rows, m)
		for i, c := range s.cols {
			copy(all[i*rows:], c[from:to])
		}
		if h != nil {
			some = s.panel[k*rows : (k+fresh)*rows]
			for i := range k {
				for t, v := range h[from:to] {
					some[i*rows+t] = v * all[i*rows+t]
				}
			}
		}
		for i := 0; i < fresh; i += gramBlock { // up to the diagonal
			high, wide := min(gramBlock, fresh-i), min(old+i+gramBlock, k)
			kernel.Gemm(false, true, high, wide, to-from, 1, some[i*rows:], rows, all, rows, from > 0, product[i*k:], k)
		}
	}
	for i := range fresh {
		for j := range i {
			product[j*k+old+i] = product[i*k+old+j]
		}
	}
	for i := range s.gram {
		for j := range fresh {
			s.gram[i] = append(s.gram[i], product[j*k+i])
		}
	}
	for j := range fresh {
		s.gram = append(s.gram, product[j*k:(j+1)*k:(j+1)*k])
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
