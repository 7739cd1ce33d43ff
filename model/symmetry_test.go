package model_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/model"
)

const pairs = 5

// A prompt of Gaussian numbers.
type prompt struct{ x, y, query []float64 }

func draw(seed uint64, d int) prompt {
	r := rand.New(rand.NewPCG(seed, 0))
	return prompt{gaussian(r, pairs*d), gaussian(r, pairs), gaussian(r, d)}
}

// estimates are x₁ … x_K, one after the other.
func estimates(b *model.Bound, p prompt) (all []float64) {
	b.Estimates(p.x, p.y, p.query, func(k int, beta []float64) bool {
		if k > 0 {
			all = append(all, beta...)
		}
		return true
	})
	return all
}

// everyNetwork is each embedding and attention, of noise.
func everyNetwork(t *testing.T, normalise bool, run func(t *testing.T, c model.Config)) {
	for _, embedding := range []string{model.Paired, model.Interleaved} {
		for _, attention := range []string{model.Linear, model.ReLU} {
			t.Run(embedding+"/"+attention, func(t *testing.T) { run(t, random(embedding, attention, normalise)) })
		}
	}
}

// The construction with FISTA's momentum and without a given M is FISTA, or ISTA, at the step 1/‖X‖² and the penalty λ = θ‖X‖².
func TestInitIsFISTA(t *testing.T) {
	each(t, func(t *testing.T, c model.Config) {
		if !c.Normalise {
			return // the step is then one for all prompts
		}
		const theta = 0.05
		c.Theta, c.K, c.Shared = theta, 12, !c.Momentum
		if c.Embedding == model.Interleaved {
			c.Tau = 2*pairs + 1 // against the mask's 1/j at the query
		}
		var solver l2o.Solver = l2o.ISTA{}
		if c.Momentum {
			solver = l2o.FISTA{}
		}
		bound := bind(t, c, c.Init(1))
		for seed := range uint64(20) {
			problem := func(share float64) *l2o.Problem {
				return l2otest.Random(rand.New(rand.NewPCG(seed, 0)), pairs, c.D, share)
			}
			p := problem(0)
			norm := linop.Norm(p.A)
			p = problem(theta * norm * norm / l2o.LambdaMax(p.A, p.Y))
			var want [][]float64
			for k, x := range solver.Iterates(p) {
				if want = append(want, slices.Clone(x)); k == c.K {
					break
				}
			}
			for k, x := range bound.Iterates(p) {
				if off := distance(x, want[k]); !(off <= 1e-12) {
					t.Fatalf("problem %d: iterate %d is off by %.2g", seed, k, off)
				}
			}
			if slices.Max(want[c.K]) == 0 && slices.Min(want[c.K]) == 0 {
				t.Fatalf("problem %d has the solution 0, which shows nothing", seed)
			}
		}
	})
}

// A normalised network sees X and y up to a factor: powers of two give the same bits, in either precision.
func TestScaleInvariance(t *testing.T) {
	everyNetwork(t, true, func(t *testing.T, c model.Config) {
		for _, precision := range []string{model.Float32, model.Float64} {
			c.Precision = precision
			bound, p := bind(t, c, c.Init(1)), draw(1, c.D)
			want := estimates(bound, p)
			for _, factor := range []float64{0x1p-30, 0.5, 0x1p40} {
				if got := estimates(bound, prompt{scaled(p.x, factor), scaled(p.y, factor), scaled(p.query, factor)}); !slices.Equal(got, want) {
					t.Errorf("%s: a prompt times %g gives other estimates", precision, factor)
				}
			}
		}
	})
}

// Pairs are a set to the paired embedding, whatever the weights.
func TestPairsAreASet(t *testing.T) {
	for _, attention := range []string{model.Linear, model.ReLU} {
		c := random(model.Paired, attention, true)
		bound, p := bind(t, c, c.Init(1)), draw(2, c.D)
		shuffled := prompt{query: p.query}
		for _, i := range []int{3, 0, 4, 1, 2} {
			shuffled.x = append(shuffled.x, p.x[i*c.D:(i+1)*c.D]...)
			shuffled.y = append(shuffled.y, p.y[i])
		}
		if off := distance(estimates(bound, p), estimates(bound, shuffled)); !(off <= 1e-12) {
			t.Errorf("%s: estimates of shuffled pairs are off by %.2g", attention, off)
		}
	}
}

