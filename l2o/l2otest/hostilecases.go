package l2otest

import (
	"math"
	"slices"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// brokenEntries has one number that is none at the first, a middle and the last place of each kind of matrix and of y, and matrices that
// are none.
func brokenEntries(p *l2o.Problem) []HostileCase {
	a := p.A.(*linop.Dense)
	var cases []HostileCase
	add := func(name, arg string, A linop.Operator, y []float64) {
		cases = append(cases, HostileCase{Name: name, Problem: &l2o.Problem{A: A, Y: y, G: p.G}, Arg: arg})
	}
	nan, inf := math.NaN(), math.Inf(1)
	dense := func(i int, v float64) linop.Operator {
		return &linop.Dense{M: a.M, N: a.N, Data: replaced(a.Data, i, v)}
	}
	add("NaN first in A", "A[0,0]", dense(0, nan), p.Y)
	add("−Inf inside A", "A[1,3]", dense(9, -inf), p.Y)
	add("NaN in A where y is 0", "A[0,2]", dense(2, nan), make([]float64, a.M))
	add("NaN first in y", "Y[0]", a, replaced(p.Y, 0, nan))
	add("Inf inside y", "Y[2]", a, replaced(p.Y, 2, inf))
	add("no y", "Y", a, nil)
	add("no columns", "A", &linop.Dense{M: a.M}, p.Y)
	add("nothing at all", "A", &linop.Dense{}, nil)
	add("A·1e200", "A", &linop.Dense{M: a.M, N: a.N, Data: scaled(a.Data, 1e200)}, p.Y)
	add("y·1e200", "Y", a, scaled(p.Y, 1e200))
	turned := linop.NewColMajor(a)
	add("NaN in columns", "A[1,3]", &linop.ColMajor{M: a.M, N: a.N, Data: replaced(turned.Data, 3*a.M+1, nan)}, p.Y)
	add("columns too short", "A", &linop.ColMajor{M: a.M, N: a.N, Data: turned.Data[1:]}, p.Y)
	sparse := func(start, row []int, value ...float64) linop.Operator {
		return &linop.CSC{M: a.M, N: 3, Start: start, Row: row, Value: value}
	}
	add("NaN in a sparse A", "A[1,2]", sparse([]int{0, 1, 1, 3}, []int{0, 1, 2}, 1, nan, 2), p.Y)
	add("a row that is none in a sparse A", "A", sparse([]int{0, 1, 1, 2}, []int{0, 9}, 1, 2), p.Y)
	add("starts that fall in a sparse A", "A", sparse([]int{0, 2, 1, 2}, []int{0, 1}, 1, 2), p.Y)
	return cases
}

// brokenParameters has penalties, labels and stops that are none.
func brokenParameters(p *l2o.Problem) []HostileCase {
	var cases []HostileCase
	penalty := func(name, arg string, g prox.Func) {
		cases = append(cases, HostileCase{Name: name, Problem: &l2o.Problem{A: p.A, Y: p.Y, G: g}, Arg: arg})
	}
	nan, inf := math.NaN(), math.Inf(1)
	penalty("negative ridge", "G.Ridge", prox.ElasticNet{Lambda: 1, Ridge: -1})
	penalty("λ of non-negative ℓ1 is NaN", "G.Lambda", prox.NonNegL1{Lambda: nan})
	penalty("weights too few", "G.Weights", prox.WeightedL1{Lambda: 1, Weights: []float64{1, 2}})
	penalty("a negative weight", "G.Weights[4]", prox.WeightedL1{Lambda: 1, Weights: []float64{1, 1, 1, 1, -1, 1}})
	penalty("a weight is NaN", "G.Weights[0]", prox.WeightedL1{Lambda: 1, Weights: []float64{nan, 1, 1, 1, 1, 1}})
	penalty("a weight overflows", "G.Weights[1]", prox.WeightedL1{Lambda: 1e200, Weights: []float64{1, 1e200, 1, 1, 1, 1}})
	penalty("groups that overlap", "G.Groups[1][0]", prox.Group{Lambda: 1, Groups: [][]int{{0, 1, 2}, {2, 3, 4, 5}}})
	penalty("groups that leave one out", "G.Groups", prox.Group{Lambda: 1, Groups: [][]int{{0, 1, 2}, {3, 4}}})
	penalty("a group beyond the columns", "G.Groups[1][2]", prox.Group{Lambda: 1, Groups: [][]int{{0, 1, 2, 5}, {3, 4, 6}}})
	penalty("an empty group", "G.Groups[0]", prox.Group{Lambda: 1, Groups: [][]int{{}, {0, 1, 2, 3, 4, 5}}})
	penalty("group weights too few", "G.Weights", prox.Group{Lambda: 1, Groups: [][]int{{0, 1, 2}, {3, 4, 5}}, Weights: []float64{1}})
	penalty("a group's weight is +Inf", "G.Weights[1]", prox.Group{Lambda: 1, Groups: [][]int{{0, 1, 2}, {3, 4, 5}}, Weights: []float64{1, inf}})
	penalty("an empty box", "G.Hi", prox.Box{Lo: 1, Hi: 0})
	penalty("a box without end", "G.Hi", prox.Box{Hi: inf})
	penalty("a box from NaN", "G.Lo", prox.Box{Lo: nan})
	for _, c := range []struct {
		name, arg string
		stop      l2o.Stop
	}{
		{"negative gap", "Stop.Gap", l2o.Stop{Gap: -1e-6}},
		{"gap is NaN", "Stop.Gap", l2o.Stop{Gap: nan}},
		{"K < 0", "Stop.MaxIter", l2o.Stop{MaxIter: -1}},
	} {
		cases = append(cases, HostileCase{Name: c.name, Problem: p, Stop: c.stop, Arg: c.arg})
	}
	for _, label := range []float64{0, 2} {
		y := []float64{1, -1, 1, label}
		cases = append(cases, HostileCase{Name: "a label that is none", Problem: &l2o.Problem{A: p.A, Y: y, Loss: l2o.Logistic{}, G: p.G}, Arg: "Y[3]"})
	}
	return cases
}

// extremes are at the edge of what is allowed.
func extremes(p *l2o.Problem) []HostileCase {
	a, lambda := p.A.(*linop.Dense), p.G.(prox.L1).Lambda
	var cases []HostileCase
	add := func(name string, A linop.Operator, y []float64, loss l2o.Loss, g prox.Func) {
		cases = append(cases, HostileCase{Name: name, Problem: &l2o.Problem{A: A, Y: y, Loss: loss, G: g}, Stop: l2o.Stop{Gap: 1e-8, MaxIter: 3000}})
	}
	dense := func(data []float64) *linop.Dense { return &linop.Dense{M: a.M, N: a.N, Data: data} }
	column := func(factor float64) *linop.Dense {
		b := dense(slices.Clone(a.Data))
		for i := range a.M {
			b.Data[i*a.N+2] *= factor
		}
		return b
	}
	for _, s := range []float64{1e150, 1e-150} {
		add("A scaled and λ with it", dense(scaled(a.Data, s)), p.Y, nil, prox.L1{Lambda: s * lambda})
		add("A scaled alone", dense(scaled(a.Data, s)), p.Y, nil, p.G)
		add("A and y scaled apart", dense(scaled(a.Data, s)), scaled(p.Y, 1/s), nil, p.G)
		add("one column scaled", column(s), p.Y, nil, p.G)
		add("λ extreme", a, p.Y, nil, prox.L1{Lambda: s})
	}
	add("λ the largest number", a, p.Y, nil, prox.L1{Lambda: math.MaxFloat64})
	add("λ the smallest number", a, p.Y, nil, prox.L1{Lambda: math.SmallestNonzeroFloat64})
	add("subnormal A beside ones", dense(replaced(scaled(a.Data, 0x1p-1060), 5, 1)), p.Y, nil, p.G)
	add("subnormal y beside ones", a, []float64{0x1p-1070, 1, 0, -0x1p-1074}, nil, p.G)
	add("λ = 0, wide", a, p.Y, nil, prox.L1{})
	add("every weight +Inf", a, p.Y, nil, prox.WeightedL1{Lambda: lambda, Weights: slices.Repeat([]float64{math.Inf(1)}, a.N)})
	add("weights +Inf and λ = 0", a, p.Y, nil, prox.WeightedL1{Weights: []float64{math.Inf(1), 1, math.Inf(1), 1, 1, 1}})
	add("every weight 0", a, p.Y, nil, prox.WeightedL1{Lambda: lambda, Weights: make([]float64, a.N)})
	add("a free column of zeros", column(0), p.Y, nil, prox.WeightedL1{Lambda: lambda, Weights: []float64{1, 1, 0, 1, 1, 1}})
	add("a free column beyond squares of others", column(1e150), p.Y, nil, prox.WeightedL1{Lambda: lambda, Weights: []float64{1, 1, 0, 1, 1, 1}})
	add("a ridge beyond all", a, p.Y, nil, prox.ElasticNet{Lambda: lambda, Ridge: 1e300})
	add("a group of all at λ = 0", a, p.Y, nil, prox.Group{Groups: [][]int{{0, 1, 2, 3, 4, 5}}})
	add("a box of one point", a, p.Y, nil, prox.Box{Lo: 2, Hi: 2})
	add("a box far from 0", a, p.Y, nil, prox.Box{Lo: 1e100, Hi: 2e100})
	add("non-negative least squares", a, p.Y, nil, prox.NonNegL1{})
	room := slices.Concat([]float64{math.NaN()}, a.Data, []float64{math.NaN()})
	add("a view", dense(room[1:1+len(a.Data)]), slices.Concat(p.Y, []float64{math.Inf(1)})[:a.M], nil, p.G)
	separable := &linop.Dense{M: 4, N: 1, Data: []float64{1, 2, -1, -3}}
	labels := []float64{1, 1, -1, -1}
	add("separable labels at λ = 0", separable, labels, l2o.Logistic{}, prox.L1{})
	add("separable labels at a small λ", separable, labels, l2o.Logistic{}, prox.L1{Lambda: 1e-9})
	add("labels all alike", a, []float64{1, 1, 1, 1}, l2o.Logistic{}, p.G)
	add("labels beside a huge A", dense(scaled(a.Data, 1e150)), labels, l2o.Logistic{}, prox.L1{Lambda: 1e149})
	return cases
}
