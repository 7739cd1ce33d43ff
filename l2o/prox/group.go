package prox

import (
	"fmt"
	"math"
)

// Group is g(x) = λ Σ_b ω_b ‖x_b‖ over groups of coordinates (Yuan & Lin 2006). Its conjugate is 0 where ‖w_b‖ ≤ λω_b for
// all b and +Inf elsewhere.
type Group struct {
	Lambda  float64
	Groups  [][]int   // every coordinate in exactly one of them
	Weights []float64 // ω, one a group, ≥ 0; nil means √size, as Yuan and Lin have it
}

// Check refuses a λ or a weight that is negative or not finite, and groups that do not hold each of n coordinates once.
func (g Group) Check(n int) error {
	if err := checkWeight("Lambda", g.Lambda); err != nil {
		return err
	}
	if g.Weights != nil && len(g.Weights) != len(g.Groups) {
		return &ParamError{"Weights", fmt.Sprintf("of length %d", len(g.Weights)), fmt.Sprintf("length %d, one a group, or nil", len(g.Groups))}
	}
	for b, w := range g.Weights {
		if err := checkWeight(fmt.Sprintf("Weights[%d]", b), w); err != nil {
			return err
		}
		if math.IsInf(g.Lambda*w, 1) {
			return &ParamError{fmt.Sprintf("Weights[%d]", b), w, "a product with Lambda that does not overflow"}
		}
	}
	held, total := make([]bool, n), 0
	for b, group := range g.Groups {
		if len(group) == 0 {
			return &ParamError{fmt.Sprintf("Groups[%d]", b), group, "at least one coordinate"}
		}
		for i, j := range group {
			if j < 0 || j >= n || held[j] {
				return &ParamError{fmt.Sprintf("Groups[%d][%d]", b, i), j, fmt.Sprintf("a coordinate from 0 to %d that no group had before", n-1)}
			}
			held[j] = true
			total++
		}
	}
	if total != n {
		return &ParamError{"Groups", fmt.Sprintf("of %d coordinates", total), fmt.Sprintf("each of %d coordinates in one group", n)}
	}
	return nil
}

// weight returns λω_b.
func (g Group) weight(b int) float64 {
	if g.Weights == nil {
		return g.Lambda * math.Sqrt(float64(len(g.Groups[b])))
	}
	return g.Lambda * g.Weights[b]
}

// Value returns λ Σ ω_b ‖x_b‖.
func (g Group) Value(x []float64) float64 {
	s := 0.0
	for b, group := range g.Groups {
		s += g.weight(b) * normAt(x, group, 1)
	}
	return s
}

// Prox is block soft thresholding: v_b (1 − τλω_b/‖v_b‖), or 0 where ‖v_b‖ ≤ τλω_b.
func (g Group) Prox(dst, v []float64, tau float64) {
	checkPair("Prox", dst, v)
	for b, group := range g.Groups {
		c := shrink(normAt(v, group, 1), tau*g.weight(b))
		for _, j := range group {
			dst[j] = c * v[j]
		}
	}
}

// Jacobian is (1 − θ/‖v_b‖) t_b + (θ/‖v_b‖) e⟨e,t_b⟩ with θ = τλω_b and e = v_b/‖v_b‖, or 0 where ‖v_b‖ ≤ θ.
func (g Group) Jacobian(dst, v []float64, tau float64, t []float64) {
	checkPair("Jacobian", dst, v)
	checkPair("Jacobian", v, t)
	for b, group := range g.Groups {
		norm := normAt(v, group, 1)
		c := shrink(norm, tau*g.weight(b))
		along := 0.0 // ⟨e, t_b⟩ (1−c)
		if norm > 0 {
			for _, j := range group {
				along += v[j] / norm * t[j]
			}
			along *= 1 - c
		}
		for _, j := range group {
			dst[j] = c * t[j]
			if c > 0 && norm > 0 {
				dst[j] += v[j] / norm * along
			}
		}
	}
}

// FenchelYoung returns Σ ‖x_b‖ (λω_b − ‖w_b‖) + (‖x_b‖‖w_b‖ − ⟨x_b,w_b⟩). The second term is computed as
// ½‖x_b‖‖w_b‖·‖x_b/‖x_b‖ − w_b/‖w_b‖‖², so that it is not negative.
func (g Group) FenchelYoung(x, w []float64) float64 {
	checkPair("FenchelYoung", x, w)
	s := 0.0
	for b, group := range g.Groups {
		nx, nw := normAt(x, group, 1), normAt(w, group, 1)
		if nw > g.weight(b) {
			return math.Inf(1)
		}
		s += nx * (g.weight(b) - nw)
		if nx == 0 || nw == 0 {
			continue
		}
		apart := 0.0
		for _, j := range group {
			d := x[j]/nx - w[j]/nw
			apart += d * d
		}
		s += 0.5 * nx * nw * apart
	}
	return s
}

// DualScale returns the largest s ≤ 1 with s‖w_b‖ ≤ λω_b for all b.
func (g Group) DualScale(w []float64) float64 {
	s := 1.0
	for b, group := range g.Groups {
		s = shrunk(s, normAt(w, group, 1), g.weight(b))
	}
	for b, group := range g.Groups { // the norm of s·w_b as rounded may still be above by a unit in the last place
		for normAt(w, group, s) > g.weight(b) {
			s = math.Nextafter(s, 0)
		}
	}
	return s
}

// Distance uses ∂g(x)_b = {λω_b x_b/‖x_b‖} where x_b ≠ 0 and the ball of radius λω_b where x_b = 0.
func (g Group) Distance(w, x []float64) float64 {
	checkPair("Distance", w, x)
	s := 0.0
	var wb, xb []float64
	for b, group := range g.Groups {
		wb, xb = wb[:0], xb[:0]
		for _, j := range group {
			wb, xb = append(wb, w[j]), append(xb, x[j])
		}
		d := g.DistanceBlock(b, wb, xb)
		s += d * d
	}
	return math.Sqrt(s)
}

// Free returns the coordinates of the groups with λω_b = 0.
func (g Group) Free(n int) []int {
	held := make([]bool, n)
	for b, group := range g.Groups {
		for _, j := range group {
			held[j] = g.weight(b) == 0
		}
	}
	var free []int
	for j, is := range held {
		if is {
			free = append(free, j)
		}
	}
	return free
}

// normAt returns ‖s·v_b‖ from products s·v_j as rounded.
func normAt(v []float64, group []int, s float64) float64 {
	sum := 0.0
	for _, j := range group {
		t := s * v[j]
		sum += t * t
	}
	return math.Sqrt(sum)
}

// shrink returns 1 − θ/norm, 0 where norm ≤ θ and 1 where both are 0.
func shrink(norm, theta float64) float64 {
	switch {
	case theta == 0:
		return 1
	case norm <= theta:
		return 0
	}
	return 1 - theta/norm
}
