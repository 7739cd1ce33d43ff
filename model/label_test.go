package model_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/model"
)

// The quadratic read-out is ⟨x_{N+1}, β̂⟩ to the last bit. The linear one is what one more layer of the network itself, built as the doc
// comment says, adds to the query token's first β-slot.
func TestLabels(t *testing.T) {
	const n = 7
	for _, embedding := range []string{model.Paired, model.Interleaved} {
		c := random(embedding, model.ReLU, false)
		c.Saturate = 0
		rng := rand.New(rand.NewPCG(3, 4))
		layers := quiet(rng, c)
		bound := bind(t, c, c.Params(layers))
		c.K++
		longer := bind(t, c, c.Params(append(layers, averaging(c))))
		for range 10 {
			x, y, query := gaussian(rng, n*c.D), gaussian(rng, n), gaussian(rng, c.D)
			got := bound.Labels(x, y, query)
			var estimate, quadratic, after float64
			bound.Estimates(x, y, query, func(_ int, beta []float64) bool {
				estimate, quadratic = beta[0], 0
				for j, v := range beta {
					quadratic += v * query[j]
				}
				return true
			})
			longer.Estimates(x, y, query, func(_ int, beta []float64) bool { after = beta[0]; return true })
			if got.Quadratic != quadratic {
				t.Errorf("%s: quadratic %.17g, want %.17g", embedding, got.Quadratic, quadratic)
			}
			if linear := after - estimate; math.Abs(got.Linear-linear) > 1e-12*(1+math.Abs(linear)) {
				t.Errorf("%s: linear %.17g, want %.17g", embedding, got.Linear, linear)
			}
			if got.Linear == got.Quadratic {
				t.Errorf("%s: both are %g", embedding, got.Linear)
			}
		}
	}
}

// quiet are K layers of noise, weak enough that nothing explodes without saturation.
func quiet(r *rand.Rand, c model.Config) []model.Layer {
	layers := make([]model.Layer, c.K)
	for k := range layers {
		layers[k] = empty(c)
		for h := range c.Heads {
			for _, m := range [][]float64{layers[k].Q[h], layers[k].K[h], layers[k].V[h], layers[k].O[h]} {
				for i := range m {
					m[i] = 0.2 * r.NormFloat64()
				}
			}
		}
	}
	return layers
}

// averaging is the layer of the linear read-out: head ± scores ReLU(±⟨x_j, β_i⟩) and writes ±1 of it.
func averaging(c model.Config) model.Layer {
	l := empty(c)
	one := c.D + 1
	for h, sign := range []float64{1, -1} {
		for j := range c.D {
			l.Q[h][j*c.Width+j] = sign
			l.K[h][(c.Fixed()+j)*c.Width+j] = 1
		}
		l.V[h][one*c.Width] = 1
		l.O[h][0] = sign
	}
	return l
}

func empty(c model.Config) (l model.Layer) {
	for range c.Heads {
		l.Q, l.K, l.V = append(l.Q, make([]float64, c.Width*c.Width)), append(l.K, make([]float64, c.Width*c.Width)), append(l.V, make([]float64, c.Width*c.Width))
		l.O = append(l.O, make([]float64, c.Width*c.Writable()))
	}
	l.W1, l.W2 = make([]float64, c.Width*c.Hidden), make([]float64, c.Hidden*c.Writable())
	return l
}
