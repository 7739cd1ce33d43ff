package denoise_test

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o/denoise"
	"unroll/l2o/l2otest"
)

func small(cap float64) denoise.Config {
	return denoise.Config{Channels: 3, Layers: 3, Filters: 4, Size: 3, Cap: cap, Precision: denoise.Float64}
}

func flat(params []checkpoints.Param) (all []float64) {
	for _, p := range params {
		all = append(all, p.F64...)
	}
	return all
}

// off returns weights off their start, so that no symmetry of it hides a mistake.
func off(c denoise.Config, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 3))
	w := flat(c.Init(seed))
	for i := range w {
		w[i] += 0.1 * r.NormFloat64()
	}
	return w
}

func random(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 4))
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

// loops is D_σ(v) pixel by pixel; kinks hashes which responses are bounded, and on which side. It gets the layers' arrays from Params.
func loops(c denoise.Config, weights []float64, v []float64, sigma float64, h, w int) (x []float64, kinks uint64) {
	hash, n := fnv.New64a(), c.Size
	x = slices.Clone(v)
	params := c.Params(weights)
	for k := range c.Layers {
		logs, filters := params[2*k].F64, params[2*k+1].F64
		next := slices.Clone(x)
		for f := range c.Filters {
			t := math.Exp(logs[f]*math.Log(sigma) + logs[c.Filters+f])
			for p := range h * w {
				taps := func(visit func(i, at int)) {
					for i := range c.Channels * n * n {
						row, col := p/w+i/n%n-n/2, p%w+i%n-n/2
						if 0 <= row && row < h && 0 <= col && col < w {
							visit(f*c.Channels*n*n+i, (i/(n*n)*h+row)*w+col)
						}
					}
				}
				z := 0.0
				taps(func(i, at int) { z += filters[i] * x[at] })
				side := byte(0)
				if z > t {
					z, side = t, 1
				} else if z < -t {
					z, side = -t, 2
				}
				hash.Write([]byte{side})
				taps(func(i, at int) { next[at] -= filters[i] * z })
			}
		}
		x = next
	}
	return x, hash.Sum64()
}

// The denoiser is its recurrence, at sizes with one strip and with several, in one channel and in three.
func TestApplyIsTheRecurrence(t *testing.T) {
	for i, size := range [][2]int{{1, 1}, {6, 5}, {3, 700}} {
		for _, channels := range []int{1, 3} {
			c := small(1.9)
			c.Channels, c.Size = channels, 2*i+1
			w, v := off(c, 1), random(2, channels*size[0]*size[1])
			for _, sigma := range []float64{0.05, 1.7} {
				dst := make([]float64, len(v))
				c.On(size[0], size[1]).Apply(dst, v, []float64{sigma}, w)
				want, _ := loops(c, w, v, sigma, size[0], size[1])
				if d := distance(dst, want); d > 1e-12 {
					t.Errorf("%d channels of %v, σ=%g: %g from the recurrence", channels, size, sigma, d)
				}
			}
		}
	}
}

func distance(a, b []float64) (d float64) {
	for i, v := range a {
		d = max(d, math.Abs(v-b[i]))
	}
	return d
}

// The derivatives in the image, in σ and in all weights are those of central differences.
func TestAdjointIsTheGradient(t *testing.T) {
	const h, w = 5, 4
	for seed := range uint64(3) {
		c := small(1.9)
		net, g := c.On(h, w), random(seed+10, 3*h*w)
		at := slices.Concat(random(seed, 3*h*w), []float64{0.6 + 0.3*float64(seed)}, off(c, seed))
		stats := l2otest.CheckGrad(t, func(x []float64) (value float64, grad []float64, kinks uint64) {
			v, s, weights := x[:3*h*w], x[3*h*w:][:1], x[3*h*w+1:]
			dv, ds, dw := make([]float64, len(v)), make([]float64, 1), make([]float64, len(weights))
			net.Adjoint(dv, ds, dw, v, s, weights, g)
			out, kinks := loops(c, weights, v, s[0], h, w)
			return dot(out, g), slices.Concat(dv, ds, dw), kinks
		}, at, l2otest.GradOptions{Step: 1e-6, Seed: seed})
		t.Logf("%+v", stats)
	}
}

func dot(a, b []float64) (s float64) {
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// Tangent and Adjoint are adjoint; where nothing but dst is asked for it is the same; weights' slopes are added to what is there.
func TestTangentAndAdjoint(t *testing.T) {
	c := small(1.9)
	const h, w = 6, 7
	net, weights, s := c.On(h, w), off(c, 5), []float64{0.4}
	v, x, y := random(1, 3*h*w), random(2, 3*h*w), random(3, 3*h*w)
	jx, jty, again := make([]float64, len(v)), make([]float64, len(v)), make([]float64, len(v))
	ds, dw := []float64{7}, make([]float64, len(weights))
	net.Tangent(jx, v, s, weights, x)
	net.Adjoint(jty, ds, dw, v, s, weights, y)
	if a, b := dot(jx, y), dot(x, jty); math.Abs(a-b) > 1e-12*math.Abs(a) {
		t.Errorf("⟨Jx, y⟩ = %.15g and ⟨x, Jᵀy⟩ = %.15g", a, b)
	}
	twice, other := slices.Clone(dw), []float64{0}
	net.Adjoint(again, other, twice, v, s, weights, y)
	for i := range dw {
		if math.Abs(twice[i]-2*dw[i]) > 1e-12*max(1, math.Abs(dw[i])) {
			t.Fatalf("weight %d: %g after %g", i, twice[i], dw[i])
		}
	}
	if other[0] != ds[0] || !slices.Equal(again, jty) {
		t.Error("the second call differs from the first")
	}
	net.Adjoint(again, nil, nil, v, s, weights, y)
	if !slices.Equal(again, jty) {
		t.Error("dst alone differs")
	}
	b := &denoise.Bound{Config: c, Weights: weights}
	fixed := b.On(h, w)
	fixed.Adjoint(again, other, nil, v, s, nil, y)
	if !slices.Equal(again, jty) || other[0] != ds[0] || fixed.Weights() != 0 || fixed.Groups() != 1 || net.Groups() != 1 {
		t.Error("with fixed weights: another adjoint")
	}
	fixed.Tangent(again, v, s, nil, x)
	if !slices.Equal(again, jx) {
		t.Error("with fixed weights: another tangent")
	}
	fixed.Apply(again, v, s, nil)
	net.Apply(jx, v, s, weights)
	if !slices.Equal(again, jx) {
		t.Error("with fixed weights: another value")
	}
}
