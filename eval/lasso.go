package eval

import (
	"fmt"
	"slices"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/prox"
)

// A LassoLevel says how the converged Lasso, the limit of ISTA and of FISTA, was reached.
type LassoLevel struct {
	Lambda      float64
	Unconverged int // test prompts whose certificate did not close: relative duality gap above lassoGap
}

// lassoGap is the duality gap, relative to the objective, up to which a solution counts as converged.
const lassoGap = 1e-6

const lassoName = "Lasso"

// lassoAtBest returns the errors (P, 1) on test of the converged Lasso at the weight that is best on validation.
func lassoAtBest(validation, test data.Batch, workers int) (matrix, LassoLevel) {
	tried, _ := lassoErrors(validation, lassoWeights, workers)
	at := 0
	for w := range lassoWeights {
		if mean(tried.Col(w)) < mean(tried.Col(at)) {
			at = w
		}
	}
	lambda := lassoWeights[at]
	errors, open := lassoErrors(test, []float64{lambda}, workers)
	return errors, LassoLevel{lambda, open[0]}
}

// lassoWeights are the candidates, in the order in which a path meets them. Without noise the smallest is best.
var lassoWeights = []float64{0.1, 0.03, 0.01}

// lassoErrors solves every prompt at every weight: column w is ‖x̂−x*‖². Open counts the prompts whose certificate did not close at w.
func lassoErrors(b data.Batch, lambdas []float64, workers int) (errors matrix, open []int) {
	errors = newMatrix(b.Size, len(lambdas))
	closed := newMatrix(b.Size, len(lambdas)) // 1 or 0
	eachPrompt(b, workers, func(i int, p *l2o.Problem, star []float64) {
		p.G = prox.L1{Lambda: slices.Min(lambdas)}
		path, err := l2o.Homotopy{}.Path(p)
		if path == nil {
			panic(fmt.Sprintf("eval: prompt %d: %v", i, err))
		}
		for w, lambda := range lambdas { // where the path ends before, the certificate stays open
			x := l2o.At(path, lambda)
			p.G = prox.L1{Lambda: lambda}
			errors.Row(i)[w] = distance2(x, star)
			if l2o.Gap(p, x) <= lassoGap*l2o.Objective(p, x) {
				closed.Row(i)[w] = 1
			}
		}
	})
	open = make([]int, len(lambdas))
	for w := range open {
		open[w] = b.Size - int(sum(closed.Col(w)))
	}
	return errors, open
}
