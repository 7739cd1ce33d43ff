package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
)

// settle looks at every block at 0 that may be the one with the least slack at the scaled dual point, or that a dual point within the
// radius of it may bring to violate, and reports whether there was one.
func (d *descent) settle(radius float64) (looked bool) {
	var wb []float64
	scale, margin := d.g.DualScale(d.w), math.Inf(1)
	slack := func(b int) float64 {
		wb = append(wb[:0], d.block(wb, d.w, b)...)
		for i := range wb {
			wb[i] *= scale
		}
		return d.g.Slack(b, wb)
	}
	late := d.outside[:0] // with the least that their slack can be
	for b, norm := range d.norm {
		if !d.zero(b) {
			continue
		}
		if way := norm * (d.way - d.seen[b]); way == 0 {
			margin = min(margin, slack(b))
		} else {
			late = append(late, candidate{b, slack(b) - scale*way})
		}
	}
	for _, c := range late {
		if c.size <= max(margin, radius*d.norm[c.b]) {
			d.look(c.b)
			margin = min(margin, slack(c.b))
			looked = true
		}
	}
	d.outside = late
	return looked
}

// grow adds to the working set what is not 0 and the worst of the blocks outside that violate optimality, as many as there are nonzeros. It
// returns the largest violation dist(A_bᵀu, ∂g_b(x_b))/‖A_b‖ anywhere and whether the set has grown.
func (d *descent) grow() (violation float64, added bool) {
	outside := d.outside[:0]
	var wb, xb []float64
	filled := 0
	for _, b := range d.live {
		wb, xb = d.block(wb, d.w, b), d.block(xb, d.x, b)
		distance := d.g.DistanceBlock(b, wb, xb)
		fills := !d.zero(b)
		if fills {
			filled++
		}
		if distance > 0 {
			if distance /= d.norm[b]; math.IsNaN(distance) {
				distance = 0
			}
		}
		violation = max(violation, distance)
		if d.set.at[b] >= 0 {
			continue
		}
		if fills {
			distance = math.Inf(1)
		}
		if distance > 0 {
			outside = append(outside, candidate{b, distance})
		}
	}
	most := max(int(math.Sqrt(growth*float64(len(d.live)))), filled)
	d.outside = outside
	for _, c := range worst(outside, most) {
		d.set.add(d, c.b)
	}
	return violation, len(outside) > 0
}

// A candidate for the working set is a block and its violation, +Inf if it is not 0.
type candidate struct {
	b    int
	size float64
}

// worst returns the given number of candidates, more if more are +Inf: the largest, the first of equal ones, in order. It changes c.
func worst(c []candidate, most int) []candidate {
	above := func(p, q candidate) bool { return p.size > q.size || p.size == q.size && p.b < q.b }
	kept := c
	for len(kept) > 2*most { // a pivot in the middle of three keeps the larger part, as long as enough are in it
		p, q, r := kept[0], kept[len(kept)/2], kept[len(kept)-1]
		if above(p, q) == above(q, r) {
			p = q
		} else if above(q, p) != above(p, r) {
			p = r
		}
		n := 0
		for i, v := range kept {
			if !above(p, v) {
				kept[i], kept[n] = kept[n], v
				n++
			}
		}
		if n < most || n == len(kept) {
			break
		}
		kept = kept[:n]
	}
	slices.SortFunc(kept, func(p, q candidate) int {
		if above(p, q) {
			return -1
		}
		return 1
	})
	most = min(most, len(kept))
	for most < len(kept) && math.IsInf(kept[most].size, 1) {
		most++
	}
	return kept[:most]
}

// growth says how many blocks join at once at least, √(growth·live): their Gram matrix is then as dear as a look at all that are live.
const growth = 4

// screen takes out of live the blocks that the duality gap proves to be 0: the optimal u* lies within √(2·curvature·gap) of the dual point
// s·u. It returns the gap. Penalties with coordinates that are free have no dual point at hand, and no gap.
func (d *descent) screen() (gap float64) {
	if len(d.g.Free(d.n)) > 0 {
		return math.Inf(1)
	}
	s := d.g.DualScale(d.w)
	dual := d.before
	kernel.Scale(dual, s, d.u)
	scaled := d.room[0]
	kernel.Scale(scaled, s, d.w)
	gap = d.loss.FenchelYoung(d.z, dual, d.y) + d.g.FenchelYoung(d.x, scaled)
	radius := math.Sqrt(2*d.loss.Curvature()*gap) + 1e-14*math.Sqrt(kernel.SumSquares(d.u)) // and the rounding of w
	var wb []float64
	d.live = slices.DeleteFunc(d.live, func(b int) bool {
		if d.set.at[b] >= 0 {
			return false
		}
		wb = d.block(wb, scaled, b)
		return d.g.Slack(b, wb) > d.norm[b]*(radius+s*(d.way-d.seen[b])) && d.zero(b)
	})
	return gap
}
