package l2otest_test

import (
	"fmt"
	"iter"
	"math"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

func anything(l2o.Loss, prox.Func) bool { return true }

// A bent solver is a good one that is given another problem than it was asked.
type bent struct {
	bend  func(p *l2o.Problem) *l2o.Problem
	check func(p *l2o.Problem) error
}

func (s bent) Check(p *l2o.Problem) error {
	if s.check != nil {
		return s.check(p)
	}
	return l2o.Restart{}.Check(p)
}

func (s bent) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] {
	return l2o.Restart{}.Iterates(s.bend(p))
}

func same(p *l2o.Problem) *l2o.Problem { return p }

// otherPenalty replaces one type of penalty.
func otherPenalty[G prox.Func](change func(g G) prox.Func) func(p *l2o.Problem) *l2o.Problem {
	return func(p *l2o.Problem) *l2o.Problem {
		if g, ok := p.G.(G); ok {
			return &l2o.Problem{A: p.A, Y: p.Y, Loss: p.Loss, G: change(g)}
		}
		return p
	}
}

func TestCertifiedSuiteRefuses(t *testing.T) {
	stop := l2o.Stop{Gap: 1e-10, MaxIter: 5000}
	l2otest.Certified(t, bent{bend: same}, anything, stop)
	for _, c := range []struct {
		name, reason string
		solver       l2o.Solver
		takes        l2otest.Takes
	}{
		{"λ a thousandth off", "certified: on squared, prox.L1", bent{bend: otherPenalty(func(g prox.L1) prox.Func { return prox.L1{Lambda: 1.001 * g.Lambda} })}, anything},
		{"weights forgotten", "certified: on squared, prox.WeightedL1", bent{bend: otherPenalty(func(g prox.WeightedL1) prox.Func { return prox.L1{Lambda: g.Lambda} })}, anything},
		{"sign forgotten", "certified: on squared, prox.NonNegL1", bent{bend: otherPenalty(func(g prox.NonNegL1) prox.Func { return prox.L1(g) })}, anything},
		{"ridge forgotten", "certified: on logistic, prox.ElasticNet", bent{bend: otherPenalty(func(g prox.ElasticNet) prox.Func { return prox.L1{Lambda: g.Lambda} })}, anything},
		{"groups torn", "certified: on squared, prox.Group", bent{bend: otherPenalty(func(g prox.Group) prox.Func { return prox.L1{Lambda: g.Lambda} })}, anything},
		{"a bound off", "certified: on logistic, prox.Box", bent{bend: otherPenalty(func(g prox.Box) prox.Func { return prox.Box{Lo: g.Lo, Hi: 1.01 * g.Hi} })}, anything},
		{"a ridge twice as strong", "certified: on squared, prox.SquaredL2", bent{bend: otherPenalty(func(g prox.SquaredL2) prox.Func { return prox.SquaredL2{Lambda: 2 * g.Lambda} })}, anything},
		{"the squared loss for the logistic", "certified: on logistic, prox.L1", bent{bend: func(p *l2o.Problem) *l2o.Problem {
			return &l2o.Problem{A: p.A, Y: p.Y, G: p.G}
		}}, anything},
		{"takes more than its table says", "unsupported: on logistic", bent{bend: same}, func(loss l2o.Loss, _ prox.Func) bool { return loss == l2o.Squared{} }},
		{"takes less than its table says", "supported: on logistic", l2o.ADMM{}, anything},
		{"an untyped refusal", "want an UnsupportedError", bent{bend: same, check: func(*l2o.Problem) error { return fmt.Errorf("no") }}, func(l2o.Loss, prox.Func) bool { return false }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.Certified(t, c.solver, c.takes, stop) })
		})
	}
}

// changed applies f to a copy of A's numbers.
func changed(f func(i, j int, v float64) float64) func(p *l2o.Problem) *l2o.Problem {
	return func(p *l2o.Problem) *l2o.Problem {
		a := p.A.(*linop.Dense)
		b := &linop.Dense{M: a.M, N: a.N, Data: make([]float64, a.M*a.N)}
		for k, v := range a.Data {
			b.Data[k] = f(k/a.N, k%a.N, v)
		}
		return &l2o.Problem{A: b, Y: p.Y, Loss: p.Loss, G: p.G}
	}
}

