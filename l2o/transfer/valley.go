package transfer

import "math"

// A point holds log λ₁, log λ₂, κ and log(1 + 10Δλ), in which the error changes at comparable rates.
type point [4]float64

const (
	firstAxis = iota
	secondAxis
	kappaAxis
	deltaAxis
)

// axes are the coordinates that a search may change.
type axes struct{ first, second, kappa, delta bool }

// The box of a search, the first steps in it, and the step at which it ends: an error near its minimum is quadratic in the step, so that
// it is met to about 1e-4 of itself.
var (
	lowest    = point{math.Log(1e-4), math.Log(1e-4), 0, 0}
	highest   = point{math.Log(10), math.Log(10), 1, math.Log1p(200)}
	firstStep = point{0.5, 0.5, 0.25, 0.6}
)

const (
	lastStep = 1.0 / 64 // of the first
	gain     = 1e-7     // of the error: what counts as lower, so that no search wanders over a plateau on what a height leaves open

	searchNodes = 6 // of the rule on each panel: heights are off by less than half of gain
)

func (x point) knobs() TwoStage {
	return TwoStage{Lambda1: math.Exp(x[firstAxis]), Lambda2: math.Exp(x[secondAxis]), Kappa: x[kappaAxis], DeltaLambda: math.Expm1(x[deltaAxis]) / 10}
}

func with(x point, axis int, v float64) point {
	x[axis] = v
	return x
}

// A valley is the target's predicted error as a function of the knobs.
type valley struct {
	e      Ensemble
	solver *solver
}

// height is +Inf where the equations of state are not solved.
func (v valley) height(x point) float64 {
	p, err := v.solver.predict(v.e, x.knobs())
	if err != nil {
		return math.Inf(1)
	}
	return p.Second.Error[0]
}

// descend returns the lowest point that searches from the starts find.
func (v valley) descend(starts []point, free axes) point {
	var best point
	low := math.Inf(1)
	for _, s := range starts {
		if x, h := hookeJeeves(v.height, s, free); h < low {
			best, low = x, h
		}
	}
	return best
}

// hookeJeeves is the pattern search of R. Hooke and T. A. Jeeves ("Direct search solution of numerical and statistical problems",
// J. ACM 1961) in a box: a move along every axis in turn, then the sum of the moves again for as long as that pays; where no move lowers f,
// the steps are halved. It needs no derivative, which f lacks where a knob leaves its bound.
func hookeJeeves(f func(point) float64, start point, free axes) (base point, low float64) {
	base, low = start, f(start)
	for scale := 1.0; scale >= lastStep; {
		next, h := explore(f, base, low, free, scale)
		if !(h < low*(1-gain)) {
			scale /= 2
			continue
		}
		for h < low*(1-gain) {
			previous := base
			base, low = next, h
			for i := range next {
				next[i] = min(max(2*base[i]-previous[i], lowest[i]), highest[i])
			}
			next, h = explore(f, next, f(next), free, scale)
		}
	}
	return base, low
}

// explore tries a step either way along every free axis and keeps what lowers f.
func explore(f func(point) float64, x point, h float64, free axes, scale float64) (point, float64) {
	for i, may := range [...]bool{free.first, free.second, free.kappa, free.delta} {
		if !may {
			continue
		}
		for _, sign := range []float64{1, -1} {
			y := with(x, i, min(max(x[i]+sign*scale*firstStep[i], lowest[i]), highest[i]))
			if y == x {
				continue
			}
			if g := f(y); g < h*(1-gain) {
				x, h = y, g
				break
			}
		}
	}
	return x, h
}

// firstStage returns log λ₁ of the pooled Lasso that is best on the target.
func (v valley) firstStage() (float64, error) {
	var failure error
	height := func(x point) float64 {
		p := &pooled{e: v.e, lambda: x.knobs().Lambda1}
		residual, sweeps := p.solve()
		if !(residual <= residualBound) {
			failure = &ConvergenceError{1, residual, sweeps}
			return math.Inf(1)
		}
		return p.risk(0)
	}
	x, h := hookeJeeves(height, point{math.Log(0.1)}, axes{first: true})
	if math.IsInf(h, 1) {
		return 0, failure
	}
	return x[firstAxis], nil
}
