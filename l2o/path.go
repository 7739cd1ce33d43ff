package l2o

import (
	"fmt"

	"unroll/l2o/prox"
)

// Path solves the problem at each of the weights in turn, each from the solution before, with λ of its penalty replaced. Weights that fall
// slowly make it fast. [CD] keeps its working set, its Gram matrix and a factor of it from one to the next, and where A has many more rows
// than columns it works on R of [A y] = QR in their place. The error is an *[InputError] or an
// *[UnsupportedError]; an end without convergence is the Status of the solution in question.
func Path(s Warm, p *Problem, lambdas []float64, stop Stop) ([]Solution, error) {
	_, descends := s.(CD)
	held, err := checkPath(s, p, stop)
	if err != nil {
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
	if descends {
		return pathByDescent(p, held, problems, stop)
	}
	path, x := make([]Solution, len(lambdas)), make([]float64, n)
	for i, q := range problems {
		path[i] = follow(s.IteratesFrom(q, x), newJudge(q), stop)
		x = path[i].X
	}
	return path, nil
}

// checkPath is [checkSolve]; coordinate descent sees itself whether the products of A are sound.
func checkPath(s Warm, p *Problem, stop Stop) (entries, error) {
	if _, ok := s.(CD); !ok {
		return entries{}, checkSolve(s, p, stop)
	}
	if err := checkStop(p, stop); err != nil {
		return entries{}, err
	}
	if err := (CD{}).checkKind(p); err != nil {
		return entries{}, err
	}
	return p.checkShape()
}

func pathByDescent(p *Problem, held entries, problems []*Problem, stop Stop) ([]Solution, error) {
	if stop.Gap == 0 {
		stop.Gap = defaultGap
	}
	if c := compress(p, len(problems)); c != nil {
		if path := c.path(p, problems, stop); path != nil {
			return path, nil
		}
	}
	d := newDescent(p, nil)
	defer d.set.release()
	if !d.sound() {
		if err := p.checkProducts(held); err != nil {
			return nil, err
		}
	}
	return d.path(problems, stop), nil
}

// path solves problems that differ from d's in the weight of the penalty.
func (d *descent) path(problems []*Problem, stop Stop) []Solution {
	path := make([]Solution, len(problems))
	for i, q := range problems {
		c := newJudge(q)
		if i == 0 {
			d.near = trackShare * stop.Gap * c.start()
		}
		d.pose(q.G.(prox.Separable))
		c.from = d
		path[i] = follow(d.iterates, c, stop)
	}
	return path
}

// trackShare is the part of an allowed gap that may be left to a model.
const trackShare = 0.1
