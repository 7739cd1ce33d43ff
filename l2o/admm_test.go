package l2o_test

import (
	"errors"
	"math"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// min ½(x−5)² + |x| with ρ = 2, so that x_k = v + (5−v)/3 with v = z − u, and the threshold is ½.
//
//	u₀ = 5/2        v = −5/2  x₁ = 0                x̂ = 0                        z₁ = soft(5/2, ½) = 2     u₁ = ½
//	v = 3/2         x₂ = 8/3                        x̂ = 1.6·8/3 − 0.6·2 = 46/15  z₂ = 46/15                u₂ = ½
//	v = 77/30       x₃ = 77/30 + 73/90 = 152/45     x̂ = (243.2 − 82.8)/45        z₃ = 160.4/45
func TestADMMByHand(t *testing.T) {
	checkIterates(t, l2o.ADMM{Rho: 2}, []float64{0, 2, 46.0 / 15, 160.4 / 45}, 4e-15)
}

// Both forms of the inner solve, wide and tall, give the minimiser of ½‖Ax−y‖² + ½ρ‖x−v‖²: that is the proximal point of f, and its
// optimality Aᵀ(Ax−y) + ρ(x−v) = 0 is seen in z₁ where there is no penalty: z₁ = x̂₁ + u₀ − 0, with z₀ = 0 and v = −u₀.
func TestADMMInnerSolve(t *testing.T) {
	for _, shape := range [][2]int{{10, 20}, {20, 10}} {
		p := lasso(shape[0], shape[1], 0)
		p.G = prox.SquaredL2{}
		const rho = 0.7
		n := shape[1]
		u, x, r, g := make([]float64, n), make([]float64, n), make([]float64, shape[0]), make([]float64, n)
		p.A.Adjoint(u, p.Y)
		z := last(l2o.ADMM{Rho: rho}, p, 1)
		for j := range u {
			u[j] /= rho
			x[j] = (z[j] - u[j]) / 1.6
		}
		p.A.Apply(r, x)
		for i := range r {
			r[i] -= p.Y[i]
		}
		p.A.Adjoint(g, r)
		for j := range g {
			if e := g[j] + rho*(x[j]+u[j]); math.Abs(e) > 1e-12 {
				t.Errorf("%v: optimality in %d is off by %.3g", shape, j, e)
			}
		}
	}
}

// At a small λ the mean eigenvalue is no good ρ to stay at, whatever multiple of A has it: balancing needs a third of its iterations.
func TestADMMBalances(t *testing.T) {
	for _, c := range []float64{1e-3, 1, 1e3} {
		p := lasso(30, 60, 0.1)
		a := p.A.(*linop.Dense)
		mean := 0.0
		for i := range a.Data {
			a.Data[i] *= c
			mean += a.Data[i] * a.Data[i] / 30
		}
		p.G = prox.L1{Lambda: 0.01 * l2o.LambdaMax(p.A, p.Y)}
		var iters []int
		for _, s := range []l2o.ADMM{{}, {Rho: mean}} {
			sol, err := l2o.Solve(s, p, l2o.Stop{Gap: 1e-10})
			if err != nil || sol.Status != l2o.Converged {
				t.Errorf("A·%v, ρ = %v: %v after %d, error %v", c, s.Rho, sol.Status, sol.Iters, err)
			}
			iters = append(iters, sol.Iters)
		}
		if 3*iters[0] > iters[1] {
			t.Errorf("A·%v: %d iterations balanced, %d at the mean eigenvalue", c, iters[0], iters[1])
		}
	}
}

func TestADMMRefuses(t *testing.T) {
	p := lasso(3, 4, 0.1)
	for _, rho := range []float64{-1, math.NaN(), math.Inf(1)} {
		if bad, ok := errors.AsType[*l2o.InputError](l2o.ADMM{Rho: rho}.Check(p)); !ok || bad.Arg != "Rho" {
			t.Errorf("ρ = %v is not refused by name", rho)
		}
	}
	err := l2o.ADMM{}.Check(&l2o.Problem{A: p.A, Y: []float64{1, -1, 1}, Loss: l2o.Logistic{}, G: p.G})
	if want := "l2o: l2o.ADMM does not take loss l2o.Logistic with penalty prox.L1, but the squared loss alone"; err == nil || err.Error() != want {
		t.Errorf("error reads %q, want %q", err, want)
	}
}
