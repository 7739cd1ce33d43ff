package eval

import (
	"fmt"
	"math"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/lista"
	"unroll/l2o/prox"
)

// A bench is a set of signals on which solvers are run.
type bench struct {
	data.Signals
	workers int
}

// errors returns ‖x_k−x*‖², k = 0…K, of every signal, (P, K+1), and the mean relative gap of the last iterate for the given λ, 0 for none.
func (b bench) errors(s l2o.Solver, lambda float64, layers int) (matrix, float64, error) {
	m, gaps, broken := newMatrix(b.Size, layers+1), make([]float64, b.Size), make([]error, b.Size)
	split(b.workers, b.Size, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			p, star := b.problem(i, lambda), b.X[i*b.N:(i+1)*b.N]
			if broken[i] = s.Check(p); broken[i] == nil {
				broken[i] = follow(s, p, star, m.Row(i), func(x []float64) { gaps[i] = gapAt(p, x, lambda) })
			}
		}
	})
	return m, mean(gaps), first(broken)
}

// together is how many signals a learned solver takes at once. It decides the last bits of a result, which is why the workers do not.
const together = 50

// learned is errors for a learned solver, on batches of signals.
func (b bench) learned(net *lista.Bound, lambda float64) (matrix, float64, error) {
	layers, blocks := net.Config.K, (b.Size+together-1)/together
	m, gaps, broken := newMatrix(b.Size, layers+1), make([]float64, b.Size), make([]error, blocks)
	if err := net.Check(b.problem(0, lambda)); err != nil {
		return m, 0, err
	}
	split(b.workers, blocks, func(lo, hi int) {
		for block := lo; block < hi; block++ {
			from, to := block*together, min((block+1)*together, b.Size)
			net.Estimates(b.A, b.Y[from*b.M:to*b.M], func(k int, x []float64) bool {
				for i := from; i < to; i++ {
					one := x[(i-from)*b.N : (i-from+1)*b.N]
					e := distance2(one, b.X[i*b.N:(i+1)*b.N])
					if m.Row(i)[k] = e; math.IsNaN(e) || math.IsInf(e, 0) {
						broken[block] = fmt.Errorf("the squared error of layer %d is %v", k, e)
						return false
					}
					if k == layers {
						gaps[i] = gapAt(b.problem(i, lambda), one, lambda)
					}
				}
				return true
			})
		}
	})
	return m, mean(gaps), first(broken)
}

// first is the first error there is.
func first(all []error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

func (b bench) problem(i int, lambda float64) *l2o.Problem {
	return &l2o.Problem{A: &linop.Dense{M: b.M, N: b.N, Data: b.A}, Y: b.Y[i*b.M : (i+1)*b.M], G: prox.L1{Lambda: lambda}}
}

// gapAt is the relative gap of x in p, whose weight is λ; 0 where that is 0.
func gapAt(p *l2o.Problem, x []float64, lambda float64) float64 {
	if lambda == 0 {
		return 0
	}
	return l2o.Certify(p, x).RelativeGap
}

// power is ‖x*‖² of every signal, (P, 1).
func (b bench) power() matrix {
	m, zero := newMatrix(b.Size, 1), make([]float64, b.N)
	for i := range m.Data {
		m.Data[i] = distance2(b.X[i*b.N:(i+1)*b.N], zero)
	}
	return m
}
