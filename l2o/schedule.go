package l2o

import (
	"math"
	"math/rand/v2"
)

// A Schedule gives the step τ_k that leads to x_k, or the momentum μ_k that leads from x_k to z_{k+1}, for k = 1, 2, …: a function of k alone,
// so that an iteration can be run, and differentiated, again.
type Schedule func(k int) float64

// Constant is v at every k.
func Constant(v float64) Schedule { return func(int) float64 { return v } }

// BeckTeboulle is the momentum (t_k − 1)/t_{k+1} with t₁ = 1 and t_{k+1} = (1 + √(1 + 4t_k²))/2 (Beck & Teboulle 2009, (4.2) and (4.3)), in k
// steps. [FISTA] without a Momentum is the same to the last bit.
func BeckTeboulle(k int) float64 {
	t := 1.0
	for range k - 1 {
		t = nextT(t)
	}
	return (t - 1) / nextT(t)
}

// nextT is (4.2) of Beck & Teboulle.
func nextT(t float64) float64 { return (1 + math.Sqrt(1+4*t*t)) / 2 }

// ChambolleDossal is the momentum (k−1)/(k+a−1). For a ≥ 3 and a constant step τ ≤ 1/L,
//
//	F(x_k) − F* ≤ (a−1)²‖x₀−x*‖² / (2τ(k+a−2)²)
//
// (Su, Boyd, Candès, "A differential equation for modeling Nesterov's accelerated gradient method", JMLR 17, 2016, Theorem 6), and for a > 3 the
// iterates converge, too (Chambolle & Dossal, "On the convergence of the iterates of FISTA", JOTA 166, 2015, Theorem 3).
func ChambolleDossal(a float64) Schedule {
	return func(k int) float64 { return float64(k-1) / (float64(k-1) + a) }
}

// Uniform is random on [lo, hi), the same for the same seed and k.
func Uniform(seed uint64, lo, hi float64) Schedule {
	return func(k int) float64 {
		return lo + (hi-lo)*rand.New(rand.NewPCG(seed, uint64(k))).Float64()
	}
}
