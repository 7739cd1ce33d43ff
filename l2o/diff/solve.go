package diff

import (
	"errors"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// certified are the relative gaps to which [Solve] solves in turn.
var certified = []float64{1e-6, 1e-9, 1e-12}

// Solve solves p by coordinate descent from x0, nil for 0, until the support is identified, and returns the solution with its limit. The
// error is that of [l2o.Solve], or the *[Refusal] of a solution without a derivative, which is returned nonetheless.
func Solve(p *l2o.Problem, x0 []float64) (x []float64, l *Limit, err error) {
	m, err := newModel(p)
	if err != nil {
		return nil, nil, err
	}
	q := *p
	q.A = m.a
	x = x0
	if x == nil {
		x = make([]float64, m.n)
	}
	for _, gap := range certified {
		s, failed := l2o.SolveFrom(l2o.CD{}, &q, x, l2o.Stop{Gap: gap})
		if failed != nil {
			return nil, nil, failed
		}
		x = s.X
		if l, err = NewLimit(&q, x); err == nil {
			return l.X, l, nil
		}
		if _, refused := errors.AsType[*Refusal](err); !refused {
			return nil, nil, err
		}
	}
	return x, nil, err
}

// Lasso returns the problem ½‖Ax − y‖² + λ‖x‖₁ for an A (m, n) by rows.
func Lasso(m, n int, a, y []float64, lambda float64) *l2o.Problem {
	return &l2o.Problem{A: &linop.Dense{M: m, N: n, Data: a}, Y: y, G: prox.L1{Lambda: lambda}}
}
