package l2o_test

import (
	"fmt"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/prox"
)

// A row says what is known of a solver.
type row struct {
	name      string
	solver    l2o.Solver
	takes     l2otest.Takes
	last      int                // iterations allowed on what it takes
	guarantee *l2otest.Guarantee // what is proved of it; nil for nothing
}

// solvers is the table of the conformance tests: a new solver is one more row.
var solvers = []row{
	{"ISTA", l2o.ISTA{}, anything, 100_000, &istaGuarantee},
	{"ISTA, backtracking", l2o.ISTA{Backtrack: true}, anything, 100_000, &istaBacktracking},
	{"FISTA", l2o.FISTA{}, anything, 100_000, &fistaGuarantee},
	{"FISTA, backtracking", l2o.FISTA{Backtrack: true}, anything, 100_000, &fistaBacktracking},
	{"FISTA of Chambolle and Dossal", l2o.FISTA{Momentum: l2o.ChambolleDossal(4)}, anything, 100_000, &chambolleDossal},
	{"restart by gradient", l2o.Restart{}, anything, 20_000, nil},
	{"restart by function", l2o.Restart{Scheme: l2o.FunctionScheme}, anything, 20_000, nil},
	{"ADMM", l2o.ADMM{}, squaredOnly, 20_000, nil},
	{"coordinate descent", l2o.CD{}, anything, 1000, nil},
	{"homotopy", l2o.Homotopy{}, lassoOnly, 10_000, nil},
}

var (
	istaGuarantee     = l2otest.Guarantee{Rate: func(k int) float64 { return 1 / float64(2*k) }, Monotone: true}
	istaBacktracking  = l2otest.Guarantee{Rate: func(k int) float64 { return 1 / float64(k) }, Monotone: true} // τ ≥ 1/(2L)
	fistaGuarantee    = l2otest.Guarantee{Rate: func(k int) float64 { return 2 / float64((k+1)*(k+1)) }}
	fistaBacktracking = l2otest.Guarantee{Rate: func(k int) float64 { return 4 / float64((k+1)*(k+1)) }}
	chambolleDossal   = l2otest.Guarantee{Rate: func(k int) float64 { return 4.5 / float64((k+2)*(k+2)) }} // a = 4
)

func anything(l2o.Loss, prox.Func) bool { return true }

func squaredOnly(loss l2o.Loss, _ prox.Func) bool { return loss == l2o.Squared{} }

func lassoOnly(loss l2o.Loss, g prox.Func) bool {
	_, ok := g.(prox.L1)
	return ok && loss == l2o.Squared{}
}

func TestSolvers(t *testing.T) {
	for _, c := range solvers {
		if c.guarantee != nil {
			t.Run(c.name, func(t *testing.T) { l2otest.Minimizer(t, c.solver, *c.guarantee) })
		}
	}
}

func TestCertified(t *testing.T) {
	for _, c := range solvers {
		t.Run(c.name, func(t *testing.T) { l2otest.Certified(t, c.solver, c.takes, l2o.Stop{Gap: 1e-10, MaxIter: c.last}) })
	}
}

func TestSymmetries(t *testing.T) {
	for _, c := range solvers {
		t.Run(c.name, func(t *testing.T) { l2otest.Symmetries(t, c.solver, 10_000) })
	}
}

// Powers of two are exact in every operation of these, so they must be in the answer.
func TestScalingIsExact(t *testing.T) {
	for _, s := range []l2o.Solver{
		l2o.ISTA{}, l2o.ISTA{Backtrack: true}, l2o.FISTA{}, l2o.FISTA{Backtrack: true}, l2o.Restart{}, l2o.Restart{Scheme: l2o.FunctionScheme},
		l2o.CD{}, l2o.Homotopy{},
	} {
		t.Run(fmt.Sprintf("%T%v", s, s), func(t *testing.T) { l2otest.Scaling(t, s, l2o.Stop{Gap: 1e-10, MaxIter: 100_000}) })
	}
}

func TestHostileInputs(t *testing.T) {
	t.Logf("%d inputs", len(l2otest.HostileCases()))
	for _, c := range append(solvers,
		row{"OMP", l2o.OMP{}, nil, 0, nil},
		row{"AMP", l2o.AMP{}, nil, 0, nil},
		row{"AMP with κ", l2o.AMP{Kappa: 1.5}, nil, 0, nil},
		row{"ISTA, a step far too long", l2o.ISTA{Step: 1e10}, nil, 0, nil},
		row{"FISTA, a step beyond all", l2o.FISTA{Step: 1e300}, nil, 0, nil},
		row{"FISTA, a step below all", l2o.FISTA{Step: 1e-320}, nil, 0, nil},
		row{"FISTA, momentum far too large", l2o.FISTA{Momentum: l2o.Constant(1e10)}, nil, 0, nil},
		row{"FISTA, backtracking from far", l2o.FISTA{Step: 1e300, Backtrack: true}, nil, 0, nil},
	) {
		t.Run(c.name, func(t *testing.T) {
			refused, certified, open := l2otest.Hostile(t, c.solver)
			t.Logf("%d refused, %d certified, %d with another status", refused, certified, open)
		})
	}
}