// A pair (0, 0) tells a normalised paired construction nothing.
func TestEmptyPairs(t *testing.T) {
	for _, attention := range []string{model.Linear, model.ReLU} {
		c := constructible(model.Paired, attention, true, true)
		bound, p := bind(t, c, c.Init(1)), draw(3, c.D)
		longer := prompt{append(slices.Clone(p.x), make([]float64, 2*c.D)...), append(slices.Clone(p.y), 0, 0), p.query}
		if off := distance(estimates(bound, p), estimates(bound, longer)); !(off <= 1e-12) {
			t.Errorf("%s: with two empty pairs the estimates are off by %.2g", attention, off)
		}
	}
}

// The construction treats coordinates alike: renaming those of x renames those of every estimate.
func TestCoordinatesAreAlike(t *testing.T) {
	each(t, func(t *testing.T, c model.Config) {
		c.Theta, c.Tau = 0.01, 0.1
		bound, p := bind(t, c, c.Init(1)), draw(4, c.D)
		order := rand.New(rand.NewPCG(5, 5)).Perm(c.D)
		rename := func(rows []float64) []float64 {
			out := make([]float64, len(rows))
			for i := range rows {
				out[i] = rows[i/c.D*c.D+order[i%c.D]]
			}
			return out
		}
		if off := distance(estimates(bound, prompt{rename(p.x), p.y, rename(p.query)}), rename(estimates(bound, p))); !(off <= 1e-12) {
			t.Errorf("renamed coordinates: off by %.2g", off)
		}
	})
}

// The interleaved embedding is causal, whatever the weights: what token 2n estimates is what a prompt of the first n pairs, asked for
// that token's row, estimates at its end.
func TestCausal(t *testing.T) {
	for _, attention := range []string{model.Linear, model.ReLU} {
		c := random(model.Interleaved, attention, false)
		bound, p := bind(t, c, c.Init(1)), draw(6, c.D)
		for n := range pairs {
			row := p.x[n*c.D : (n+1)*c.D]
			want := estimates(bound, prompt{p.x[:n*c.D], p.y[:n], row})
			var got []float64
			bound.EstimatesAt(2*n, p.x, p.y, p.query, func(k int, beta []float64) bool {
				if k > 0 {
					got = append(got, beta...)
				}
				return true
			})
			if off := distance(got, want); !(off <= 1e-12) {
				t.Errorf("%s: later pairs move the estimates after %d pairs by %.2g", attention, n, off)
			}
		}
	}
}

// Init is a function of the seed: the same bits for one, others for another, in every matrix that starts from noise.
func TestInitIsDeterministic(t *testing.T) {
	for _, start := range []string{model.Random, model.Construction} {
		c := constructible(model.Paired, model.Linear, true, true)
		c.Start = start
		first, again, other := c.Init(1), c.Init(1), c.Init(2)
		for i, p := range first {
			if !slices.Equal(p.F64, again[i].F64) {
				t.Errorf("%s: %s differs from itself", start, p.Name)
			}
			written := p.Name[len("layer000/"):] == "O" || p.Name[len("layer000/"):] == "W2"
			if noise := !slices.Equal(p.F64, other[i].F64); noise != (start == model.Random || !written) {
				t.Errorf("%s: two seeds differ in %s: %t", start, p.Name, noise)
			}
		}
		if rms := rootMeanSquare(first); !(rms > 0 && rms < 1) {
			t.Errorf("%s: weights of size %g", start, rms)
		}
	}
}

func rootMeanSquare(params []checkpoints.Param) float64 {
	sum, n := 0.0, 0.0
	for _, p := range params {
		for _, v := range p.F64 {
			sum += v * v
			n++
		}
	}
	return math.Sqrt(sum / n)
}
