package eval

import (
	"fmt"
	"math"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
)

// A candidate is a classical solver with a weight to choose from.
type candidate struct {
	solver l2o.Solver
	lambda float64 // of the Lasso it solves; for AMP that of its problem alone, as its threshold is its own
	label  string
}

// A family is one classical solver with all its candidates.
type family struct {
	name string
	of   []candidate
}

// classicalSolvers take the step 1/L of the one matrix.
func classicalSolvers(a []float64, law data.Dictionary) []family {
	norm := linop.Norm(&linop.Dense{M: law.M, N: law.N, Data: a})
	step := 1 / (norm * norm)
	all := []family{{name: "ISTA"}, {name: "FISTA"}, {name: "FISTA, restart"}, {name: "AMP"}}
	for _, lambda := range []float64{3e-3, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.6} {
		for i, s := range []l2o.Solver{l2o.ISTA{Step: step}, l2o.FISTA{Step: step}, l2o.Restart{Step: step}} {
			all[i].of = append(all[i].of, candidate{s, lambda, fmt.Sprintf("(λ=%g)", lambda)})
		}
	}
	for _, kappa := range []float64{0.8, 1, 1.2, 1.4, 1.6, 1.8} {
		all[3].of = append(all[3].of, candidate{l2o.AMP{Kappa: kappa}, 0, fmt.Sprintf("(κ=%g)", kappa)})
	}
	return all
}

// best returns the candidate with the smallest mean error of iterate K.
func (b bench) best(f family, layers int) (best candidate) {
	least := math.Inf(1)
	for _, c := range f.of {
		m, _, err := b.errors(c.solver, c.lambda, layers)
		if err != nil {
			continue // it diverges at this weight
		}
		if e := mean(m.Col(layers)); e < least {
			best, least = c, e
		}
	}
	return best
}
