package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
)

const (
	tied    = 1e-11 // |c_j| ≥ (1 − tied)λ counts as equal
	upright = 1e-12 // violations of complementarity that count as none
)

// advance moves to the next breakpoint, or to the λ given if it comes first, and reports whether there is one.
func (h *homotopy) advance(to float64) bool {
	if h.stalled > 2*len(h.active)+10 || !h.choose() {
		return false
	}
	all := h.lambda - to
	step := all
	for j, i := range h.place {
		if i < 0 {
			step = min(step, h.join(j))
		} else {
			step = min(step, h.leave(j))
		}
	}
	step = max(step, 0) // rounding may put an event a little behind
	var leaving []int
	for _, j := range h.active {
		if t := h.leave(j); t <= all && t <= step+upright*h.lambda {
			leaving = append(leaving, j)
		}
	}
	for _, j := range leaving {
		h.drop(j)
	}
	if h.stalled++; step > upright*h.lambda {
		h.stalled = 0
	}
	if h.lambda -= step; step == all {
		h.lambda = to
	}
	h.settle()
	return true
}

// choose makes of the coordinates that are 0 with |c_j| = λ an I with s_j w_j ≥ 0 on it and s_j·slope_j ≥ 1 off it.
func (h *homotopy) choose() bool {
	var free []int // to be in I or not
	for j, v := range h.c {
		h.sign[j], h.stuck[j] = math.Copysign(1, v), false
		if h.x[j] == 0 && math.Abs(v) >= (1-tied)*h.lambda {
			free = append(free, j)
		}
	}
	for range 20 * (len(free) + 2) {
		h.direct()
		wrong := slices.IndexFunc(free, func(j int) bool {
			if i := h.place[j]; i >= 0 {
				return h.sign[j]*h.w[i] < -upright*largestOf(h.w)
			}
			return !h.stuck[j] && h.sign[j]*h.slope[j] < 1-upright
		})
		if wrong < 0 {
			return true
		}
		h.flip(free[wrong])
	}
	return false
}

// flip takes j into I or out of it.
func (h *homotopy) flip(j int) {
	if h.place[j] >= 0 {
		h.drop(j)
		return
	}
	column := make([]float64, len(h.image))
	columnOf(h.p.A, column, j)
	if len(h.active) == len(column) || !h.f.append(column) {
		h.stuck[j] = true
		return
	}
	h.place[j] = len(h.active)
	h.active = append(h.active, j)
}

func (h *homotopy) drop(j int) {
	i := h.place[j]
	h.f.remove(i)
	h.active = slices.Delete(h.active, i, i+1)
	h.place[j], h.x[j] = -1, 0
	for _, k := range h.active[i:] {
		h.place[k]--
	}
}

// direct computes w and the slope.
func (h *homotopy) direct() {
	s := make([]float64, len(h.active))
	for i, j := range h.active {
		s[i] = h.sign[j]
	}
	h.w = h.f.gram(s)
	clear(h.image)
	for i, a := range h.f.a {
		kernel.Axpy(h.w[i], a, h.image)
	}
	h.p.A.Adjoint(h.slope, h.image)
}

// leave returns the step at which x_j, j in I, reaches 0. What has just joined does not.
func (h *homotopy) leave(j int) float64 {
	w := h.w[h.place[j]]
	if h.x[j] == 0 || w*h.sign[j] >= 0 {
		return math.Inf(1)
	}
	return -h.x[j] / w
}

// join returns the step at which |c_j|, j off I, reaches the weight. What has |c_j| = λ already moves inwards, or along, as choose saw to:
// that side is closed to it.
func (h *homotopy) join(j int) float64 {
	c, slope, reach := h.c[j], h.slope[j], math.Inf(1)
	at := math.Abs(c) >= (1-tied)*h.lambda
	if slope < 1 && !(at && c > 0) {
		reach = (h.lambda - c) / (1 - slope)
	}
	if slope > -1 && !(at && c < 0) {
		reach = min(reach, (h.lambda+c)/(1+slope))
	}
	return reach
}

// settle computes x_I, r and c at λ.
func (h *homotopy) settle() {
	s := make([]float64, len(h.active))
	for i, j := range h.active {
		s[i] = h.lambda * h.sign[j]
	}
	x, r := h.f.solve(h.p.Y, s)
	for i, j := range h.active {
		h.x[j] = x[i]
	}
	h.p.A.Adjoint(h.c, r)
}

func largestOf(v []float64) float64 {
	top := 0.0
	for _, t := range v {
		top = max(top, math.Abs(t))
	}
	return top
}
