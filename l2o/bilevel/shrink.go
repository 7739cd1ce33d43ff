package bilevel

import (
	"fmt"
	"math"
	"slices"

	"unroll/l2o"
)

// Shrink is the prox of Σ_b s_b Σ_{j∈b} |v_j|, soft thresholding with one strength for each group of coordinates, as bands of a wavelet
// transform are. At a kink its derivative is that of the side that is constant.
type Shrink struct {
	group  []int // (n), of each coordinate; −1 is none
	groups int
}

// NewShrink takes the group of every coordinate, from 0 without a gap, or −1 for one that stays as it is. The error is an *[l2o.InputError].
func NewShrink(group []int) (*Shrink, error) {
	if len(group) == 0 {
		return nil, &l2o.InputError{Arg: "group", Value: "empty", Want: "one for every coordinate"}
	}
	used := make([]bool, slices.Max(group)+1)
	for j, b := range group {
		switch {
		case b < -1:
			return nil, &l2o.InputError{Arg: fmt.Sprintf("group[%d]", j), Value: b, Want: "a number ≥ −1"}
		case b >= 0:
			used[b] = true
		}
	}
	if b := slices.Index(used, false); b >= 0 {
		return nil, &l2o.InputError{Arg: "group", Value: fmt.Sprintf("without a coordinate in %d", b), Want: "groups without a gap"}
	}
	return &Shrink{group, len(used)}, nil
}

// Groups returns how many there are.
func (p *Shrink) Groups() int { return p.groups }

// Weights returns 0.
func (p *Shrink) Weights() int { return 0 }

// Value returns Σ_b s_b Σ_{j∈b} |u_j|.
func (p *Shrink) Value(u, s []float64) float64 {
	sum := 0.0
	for j, t := range u {
		sum += p.of(s, j) * math.Abs(t)
	}
	return sum
}

// Apply thresholds v.
func (p *Shrink) Apply(dst, v, s, _ []float64) {
	for j, t := range v {
		theta := p.of(s, j)
		dst[j] = t - min(max(t, -theta), theta)
	}
}

// Tangent keeps the entries of t beyond the threshold.
func (p *Shrink) Tangent(dst, v, s, _, t []float64) {
	for j, x := range v {
		dst[j] = 0
		if math.Abs(x) > p.of(s, j) {
			dst[j] = t[j]
		}
	}
}

// Adjoint keeps those of w, of which each adds −sign(v_j)·w_j to its strength's slope.
func (p *Shrink) Adjoint(dst, ds, _, v, s, _, w []float64) {
	p.Tangent(dst, v, s, nil, w)
	if ds == nil {
		return
	}
	clear(ds)
	for j, d := range dst {
		if b := p.group[j]; b >= 0 {
			ds[b] -= d * math.Copysign(1, v[j])
		}
	}
}

// of is the threshold of coordinate j.
func (p *Shrink) of(s []float64, j int) float64 {
	if b := p.group[j]; b >= 0 {
		return s[b]
	}
	return 0
}
