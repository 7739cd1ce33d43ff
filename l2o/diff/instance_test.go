package diff_test

import (
	"math"
	"math/rand/v2"

	"unroll/l2o"
	"unroll/l2o/diff"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A random is a random problem with what a test needs to move its parameters.
type random struct {
	rng     *rand.Rand
	a       *linop.Dense
	y       []float64
	loss    l2o.Loss
	lambda  float64
	weights []float64
	ridge   bool // penalty ½λ‖x‖² in place of λΣω|x|
}

func (r *random) problem() *l2o.Problem {
	p := &l2o.Problem{A: r.a, Y: r.y, Loss: r.loss, G: prox.WeightedL1{Lambda: r.lambda, Weights: r.weights}}
	if r.ridge {
		p.G = prox.SquaredL2{Lambda: r.lambda}
	}
	return p
}

// lasso draws the problem of Mehmood and Ochs' law: Gaussian columns, s true nonzeros, a little noise, λ a share of λ_max.
func lasso(rng *rand.Rand, m, n, s int, share float64) *random {
	r := &random{rng: rng, a: gaussian(rng, m, n), y: make([]float64, m), weights: make([]float64, n)}
	star := make([]float64, n)
	for _, j := range rng.Perm(n)[:s] {
		star[j] = math.Copysign(1, rng.NormFloat64()) * (0.5 + rng.Float64())
	}
	r.a.Apply(r.y, star)
	for i := range r.y {
		r.y[i] += 0.05 * rng.NormFloat64()
	}
	for j := range r.weights {
		r.weights[j] = 1
	}
	r.lambda = share * l2o.LambdaMax(r.a, r.y)
	return r
}

// logistic draws labels that x* makes likely, with a squared penalty or an ℓ1 one.
func logistic(rng *rand.Rand, m, n, s int, lambda float64, ridge bool) *random {
	r := lasso(rng, m, n, s, 0.1)
	for i, v := range r.y {
		r.y[i] = math.Copysign(1, 4*v+rng.NormFloat64())
	}
	r.loss, r.lambda, r.ridge = l2o.Logistic{}, lambda, ridge
	return r
}

func gaussian(rng *rand.Rand, m, n int) *linop.Dense {
	a := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}
	for i := range a.Data {
		a.Data[i] = rng.NormFloat64() / math.Sqrt(float64(m))
	}
	return a
}

func vector(rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

func (r *random) lipschitz() float64 {
	norm := linop.Norm(r.a)
	if r.loss != nil {
		return r.loss.Curvature() * norm * norm
	}
	return norm * norm
}

// schedule returns K iterations of one of those of the paper's figure.
func schedule(name string, L float64, K int, seed uint64) diff.Schedule {
	step, momentum := l2o.Constant(1/L), l2o.Schedule(nil)
	switch name {
	case "PGD random":
		step = l2o.Uniform(seed, 1/(3*L), 5/(3*L))
	case "PGD 1.9/L":
		step = l2o.Constant(1.9 / L)
	case "APG k+50":
		momentum = l2o.ChambolleDossal(51)
	case "APG random":
		momentum = l2o.Uniform(seed+1, 0, 1)
	case "APG k+5":
		momentum = l2o.ChambolleDossal(6)
	case "FISTA":
		momentum = l2o.BeckTeboulle
	}
	return diff.Tabulate(K, step, momentum)
}

// names are the schedules in the order of papers.
var names = []string{"PGD 1/L", "PGD random", "PGD 1.9/L", "APG k+50", "APG random", "APG k+5", "FISTA"}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func norm(v []float64) float64 { return math.Sqrt(dot(v, v)) }

func distance(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return math.Sqrt(s)
}
