package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A descent is the state of coordinate descent on one A, y and loss. It may start again with another penalty over the same blocks, as along
// a path, and then keeps the Gram matrix of all blocks that were ever in the working set.
type descent struct {
	a    linop.Columns
	y    []float64 // (m)
	loss Loss
	g    prox.Separable
	m, n int

	single  bool      // every block is one coordinate
	squares []float64 // ‖A_j‖², (n)
	norm    []float64 // ‖A_b‖ or a bound on it, one a block

	x       []float64 // (n)
	z, u    []float64 // Ax and −ℓ′(Ax), (m)
	before  []float64 // u at the last refresh, (m)
	w       []float64 // A_bᵀu as of when block b was last looked at, (n)
	way     float64   // length of the way that u has gone
	seen    []float64 // of that, what it had gone when block b was last looked at, one a block
	live    []int     // blocks that may violate optimality, ascending
	set     workingSet
	room    [4][]float64 // for models and dual points, (n)
	outside []candidate  // room for grow
	best    float64      // the smallest violation so far
	stalled int          // rounds since it halved
	near    float64      // along a path, the gap at which a model's minimiser is near enough; 0 for one not near to begin with
	wanted  float64      // gap at which the sequence is left; 0 where that is not known
}

// newDescent starts at a copy of x₀, nil for 0.
func newDescent(p *Problem, x0 []float64) *descent {
	m, n := p.A.Dims()
	g := p.G.(prox.Separable)
	blocks := g.Blocks(n)
	d := &descent{
		a: columnsOf(p.A), y: p.Y, loss: p.loss(), m: m, n: n, squares: make([]float64, n), x: make([]float64, n), w: make([]float64, n),
		z: make([]float64, m), u: make([]float64, m), before: make([]float64, m), norm: make([]float64, blocks), seen: make([]float64, blocks),
	}
	copy(d.x, x0)
	d.dual()
	d.way = 0
	var column []float64
	for j := range n { // a column that is read once serves twice
		column = columnAt(d.a, column, j)
		d.w[j], d.squares[j] = kernel.DotSquares(column, d.u)
	}
	d.single = true
	for b := range blocks {
		s := 0.0
		for _, j := range members(g, b) {
			s += d.squares[j]
		}
		d.norm[b] = math.Sqrt(s)
		d.single = d.single && g.Block(b) == nil
	}
	d.set.at = slices.Repeat([]int{-1}, blocks)
	for i := range d.room {
		d.room[i] = make([]float64, n)
	}
	d.pose(g)
	return d
}

// columnsOf copies a row-major matrix, whose columns are too slow to read over and over.
func columnsOf(a linop.Operator) linop.Columns {
	if dense, ok := a.(*linop.Dense); ok {
		return linop.NewColMajor(dense)
	}
	return a.(linop.Columns)
}

// columnAt returns A_j, in dst where it is not held as such, which then must not be changed.
func columnAt(a linop.Columns, dst []float64, j int) []float64 {
	m, _ := a.Dims()
	if held, ok := a.(*linop.ColMajor); ok {
		return held.Data[j*m : (j+1)*m : (j+1)*m]
	}
	if len(dst) != m {
		dst = make([]float64, m)
	}
	a.Column(dst, j)
	return dst
}

// sound reports whether all numbers are finite and their squares neither overflow nor vanish.
func (d *descent) sound() bool {
	total := kernel.Sum(d.squares)
	return total >= 0x1p-1000 && finite(total*kernel.SumSquares(d.y))
}

// at reports whether the descent, if there is one, is at x.
func (d *descent) at(x []float64) bool { return d != nil && slices.Equal(d.x, x) }

// pose changes the penalty to one over the same blocks.
func (d *descent) pose(g prox.Separable) {
	d.g = g
	d.live = d.live[:0]
	for b := range d.norm {
		d.live = append(d.live, b)
	}
	d.best, d.stalled = math.Inf(1), 0
	d.lookAround()
}

func (d *descent) iterates(yield func(int, []float64) bool) {
	for k := 0; yield(k, d.x) && d.round(); k++ {
	}
}

// iteratesOnce is iterates for a descent that is not used again.
func (d *descent) iteratesOnce(yield func(int, []float64) bool) {
	defer d.set.release()
	d.iterates(yield)
}

func nonzero(v float64) bool { return v != 0 }

// members returns the coordinates of block b.
func members(g prox.Separable, b int) []int {
	if block := g.Block(b); block != nil {
		return block
	}
	return []int{b}
}

// refresh brings z, u and, where it matters, w up to x. Where it does not, ∂g_b(0) holds A_bᵀu for every u as near to the one at the last
// look as this one is.
func (d *descent) refresh() {
	d.dual()
	d.lookAround()
}

// lookAround looks at the blocks of the working set and at those that may violate optimality.
func (d *descent) lookAround() {
	var wb []float64
	for _, b := range d.live {
		if d.seen[b] == d.way {
			continue
		}
		wb = d.block(wb, d.w, b)
		if d.set.at[b] < 0 && d.g.Slack(b, wb) > d.norm[b]*(d.way-d.seen[b]) {
			continue
		}
		d.look(b)
	}
}

// dual brings z and u up to x and adds to the way.
func (d *descent) dual() {
	clear(d.z)
	for j, v := range d.x {
		if v != 0 {
			d.a.AddColumn(d.z, v, j)
		}
	}
	copy(d.before, d.u)
	d.loss.Grad(d.u, d.z, d.y)
	kernel.Scale(d.u, -1, d.u)
	kernel.Axpy(-1, d.u, d.before)
	d.way += math.Sqrt(kernel.SumSquares(d.before))
}

// look computes A_bᵀu.
func (d *descent) look(b int) {
	d.seen[b] = d.way
	if d.single {
		d.w[b] = d.a.DotColumn(b, d.u)
		return
	}
	for _, j := range members(d.g, b) {
		d.w[j] = d.a.DotColumn(j, d.u)
	}
}

// block returns v_b, in dst where its entries do not lie side by side.
func (d *descent) block(dst, v []float64, b int) []float64 {
	if d.single {
		return v[b : b+1]
	}
	dst = dst[:0]
	for _, j := range members(d.g, b) {
		dst = append(dst, v[j])
	}
	return dst
}

// zero reports whether x_b is 0.
func (d *descent) zero(b int) bool {
	if d.single {
		return d.x[b] == 0
	}
	return !slices.ContainsFunc(members(d.g, b), func(j int) bool { return d.x[j] != 0 })
}
