package diff_test

import (
	"math"

	"unroll/l2o"
	"unroll/l2o/diff"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// plain is the iteration in straight loops, by the library's own prox and operator: the twin of diff.Iterate. It returns x_K and a signature
// of the signs of every iterate, the smooth piece that x_K is on. It shows every iterate to the visitors.
func plain(p *l2o.Problem, s diff.Schedule, visit ...func(k int, x []float64)) (x []float64, signs uint64) {
	m, n := p.A.Dims()
	x, prev, r, g := make([]float64, n), make([]float64, n), make([]float64, m), make([]float64, n)
	signs = 14695981039346656037
	for k, tau := range s.Step {
		z := make([]float64, n)
		for j := range z {
			z[j] = x[j]
			if s.Momentum != nil {
				z[j] += s.Momentum[k] * (x[j] - prev[j])
			}
		}
		p.A.Apply(r, z)
		if p.Loss == nil {
			l2o.Squared{}.Grad(r, r, p.Y)
		} else {
			p.Loss.Grad(r, r, p.Y)
		}
		p.A.Adjoint(g, r)
		prev, x = x, make([]float64, n)
		for j := range z {
			one := tau
			for _, metric := range s.Metric {
				if metric.From <= k+1 {
					one = tau * metric.Scale[j]
				}
			}
			x[j] = proxOf(p.G, j, z[j]-one*g[j], one)
			sign := 1
			if x[j] > 0 {
				sign = 2
			} else if x[j] < 0 {
				sign = 3
			}
			signs = (signs ^ uint64(sign)) * 1099511628211
		}
		for _, v := range visit {
			v(k+1, x)
		}
	}
	return x, signs
}

func proxOf(g prox.Func, j int, v, t float64) float64 {
	one := []float64{v}
	switch g := g.(type) {
	case prox.WeightedL1:
		prox.L1{Lambda: g.Lambda * g.Weights[j]}.Prox(one, one, t)
	default:
		g.Prox(one, one, t)
	}
	return one[0]
}

// A parameter is a kind of parameters as a vector: moved returns the problem and schedule with the kind's numbers in place of theirs, and
// part is the kind's part of a gradient.
type parameter struct {
	name  string
	value func(r *random, s diff.Schedule) []float64
	moved func(r random, s diff.Schedule, v []float64) (*l2o.Problem, diff.Schedule)
	part  func(g *diff.Gradient) []float64
	along func(v []float64, dA linop.Operator) diff.Direction
}

// parameters are the kinds; dA is the direction in which A moves.
func parameters(dA *linop.Dense) []parameter {
	keep := func(r random, s diff.Schedule) (*l2o.Problem, diff.Schedule) { return r.problem(), s }
	return []parameter{
		{"λ", func(r *random, _ diff.Schedule) []float64 { return []float64{r.lambda} },
			func(r random, s diff.Schedule, v []float64) (*l2o.Problem, diff.Schedule) {
				r.lambda = v[0]
				return keep(r, s)
			},
			func(g *diff.Gradient) []float64 { return []float64{g.Lambda} },
			func(v []float64, _ linop.Operator) diff.Direction { return diff.Direction{Lambda: v[0]} }},
		{"weights", func(r *random, _ diff.Schedule) []float64 { return r.weights },
			func(r random, s diff.Schedule, v []float64) (*l2o.Problem, diff.Schedule) {
				r.weights = v
				return keep(r, s)
			},
			func(g *diff.Gradient) []float64 { return g.Weights },
			func(v []float64, _ linop.Operator) diff.Direction { return diff.Direction{Weights: v} }},
		{"y", func(r *random, _ diff.Schedule) []float64 { return r.y },
			func(r random, s diff.Schedule, v []float64) (*l2o.Problem, diff.Schedule) {
				r.y = v
				return keep(r, s)
			},
			func(g *diff.Gradient) []float64 { return g.Y },
			func(v []float64, _ linop.Operator) diff.Direction { return diff.Direction{Y: v} }},
		{"A", func(r *random, _ diff.Schedule) []float64 { return []float64{0} },
			func(r random, s diff.Schedule, v []float64) (*l2o.Problem, diff.Schedule) {
				a := &linop.Dense{M: r.a.M, N: r.a.N, Data: make([]float64, len(r.a.Data))}
				for i, t := range r.a.Data {
					a.Data[i] = t + v[0]*dA.Data[i]
				}
				r.a = a
				return keep(r, s)
			},
			func(g *diff.Gradient) []float64 { return []float64{g.A} },
			func(v []float64, dA linop.Operator) diff.Direction {
				scaled := &linop.Dense{M: 0, N: 0}
				*scaled = *dA.(*linop.Dense)
				scaled.Data = make([]float64, len(scaled.Data))
				for i, t := range dA.(*linop.Dense).Data {
					scaled.Data[i] = v[0] * t
				}
				return diff.Direction{A: scaled}
			}},
		{"steps", func(_ *random, s diff.Schedule) []float64 { return s.Step },
			func(r random, s diff.Schedule, v []float64) (*l2o.Problem, diff.Schedule) {
				s.Step = v
				return keep(r, s)
			},
			func(g *diff.Gradient) []float64 { return g.Step },
			func(v []float64, _ linop.Operator) diff.Direction { return diff.Direction{Step: v} }},
		{"momenta", func(_ *random, s diff.Schedule) []float64 { return s.Momentum },
			func(r random, s diff.Schedule, v []float64) (*l2o.Problem, diff.Schedule) {
				s.Momentum = v
				return keep(r, s)
			},
			func(g *diff.Gradient) []float64 { return g.Momentum },
			func(v []float64, _ linop.Operator) diff.Direction { return diff.Direction{Momentum: v} }},
	}
}

func gap(p *l2o.Problem, x []float64) float64 {
	return l2o.Gap(p, x) / math.Max(1, l2o.Objective(p, x))
}
