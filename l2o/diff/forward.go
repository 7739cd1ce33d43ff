package diff

import (
	"fmt"
	"slices"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// A Direction is a change of the parameters, along which a derivative is taken. What is nil or 0 stays.
type Direction struct {
	Lambda   float64
	Weights  []float64      // (n), of the weights ω of the penalty λω_j, which are 1 where it names none
	Y        []float64      // (m)
	A        linop.Operator // Ȧ (m, n)
	Step     []float64      // (K)
	Momentum []float64      // (K)
}

// A Tangent is the derivative of an iterate along a direction.
type Tangent struct {
	DX  []float64 // ẋ_K (n)
	Bar Bar       // on the distance to the derivative of the solution
}

// Forward differentiates x_K along each of the directions, by carrying their ẋ_k along with one run of x_k; ẋ₀ = 0, as the start does not
// depend on the parameters. The mode is [Unrolled], [Truncated], which carries ẋ_k through the last iterations alone, or [Implicit], for
// which the iteration serves to find x*. The error is an *[l2o.InputError], or the *[Refusal] of an implicit derivative. Of an iteration
// that diverged there are no derivatives.
func Forward(p *l2o.Problem, s Schedule, start []float64, mode Mode, along ...Direction) (Run, []Tangent, error) {
	it, x, err := newIteration(p, s, start)
	if err != nil {
		return Run{}, nil, err
	}
	if err := mode.check(len(s.Step)); err != nil {
		return Run{}, nil, err
	}
	for _, d := range along {
		if err := d.check(it.model, len(it.Step), len(it.Momentum)); err != nil {
			return Run{}, nil, err
		}
	}
	if mode.Rule == Implicit {
		run, l, err := it.implicit(x)
		if l == nil {
			return run, nil, err
		}
		tangents := make([]Tangent, len(along))
		for i, d := range along {
			tangents[i].DX, tangents[i].Bar.Error = l.Tangent(d)
		}
		return run, tangents, nil
	}
	run, all := it.carry(x, mode.begin(len(s.Step)), along, nil)
	return run, it.barred(run, all), nil
}

// Trace shows every x_k and its derivative ẋ_k along a direction, k = 1…K, as [Forward] carries them; what it shows is valid until the next k.
// The mode is Unrolled or Truncated, of which ẋ_k = 0 until its iterations begin.
func Trace(p *l2o.Problem, s Schedule, start []float64, mode Mode, along Direction, visit func(k int, x, dx []float64)) (Run, error) {
	it, x, err := newIteration(p, s, start)
	if err != nil {
		return Run{}, err
	}
	if mode.Rule == Implicit {
		return Run{}, &l2o.InputError{Arg: "Mode.Rule", Value: mode.Rule, Want: "Unrolled or Truncated"}
	}
	if err := mode.check(len(s.Step)); err != nil {
		return Run{}, err
	}
	if err := along.check(it.model, len(it.Step), len(it.Momentum)); err != nil {
		return Run{}, err
	}
	run, _ := it.carry(x, mode.begin(len(s.Step)), []Direction{along}, visit)
	return run, nil
}

// carry runs the iteration and takes the directions along after the first begin iterations.
func (it *iteration) carry(start []float64, begin int, along []Direction, visit func(k int, x, dx []float64)) (Run, []*carried) {
	all := make([]*carried, len(along))
	for i, d := range along {
		all[i] = newCarried(it, d)
	}
	lin := newStep(it, slices.ContainsFunc(along, func(d Direction) bool { return d.A != nil }))
	run := it.each(start, func(k int, x, prev, older []float64) {
		if k > begin && len(along) > 0 {
			lin.at(k, x, prev, older)
			for _, c := range all {
				c.push(lin)
			}
		}
		if visit != nil {
			visit(k, x, all[0].now)
		}
	})
	return run, all
}

// barred adds the bars.
func (it *iteration) barred(run Run, all []*carried) []Tangent {
	if run.Status == l2o.Diverged || len(all) == 0 {
		return nil
	}
	limit, refusal := newLimit(it.model, run.X)
	tangents := make([]Tangent, len(all))
	for i, c := range all {
		tangents[i] = Tangent{c.now, refused(refusal)}
		if refusal == nil {
			tangents[i].Bar.Error = limit.tangentError(c.Direction, c.now)
		}
	}
	return tangents
}

// A carried direction is a direction with its ẋ_{k−1} and ẋ_{k−2}.
type carried struct {
	Direction
	now, before []float64 // (n)
	correlated  []float64 // Aᵀẏ (n); nil without ẏ
}

func newCarried(it *iteration, d Direction) *carried {
	c := &carried{Direction: d, now: make([]float64, it.n), before: make([]float64, it.n)}
	if d.Y != nil {
		c.correlated = make([]float64, it.n)
		it.a.Adjoint(c.correlated, d.Y)
	}
	return c
}

// push takes ẋ_{k−1} to ẋ_k.
func (c *carried) push(s *step) {
	beta, tau := s.momentum(s.k), s.Step[s.k-1]
	for _, j := range s.cols {
		s.change[j] = c.now[j] + beta*(c.now[j]-c.before[j])
	}
	if c.Momentum != nil {
		for _, j := range s.cols {
			s.change[j] += c.Momentum[s.k-1] * (s.prev[j] - s.older[j])
		}
	}
	s.hessian(s.rows, s.cols, s.change)
	if c.A != nil {
		s.moved(c.A)
	}
	next := c.before
	clear(next)
	for i, j := range s.rows {
		t := s.t[i]
		v := s.change[j] - t*s.product[i] - t*s.pull(s.x[j])*c.kappa(s.model, j)
		if c.correlated != nil {
			v += t * c.correlated[j]
		}
		if c.A != nil {
			v -= t * (s.back[j] + s.a.DotColumn(j, s.az))
		}
		if c.Step != nil {
			v += c.Step[s.k-1] * (s.x[j] - s.z[j]) / tau
		}
		next[j] = s.slopes[i] * v
	}
	for _, j := range s.cols {
		s.change[j] = 0
	}
	c.now, c.before = next, c.now
}

// check returns the *[l2o.InputError] of a direction that does not fit the problem.
func (d Direction) check(m *model, steps, momenta int) error {
	for _, part := range []struct {
		name  string
		value []float64
		want  int
	}{
		{"Weights", d.Weights, m.n}, {"Y", d.Y, m.m}, {"Step", d.Step, steps}, {"Momentum", d.Momentum, momenta},
	} {
		if part.value != nil && len(part.value) != part.want {
			return &l2o.InputError{Arg: "Direction." + part.name, Value: fmt.Sprintf("of length %d", len(part.value)),
				Want: fmt.Sprintf("length %d", part.want)}
		}
	}
	if d.Y != nil && !m.square {
		return &l2o.InputError{Arg: "Direction.Y", Value: fmt.Sprintf("a change of labels of %T", m.loss), Want: "nil: labels are −1 or +1"}
	}
	return checkChange(d.A, m)
}

func checkChange(dA linop.Operator, m *model) error {
	if dA == nil {
		return nil
	}
	if rows, cols := dA.Dims(); rows != m.m || cols != m.n {
		return &l2o.InputError{Arg: "Direction.A", Value: fmt.Sprintf("%d×%d", rows, cols), Want: fmt.Sprintf("%d×%d", m.m, m.n)}
	}
	return nil
}

// kappa returns the change of κ_j = λω_j.
func (d Direction) kappa(m *model, j int) float64 {
	v := d.Lambda * m.weight[j]
	if d.Weights != nil {
		v += m.lambda * d.Weights[j]
	}
	return v
}
