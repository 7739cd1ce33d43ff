package denoise_test

import (
	"math"
	"slices"
	"testing"

	"unroll/l2o/denoise"
)

// norm is ‖∂D_σ(v)‖ by power iteration.
func norm(net *denoise.Net, v, s, weights []float64, steps int) float64 {
	x, y := random(9, len(v)), make([]float64, len(v))
	for range steps {
		net.Tangent(y, v, s, weights, x)
		net.Adjoint(x, nil, nil, v, s, weights, y)
		scale := 1 / math.Sqrt(dot(x, x))
		for i := range x {
			x[i] *= scale
		}
	}
	net.Tangent(y, v, s, weights, x)
	return math.Sqrt(dot(y, y))
}

// Whatever the weights are, projected filters make a denoiser that is nonexpansive: in its Jacobian by power iteration, and from any image to any
// other. Filters that are too large make one that expands, and then the certified bound says so.
func TestNonexpansive(t *testing.T) {
	const h, w = 12, 11
	worst := 0.0
	for seed := range uint64(8) {
		c := small([]float64{2, 1.9, 1}[seed%3])
		weights := off(c, seed)
		for i := range weights {
			weights[i] *= 3
		}
		wild := denoise.Bound{Config: c, Weights: slices.Clone(weights)}
		c.Project(weights)
		b := denoise.Bound{Config: c, Weights: weights}
		if l := b.Lipschitz(); l > 1+1e-12 {
			t.Errorf("seed %d: certified bound %g after Project", seed, l)
		}
		net := c.On(h, w)
		for _, sigma := range []float64{0.03, 0.5, 100} {
			s, u, v := []float64{sigma}, random(seed, 3*h*w), random(seed+100, 3*h*w)
			du, dv := make([]float64, len(u)), make([]float64, len(v))
			net.Apply(du, u, s, weights)
			net.Apply(dv, v, s, weights)
			if r := apart(du, dv) / apart(u, v); r > 1+1e-12 {
				t.Errorf("seed %d, σ=%g: a distance grows by %g", seed, sigma, r)
			}
			q := norm(net, u, s, weights, 60)
			if worst = max(worst, q); q > 1+1e-9 {
				t.Errorf("seed %d, σ=%g: a Jacobian of norm %g", seed, sigma, q)
			}
		}
		if q := norm(net, random(seed, 3*h*w), []float64{100}, wild.Weights, 60); !(q > 1.5 && q <= wild.Lipschitz()) {
			t.Errorf("seed %d: free filters have a Jacobian of norm %g, the bound is %g", seed, q, wild.Lipschitz())
		}
	}
	t.Logf("largest norm of a Jacobian %.12f", worst)
}

func apart(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return math.Sqrt(s)
}

// At bounds that nothing reaches a layer is I − wᵀ∗w∗, whose largest distance from I on a large image is ‖w∗‖² from below: the certified bound
// is above it and within a sixth: the image is small. By hand: the filter (−1, 1) has 4.
func TestSquaredNorm(t *testing.T) {
	for seed := range uint64(4) {
		c := denoise.Config{Channels: []int{1, 3}[seed%2], Layers: 1, Filters: 3, Size: []int{3, 5}[seed/2], Cap: 2, Precision: denoise.Float64}
		weights := flat(c.Init(seed)) // scaled so that the bound is 2: then the norm of −J is ‖w∗‖² − 1
		net := c.On(20, 20)
		x, y := random(seed, c.Channels*20*20), make([]float64, c.Channels*20*20)
		ratio := 0.0
		for range 80 { // power iteration on I − J
			net.Tangent(y, x, []float64{1e9}, weights, x)
			for i := range y {
				y[i] = x[i] - y[i]
			}
			ratio = math.Sqrt(dot(y, y) / dot(x, x))
			for i := range y {
				x[i] = y[i] / math.Sqrt(dot(y, y))
			}
		}
		if !(ratio <= 2 && ratio > 1.7) {
			t.Errorf("seed %d: ‖w∗‖² is %g, the bound 2", seed, ratio)
		}
	}
	c := denoise.Config{Channels: 1, Layers: 1, Filters: 1, Size: 3, Precision: denoise.Float64}
	w := make([]float64, c.Weights())
	w[2+4], w[2+5] = -1, 1
	b := denoise.Bound{Config: c, Weights: w}
	if l, want := b.Lipschitz(), 4/math.Pow(math.Cos(math.Pi/32), 2)-1; math.Abs(l-want) > 1e-6 {
		t.Errorf("a difference: bound %g, want %g", l, want)
	}
}

// Project brings what is a little too large to the cap, and leaves what is within it as it is, bit by bit.
func TestProject(t *testing.T) {
	c := small(1.9)
	weights := flat(c.Init(1))
	for i := range weights {
		weights[i] *= 1.1
	}
	before := denoise.Bound{Config: c, Weights: slices.Clone(weights)}
	c.Project(weights)
	after := denoise.Bound{Config: c, Weights: weights}
	if b, a := before.Lipschitz(), after.Lipschitz(); b < 1.5 || a != 1 {
		t.Errorf("Lipschitz bounds %g before and %g after", b, a)
	}
	for i := range weights {
		weights[i] *= 0.99
	}
	kept := slices.Clone(weights)
	c.Project(weights)
	if !slices.Equal(kept, weights) {
		t.Error("filters within the cap were scaled")
	}
	free := small(0)
	free.Project(before.Weights)
	if before.Lipschitz() < 1.5 {
		t.Error("free filters were scaled")
	}
}