func TestSymmetriesSuiteRefuses(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		bend         func(p *l2o.Problem) *l2o.Problem
	}{
		{"the first unknown weighs more", "permuted", changed(func(_, j int, v float64) float64 {
			if j == 0 {
				return 0.999 * v
			}
			return v
		})},
		{"the sign matters", "flipped", changed(func(_, _ int, v float64) float64 { return v + 1e-6 })},
		{"the mean loss", "doubled rows", func(p *l2o.Problem) *l2o.Problem {
			return &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: p.G.(prox.L1).Lambda * float64(len(p.Y)) / 20}}
		}},
		{"the number of unknowns matters", "a column of zeros", func(p *l2o.Problem) *l2o.Problem {
			_, n := p.A.Dims()
			return &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: p.G.(prox.L1).Lambda * float64(n) / 20}}
		}},
		{"never quite 0", "at λ_max", func(p *l2o.Problem) *l2o.Problem {
			return &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: 0.99 * p.G.(prox.L1).Lambda}}
		}},
		{"an absolute epsilon", "powers of two", func(p *l2o.Problem) *l2o.Problem {
			return &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: p.G.(prox.L1).Lambda + 1e-9}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.Symmetries(t, bent{bend: c.bend}, 5000) })
		})
	}
}

func TestScalingSuiteRefuses(t *testing.T) {
	l2otest.Refuses(t, "change bits", func(t l2otest.TB) {
		l2otest.Scaling(t, bent{bend: func(p *l2o.Problem) *l2o.Problem {
			return &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: p.G.(prox.L1).Lambda + 1e-15}}
		}}, l2o.Stop{Gap: 1e-6})
	})
}

func TestHostileSuiteRefuses(t *testing.T) {
	accept := func(*l2o.Problem) error { return nil }
	for _, c := range []struct {
		name, reason string
		solver       l2o.Solver
	}{
		{"no check", "it panics", bent{bend: same, check: accept}},
		{"no check, and silence", "there is no error", silent{}},
		{"an untyped error", "the error is a", bent{bend: same, check: func(*l2o.Problem) error { return fmt.Errorf("no") }}},
		{"an error without a name", "the error names", bent{bend: same, check: func(*l2o.Problem) error { return &l2o.InputError{} }}},
		{"an error of two lines", "more than one line", bent{bend: same, check: func(*l2o.Problem) error { return &l2o.InputError{Arg: "A", Want: "a\nb"} }}},
		{"a changed matrix", "changes its input", bent{bend: func(p *l2o.Problem) *l2o.Problem {
			if a, ok := p.A.(*linop.Dense); ok {
				a.Data[0] = math.Nextafter(a.Data[0], 9)
			}
			return p
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.Hostile(t, c.solver) })
		})
	}
}

// silent yields nothing, and refuses nothing.
type silent struct{}

func (silent) Check(*l2o.Problem) error                        { return nil }
func (silent) Iterates(*l2o.Problem) iter.Seq2[int, []float64] { return empty }

// Each of these is the loss it embeds but for one method.
type (
	meanLoss       struct{ l2o.Squared }
	flippedLabel   struct{ l2o.Logistic }
	halfCurvature  struct{ l2o.Logistic }
	looseCurvature struct{ l2o.Logistic }
	bendOfOne      struct{ l2o.Logistic }
	gapOfSquares   struct{ l2o.Logistic }
)

func (s meanLoss) Value(z, y []float64) float64 { return s.Squared.Value(z, y) / float64(len(y)) }

func (s flippedLabel) Grad(dst, z, y []float64) {
	s.Logistic.Grad(dst, z, y)
	for i := range dst {
		dst[i] = -dst[i]
	}
}

func (halfCurvature) Curvature() float64 { return 0.125 }

func (looseCurvature) Curvature() float64 { return 1 }

func (bendOfOne) Hess(dst, _, _ []float64) {
	for i := range dst {
		dst[i] = 0.25
	}
}

func (gapOfSquares) FenchelYoung(z, u, y []float64) float64 {
	return l2o.Squared{}.FenchelYoung(z, u, y)
}

func TestLossSuiteRefuses(t *testing.T) {
	for reason, loss := range map[string]l2o.Loss{
		"the sum over rows":   meanLoss{},
		"Grad at":             flippedLabel{},
		"is below Hess":       halfCurvature{},
		"the largest seen is": looseCurvature{},
		"Hess at":             bendOfOne{},
		"FenchelYoung at z":   gapOfSquares{},
	} {
		l2otest.Refuses(t, reason, func(t l2otest.TB) { l2otest.Loss(t, loss, []float64{1, -1, 1}) })
	}
}
