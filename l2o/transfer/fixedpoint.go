package transfer

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// An iteration looks for x = F(x) by damped steps, and near the solution by extrapolation over the last few of them:
//
//	x ← x + d·f                        f = F(x) − x
//	x ← x + d·f − (Δx + d·Δf)·c        c = argmin ‖f − Δf·c‖
//
// (D. G. Anderson, "Iterative procedures for nonlinear integral equations", J. ACM 1965). The second line is taken after a run of the
// first. Where it multiplies the residual, it is taken back and another run follows; where a damped step leaves the domain of F, so is
// that and d is halved.
type iteration struct {
	damping float64
	plain   int                         // damped steps before the first extrapolation
	goal    float64                     // residual at which it ends
	sweep   func(dst, x []float64) bool // dst = F(x); false outside F's domain
}

const (
	residualGoal  = 1e-13 // what a prediction aims at
	residualBound = 1e-10 // what counts as solved where rounding stops it earlier
	maxSweeps     = 2000
	plainRun      = 12 // damped steps far from the solution, and after a failed extrapolation
	nearRun       = 2  // damped steps near it
	depth         = 4  // differences that an extrapolation uses
	growth        = 2  // by which it may raise the residual
	stalled       = 30 // sweeps without progress
)

// solve returns the best point found, its residual max |F(x) − x|/(1 + |x|) and the sweeps. start must lie in F's domain.
func (it iteration) solve(start []float64) (best []float64, residual float64, sweeps int) {
	x, f := slices.Clone(start), make([]float64, len(start))
	best, residual = slices.Clone(start), math.Inf(1)
	var h history
	plain, bestAt, last := it.plain, 0, math.Inf(1)
	for sweeps < maxSweeps && residual > it.goal && (residual > residualBound || sweeps-bestAt < stalled) {
		sweeps++
		now := math.Inf(1)
		if it.sweep(f, x) {
			now = difference(f, x)
		}
		if now < residual {
			residual, bestAt = now, sweeps
			copy(best, x)
		}
		inside := !math.IsInf(now, 1)
		switch {
		case !inside && len(h.x) == 0:
			return best, residual, sweeps
		case !inside || plain < 0 && now > growth*last:
			if plain >= 0 {
				it.damping /= 2
			}
			h.back(x, f)
			plain = plainRun
		default:
			h.add(x, f)
			last = now
		}
		plain--
		h.step(x, f, it.damping, plain < 0)
	}
	return best, residual, sweeps
}

// difference turns F(x) in f into F(x) − x and returns max |F(x) − x|/(1 + |x|), +Inf where a number is not finite.
func difference(f, x []float64) float64 {
	worst := 0.0
	for i := range f {
		f[i] -= x[i]
		if !finite(f[i]) {
			return math.Inf(1)
		}
		worst = max(worst, math.Abs(f[i])/(1+math.Abs(x[i])))
	}
	return worst
}

// history holds the last points and their f, oldest first.
type history struct{ x, f [][]float64 }

func (h *history) add(x, f []float64) {
	h.x, h.f = append(h.x, slices.Clone(x)), append(h.f, slices.Clone(f))
	if len(h.x) > depth+1 {
		h.x, h.f = h.x[1:], h.f[1:]
	}
}

// back returns to the last point and forgets those before.
func (h *history) back(x, f []float64) {
	m := len(h.x) - 1
	copy(x, h.x[m])
	copy(f, h.f[m])
	h.x, h.f = h.x[m:], h.f[m:]
}

// step moves x, at which f is F(x) − x, by a damped step or by an extrapolated one where the history allows it.
func (h *history) step(x, f []float64, damping float64, extrapolate bool) {
	m := min(len(h.x)-1, len(x))
	for i := range x {
		x[i] += damping * f[i]
	}
	if !extrapolate || m < 1 {
		return
	}
	past, pastF := h.x[len(h.x)-1-m:], h.f[len(h.f)-1-m:]
	df := mat.NewDense(len(x), m, nil)
	for j := range m {
		for i := range x {
			df.Set(i, j, pastF[j+1][i]-pastF[j][i])
		}
	}
	var qr mat.QR
	qr.Factorize(df)
	var c mat.VecDense
	if qr.SolveVecTo(&c, false, mat.NewVecDense(len(f), slices.Clone(f))) != nil {
		return
	}
	for j := range m {
		for i := range x {
			x[i] -= c.AtVec(j) * (past[j+1][i] - past[j][i] + damping*df.At(i, j))
		}
	}
}
