package l2otest

import (
	"math"
	"math/rand/v2"
)

// GradOptions says how [CheckGrad] looks; the zero value will do for a smooth function of order one.
type GradOptions struct {
	Directions int     // random directions; 0 means 10
	Step       float64 // h relative to max(1, ‖x‖); 0 means 1e-4. Smaller where many kinks lie close.
	Tol        float64 // error allowed, relative to the typical slope ‖∇f‖/√n; 0 means 1e-7
	Seed       uint64  // of the directions
}

// GradStats is what [CheckGrad] saw.
type GradStats struct {
	Worst     float64 // largest relative error of a slope, after extrapolation
	Order     float64 // p such that the error of the difference quotient falls as hᵖ; 2 unless rounding hides it
	Tried     int     // directions, those resampled included
	Resampled int     // directions thrown away because a kink was crossed
}

const (
	// maxResampled is the share of directions that may cross a kink before the check itself is in doubt.
	maxResampled = 0.2
	// minFall is how much the error must fall when h is halved: 4 but for the terms in h⁴.
	minFall = 3
)

// CheckGrad compares the gradient of f at x with central differences along random directions v, ‖v‖ = 1:
//
//	c(h) = (f(x+hv) − f(x−hv)) / 2h = ⟨∇f, v⟩ + h²·f‴/6 + O(h⁴)
//
// for h and h/2. It fails t if (4c(h/2) − c(h))/3, from which the h² has gone, is off by more than Tol, or if the
// error of c does not fall as h² while it is above Tol/10.
//
// f returns its value, its gradient (n), which is read before f is called again, and a signature of the smooth
// piece that x is on (a hash of the signs of all kinked units, say; 0 for a smooth f). Where the five points of a
// direction are not on one piece another direction is drawn; more than 20 % of these fail the check. f must not
// keep or change its argument.
func CheckGrad(t TB, f func(x []float64) (value float64, grad []float64, kinks uint64), x []float64, opts GradOptions) GradStats {
	t.Helper()
	opts = opts.withDefaults()
	_, g, piece := f(x)
	grad := append([]float64(nil), g...)
	if len(grad) != len(x) {
		t.Errorf("l2otest: gradient of length %d at x of length %d", len(grad), len(x))
		return GradStats{}
	}
	n := float64(len(x))
	h := opts.Step * max(1, math.Sqrt(dot(x, x)))
	typical := math.Sqrt(dot(grad, grad) / n)
	rng := rand.New(rand.NewPCG(opts.Seed, 0))

	var stats GradStats
	var coarse, fine float64 // sums of squared relative errors of c(h) and c(h/2)
	for used := 0; used < opts.Directions && stats.Resampled <= opts.Directions; stats.Tried++ {
		v := unit(rng, len(x))
		slope := dot(grad, v)
		c1, same1 := difference(f, x, v, h, piece)
		c2, same2 := difference(f, x, v, h/2, piece)
		if !same1 || !same2 {
			stats.Resampled++
			continue
		}
		used++
		scale := max(math.Abs(slope), typical, math.SmallestNonzeroFloat64)
		e1, e2, e := (c1-slope)/scale, (c2-slope)/scale, ((4*c2-c1)/3-slope)/scale
		if !(math.Abs(e) <= opts.Tol) {
			t.Errorf("l2otest: slope %.10g by the gradient and %.10g by differences: relative error %.1e, want ≤ %.1e",
				slope, (4*c2-c1)/3, e, opts.Tol)
		}
		stats.Worst = max(stats.Worst, math.Abs(e))
		coarse += e1 * e1
		fine += e2 * e2
	}
	stats.Order = math.Log2(coarse/fine) / 2
	if rms := math.Sqrt(fine / float64(opts.Directions)); rms > opts.Tol/10 && coarse < minFall*minFall*fine {
		t.Errorf("l2otest: error of the difference quotient falls as h^%.2f, want h²", stats.Order)
	}
	if float64(stats.Resampled) > maxResampled*float64(stats.Tried) {
		t.Errorf("l2otest: %d of %d directions cross a kink, want at most 20 %%: take a smaller step", stats.Resampled, stats.Tried)
	}
	return stats
}

type objective = func(x []float64) (value float64, grad []float64, kinks uint64)

func (o GradOptions) withDefaults() GradOptions {
	if o.Directions == 0 {
		o.Directions = 10
	}
	if o.Step == 0 {
		o.Step = 1e-4
	}
	if o.Tol == 0 {
		o.Tol = 1e-7
	}
	return o
}

// difference returns (f(x+hv) − f(x−hv)) / 2h and whether both points are on the given piece.
func difference(f objective, x, v []float64, h float64, piece uint64) (quotient float64, same bool) {
	at := make([]float64, len(x))
	move := func(h float64) (float64, uint64) {
		for i := range x {
			at[i] = x[i] + h*v[i]
		}
		value, _, kinks := f(at)
		return value, kinks
	}
	plus, k1 := move(h)
	minus, k2 := move(-h)
	return (plus - minus) / (2 * h), k1 == piece && k2 == piece
}

func unit(rng *rand.Rand, n int) []float64 {
	v := gaussian(rng, n)
	norm := math.Sqrt(dot(v, v))
	for i := range v {
		v[i] /= norm
	}
	return v
}
