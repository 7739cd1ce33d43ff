package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
)

// round makes x_{k+1} of x_k and reports whether there was anything to do.
func (d *descent) round() bool {
	violation, added := d.grow()
	if violation <= 4*ulp*math.Sqrt(max(kernel.SumSquares(d.u), kernel.SumSquares(d.z))) {
		return false
	}
	if d.stalled++; violation < 0.5*d.best || added {
		d.best, d.stalled = min(d.best, violation), 0
	}
	if d.stalled > maxStalled {
		return false
	}
	if d.loss == (Squared{}) {
		d.squaredRound(added)
	} else {
		d.newtonRound()
	}
	return true
}

const (
	ulp          = 0x1p-52
	maxStalled   = 10
	nearlyClosed = 1e-8 // of a gap, against ‖y‖²
)

func (d *descent) squaredRound(added bool) {
	q := d.set.model(d, nil)
	if !(d.near > 0 && q.tracks() && q.track(d.near)) {
		k := len(q.coords)
		q.minimise(!added || 8*k*k*k <= d.m*len(d.live)) // a Newton step is far cheaper than another look at A
	}
	q.store(d.x)
	d.refresh()
	nearly := nearlyClosed * kernel.SumSquares(d.y)
	if gap := d.screen(); added && d.near == 0 && d.wanted < nearly && gap <= nearly { // this may be the last round
		q.newton()
		q.store(d.x)
		d.refresh()
	}
	if q.gram == nil {
		d.shrink()
	}
	if q.nearlyDependent || d.tied() {
		if violation, added := d.grow(); !added || violation == 0 {
			d.finish()
		}
	}
}

// tied reports whether a block is 0 by so little that the Gram matrix may have told wrongly.
func (d *descent) tied() bool {
	size := math.Sqrt(kernel.SumSquares(d.u))
	var wb []float64
	return slices.ContainsFunc(d.live, func(b int) bool {
		wb = d.block(wb, d.w, b)
		return d.zero(b) && math.Abs(d.g.Slack(b, wb)) <= 1e-9*d.norm[b]*size
	})
}

// shrink begins the working set anew where it is mostly zeros, as after a start at a vector without any.
func (d *descent) shrink() {
	filled := 0
	for _, v := range d.x {
		if v != 0 {
			filled++
		}
	}
	if 4*filled < len(d.set.coords) {
		d.set = workingSet{at: slices.Repeat([]int{-1}, len(d.norm))}
	}
}

// newtonRound takes a Newton step: the minimiser on the set of the loss's second-order model plus g, with a line search that asks for a
// tenth of the decrease that the model's slope promises (J. Lee, Y. Sun, M. Saunders, "Proximal Newton-type methods for minimizing
// composite functions", SIAM J. Optimization 24(3), 2014, equation (2.22)). Where a loss is all but flat its curvature is held up. A start outside
// the domain of g, where no decrease is one, is first moved to the nearest point of it.
func (d *descent) newtonRound() {
	before := d.g.Value(d.x)
	if math.IsInf(before, 1) {
		d.g.Prox(d.x, d.x, math.SmallestNonzeroFloat64)
		d.refresh()
		return
	}
	h := make([]float64, d.m)
	d.loss.Hess(h, d.z, d.y)
	for i, v := range h {
		h[i] = max(v, leastCurvature*d.loss.Curvature())
	}
	q := d.set.model(d, h)
	x := slices.Clone(d.x)
	q.minimise(true)
	q.store(x)
	step, z := make([]float64, d.n), make([]float64, d.m) // x − x_k and its image
	promised := d.g.Value(x) - before
	for _, j := range d.set.coords {
		if step[j] = x[j] - d.x[j]; step[j] != 0 {
			promised -= step[j] * d.w[j]
			d.a.AddColumn(z, step[j], j)
		}
	}
	before += d.loss.Value(d.z, d.y)
	for t := 1.0; t > ulp; t /= 2 {
		for _, j := range d.set.coords {
			if t < 1 { // a whole step ends at the minimiser itself: rounding could leave the domain of g
				x[j] = d.x[j] + t*step[j]
			}
		}
		copy(d.before, d.z)
		kernel.Axpy(t, z, d.before)
		if value := d.loss.Value(d.before, d.y) + d.g.Value(x); value <= before+0.1*t*promised+4*ulp*math.Abs(before) {
			copy(d.x, x)
			break
		}
	}
	d.refresh()
	d.screen()
}

// leastCurvature is the part of its bound that a loss's curvature counts for at least.
const leastCurvature = 1e-8
