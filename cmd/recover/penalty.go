package main

import (
	"fmt"
	"math"

	"unroll/l2o/prox"
)

var penalties = []string{"l1", "nonneg", "elasticnet", "group", "box", "squaredl2"}

// newPenalty makes the penalty on n unknowns; its λ, where it has one, is set later.
func (s *settings) newPenalty(n int) (prox.Func, error) {
	switch s.penalty {
	case "nonneg":
		return prox.NonNegL1{}, nil
	case "elasticnet":
		return prox.ElasticNet{Ridge: s.ridge}, nil
	case "group":
		return s.newGroups(n)
	case "box":
		return prox.Box{Lo: s.lo, Hi: s.hi}, nil
	case "squaredl2":
		return prox.SquaredL2{Lambda: s.lambda}, nil
	}
	if s.weights == "" {
		return prox.L1{}, nil
	}
	a, err := readArray(s.weights, "weights")
	if err != nil {
		return nil, err
	}
	weights, err := a.vector(n, "one for each column of A", func(v float64) bool { return v >= 0 }, "a number ≥ 0, or inf")
	return prox.WeightedL1{Weights: weights}, err
}

// newGroups reads the label of each unknown; groups stand in the order of their first unknown.
func (s *settings) newGroups(n int) (prox.Func, error) {
	a, err := readArray(s.groups, "groups")
	if err != nil {
		return nil, err
	}
	labels, err := a.vector(n, "one for each column of A", func(v float64) bool { return v-v == 0 }, "a finite number")
	if err != nil {
		return nil, err
	}
	var groups [][]int
	place := map[float64]int{}
	for j, label := range labels {
		b, ok := place[label]
		if !ok {
			b = len(groups)
			place[label] = b
			groups = append(groups, nil)
		}
		groups[b] = append(groups[b], j)
	}
	return prox.Group{Groups: groups}, nil
}

// An elsewhere says how two other packages are to be asked for the same answer, or "" for one that cannot be.
//
// Both have 1/m before the sum of squares. glmnet also divides y by its standard deviation ‖y − ȳ‖/√m, or ‖y‖/√m without an intercept,
// before it looks at the quadratic part of the penalty, and scales the weights to the sum n.
type elsewhere struct {
	sklearn string
	glmnet  string
}

// elsewhere translates λ for m rows of data with the standard deviation sd.
func (s *settings) elsewhere(g prox.Func, lambda float64, m int, sd float64) (e elsewhere) {
	rows := float64(m)
	intercept, standardize := map[bool]string{false: "False", true: "True"}, map[bool]string{false: "FALSE", true: "TRUE"}
	sklearn := func(class, arguments string, args ...any) {
		e.sklearn = fmt.Sprintf("%s(%s, fit_intercept=%s)", class, fmt.Sprintf(arguments, args...), intercept[s.intercept])
		if s.standardize {
			e.sklearn += " after StandardScaler(with_mean=False)"
		}
	}
	glmnet := func(lambda float64, more string) {
		e.glmnet = fmt.Sprintf("lambda=%.10g, intercept=%s, standardize=%s%s", lambda, standardize[s.intercept], standardize[s.standardize], more)
	}
	switch g := g.(type) {
	case prox.L1:
		sklearn("Lasso", "alpha=%.10g", lambda/rows)
		glmnet(lambda/rows, "")
	case prox.NonNegL1:
		sklearn("Lasso", "alpha=%.10g, positive=True", lambda/rows)
		glmnet(lambda/rows, ", lower.limits=0")
	case prox.WeightedL1:
		sum := 0.0
		for _, w := range g.Weights {
			if math.IsInf(w, 0) {
				w = 1 // which is what glmnet counts for an unknown that it leaves out
			}
			sum += w
		}
		glmnet(lambda/rows*sum/float64(len(g.Weights)), ", penalty.factor=weights")
	case prox.ElasticNet:
		if whole := lambda + g.Ridge; whole > 0 { // which 0 has no shares of
			sklearn("ElasticNet", "alpha=%.10g, l1_ratio=%.10g", whole/rows, lambda/whole)
		}
		if whole := lambda + g.Ridge*sd; whole > 0 {
			glmnet(whole/rows, fmt.Sprintf(", alpha=%.10g", lambda/whole))
		}
	case prox.SquaredL2:
		sklearn("Ridge", "alpha=%.10g", lambda)
		glmnet(lambda*sd/rows, ", alpha=0")
	}
	return e
}
