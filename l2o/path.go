package l2o

import (
	"fmt"

	"unroll/l2o/prox"
)

// Path solves the problem at each of the weights in turn, each from the solution before, with λ of its penalty replaced. Weights that fall
// slowly make it fast. [CD] keeps its working set and what it knows of A from one to the next. The error is an *[InputError] or an
// *[UnsupportedError]; an end without convergence is the Status of the solution in question.
func Path(s Warm, p *Problem, lambdas []float64, stop Stop) ([]Solution, error) {
	if err := checkSolve(s, p, stop); err != nil {
		return nil, err
	}
	g, ok := p.G.(prox.Sparse)
	if !ok {
		return nil, &InputError{"G", fmt.Sprintf("a %T", p.G), "a penalty with a weight λ, a prox.Sparse"}
	}
	_, n := p.A.Dims()
	problems := make([]*Problem, len(lambdas))
	for i, lambda := range lambdas {
		if lambda < 0 || !finite(lambda) {
			return nil, &InputError{fmt.Sprintf("lambdas[%d]", i), lambda, "a finite number ≥ 0"}
		}
		problems[i] = &Problem{A: p.A, Y: p.Y, Loss: p.Loss, G: g.WithLambda(lambda)}
		if err := checkPenalty(problems[i].G, n); err != nil {
			return nil, err
		}
	}
	if _, ok := s.(CD); ok {
		return pathByDescent(problems, stop), nil
	}
	path, x := make([]Solution, len(lambdas)), make([]float64, n)
	for i, q := range problems {
		path[i] = follow(s.IteratesFrom(q, x), newJudge(q), stop)
		x = path[i].X
	}
	return path, nil
}

func pathByDescent(problems []*Problem, stop Stop) []Solution {
	path := make([]Solution, len(problems))
	var d *descent
	for i, q := range problems {
		if d == nil {
			d = newDescent(q, nil)
		} else {
			d.pose(q.G.(prox.Separable))
		}
		c := newJudge(q)
		c.from = d
		path[i] = follow(d.iterates, c, stop)
	}
	return path
}
