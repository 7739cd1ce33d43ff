package l2otest

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Guarantee is what is proved of a solver with step 1/L, L = ‖A‖².
type Guarantee struct {
	// Rate(k) is the c for which F(x_k) − F* ≤ c·L‖x₀−x*‖².
	Rate func(k int) float64
	// Monotone says that F(x_k) never rises.
	Monotone bool
}

// Minimizer is the conformance suite of a solver that converges to the minimiser of any problem, from 0:
// [Sequence], its guarantee, certified convergence, special cases and symmetries.
func Minimizer(t TB, s l2o.Solver, guarantee Guarantee) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 0))
	p := Random(rng, 10, 20, 0.1)
	Sequence(t, s, p)
	for _, c := range BrokenPenalties(p) {
		checkRefused(t, s, c)
	}
	for i := range 100 {
		m, n := 10, 20
		if i%4 != 0 {
			m, n = 1+i%25, 1+7*i%40
		}
		checkGuarantee(t, s, guarantee, Random(rng, m, n, 0.02+0.3*rng.Float64()), 60)
	}
	checkWorstCase(t, s, guarantee, 200)
	for _, c := range Odd() {
		checkConverges(t, s, c)
	}
	for _, shape := range [][2]int{{10, 20}, {20, 10}, {30, 60}, {1, 8}, {8, 1}} {
		c := Case{"random data", Random(rng, shape[0], shape[1], 0.1)}
		checkConverges(t, s, c)
		checkConverges(t, s, Case{"a ridge", &l2o.Problem{A: c.Problem.A, Y: c.Problem.Y, G: prox.SquaredL2{Lambda: 0.1}}})
		checkNull(t, s, c.Problem)
		checkPermutation(t, s, c.Problem)
		checkScaling(t, s, c.Problem)
	}
	checkOrthonormal(t, s, rng)
}

// checkGuarantee compares x₁ … x_K with the certified minimiser.
func checkGuarantee(t TB, s l2o.Solver, guarantee Guarantee, p *l2o.Problem, last int) {
	t.Helper()
	best := oracle(t, p)
	floor := l2o.Objective(p, best) // above F*, by no more than its gap
	slack := l2o.Gap(p, best) + 1e-14*dot(p.Y, p.Y)
	norm := linop.Norm(p.A)
	distance2 := dot(best, best)
	previous := math.Inf(1)
	for k, x := range take(t, s, p, last) {
		value := l2o.Objective(p, x)
		if guarantee.Monotone && !(value <= previous+slack) {
			t.Errorf("solver: monotone: F rises from %.17g to %.17g at k = %d", previous, value, k)
			return
		}
		previous = value
		if bound := guarantee.Rate(k) * norm * norm * distance2; k > 0 && !(value-floor <= bound+slack) {
			t.Errorf("solver: rate: F(x_%d) − F* = %.3g, above the proved %.3g", k, value-floor, bound)
			return
		}
		if gap := l2o.Gap(p, x); !(gap >= value-floor-slack) {
			t.Errorf("solver: certificate: gap %.3g at x_%d is below F(x_%d) − F* = %.3g", gap, k, k, value-floor)
			return
		}
	}
}

// checkWorstCase is a problem that tells a rate of 1/k² from one of 1/k at iterate k: without momentum a
// coordinate with eigenvalue μ = L/(2k+1) has lost only the factor (1−μ/L)^2k ≈ 1/e of ½μx² by then.
func checkWorstCase(t TB, s l2o.Solver, guarantee Guarantee, k int) {
	t.Helper()
	mu := 1 / math.Sqrt(float64(2*k+1))
	a := &linop.Dense{M: 2, N: 2, Data: []float64{1, 0, 0, mu}}
	checkGuarantee(t, s, guarantee, &l2o.Problem{A: a, Y: []float64{0, mu}, G: prox.L1{Lambda: 1e-9}}, k)
}

