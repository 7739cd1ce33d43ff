package model_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o/linop"
	"unroll/model"
)

// stepper is LISTA-VM written from the formula, on its own: v = z − w·M Xᵀ(Xz − y), β⁺ = S_θ(v), z⁺ = β⁺ + μ(β⁺ − β).
type stepper struct {
	x, y    []float64 // (n, d), (n)
	w       float64
	beta, z []float64 // (d)
}

func (s *stepper) step(c model.Step) {
	d, n := len(s.beta), len(s.y)
	g := make([]float64, d)
	for i := range n {
		r := -s.y[i]
		for j := range d {
			r += s.x[i*d+j] * s.z[j]
		}
		for j := range d {
			g[j] += r * s.x[i*d+j]
		}
	}
	next := make([]float64, d)
	for i := range d {
		v := s.z[i]
		for j := range d {
			v -= s.w * c.M[i*d+j] * g[j]
		}
		next[i] = math.Copysign(math.Max(math.Abs(v)-c.Theta, 0), v)
	}
	for i := range d {
		s.z[i] = next[i] + c.Mu*(next[i]-s.beta[i])
	}
	s.beta = next
}

func gaussian(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

func constructible(embedding, attention string, normalise, momentum bool) model.Config {
	c := model.Config{D: 6, K: 4, Heads: 5, Hidden: 50, Embedding: embedding, Attention: attention, Normalise: normalise,
		Saturate: 100, Start: model.Construction, Tau: 1, Momentum: momentum, Precision: model.Float64}
	c.Width = c.Fixed() + 2*c.D + 3
	return c
}

func each(t *testing.T, run func(t *testing.T, c model.Config)) {
	for _, k := range [][2]string{{model.Paired, model.Linear}, {model.Paired, model.ReLU}, {model.Interleaved, model.ReLU}} {
		for _, normalise := range []bool{false, true} {
			for _, momentum := range []bool{false, true} {
				t.Run(fmt.Sprint(k[0], "/", k[1], "/normalise=", normalise, "/momentum=", momentum), func(t *testing.T) {
					run(t, constructible(k[0], k[1], normalise, momentum))
				})
			}
		}
	}
}

// Every layer of every embedding is the formula to 1e-12, with dense M, and where the embedding is causal at every prefix length.
func TestConstructionIsLISTAVM(t *testing.T) {
	const n = 5
	each(t, func(t *testing.T, c model.Config) {
		r := rand.New(rand.NewPCG(7, 11))
		steps := make([]model.Step, c.K)
		for k := range steps {
			steps[k] = model.Step{M: gaussian(r, c.D*c.D), Theta: 0.1 * r.Float64()}
			for i := range steps[k].M {
				steps[k].M[i] *= 0.1
			}
			if c.Momentum {
				steps[k].Mu = r.Float64()
			}
		}
		bound, err := model.New(c, c.Construct(steps, r))
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for range 20 {
			x, y, query := gaussian(r, n*c.D), gaussian(r, n), gaussian(r, c.D)
			scale := 1.0
			if c.Normalise {
				scale = linop.Norm(&linop.Dense{M: n, N: c.D, Data: x})
			}
			for prefix := range n + 1 {
				token, w := 2*prefix, 1/float64(2*prefix+1)
				if c.Embedding == model.Paired {
					token, w = n, 1/float64(n)
					if prefix < n {
						continue
					}
					if c.Normalise {
						w = 1
					}
				}
				want := stepper{x: scaled(x[:prefix*c.D], 1/scale), y: scaled(y[:prefix], 1/scale), w: w,
					beta: make([]float64, c.D), z: make([]float64, c.D)}
				bound.EstimatesAt(token, x, y, query, func(k int, beta []float64) bool {
					if k > 0 {
						want.step(steps[k-1])
					}
					for i, v := range beta {
						worst = math.Max(worst, math.Abs(v-want.beta[i]))
					}
					return true
				})
			}
		}
		if worst > 1e-12 {
			t.Errorf("a layer differs from LISTA-VM by %.2g", worst)
		}
	})
}

func scaled(v []float64, s float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = v[i] * s
	}
	return out
}
