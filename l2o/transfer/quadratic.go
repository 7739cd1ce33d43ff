package transfer

import (
	"math"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// A quadratic is least squares by its products, which no row has to be read for:
//
//	½‖Ax − y‖² = ½xᵀGx − cᵀx + ½‖y‖²,   G = AᵀA,   c = Aᵀy
//
// That of rows together is the sum of those of the rows.
type quadratic struct {
	gram   []float64 // G, (n, n)
	c      []float64 // (n)
	square float64   // ‖y‖²
}

// quadraticOf takes one pass over the rows.
func quadraticOf(d DataSet) quadratic {
	m, n := d.A.Dims()
	a, ok := d.A.(*linop.ColMajor)
	if !ok {
		a = linop.NewColMajor(d.A)
	}
	q := quadratic{gram: make([]float64, n*n), c: make([]float64, n), square: kernel.SumSquares(d.Y)}
	kernel.Gemm(false, true, n, n, m, 1, a.Data, m, a.Data, m, false, q.gram, n)
	a.Adjoint(q.c, d.Y)
	return q
}

// plus returns the sum.
func (q quadratic) plus(others ...quadratic) quadratic {
	s := quadratic{append([]float64(nil), q.gram...), append([]float64(nil), q.c...), q.square}
	for _, o := range others {
		kernel.Axpy(1, o.gram, s.gram)
		kernel.Axpy(1, o.c, s.c)
		s.square += o.square
	}
	return s
}

// each visits the answers of a list of knobs in its order, every fit from the one before, with q the target's rows and pooled all rows, to the
// relative gap stop, and returns for how many one of the stages did not get there. Knobs with the λ₁ of those before share their stage 1. w is
// valid until the next. It is [tasks.each] without a certificate that outlives it.
func (q quadratic) each(pooled quadratic, list []TwoStage, stop float64, visit func(i int, w []float64)) (loose int) {
	n := len(q.c)
	first, second, w, weights := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var image []float64 // G·first
	var reached bool    // by stage 1
	for i, s := range list {
		if i == 0 || s.Lambda1 != list[i-1].Lambda1 {
			for j := range weights {
				weights[j] = s.Lambda1
			}
			reached = pooled.lasso(first, weights, stop)
			image = q.apply(first)
		}
		if i > 0 && s.Lambda2 > list[i-1].Lambda2 {
			clear(second) // a ladder starts again from its top
		}
		for j := range weights {
			weights[j] = s.Lambda2
			if first[j] == 0 {
				weights[j] += s.DeltaLambda
			}
		}
		if !q.moved(s.Kappa, first, image).lasso(second, weights, stop) || !reached {
			loose++
		}
		for j := range w {
			w[j] = s.Kappa*first[j] + second[j]
		}
		visit(i, w)
	}
	return loose
}

// apply returns Gx.
func (q quadratic) apply(x []float64) []float64 {
	n := len(q.c)
	z := make([]float64, n)
	for j, v := range x {
		if v != 0 {
			kernel.Axpy(v, q.gram[j*n:(j+1)*n], z)
		}
	}
	return z
}

// moved is the problem of the residual that κβ leaves, with y − κAβ in place of y; gb is Gβ.
func (q quadratic) moved(kappa float64, beta, gb []float64) quadratic {
	c := append([]float64(nil), q.c...)
	kernel.Axpy(-kappa, gb, c)
	// ‖y − κAβ‖² = ‖y‖² − κ(c + c′)ᵀβ with c′ = c − κGβ
	return quadratic{q.gram, c, q.square - kappa*(kernel.Dot(q.c, beta)+kernel.Dot(c, beta))}
}

// lasso moves x to the minimiser of the quadratic plus Σ weights_j|x_j| by coordinate descent with r = c − Gx at hand,
//
//	x_j ← S_{w_j}(r_j + G_jj x_j)/G_jj,   r ← r − (change of x_j)·G_j
//
// until the duality gap is at most the share stop of ½‖y‖², the objective at 0. It reports whether it got there (J. Friedman, T. Hastie,
// R. Tibshirani, "Regularization paths for generalized linear models via coordinate descent", J. Stat. Softw. 2010, section 2.2).
func (q quadratic) lasso(x, weights []float64, stop float64) bool {
	r := q.apply(x)
	for j, v := range q.c {
		r[j] = v - r[j]
	}
	var active []int
	for range quadraticRounds {
		active = active[:0]
		for j := range x {
			if x[j] != 0 || math.Abs(r[j]) > weights[j] {
				active = append(active, j)
			}
		}
		first := 0.0
		for sweep := range quadraticSweeps {
			decrease := 0.0
			for _, j := range active {
				decrease += q.step(x, r, weights[j], j)
			}
			if sweep == 0 {
				first = decrease
			} else if decrease <= 0.01*first || decrease <= 1e-3*stop*q.square {
				break
			}
		}
		if q.gap(x, r, weights) <= stop*q.square/2 {
			return true
		}
	}
	return false
}

const (
	quadraticRounds = 1000
	quadraticSweeps = 50
)

// step minimises along coordinate j and returns G_jj·(change)².
func (q quadratic) step(x, r []float64, weight float64, j int) float64 {
	n := len(q.c)
	diagonal := q.gram[j*n+j]
	if diagonal == 0 {
		return 0
	}
	v := soft(r[j]+diagonal*x[j], weight) / diagonal
	d := v - x[j]
	if d == 0 {
		return 0
	}
	x[j] = v
	kernel.Axpy(-d, q.gram[j*n:(j+1)*n], r)
	return diagonal * d * d
}

// gap is the duality gap at x, with the residual shrunk to s·(y − Ax), |A_jᵀ(…)| ≤ weights_j, as the dual point.
func (q quadratic) gap(x, r, weights []float64) float64 {
	penalty, room := 0.0, math.Inf(1)
	for j, w := range weights {
		penalty += w * math.Abs(x[j])
		if v := math.Abs(r[j]); v > 0 {
			room = min(room, w/v)
		}
	}
	cx := kernel.Dot(q.c, x)
	fit, left := q.square-cx-kernel.Dot(r, x), q.square-cx // ‖y − Ax‖², yᵀ(y − Ax)
	if !(fit > 0) {
		return penalty
	}
	s := max(-room, min(room, left/fit))
	return fit/2 + penalty - s*left + s*s*fit/2
}