// checkConverges asks for finite iterates, also after the gap is 0, and for a relative gap of 1e-10.
func checkConverges(t TB, s l2o.Solver, c Case) {
	t.Helper()
	for k, x := range take(t, s, c.Problem, 12) {
		if sum := dot(x, x); sum-sum != 0 {
			t.Errorf("solver: finite: on %s x_%d is %v", c.Name, k, x)
			return
		}
	}
	sol, err := l2o.Solve(s, c.Problem, l2o.Stop{Gap: 1e-10, MaxIter: 20_000})
	if err != nil || sol.Status != l2o.Converged {
		t.Errorf("solver: convergence: on %s it ends with %v after %d iterations, gap %.3g, error %v",
			c.Name, sol.Status, sol.Iters, sol.Gap, err)
	}
}

// checkNull is the case λ ≥ λ_max, where every iterate is 0.
func checkNull(t TB, s l2o.Solver, p *l2o.Problem) {
	t.Helper()
	null := &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: l2o.LambdaMax(p.A, p.Y)}}
	for k, x := range take(t, s, null, 5) {
		if dot(x, x) != 0 {
			t.Errorf("solver: at λ = λ_max x_%d is %v, want 0", k, x)
			return
		}
	}
}

// checkOrthonormal is the case AᵀA = I, whose minimiser is soft(Aᵀy, λ). A is a Householder reflection.
func checkOrthonormal(t TB, s l2o.Solver, rng *rand.Rand) {
	t.Helper()
	const n = 6
	v := unit(rng, n)
	a := &linop.Dense{M: n, N: n, Data: make([]float64, n*n)}
	for i := range n {
		for j := range n {
			a.Data[i*n+j] = -2 * v[i] * v[j]
		}
		a.Data[i*n+i]++
	}
	p := &l2o.Problem{A: a, Y: gaussian(rng, n), G: prox.L1{Lambda: 0.3}}
	want := make([]float64, n)
	a.Adjoint(want, p.Y)
	p.G.Prox(want, want, 1)
	sol, err := l2o.Solve(s, p, l2o.Stop{Gap: 1e-14})
	if err != nil || distance(sol.X, want) > 1e-7 {
		t.Errorf("solver: orthonormal A: ends at %v (error %v), want soft(Aᵀy, λ) = %v", sol.X, err, want)
	}
}

// checkPermutation exchanges columns; the iterates must exchange their entries.
func checkPermutation(t TB, s l2o.Solver, p *l2o.Problem) {
	t.Helper()
	a := p.A.(*linop.Dense)
	reversed := &linop.Dense{M: a.M, N: a.N, Data: slices.Clone(a.Data)}
	for i := range a.M {
		slices.Reverse(reversed.Data[i*a.N : (i+1)*a.N])
	}
	xs := take(t, s, p, 30)
	zs := take(t, s, &l2o.Problem{A: reversed, Y: p.Y, G: p.G}, 30)
	for k, z := range zs {
		slices.Reverse(z)
		if d := distance(z, xs[k]); !(d <= 1e-9*math.Sqrt(1+dot(z, z))) {
			t.Errorf("solver: permutation: with the columns reversed x_%d differs by %.3g", k, d)
			return
		}
	}
}

// checkScaling multiplies A by a and y by b, powers of two, and λ by ab; every bit of x must scale by b/a.
func checkScaling(t TB, s l2o.Solver, p *l2o.Problem) {
	t.Helper()
	const a, b = 0x1p11, 0x1p-23
	dense := p.A.(*linop.Dense)
	q := &l2o.Problem{
		A: &linop.Dense{M: dense.M, N: dense.N, Data: scaled(dense.Data, a)},
		Y: scaled(p.Y, b),
		G: prox.L1{Lambda: a * b * p.G.(prox.L1).Lambda},
	}
	xs := take(t, s, p, 30)
	for k, z := range take(t, s, q, 30) {
		if !slices.Equal(z, scaled(xs[k], b/a)) {
			t.Errorf("solver: scaling: powers of two change the bits of x_%d", k)
			return
		}
	}
}
