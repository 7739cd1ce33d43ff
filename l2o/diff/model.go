package diff

import (
	"fmt"
	"math"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A model is a problem in the form in which iterations and derivatives are written: columns, and a penalty of single coordinates,
//
//	g(x) = Σ κ_j |x_j| + ½ρ‖x‖²   with κ_j = λω_j, or, smooth, g(x) = ½ Σ κ_j x_j².
type model struct {
	a      linop.Columns
	m, n   int
	y      []float64 // (m)
	loss   l2o.Loss
	square bool // the loss is ½(z−y)²: its second derivative is 1
	lambda float64
	weight []float64 // ω (n)
	kappa  []float64 // (n), +Inf where ω is
	ridge  float64   // ρ
	smooth bool
}

// newModel returns the *[l2o.InputError] of a problem that is not of this form.
func newModel(p *l2o.Problem) (*model, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	m := &model{y: p.Y, loss: p.Loss}
	m.m, m.n = p.A.Dims()
	if m.loss == nil {
		m.loss = l2o.Squared{}
	}
	_, m.square = m.loss.(l2o.Squared)
	switch g := p.G.(type) {
	case prox.L1:
		m.lambda = g.Lambda
	case prox.WeightedL1:
		m.lambda, m.weight = g.Lambda, g.Weights
	case prox.ElasticNet:
		m.lambda, m.ridge = g.Lambda, g.Ridge
	case prox.SquaredL2:
		m.lambda, m.smooth = g.Lambda, true
	default:
		return nil, &l2o.InputError{Arg: "G", Value: fmt.Sprintf("%T", p.G), Want: "L1, WeightedL1, ElasticNet or SquaredL2"}
	}
	if !(m.lambda > 0) {
		return nil, &l2o.InputError{Arg: "G.Lambda", Value: m.lambda, Want: "a number > 0: at 0 there is no derivative to both sides"}
	}
	if m.weight == nil {
		m.weight = constant(m.n, 1)
	}
	m.kappa = make([]float64, m.n)
	for j, w := range m.weight {
		m.kappa[j] = m.lambda * w
	}
	m.a = columnsOf(p.A)
	return m, nil
}

// columnsOf returns an operator whose columns are contiguous or sparse, a copy unless A is such a one.
func columnsOf(a linop.Operator) linop.Columns {
	switch a := a.(type) {
	case *linop.Dense:
		return linop.NewColMajor(a)
	case linop.Columns:
		return a
	}
	m, n := a.Dims()
	c := &linop.ColMajor{M: m, N: n, Data: make([]float64, m*n)}
	unit := make([]float64, n)
	for j := range n {
		unit[j] = 1
		a.Apply(c.Data[j*m:(j+1)*m], unit)
		unit[j] = 0
	}
	return c
}

// prox returns coordinate j of prox_{tg}(v).
func (m *model) prox(j int, v, t float64) float64 {
	if m.smooth {
		return v / (1 + t*m.kappa[j])
	}
	theta := t * m.kappa[j]
	return (v - min(max(v, -theta), theta)) / (1 + t*m.ridge)
}

// slope returns the derivative of prox at v, known by its value x. On a threshold it is that of the constant piece.
func (m *model) slope(j int, x, t float64) float64 {
	switch {
	case m.smooth:
		return 1 / (1 + t*m.kappa[j])
	case m.active(j, x):
		return 1 / (1 + t*m.ridge)
	default:
		return 0
	}
}

// active reports whether a change of x_j shows in the next iterate, and of x*_j in the solution.
func (m *model) active(j int, x float64) bool { return m.smooth || x != 0 || m.kappa[j] == 0 }

// support lists the coordinates at which x is active, in dst.
func (m *model) support(dst []int, x []float64) []int {
	dst = dst[:0]
	for j, v := range x {
		if m.active(j, v) {
			dst = append(dst, j)
		}
	}
	return dst
}

// pull returns the derivative of ∂g/∂x_j with respect to κ_j: sign(x_j), or x_j where g is smooth.
func (m *model) pull(x float64) float64 {
	switch {
	case m.smooth || x == 0:
		return x
	default:
		return math.Copysign(1, x)
	}
}

// lipschitz returns the Lipschitz constant of ∇f in a metric, nil for the identity: the bound of ℓ″ times ‖A diag(scale)^½‖².
func (m *model) lipschitz(scale []float64) float64 {
	a := m.a
	if scale != nil {
		divisor := make([]float64, m.n)
		for j, v := range scale {
			divisor[j] = 1 / math.Sqrt(v)
		}
		a = &linop.Scaled{A: m.a, Scale: divisor}
	}
	norm := linop.Norm(a)
	return m.loss.Curvature() * norm * norm
}

// admits returns the *[l2o.InputError] of a schedule that is not for this problem: with a step of 2/L or more proximal gradient does not
// converge, whatever the penalty. With momentum less may be too much; that shows as [l2o.Diverged].
func (m *model) admits(s Schedule) error {
	if err := s.check(m.n); err != nil {
		return err
	}
	bound := 0.0
	for k, tau := range s.Step {
		if k == 0 || s.switches(k+1) {
			bound = 2 / m.lipschitz(s.scale(k+1))
		}
		if !(tau > 0 && tau < bound && tau <= math.MaxFloat64) {
			return &l2o.InputError{Arg: fmt.Sprintf("Schedule.Step[%d]", k), Value: tau, Want: fmt.Sprintf("a number > 0 and < 2/L = %.6g", bound)}
		}
	}
	return nil
}

func constant(n int, v float64) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func norm(v []float64) float64 { return math.Sqrt(dot(v, v)) }

func distance(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += square(v - b[i])
	}
	return math.Sqrt(s)
}

func square(v float64) float64 { return v * v }
