package bilevel

import (
	"fmt"
	"math"

	"unroll/l2o"
)

// Elastic is the prox of a penalty that is strongly convex, Σ_b Σ_{j∈b} (s_b |v_j| + ½ r_b v_j² − t_b c_j v_j) for groups b of coordinates
// and a centre c,
//
//	D_{s,r,t}(v)_j = soft(v_j + t_b c_j, s_b)/(1 + r_b),
//
// with the strengths s first, then as many r, of the naive elastic net (Zou and Hastie, "Regularization and variable selection via the
// elastic net", 2005), and then as many t: a ridge around (t_b/r_b) c. It contracts by 1/(1+r_b) whatever the data term does, as no prox of
// a norm can. Without a centre there is no t.
type Elastic struct {
	shrink        *Shrink
	centre, moved []float64 // c and v + t c; nil without a centre
}

// NewElastic takes the group of every coordinate as [NewShrink] does, and the centre, or nil. The error is an *[l2o.InputError].
func NewElastic(group []int, centre []float64) (*Elastic, error) {
	shrink, err := NewShrink(group)
	if err != nil {
		return nil, err
	}
	if centre == nil {
		return &Elastic{shrink: shrink}, nil
	}
	if len(centre) != len(group) {
		return nil, &l2o.InputError{Arg: "centre", Value: fmt.Sprintf("of length %d", len(centre)), Want: fmt.Sprintf("length %d, one for every coordinate", len(group))}
	}
	return &Elastic{shrink, centre, make([]float64, len(centre))}, nil
}

// Groups returns three times those of the coordinates, or twice where there is no centre.
func (p *Elastic) Groups() int {
	if p.centre == nil {
		return 2 * p.shrink.groups
	}
	return 3 * p.shrink.groups
}

// Weights returns 0.
func (p *Elastic) Weights() int { return 0 }

// Value returns the penalty.
func (p *Elastic) Value(u, s []float64) float64 {
	sum := 0.0
	for j, t := range u {
		sum += p.of(s, 1, j) * t * t / 2
		if p.centre != nil {
			sum -= p.of(s, 2, j) * p.centre[j] * t
		}
	}
	return p.shrink.Value(u, s) + sum
}

// Apply moves v towards the centre, thresholds it and shrinks what is left.
func (p *Elastic) Apply(dst, v, s, _ []float64) {
	p.shrink.Apply(dst, p.towards(v, s), s, nil)
	p.divide(dst, s)
}

// Tangent keeps the entries of t beyond the threshold, and shrinks them.
func (p *Elastic) Tangent(dst, v, s, _, t []float64) {
	p.shrink.Tangent(dst, p.towards(v, s), s, nil, t)
	p.divide(dst, s)
}

// Adjoint does so with w, of which each entry adds −sign·dst_j to the slope of s_b, −D(v)_j·dst_j to that of r_b and c_j·dst_j to that of t_b.
func (p *Elastic) Adjoint(dst, ds, _, v, s, _, w []float64) {
	p.Tangent(dst, v, s, nil, w)
	if ds == nil {
		return
	}
	clear(ds)
	n := p.shrink.groups
	for j, at := range p.towards(v, s) {
		b, d := p.shrink.group[j], dst[j]
		if b < 0 || d == 0 {
			continue
		}
		sign := math.Copysign(1, at)
		ds[b] -= d * sign
		ds[n+b] -= d * (at - sign*s[b]) / (1 + s[n+b])
		if p.centre != nil {
			ds[2*n+b] += d * p.centre[j]
		}
	}
}

// towards returns v + t c.
func (p *Elastic) towards(v, s []float64) []float64 {
	if p.centre == nil {
		return v
	}
	for j, c := range p.centre {
		p.moved[j] = v[j] + p.of(s, 2, j)*c
	}
	return p.moved
}

// divide divides entry j by 1 + r_b.
func (p *Elastic) divide(dst, s []float64) {
	for j := range dst {
		dst[j] /= 1 + p.of(s, 1, j)
	}
}

// of is the i-th kind of strength of coordinate j.
func (p *Elastic) of(s []float64, i, j int) float64 { return p.shrink.of(s[i*p.shrink.groups:], j) }
