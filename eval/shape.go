package eval

import "math"

// A shape is what one error curve contributes to a Rate.
type shape struct {
	factor, exponent float64 // of the line and of the power law
	tail, fall       float64 // dB, over the last layers and over all
	line             bool    // the line is the nearer of the two
}

// shapeOf fits both shapes to the errors of layers 0…K.
func shapeOf(errors []float64, tail int) shape {
	v := decay(errors)
	last := len(v) - 1
	line := leastSquares(v, 1, func(k int) float64 { return float64(k) })
	power := leastSquares(v, 1, func(k int) float64 { return decibel(float64(k)) })
	return shape{math.Pow(10, line.slope/10), -power.slope, v[last-tail] - v[last], -v[last], line.rss <= power.rss}
}

// decay returns v_k = 10·log₁₀(e_k/e_0), but never below −300 dB: there an error is float64's own rounding, squared.
func decay(errors []float64) []float64 {
	v := make([]float64, len(errors))
	for k, e := range errors {
		v[k] = decibel(max(e/errors[0], 1e-30))
	}
	return v
}

// breakpoint returns the m ≥ 1 for which a − b·min(k, m) is nearest to v over all layers, the smallest of equals.
func breakpoint(v []float64) int {
	best, at := math.Inf(1), 0
	for m := 1; m < len(v); m++ {
		if rss := leastSquares(v, 0, func(k int) float64 { return float64(min(k, m)) }).rss; rss < best {
			best, at = rss, m
		}
	}
	return at
}

// A fit is a straight line's slope and residual sum of squares.
type fit struct{ slope, rss float64 }

// leastSquares fits v_k, k = first…K, by a straight line in x(k).
func leastSquares(v []float64, first int, x func(k int) float64) fit {
	n := float64(len(v) - first)
	var mx, mv float64
	for k := first; k < len(v); k++ {
		mx += x(k) / n
		mv += v[k] / n
	}
	var sxx, sxv float64
	for k := first; k < len(v); k++ {
		sxx += (x(k) - mx) * (x(k) - mx)
		sxv += (x(k) - mx) * (v[k] - mv)
	}
	f := fit{slope: sxv / sxx}
	for k := first; k < len(v); k++ {
		r := v[k] - mv - f.slope*(x(k)-mx)
		f.rss += r * r
	}
	return f
}
