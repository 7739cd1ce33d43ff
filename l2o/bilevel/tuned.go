package bilevel

import "unroll/l2o/prox"

// Tuned is the prox of a penalty whose weights are strengths: weight k is s_{b(k)}, so that many weights may be one strength, as those of all
// blocks of a scale are. Total variation is one of one weight.
type Tuned struct {
	of      func(weights []float64) prox.Tunable
	group   []int // b, of each weight
	groups  int
	weights []float64
	d       []float64 // of each weight
}

// NewTuned takes the penalty as a function of its weights, which it may keep, and the group of each weight, from 0 without a gap. It panics where
// the penalty has another number of them.
func NewTuned(of func(weights []float64) prox.Tunable, group []int) *Tuned {
	p := &Tuned{of: of, group: group, weights: make([]float64, len(group)), d: make([]float64, len(group))}
	for i, b := range group {
		p.groups = max(p.groups, b+1)
		p.weights[i] = 1
	}
	if n := of(p.weights).Parameters(); n != len(group) {
		panic("bilevel: Tuned: groups for another number of weights than the penalty has")
	}
	return p
}

// Groups returns the number of strengths.
func (p *Tuned) Groups() int { return p.groups }

// Weights returns 0.
func (p *Tuned) Weights() int { return 0 }

func (p *Tuned) at(s []float64) prox.Tunable {
	for i, b := range p.group {
		p.weights[i] = s[b]
	}
	return p.of(p.weights)
}

// Value returns the penalty of u.
func (p *Tuned) Value(u, s []float64) float64 { return p.at(s).Value(u) }

// Apply is the prox with step 1.
func (p *Tuned) Apply(dst, v, s, _ []float64) { p.at(s).Prox(dst, v, 1) }

// Tangent is its Jacobian.
func (p *Tuned) Tangent(dst, v, s, _, t []float64) { p.at(s).Jacobian(dst, v, 1, t) }

// Adjoint is the same, for it is symmetric; the penalty's slopes are by the logarithms of its weights.
func (p *Tuned) Adjoint(dst, ds, _, v, s, _, w []float64) {
	g := p.at(s)
	g.Jacobian(dst, v, 1, w)
	if ds == nil {
		return
	}
	g.WeightAdjoint(p.d, v, 1, w)
	clear(ds)
	for i, b := range p.group {
		ds[b] += p.d[i] / s[b]
	}
}
