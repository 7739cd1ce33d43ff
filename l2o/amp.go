package l2o

import (
	"iter"
	"math"

	"unroll/engine/kernel"
	"unroll/l2o/prox"
)

// AMP is approximate message passing: for a large A of independent entries its error in every iteration is known beforehand.
//
//	z_k = (y − A x_k + z_{k−1}·‖x_k‖₀/m)                    x₀ = 0,  z₋₁ = 0          (1), with δ·⟨η′⟩ = ‖x_k‖₀/m
//	x_{k+1} = η(x_k + Aᵀz_k; θ_k),  η soft thresholding      (2)
//
// for entries of A with mean 0 and variance 1/m; other scales are divided out. With θ_k = κ‖z_k‖/√m the x_k + Aᵀz_k are distributed as
// x* + τ_k·N(0, 1), with τ_k from [StateEvolution]. With κ = 0 the threshold is the one whose fixed points are those of ISTA,
//
//	θ_k = λ + γ_k,  γ_{k+1} = θ_k ‖x_{k+1}‖₀/m,  γ₀ = 0
//
// A fixed point solves the Lasso in either case: that with λ = θ(1 − ‖x‖₀/m), which [AMP.Lambda] reports (the calibration of Bayati and
// Montanari 2012, equation (1.10)). There is no step to keep it stable: on other matrices it may diverge, which is a [Status].
//
// References: D. Donoho, A. Maleki, A. Montanari, "Message-passing algorithms for compressed sensing", PNAS 106(45), 2009, equations (1)
// and (2); M. Bayati, A. Montanari, "The LASSO risk for Gaussian matrices", IEEE Trans. Information Theory 58(4), 2012.
type AMP struct {
	Kappa float64 // κ, threshold against the noise estimated; 0 means the threshold that solves the problem at its λ
}

// Check refuses a negative κ, all but the squared loss with [prox.L1], and what [Problem.Check] refuses.
func (s AMP) Check(p *Problem) error {
	if s.Kappa < 0 || !finite(s.Kappa) {
		return &InputError{"Kappa", s.Kappa, "a finite number > 0, or 0 for the problem's λ"}
	}
	if p.G == nil {
		return &InputError{"G", nil, "a penalty prox.L1"}
	}
	if _, ok := p.G.(prox.L1); !ok || p.loss() != (Squared{}) {
		return unsupported(s, p, "loss l2o.Squared with penalty prox.L1")
	}
	return p.Check()
}

// Iterates yields x₀ = 0, x₁, … without end.
func (s AMP) Iterates(p *Problem) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		m, n := p.A.Dims()
		x, v, z, r := make([]float64, n), make([]float64, n), make([]float64, m), make([]float64, m)
		rows := float64(m)
		scale := columnScale(p) // A/scale has entries of variance 1/m, and scale·x is its unknown
		lambda, gamma, active := p.G.(prox.L1).Lambda/scale, 0.0, 0.0
		for k := 0; yield(k, x); k++ {
			p.residual(r, x)
			kernel.Axpy(active/rows, z, r)
			z, r = r, z
			theta := lambda + gamma
			if s.Kappa > 0 {
				theta = s.Kappa * math.Sqrt(kernel.SumSquares(z)/rows)
			}
			p.A.Adjoint(v, z)
			active = 0
			for j, t := range x {
				u := t + v[j]/(scale*scale)
				x[j] = u - min(max(u, -theta/scale), theta/scale)
				if x[j] != 0 {
					active++
				}
			}
			gamma = theta * active / rows
		}
	}
}

// Lambda returns the λ of the Lasso that a fixed point x of the iteration with κ > 0 solves: κ‖y−Ax‖/√m, as z = (y−Ax)/(1−‖x‖₀/m).
func (s AMP) Lambda(p *Problem, x []float64) float64 {
	m, _ := p.A.Dims()
	r := make([]float64, m)
	p.residual(r, x)
	return s.Kappa * columnScale(p) * math.Sqrt(kernel.SumSquares(r)/float64(m))
}

// columnScale returns the root mean square of the columns' norms.
func columnScale(p *Problem) float64 {
	norms := columnLengths(p.A)
	if s := math.Sqrt(kernel.SumSquares(norms) / float64(len(norms))); s > 0 {
		return s
	}
	return 1
}

// StateEvolution returns τ₀ … τ_K, the standard deviations of the effective noise of [AMP] with κ:
//
//	τ₀² = σ² + ⟨x*²⟩n/m,    τ_{k+1}² = σ² + (n/m)·E (η(X + τ_k Z; κτ_k) − X)²,    X an entry of x*,  Z normal    (Bayati and Montanari 2011)
//
// so that the mean squared error of x_k is (τ_k² − σ²)·m/n. The entries of A have variance 1/m, σ is the noise of an entry of y.
func StateEvolution(star []float64, m int, sigma, kappa float64, last int) []float64 {
	aspect := float64(len(star)) / float64(m)
	tau := make([]float64, last+1)
	tau[0] = math.Sqrt(sigma*sigma + kernel.SumSquares(star)/float64(m))
	for k := range last {
		s := 0.0
		for _, v := range star {
			s += softRisk(v, tau[k], kappa*tau[k])
		}
		tau[k+1] = math.Sqrt(sigma*sigma + aspect*s/float64(len(star)))
	}
	return tau
}

// softRisk returns E (η(x + τZ; θ) − x)², in closed form (Donoho and Johnstone 1994): with a = (θ−x)/τ, b = (θ+x)/τ and the normal density φ
// and tail Q,
//
//	x²(1 − Q(a) − Q(b)) + (τ²+θ²)(Q(a) + Q(b)) − τ(θ+x)φ(a) − τ(θ−x)φ(b)
func softRisk(x, tau, theta float64) float64 {
	if tau == 0 {
		e := x - min(max(x, -theta), theta)
		return (e - x) * (e - x)
	}
	a, b := (theta-x)/tau, (theta+x)/tau
	tail := func(t float64) float64 { return 0.5 * math.Erfc(t/math.Sqrt2) }
	density := func(t float64) float64 { return math.Exp(-0.5*t*t) / math.Sqrt(2*math.Pi) }
	out := tail(a) + tail(b)
	return x*x*(1-out) + (tau*tau+theta*theta)*out - tau*(theta+x)*density(a) - tau*(theta-x)*density(b)
}
