package eval

import (
	"math"

	"unroll/l2o"
	"unroll/l2o/diff"
	"unroll/l2o/linop"
)

// A scheduleOf makes K iterations of a schedule for a problem with Lipschitz constant L.
type scheduleOf struct {
	Name  string
	Jumps bool // its momentum jumps: linear theory gives no rate
	Make  func(L float64, K int, seed uint64) diff.Schedule
}

// derivativeSchedules are those of the paper's kind: steps and momenta that are constant, random, growing.
var derivativeSchedules = []scheduleOf{
	{"PGD 1/L", false, func(L float64, K int, _ uint64) diff.Schedule { return diff.Tabulate(K, l2o.Constant(1/L), nil) }},
	{"PGD random", false, func(L float64, K int, seed uint64) diff.Schedule {
		return diff.Tabulate(K, l2o.Uniform(seed, 1/(3*L), 5/(3*L)), nil)
	}},
	{"PGD 1.9/L", false, func(L float64, K int, _ uint64) diff.Schedule { return diff.Tabulate(K, l2o.Constant(1.9/L), nil) }},
	{"APG k+50", false, func(L float64, K int, _ uint64) diff.Schedule {
		return diff.Tabulate(K, l2o.Constant(1/L), l2o.ChambolleDossal(51))
	}},
	{"APG random", true, func(L float64, K int, seed uint64) diff.Schedule {
		return diff.Tabulate(K, l2o.Constant(1/L), l2o.Uniform(seed, 0, 1))
	}},
	{"APG k+5", false, func(L float64, K int, _ uint64) diff.Schedule {
		return diff.Tabulate(K, l2o.Constant(1/L), l2o.ChambolleDossal(6))
	}},
	{"FISTA", false, func(L float64, K int, _ uint64) diff.Schedule {
		return diff.Tabulate(K, l2o.Constant(1/L), l2o.BeckTeboulle)
	}},
}

// A DerivativeRate is a schedule's row: the factors per iteration by which the errors of iterate and derivative fall, fitted, that of the
// linearised iteration over the same iterations, and what is left of the derivative's error in the end, relative to the derivative.
type DerivativeRate struct {
	Schedule                    string
	Iterate, Derivative, Theory float64
	LimitError                  float64
	Identified                  int
	errors, derivatives         []float64 // relative, of k = 0…K
}

// derivativeRate runs a schedule and compares x_k and ∂x_k/∂λ with their limits.
func derivativeRate(p *l2o.Problem, s scheduleOf, K int, seed uint64) (DerivativeRate, error) {
	r := DerivativeRate{Schedule: s.Name}
	L, limit, err := limitOf(p)
	if err != nil {
		return r, err
	}
	schedule := s.Make(L, K, seed)
	star, _ := limit.Tangent(diff.Direction{Lambda: 1})
	zero := make([]float64, len(star))
	scale, slope := math.Sqrt(distance2(limit.X, zero)), math.Sqrt(distance2(star, zero))
	r.errors, r.derivatives = []float64{1}, []float64{1}
	run, err := diff.Trace(p, schedule, nil, diff.Mode{}, diff.Direction{Lambda: 1}, func(_ int, x, dx []float64) {
		r.errors = append(r.errors, math.Sqrt(distance2(x, limit.X))/scale)
		r.derivatives = append(r.derivatives, math.Sqrt(distance2(dx, star))/slope)
	})
	if err != nil {
		return r, err
	}
	r.Identified, r.LimitError = run.Stable, r.derivatives[K]
	lo, hi := fallWindow(r.errors, r.derivatives, r.Identified)
	r.Iterate, r.Derivative = fittedFactor(r.errors, lo, hi), fittedFactor(r.derivatives, lo, hi)
	r.Theory = math.NaN()
	if !s.Jumps {
		r.Theory = fittedFactor(theoretical(limit, schedule, lo, hi), lo, hi)
	}
	return r, nil
}

// theoretical returns the errors that linear theory gives from iteration lo on, up to a factor. They are fitted as the measured ones are: a
// mean over few random steps depends on how it weighs them.
func theoretical(limit *diff.Limit, s diff.Schedule, lo, hi int) []float64 {
	e := make([]float64, hi+1)
	e[lo] = 1
	for k := lo + 1; k <= hi; k++ {
		e[k] = e[k-1] * limit.Rate(s, k-1, k)
	}
	return e
}

// limitOf returns the Lipschitz constant and the limit, from an iteration of its own that is long enough.
func limitOf(p *l2o.Problem) (L float64, limit *diff.Limit, err error) {
	norm := linop.Norm(p.A)
	L = norm * norm
	if p.Loss != nil {
		L *= p.Loss.Curvature()
	}
	var start []float64
	for range 20 {
		run, failed := diff.Iterate(p, diff.Tabulate(500, l2o.Constant(1/L), l2o.BeckTeboulle), start)
		if failed != nil {
			return 0, nil, failed
		}
		start = run.X
		if limit, err = diff.NewLimit(p, start); err == nil {
			return L, limit, nil
		}
	}
	return 0, nil, err
}

// fallWindow returns the iterations over which both errors fall freely: past the identification and the first five of the decades between the
// first error and rounding, and before the last two.
func fallWindow(a, b []float64, identified int) (lo, hi int) {
	const begin, end = 1e-4, 1e-11
	lo, hi = identified, len(a)-1
	for k := range a {
		if max(a[k], b[k]) > begin {
			lo = max(lo, k)
		}
	}
	for k := len(a) - 1; k >= 0 && min(a[k], b[k]) < end; k-- {
		hi = k
	}
	lo = min(lo, (identified+hi)/2)
	return lo, max(hi, lo+2)
}

// fittedFactor is the factor per iteration of the line through log e_k by least squares, k = lo…hi.
func fittedFactor(e []float64, lo, hi int) float64 {
	n, middle := float64(hi-lo+1), float64(lo+hi)/2
	above, below := 0.0, 0.0
	for k := lo; k <= hi; k++ {
		above += (float64(k) - middle) * math.Log(e[k])
		below += (float64(k) - middle) * (float64(k) - middle)
	}
	if n < 3 {
		return math.NaN()
	}
	return math.Exp(above / below)
}
