package engine

import (
	"sync"
	"unsafe"

	"unroll/engine/kernel"
)

// layerScratch is what lasts for a block of r rows or for one backward pass. Layers take turns with the memory, so that it stays in the
// second-level cache.
type layerScratch[F kernel.Float] struct {
	sizes []bufferSize[F]
	total int

	queries         []F // (r, D), where not all tokens are
	dUnits          []F // (r, F)
	dFree           []F // (r, W)
	dScore, dWriteT []F // (D, H·D), (W, H·D)
	dW2T            []F // (W, F)
	writeT          []F // write transposed (W, H·D)
	w1T, w2T        []F // the writable rows of W₁, transposed (F, W); W₂ transposed (W, F)

	// Of chunks, per prompt the moments.
	attended, dAttended []F // (r, W)
	dProjected, dMixed  []F // (r, H·D)
	dScores             []F // (r·H, span)
	moments, dMoments   []F // (n, D, D)
	dMomentsFree        []F // (D, W)
	scoreT              []F // the writable rows of score, transposed (H·D, W)

	// Of a fold.
	dValues  []F // (n, T, H·W)
	dMT, dNT []F // (n, W, H·D), (n, W, D)
}

type bufferSize[F kernel.Float] struct {
	buffer func(s *layerScratch[F]) *[]F
	size   int
}

func newLayerScratch[F kernel.Float](s LayerShape, folds bool, span int) (l layerScratch[F]) {
	d, w, f, h, n := s.Width, s.writable(), s.Hidden, s.Heads, s.blockPrompts()
	r := n * s.Queries
	type scratch = layerScratch[F]
	l.sizes = []bufferSize[F]{
		{func(l *scratch) *[]F { return &l.queries }, r * d},
		{func(l *scratch) *[]F { return &l.dUnits }, r * f}, {func(l *scratch) *[]F { return &l.dFree }, r * w},
		{func(l *scratch) *[]F { return &l.dScore }, d * h * d}, {func(l *scratch) *[]F { return &l.dWriteT }, w * h * d},
		{func(l *scratch) *[]F { return &l.dW2T }, w * f}, {func(l *scratch) *[]F { return &l.writeT }, w * h * d},
		{func(l *scratch) *[]F { return &l.w1T }, f * w}, {func(l *scratch) *[]F { return &l.w2T }, w * f},
	}
	if folds {
		l.sizes = append(l.sizes, []bufferSize[F]{
			{func(l *scratch) *[]F { return &l.dValues }, n * s.Tokens * h * w},
			{func(l *scratch) *[]F { return &l.dMT }, n * w * h * d}, {func(l *scratch) *[]F { return &l.dNT }, n * w * d},
		}...)
	} else {
		l.sizes = append(l.sizes, []bufferSize[F]{
			{func(l *scratch) *[]F { return &l.attended }, r * w}, {func(l *scratch) *[]F { return &l.dAttended }, r * w},
			{func(l *scratch) *[]F { return &l.dProjected }, r * h * d}, {func(l *scratch) *[]F { return &l.dMixed }, r * h * d},
			{func(l *scratch) *[]F { return &l.dScores }, r * h * span},
			{func(l *scratch) *[]F { return &l.moments }, n * d * d}, {func(l *scratch) *[]F { return &l.dMoments }, n * d * d},
			{func(l *scratch) *[]F { return &l.dMomentsFree }, d * w}, {func(l *scratch) *[]F { return &l.scoreT }, h * d * w},
		}...)
	}
	for _, b := range l.sizes {
		l.total += aligned(b.size)
	}
	return l
}

// aligned rounds a number of elements up to whole cache lines in either precision.
func aligned(size int) int { return (size + 15) &^ 15 }

// An arena is memory that layers of one precision take turns with; every pass over a layer borrows one.
type arena[F kernel.Float] struct{ numbers []F }

var arenas32, arenas64 sync.Pool

func arenas[F kernel.Float]() *sync.Pool {
	if unsafe.Sizeof(F(0)) == 4 {
		return &arenas32
	}
	return &arenas64
}

// borrow lays the buffers out in an arena, which the caller gives back. What they hold is anything.
func (l *layerScratch[F]) borrow() *arena[F] {
	a, ok := arenas[F]().Get().(*arena[F])
	if !ok {
		a = new(arena[F])
	}
	if len(a.numbers) < l.total {
		a.numbers = make([]F, l.total)
	}
	from := 0
	for _, b := range l.sizes {
		*b.buffer(l) = a.numbers[from : from+b.size]
		from += aligned(b.size)
	}
	return a
}

func (a *arena[F]) giveBack() { arenas[F]().Put(a) }
