package eval

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// A normal holds the normal equations of least squares problems in n unknowns that share their rows, each with targets of its own.
type normal struct {
	n, problems int
	gram        []float64 // (n, n), the upper triangle
	rhs         []float64 // (n, problems)
}

func newNormal(n, problems int) *normal {
	return &normal{n, problems, make([]float64, n*n), make([]float64, n*problems)}
}

// add takes in the rows ⟨row, w⟩ ≈ target, one of each problem.
func (q *normal) add(row []float64, targets ...float64) {
	for a, x := range row {
		if x == 0 {
			continue
		}
		for t, target := range targets {
			q.rhs[a*q.problems+t] += x * target
		}
		to := q.gram[a*q.n : (a+1)*q.n]
		for c := a; c < q.n; c++ {
			to[c] += x * row[c]
		}
	}
}

// tiny is the ridge, relative to each unknown's own square, that makes unknowns with dependent or vanishing columns harmless.
const tiny = 1e-10

// solve returns w (problems, n), nil where the equations cannot be factorised. Every unknown is scaled to a unit diagonal first.
func (q *normal) solve() [][]float64 {
	scale := make([]float64, q.n)
	for a := range scale {
		if d := q.gram[a*q.n+a]; d > 0 {
			scale[a] = 1 / math.Sqrt(d)
		}
	}
	g, b := mat.NewSymDense(q.n, nil), mat.NewDense(q.n, q.problems, nil)
	for a, f := range scale {
		for c := a; c < q.n; c++ {
			g.SetSym(a, c, f*scale[c]*q.gram[a*q.n+c])
		}
		g.SetSym(a, a, g.At(a, a)+tiny)
		for t := range q.problems {
			b.Set(a, t, f*q.rhs[a*q.problems+t])
		}
	}
	var factor mat.Cholesky
	var w mat.Dense
	if !factor.Factorize(g) {
		return nil
	}
	if err := factor.SolveTo(&w, b); err != nil && w.IsEmpty() {
		return nil
	}
	out := make([][]float64, q.problems)
	for t := range out {
		out[t] = mat.Col(nil, t, &w)
		for a, f := range scale {
			out[t][a] *= f
		}
	}
	return out
}
