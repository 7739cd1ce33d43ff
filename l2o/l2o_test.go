package l2o_test

import (
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
)

// solvers is the table of the conformance test: a new solver is one more row.
var solvers = []struct {
	name      string
	solver    l2o.Solver
	guarantee l2otest.Guarantee
}{
	{"ISTA", l2o.ISTA{}, istaGuarantee},
	{"FISTA", l2o.FISTA{}, fistaGuarantee},
}

var (
	istaGuarantee  = l2otest.Guarantee{Rate: func(k int) float64 { return 1 / float64(2*k) }, Monotone: true}
	fistaGuarantee = l2otest.Guarantee{Rate: func(k int) float64 { return 2 / float64((k+1)*(k+1)) }}
)

func TestSolvers(t *testing.T) {
	for _, c := range solvers {
		t.Run(c.name, func(t *testing.T) { l2otest.Minimizer(t, c.solver, c.guarantee) })
	}
}
