package l2o_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// gaussianModel draws A with entries of variance 1/m, x* with one entry in ten normal, and noise σ.
func gaussianModel(rng *rand.Rand, m, n int, sigma float64) (p *l2o.Problem, star []float64) {
	a := chain(rng, m, n, 0)
	for k := range a.Data {
		a.Data[k] /= math.Sqrt(float64(m))
	}
	star = make([]float64, n)
	for j := range star {
		if rng.Float64() < 0.1 {
			star[j] = rng.NormFloat64()
		}
	}
	y := make([]float64, m)
	a.Apply(y, star)
	for i := range y {
		y[i] += sigma * rng.NormFloat64()
	}
	return &l2o.Problem{A: a, Y: y, G: prox.L1{}}, star
}

// The fixed point of AMP with κ solves the Lasso at the λ that the calibration reports, whatever the scale of A.
func TestAMPIsCalibrated(t *testing.T) {
	for i, kappa := range []float64{1.4, 1.5, 2} {
		p, _ := gaussianModel(rand.New(rand.NewPCG(uint64(i), 41)), 250, 500, 0.1)
		for _, c := range []float64{1, 37} {
			a := p.A.(*linop.ColMajor)
			q := &l2o.Problem{A: &linop.ColMajor{M: a.M, N: a.N, Data: times(a.Data, c)}, Y: p.Y, G: p.G}
			s := l2o.AMP{Kappa: kappa}
			var x []float64
			for k, v := range s.Iterates(q) {
				if x = v; k == 300 {
					break
				}
			}
			lambda := s.Lambda(q, x)
			cert := l2o.Certify(&l2o.Problem{A: q.A, Y: q.Y, G: prox.L1{Lambda: lambda}}, x)
			t.Logf("κ = %g, A times %g: λ = %g, support %d, relative gap %.2g", kappa, c, lambda, len(cert.Support), cert.RelativeGap)
			if !(cert.RelativeGap <= 1e-12) || len(cert.Support) == 0 {
				t.Errorf("κ = %g, A times %g: relative gap %.2g at λ = %g", kappa, c, cert.RelativeGap, lambda)
			}
		}
	}
}

// With the problem's own λ AMP solves the problem, in few steps.
func TestAMPSolves(t *testing.T) {
	for i := range 5 {
		p, _ := gaussianModel(rand.New(rand.NewPCG(uint64(i), 42)), 250, 500, 0.1)
		p.G = prox.L1{Lambda: 0.1 * l2o.LambdaMax(p.A, p.Y)}
		sol, err := l2o.Solve(l2o.AMP{}, p, l2o.Stop{Gap: 1e-10, MaxIter: 200})
		if err != nil || sol.Status != l2o.Converged {
			t.Errorf("%v after %d steps, gap %.2g, error %v", sol.Status, sol.Iters, sol.RelativeGap, err)
		}
	}
}

// The mean squared error of x_k is that of state evolution within three standard errors, for every k.
func TestAMPFollowsStateEvolution(t *testing.T) {
	const (
		m, n, trials, last = 500, 1000, 30, 8
		sigma, kappa       = 0.2, 1.5
	)
	var sum, squares [last + 1]float64 // of the difference from the prediction, relative to it
	for i := range trials {
		p, star := gaussianModel(rand.New(rand.NewPCG(uint64(i), 43)), m, n, sigma)
		tau := l2o.StateEvolution(star, m, sigma, kappa, last)
		for k, x := range (l2o.AMP{Kappa: kappa}).Iterates(p) {
			mse := math.Pow(distanceOf(x, star), 2) / n
			want := (tau[k]*tau[k] - sigma*sigma) * m / n
			d := mse/want - 1
			sum[k] += d
			squares[k] += d * d
			if k == last {
				break
			}
		}
	}
	for k := 1; k <= last; k++ {
		mean := sum[k] / trials
		se := math.Sqrt((squares[k]/trials - mean*mean) / (trials - 1))
		t.Logf("k = %d: %+.4f of the predicted error, standard error %.4f", k, mean, se)
		if !(math.Abs(mean) <= 3*se) {
			t.Errorf("k = %d: the error is off by %.4f of the predicted one, standard error %.4f", k, mean, se)
		}
	}
}

func distanceOf(a, b []float64) float64 {
	d := make([]float64, len(a))
	for i, v := range a {
		d[i] = v - b[i]
	}
	return length(d)
}

// The closed form of the risk against the mean over a fine grid of the normal distribution.
func TestStateEvolutionAgainstQuadrature(t *testing.T) {
	const sigma, kappa, m = 0.3, 1.4, 3
	star := []float64{0, 1.3, -0.2, 0, 2}
	tau := l2o.StateEvolution(star, m, sigma, kappa, 3)
	for k := range 3 {
		s, weight := 0.0, 0.0
		for z := -9.0; z <= 9; z += 1e-3 {
			w := math.Exp(-z * z / 2)
			weight += w
			for _, x := range star {
				v, theta := x+tau[k]*z, kappa*tau[k]
				e := v - min(max(v, -theta), theta) - x
				s += w * e * e
			}
		}
		if want := math.Sqrt(sigma*sigma + s/weight/m); math.Abs(tau[k+1]-want) > 1e-7 {
			t.Errorf("τ_%d = %.9g, want %.9g", k+1, tau[k+1], want)
		}
	}
}

// Away from independent entries AMP may fail: that is a status and never NaN, and what converges is certified.
func TestAMPElsewhere(t *testing.T) {
	failed := 0
	for i := range 12 {
		rng := rand.New(rand.NewPCG(uint64(i), 44))
		a := chain(rng, 60, 120, 0.99)
		if i%2 == 0 {
			for k := range a.Data {
				a.Data[k] += 1 // a mean: one singular value far above the others
			}
		}
		y := observed(rng, a)
		p := &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: 0.05 * l2o.LambdaMax(a, y)}}
		sol, err := l2o.Solve(l2o.AMP{}, p, l2o.Stop{Gap: 1e-8, MaxIter: 2000})
		if s := largest(sol.X); err != nil || s-s != 0 || sol.Status == l2o.Converged && !(l2o.Certify(p, sol.X).RelativeGap <= 1e-8) {
			t.Errorf("%d: %v, largest %v, error %v", i, sol.Status, s, err)
		}
		if sol.Status != l2o.Converged {
			failed++
		}
	}
	if t.Logf("%d of 12 did not converge", failed); failed == 0 {
		t.Error("AMP converges on all of these, which tests nothing")
	}
}

func TestAMPSequence(t *testing.T) {
	p := l2otest.Random(rand.New(rand.NewPCG(45, 45)), 20, 40, 0.3)
	l2otest.Sequence(t, l2o.AMP{}, p)
	l2otest.Sequence(t, l2o.AMP{Kappa: 2}, p)
	if err := (l2o.AMP{Kappa: -1}).Check(p); err == nil || err.Error() != "l2o: Kappa is -1, want a finite number > 0, or 0 for the problem's λ" {
		t.Errorf("error %v", err)
	}
}
