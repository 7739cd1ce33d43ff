package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A model is min over a few blocks of a quadratic plus g: with the x it starts from as x̄ and d = x − x̄,
//
//	−⟨Aᵀu, d⟩ + ½ dᵀGd + g(x),
//
// either with G at hand and slope = Aᵀu − Gd kept, or with G = cAᵀA and residual = u − cAd kept.
type model struct {
	g      prox.Separable
	blocks []int
	size   []int // of the blocks
	coords []int // (k)

	x      []float64 // (k)
	full   []float64 // x among all unknowns, brought up to date by store, (n)
	square []float64 // G_jj, (k)
	step   []float64 // 1/‖G_bb‖, one a block

	gram  [][]float64 // G, (k, k), or nil
	slope []float64   // (k)

	a         linop.Columns
	residual  []float64 // (m)
	curvature float64   // c

	kept            *factor // that of the last Newton step
	nearlyDependent bool    // the support's columns, as the last Newton step found them
	scratch         []float64
	room            [][]float64 // three, (n)
}

// lipschitz returns ‖G_bb‖ for the block at the given place.
func (q *model) lipschitz(at, size int, d *descent) float64 {
	if size == 1 {
		return q.square[at]
	}
	b := &linop.Dense{M: size, N: size, Data: make([]float64, size*size)}
	column := make([]float64, d.m)
	for i := range size {
		if q.gram == nil {
			d.a.Column(column, q.coords[at+i])
		}
		for j := range size {
			if q.gram != nil {
				b.Data[i*size+j] = q.gram[at+i][at+j]
			} else {
				b.Data[i*size+j] = q.curvature * d.a.DotColumn(q.coords[at+j], column)
			}
		}
	}
	return linop.Norm(b)
}

// slopeAt returns the i-th entry of Aᵀu − Gd.
func (q *model) slopeAt(i int) float64 {
	if q.gram != nil {
		return q.slope[i]
	}
	return q.a.DotColumn(q.coords[i], q.residual)
}

// move adds δ to x_i.
func (q *model) move(i int, delta float64) {
	q.x[i] += delta
	if q.gram != nil {
		kernel.Axpy(-delta, q.gram[i], q.slope)
		return
	}
	q.a.AddColumn(q.residual, -q.curvature*delta, q.coords[i])
}

// sweep takes the step of every block once. It returns Σ ‖δ_b‖²/τ_b, at most twice the decrease.
func (q *model) sweep() (decrease float64) {
	at := 0
	for i, size := range q.size {
		if size == 1 {
			old, tau := q.x[at], q.step[i]
			q.scratch = append(q.scratch[:0], old+tau*q.slopeAt(at))
			q.g.ProxBlock(q.blocks[i], q.scratch, tau)
			if v := q.scratch[0]; v != old {
				decrease += (v - old) * ((v - old) * q.square[at])
				q.move(at, v-old)
				q.x[at] = v // and not what rounding makes of old + (v − old)
			}
		} else {
			decrease += q.sweepBlock(i, at, size)
		}
		at += size
	}
	return decrease
}

func (q *model) sweepBlock(i, at, size int) (decrease float64) {
	tau := q.step[i]
	v := q.scratch[:0]
	for j := at; j < at+size; j++ {
		v = append(v, q.x[j]+tau*q.slopeAt(j))
	}
	q.g.ProxBlock(q.blocks[i], v, tau)
	for j, t := range v {
		if old := q.x[at+j]; t != old {
			decrease += (t - old) * (t - old) / tau
			q.move(at+j, t-old)
			q.x[at+j] = t
		}
	}
	q.scratch = v
	return decrease
}

// minimise sweeps and extrapolates until a sweep gains little against the first one, for an exact answer after a Newton step. Such a step
// costs some k/3 sweeps for k nonzeros, and is also tried each time that so many did not suffice.
func (q *model) minimise(exact bool) {
	var e extrapolation
	goal, first, wait, solved := roughly, 0.0, 0, !exact
	if exact {
		goal = closely
	}
	for sweep := range maxSweeps {
		decrease := q.sweep()
		if sweep == 0 {
			first = decrease
		} else if decrease <= max(goal*first, q.rounding()) {
			if solved {
				return
			}
			solved = q.newton()
			continue
		}
		if !e.push(q) {
			continue
		}
		e.extrapolate(q)
		if wait++; 3*memory*wait > q.filled() {
			q.newton()
			wait = 0
		}
	}
}

// track is minimise from a point near the minimiser, to a gap of the model, about: Newton steps with a sweep after each, which lets
// coordinates at 0 join. It reports whether it arrived. A coordinate that violates by v adds v²/G_ii to what the sweep returns, and up to
// v‖x‖₁ to the gap, whose dual point must be scaled for it.
func (q *model) track(gap float64) bool {
	for range maxNewton {
		all := q.newton()
		decrease := q.sweep()
		if all && q.norm1()*math.Sqrt(decrease*slices.Max(q.square)) <= gap {
			return true
		}
	}
	return false
}

func (q *model) norm1() (s float64) {
	for _, v := range q.x {
		s += math.Abs(v)
	}
	return s
}

// filled returns the number of nonzeros.
func (q *model) filled() (n int) {
	for _, v := range q.x {
		if v != 0 {
			n++
		}
	}
	return n
}

// rounding returns the decrease Σ G_ii δ_i² that a sweep shows where the δ_i are rounding errors of the x_i.
func (q *model) rounding() float64 {
	s := 0.0
	for i, v := range q.x {
		s += v * (v * q.square[i])
	}
	return 64 * ulp * ulp * s
}

const (
	maxSweeps = 1000
	maxNewton = 50
	roughly   = 1e-6
	closely   = 1e-12
)

// store writes x to its places among all unknowns.
func (q *model) store(x []float64) {
	for i, j := range q.coords {
		x[j] = q.x[i]
	}
}

// value returns g(x).
func (q *model) value() float64 {
	q.store(q.full)
	return q.g.Value(q.full)
}

// linear returns what changes linearly with x: slope or residual.
func (q *model) linear() []float64 {
	if q.gram != nil {
		return q.slope
	}
	return q.residual
}

// change returns the change of the quadratic from the point x, with its slope or residual, to q's.
func (q *model) change(x, linear []float64) float64 {
	if q.gram == nil {
		s := 0.0
		for i, v := range q.residual {
			s += (v - linear[i]) * (v + linear[i])
		}
		return 0.5 * s / q.curvature
	}
	s := 0.0
	for i, v := range q.x {
		s -= (v - x[i]) * (q.slope[i] + linear[i])
	}
	return 0.5 * s
}
