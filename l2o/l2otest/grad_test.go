package l2otest_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o/l2otest"
)

// smooth is Σ sin(x_j)·exp(x_{j+1}/3) around the circle.
func smooth(x []float64) (value float64, grad []float64, kinks uint64) {
	n := len(x)
	grad = make([]float64, n)
	for j, v := range x {
		e := math.Exp(x[(j+1)%n] / 3)
		value += math.Sin(v) * e
		grad[j] += math.Cos(v) * e
		grad[(j+1)%n] += math.Sin(v) * e / 3
	}
	return value, grad, 0
}

// rectified is ‖ReLU(Wx)‖²/2 + Σ ReLU(Wx) with 40 rows in W, and signs of all rows as signature.
func rectified(x []float64) (value float64, grad []float64, kinks uint64) {
	w := rand.New(rand.NewPCG(2, 0))
	grad = make([]float64, len(x))
	for i := range 40 {
		row := make([]float64, len(x))
		s := 0.0
		for j := range row {
			row[j] = w.NormFloat64()
			s += row[j] * x[j]
		}
		if s <= 0 {
			continue
		}
		kinks |= 1 << i
		value += s*s/2 + s
		for j, r := range row {
			grad[j] += (s + 1) * r
		}
	}
	return value, grad, kinks
}

func at(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float64, n)
	for j := range x {
		x[j] = r.NormFloat64()
	}
	return x
}

func TestCheckGradSeesSecondOrder(t *testing.T) {
	stats := l2otest.CheckGrad(t, smooth, at(9, 1), l2otest.GradOptions{Step: 1e-2})
	if math.Abs(stats.Order-2) > 0.01 || stats.Tried != 10 || stats.Resampled != 0 {
		t.Errorf("%+v, want order 2 and 10 directions tried", stats)
	}
	if stats := l2otest.CheckGrad(t, smooth, at(9, 1), l2otest.GradOptions{}); !(stats.Worst < 1e-9) {
		t.Errorf("%+v with the default step, want an error below 1e-9", stats)
	}
}

func TestCheckGradResamplesKinks(t *testing.T) {
	stats := l2otest.CheckGrad(t, rectified, at(9, 3), l2otest.GradOptions{Directions: 300, Step: 0.03})
	if stats.Resampled == 0 || stats.Tried != 300+stats.Resampled {
		t.Errorf("%+v, want some directions resampled and 300 used", stats)
	}
}

func TestCheckGradRefuses(t *testing.T) {
	type function = func([]float64) (float64, []float64, uint64)
	altered := func(f function, change func(grad []float64)) function {
		return func(x []float64) (float64, []float64, uint64) {
			value, grad, kinks := f(x)
			change(grad)
			return value, grad, kinks
		}
	}
	for _, c := range []struct {
		name, reason string
		f            function
		opts         l2otest.GradOptions
	}{
		{"opposite sign", "slope", altered(smooth, func(g []float64) {
			for j := range g {
				g[j] = -g[j]
			}
		}), l2otest.GradOptions{}},
		{"one entry off by 1e-5", "slope", altered(smooth, func(g []float64) { g[2] += 1e-5 }), l2otest.GradOptions{}},
		{"an error that no halving of h removes", "falls as h^0.0", altered(smooth, func(g []float64) { g[2] += 1e-2 }),
			l2otest.GradOptions{}},
		{"NaN", "slope", altered(smooth, func(g []float64) { g[0] = math.NaN() }), l2otest.GradOptions{}},
		{"too short", "of length 8", func(x []float64) (float64, []float64, uint64) {
			value, grad, _ := smooth(x)
			return value, grad[1:], 0
		}, l2otest.GradOptions{}},
		{"kinks that are not reported", "slope", func(x []float64) (float64, []float64, uint64) {
			value, grad, _ := rectified(x)
			return value, grad, 0
		}, l2otest.GradOptions{Directions: 300, Step: 0.03}},
		{"kinks everywhere", "cross a kink", rectified, l2otest.GradOptions{Step: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.CheckGrad(t, c.f, at(9, 3), c.opts) })
		})
	}
}
