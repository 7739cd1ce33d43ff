package graph_test

import (
	"hash/fnv"
	"math"
	"testing"

	"unroll/l2o/l2otest"
	"unroll/model"
	"unroll/model/graph"
)

// The gradient of the whole model's loss in all of its weights at once, against central differences.
func TestGradient(t *testing.T) {
	for _, embedding := range []string{model.Paired, model.Interleaved} {
		for _, attention := range []string{model.Linear, model.ReLU} {
			for _, shared := range []bool{false, true} {
				c := config(embedding, attention, 2, shared)
				c.K, c.Saturate = 3, 0.5
				params, p := amplified(c, 9, 1.5), draw(10, 2, 3, c.D)
				m := compile[float64](t, c, params, p, graph.Transformer.Graph)
				stats := l2otest.CheckGrad(t, func(at []float64) (float64, []float64, uint64) {
					scatter(m.weights, at)
					layers, grads, cost := m.run(t)
					estimates, kinks := recurrence(c, m.weights, p)
					if off := apart(layers, estimates); off > 1e-12 {
						t.Fatalf("the recurrence that names the smooth piece is off by %.2g", off)
					}
					return cost, gather(grads), kinks
				}, gather(m.weights), l2otest.GradOptions{Step: 3e-6})
				t.Logf("%s/%s/shared=%t: %+v", embedding, attention, shared, stats)
			}
		}
	}
}

func gather(arrays [][]float64) (all []float64) {
	for _, v := range arrays {
		all = append(all, v...)
	}
	return all
}

func scatter(arrays [][]float64, all []float64) {
	for _, v := range arrays {
		all = all[copy(v, all):]
	}
}

// recurrence is model.Config's, sum by sum. It returns the estimates after layers 1 … K (B, d) and a hash of which scores, units and
// saturated slots are on which side of their kink.
func recurrence(c model.Config, w [][]float64, p prompts) (estimates [][]float64, kinks uint64) {
	hash := fnv.New64a()
	side := func(above bool) {
		if above {
			hash.Write([]byte{1})
		} else {
			hash.Write([]byte{0})
		}
	}
	estimates = make([][]float64, c.K)
	for b := range p.batch {
		tokens := c.Tokens(p.n)
		h, mask := make([]float64, tokens*c.Width), make([]float64, tokens*tokens)
		x, y, query := p.at(b)
		model.Embed(c, h, x, y, query)
		model.Mask(c, mask, p.n)
		for k := range c.K {
			at := k * model.PerLayer % len(w)
			h = layer(c, w[at:at+model.PerLayer], h, mask, side)
			from := (tokens-1)*c.Width + c.Fixed()
			estimates[k] = append(estimates[k], h[from:from+c.D]...)
		}
	}
	return estimates, hash.Sum64()
}

func layer(c model.Config, w [][]float64, h, mask []float64, side func(bool)) []float64 {
	t, d, free := len(h)/c.Width, c.Width, c.Writable()
	relu := func(v float64) float64 {
		side(v > 0)
		return math.Max(v, 0)
	}
	out := append([]float64(nil), h...)
	for i := range c.Heads {
		square := func(m []float64) []float64 { return m[i*d*d : (i+1)*d*d] }
		q, k, v := product(h, square(w[2]), d, d), product(h, square(w[0]), d, d), product(h, square(w[3]), d, d)
		vo := product(v, w[1][i*d*free:(i+1)*d*free], d, free) // (T, W)
		for j := range t {
			for key := range t {
				score := product(q[j*d:(j+1)*d], k[key*d:(key+1)*d], d, 1)[0]
				if mask[j*t+key] == 0 {
					continue
				}
				if c.Attention == model.ReLU {
					score = relu(score)
				}
				for s := range free {
					out[j*d+c.Fixed()+s] += score * mask[j*t+key] * vo[key*free+s]
				}
			}
		}
	}
	units := product(out, w[4], d, c.Hidden) // (T, F)
	for i, v := range units {
		units[i] = relu(v)
	}
	mlp := product(units, w[5], c.Hidden, free) // (T, W)
	for i, v := range mlp {
		at := i/free*d + c.Fixed() + i%free
		out[at] = bounded(out[at]+v, c.Saturate, side)
	}
	return out
}

func bounded(v, c float64, side func(bool)) float64 {
	side(v > c)
	side(v < -c)
	if c == 0 || math.Abs(v) <= c {
		return v
	}
	return math.Copysign(c+c/2*math.Tanh((math.Abs(v)-c)/(c/2)), v)
}

// product is a (m, k) times b (k, n).
func product(a, b []float64, k, n int) []float64 {
	out := make([]float64, len(a)/k*n)
	for i := range len(a) / k {
		for p := range k {
			for j := range n {
				out[i*n+j] += a[i*k+p] * b[p*n+j]
			}
		}
	}
	return out
}
