package bilevel

import "math"

// Elastic is the prox of a penalty that is strongly convex, Σ_b Σ_{j∈b} (s_b |v_j| + ½ r_b v_j²) for groups b of coordinates,
//
//	D_{s,r}(v)_j = soft(v_j, s_b)/(1 + r_b),
//
// with the strengths s first and then as many r, of the naive elastic net (Zou and Hastie, "Regularization and variable selection via the
// elastic net", 2005). It contracts by 1/(1+r_b) whatever the data term does, as no prox of a norm can.
type Elastic struct{ shrink *Shrink }

// NewElastic takes the group of every coordinate as [NewShrink] does. The error is an *[l2o.InputError].
func NewElastic(group []int) (*Elastic, error) {
	shrink, err := NewShrink(group)
	if err != nil {
		return nil, err
	}
	return &Elastic{shrink}, nil
}

// Groups returns twice those of the coordinates.
func (p *Elastic) Groups() int { return 2 * p.shrink.groups }

// Weights returns 0.
func (p *Elastic) Weights() int { return 0 }

// Value returns the penalty.
func (p *Elastic) Value(u, s []float64) float64 {
	sum := 0.0
	for j, t := range u {
		sum += p.ridge(s, j) * t * t
	}
	return p.shrink.Value(u, s) + sum/2
}

// Apply thresholds v and shrinks what is left.
func (p *Elastic) Apply(dst, v, s, _ []float64) {
	p.shrink.Apply(dst, v, s, nil)
	p.divide(dst, s)
}

// Tangent keeps the entries of t beyond the threshold, and shrinks them.
func (p *Elastic) Tangent(dst, v, s, _, t []float64) {
	p.shrink.Tangent(dst, v, s, nil, t)
	p.divide(dst, s)
}

// Adjoint does so with w, of which each entry adds −sign(v_j)·dst_j to the slope of s_b and −D(v)_j·dst_j to that of r_b.
func (p *Elastic) Adjoint(dst, ds, _, v, s, _, w []float64) {
	p.Tangent(dst, v, s, nil, w)
	if ds == nil {
		return
	}
	clear(ds)
	n := p.shrink.groups
	for j, d := range dst {
		if b := p.shrink.group[j]; b >= 0 && d != 0 {
			sign := math.Copysign(1, v[j])
			ds[b] -= d * sign
			ds[n+b] -= d * (v[j] - sign*s[b]) / (1 + s[n+b])
		}
	}
}

// divide divides entry j by 1 + r_b.
func (p *Elastic) divide(dst, s []float64) {
	for j := range dst {
		dst[j] /= 1 + p.ridge(s, j)
	}
}

// ridge is r of coordinate j.
func (p *Elastic) ridge(s []float64, j int) float64 { return p.shrink.of(s[p.shrink.groups:], j) }
