package diff

import (
	"fmt"
	"math"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// A Gradient is the derivative of one number, w of the iterate, with respect to every parameter.
type Gradient struct {
	Lambda   float64
	Weights  []float64 // (n)
	Y        []float64 // (m); nil for labels
	A        float64   // along the Ȧ that was asked for
	Step     []float64 // (K); nil from a [Limit], for which they are 0
	Momentum []float64 // (K); nil without momentum
	Bars     Bars
	States   int // n-vectors that were stored of the iterates
}

// Bars holds the bound of a [Bar] for each part of a gradient.
type Bars struct {
	Lambda, Weights, Y, A, Step, Momentum float64
	Refusal                               *Refusal
}

// Reverse differentiates a function of x_K, of which cotangent returns the gradient w (n), with respect to every parameter in one sweep back
// through the iterations that the mode says:
//
//	q = D w_k,    ∂κ −= t q pull,    ∂y += A t q,    ∂τ_k += ⟨q, x_k − z_k⟩/τ_k,    ζ = q − ∇²f(z_k) t q,
//	∂β_k += ⟨ζ, x_{k−1} − x_{k−2}⟩,    w_{k−1} += (1+β_k) ζ,    w_{k−2} −= β_k ζ.
//
// The bars are for w held. dA is an Ȧ along which to differentiate, or nil. Errors and divergence are as in [Forward]; the gradient of a
// diverged iteration is nil.
func Reverse(p *l2o.Problem, s Schedule, start []float64, mode Mode, cotangent func(x []float64) []float64, dA linop.Operator) (Run, *Gradient, error) {
	it, x, err := newIteration(p, s, start)
	if err != nil {
		return Run{}, nil, err
	}
	if err := mode.check(len(s.Step)); err != nil {
		return Run{}, nil, err
	}
	if err := checkChange(dA, it.model); err != nil {
		return Run{}, nil, err
	}
	if mode.Rule == Implicit {
		run, l, err := it.implicit(x)
		if l == nil {
			return run, nil, err
		}
		w, err := it.cotangent(cotangent, run.X)
		if err != nil {
			return run, nil, err
		}
		g := l.Gradient(w, dA)
		g.Step, g.Momentum = make([]float64, len(s.Step)), zerosLike(s.Momentum)
		return run, &g, nil
	}
	tape := newTape(it, mode)
	tape.record(0, x, x)
	run := it.each(x, func(k int, x, prev, _ []float64) { tape.record(k, x, prev) })
	if run.Status == l2o.Diverged {
		return run, nil, nil
	}
	w, err := it.cotangent(cotangent, run.X)
	if err != nil {
		return run, nil, err
	}
	sweep := newSweep(it, w, dA)
	tape.back(sweep.pull)
	g := sweep.gradient()
	g.States = tape.states()
	g.Bars = it.bars(run.X, g, sweep.adjoint, w, dA)
	return run, &g, nil
}

func (it *iteration) cotangent(of func(x []float64) []float64, x []float64) ([]float64, error) {
	w := of(x)
	if len(w) != it.n {
		return nil, &l2o.InputError{Arg: "cotangent", Value: fmt.Sprintf("of length %d", len(w)), Want: fmt.Sprintf("length %d, the unknowns", it.n)}
	}
	return append([]float64(nil), w...), nil
}

func zerosLike(v []float64) []float64 {
	if v == nil {
		return nil
	}
	return make([]float64, len(v))
}

// A sweep carries the cotangents of x_k and x_{k−1} back.
type sweep struct {
	*step
	now, before []float64 // (n)
	adjoint     []float64 // Σ t_k q_k (n)
	kappas      []float64 // derivatives with respect to κ (n)
	dA          linop.Operator
	g           Gradient
}

func newSweep(it *iteration, w []float64, dA linop.Operator) *sweep {
	return &sweep{step: newStep(it, dA != nil), now: append([]float64(nil), w...), before: make([]float64, it.n),
		adjoint: make([]float64, it.n), kappas: make([]float64, it.n), dA: dA,
		g: Gradient{Step: make([]float64, len(it.Step)), Momentum: zerosLike(it.Momentum)}}
}

// pull takes the cotangents back over iteration k.
func (s *sweep) pull(k int, x, prev, older []float64) {
	s.at(k, x, prev, older)
	if s.dA != nil {
		s.moved(s.dA)
	}
	for i, j := range s.rows {
		q := s.slopes[i] * s.now[j]
		tq := s.t[i] * q
		s.change[j] = tq
		s.adjoint[j] += tq
		s.kappas[j] -= tq * s.model.pull(x[j])
		s.g.Step[k-1] += q * (x[j] - s.z[j]) / s.Step[k-1]
		if s.dA != nil {
			s.g.A -= tq * (s.back[j] + s.a.DotColumn(j, s.az))
		}
		s.now[j] = q
	}
	s.hessian(s.cols, s.rows, s.change)
	beta := s.momentum(k)
	for i, j := range s.cols {
		zeta := -s.product[i]
		if s.active(j, x[j]) {
			zeta += s.now[j]
		}
		if s.Momentum != nil {
			s.g.Momentum[k-1] += zeta * (prev[j] - older[j])
		}
		s.before[j] += (1 + beta) * zeta
		s.product[i] = -beta * zeta
	}
	for _, j := range s.rows {
		s.change[j] = 0
	}
	s.now, s.before = s.before, s.now
	clear(s.before)
	for i, j := range s.cols {
		s.before[j] = s.product[i]
	}
}

// gradient returns what the sweep has gathered.
func (s *sweep) gradient() Gradient {
	g := s.g
	g.Weights = make([]float64, s.n)
	for j, v := range s.kappas {
		g.Weights[j] = s.lambda * v
		if v != 0 {
			g.Lambda += s.weight[j] * v
		}
	}
	if s.square {
		g.Y = make([]float64, s.m)
		s.a.Apply(g.Y, s.adjoint)
	}
	return g
}

// bars bounds the distance of the parts of g, of which v is the adjoint vector, to those of the limit at x.
func (it *iteration) bars(x []float64, g Gradient, v, w []float64, dA linop.Operator) Bars {
	l, refusal := newLimit(it.model, x)
	if refusal != nil {
		inf := math.Inf(1)
		return Bars{inf, inf, inf, inf, inf, inf, refusal}
	}
	return l.bars(g, v, w, dA)
}
