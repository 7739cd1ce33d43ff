package l2o_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// Against Newton's method on the support, whose optimality is then checked outside of it, too: it shares no line with the solvers.
func TestLogisticAgainstNewton(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 0))
	for i := range 20 {
		m, n := 40+10*(i%3), 10+5*(i%4)
		p := l2otest.Labelled(rng, l2otest.Random(rng, m, n, 0))
		top, err := p.LambdaMax()
		if err != nil {
			t.Fatal(err)
		}
		g := prox.WeightedL1{Lambda: top * (0.05 + 0.3*rng.Float64()), Weights: make([]float64, n)}
		for j := range g.Weights {
			g.Weights[j] = 1
		}
		if i%2 == 1 {
			g.Weights[rng.IntN(n)] = 0
		}
		p.G = g
		againstNewton(t, fmt.Sprintf("problem %d", i), p, g)
	}
}

const breastCancer = "/usr/lib/python3/dist-packages/sklearn/datasets/data/breast_cancer.csv"

// Wisconsin diagnostic breast cancer (Street, Wolberg, Mangasarian 1993) as Debian's python3-sklearn ships it: 569 cases, 30 features,
// here standardised, with an intercept that no penalty holds.
func TestLogisticOnBreastCancer(t *testing.T) {
	file, err := os.Open(breastCancer)
	if err != nil {
		t.Skipf("no real data: %v (Debian's python3-sklearn has it)", err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows = rows[1:] // the header
	const n = 31
	a := &linop.Dense{M: len(rows), N: n, Data: make([]float64, len(rows)*n)}
	y := make([]float64, a.M)
	for i, fields := range rows {
		a.Data[i*n+n-1] = 1
		for j, field := range fields {
			v, err := strconv.ParseFloat(field, 64)
			if err != nil {
				t.Fatal(err)
			}
			if j < n-1 {
				a.Data[i*n+j] = v
			} else {
				y[i] = 2*v - 1
			}
		}
	}
	if a.M != 569 {
		t.Fatalf("%d cases, want 569", a.M)
	}
	standardise(a)
	g := prox.WeightedL1{Weights: make([]float64, n)}
	for j := range n - 1 {
		g.Weights[j] = 1
	}
	p := &l2o.Problem{A: a, Y: y, Loss: l2o.Logistic{}, G: g}
	top, err := p.LambdaMax()
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []float64{0.3, 0.1, 0.03} {
		g.Lambda = share * top
		p.G = g
		againstNewton(t, fmt.Sprintf("breast cancer at %v·λ_max", share), p, g)
	}
}

// standardise centres and scales every column but the last.
func standardise(a *linop.Dense) {
	for j := range a.N - 1 {
		mean, square := 0.0, 0.0
		for i := range a.M {
			mean += a.Data[i*a.N+j] / float64(a.M)
		}
		for i := range a.M {
			d := a.Data[i*a.N+j] - mean
			square += d * d / float64(a.M)
		}
		for i := range a.M {
			a.Data[i*a.N+j] = (a.Data[i*a.N+j] - mean) / math.Sqrt(square)
		}
	}
}

func againstNewton(t *testing.T, name string, p *l2o.Problem, g prox.WeightedL1) {
	t.Helper()
	for _, s := range []l2o.Solver{l2o.CD{}, l2o.Restart{}} {
		sol, err := l2o.Solve(s, p, l2o.Stop{Gap: 1e-15, MaxIter: 50_000})
		if err != nil {
			t.Errorf("%s: %T: %v", name, s, err)
			continue
		}
		want := newton(t, name, p.A.(*linop.Dense), p.Y, g, sol.X)
		worst, size := 0.0, 0.0
		for j, v := range want {
			worst, size = max(worst, math.Abs(v-sol.X[j])), max(size, math.Abs(v))
		}
		value := l2o.Objective(p, want)
		t.Logf("%s: %T: support %d of %d, x to %.2g, F to %.2g", name, s, len(sol.Support), len(want), worst/size, math.Abs(sol.Primal-value)/value)
		if !(worst <= 1e-9*size) || !(math.Abs(sol.Primal-value) <= 1e-9*value) {
			t.Errorf("%s: %T is %.3g of %.3g away from Newton's answer, F %.3g of %.3g", name, s, worst, size, sol.Primal-value, value)
		}
	}
}

// newton minimises Σ log(1+exp(−y z)) + λ Σ ω s x over the support of near, with its signs s, and checks that this is the minimiser.
func newton(t *testing.T, name string, a *linop.Dense, y []float64, g prox.WeightedL1, near []float64) []float64 {
	t.Helper()
	var active []int
	for j, v := range near {
		if v != 0 {
			active = append(active, j)
		}
	}
	x := make([]float64, a.N)
	copy(x, near)
	slope := func(j int, u []float64) float64 { // A_jᵀu
		s := 0.0
		for i := range u {
			s += a.Data[i*a.N+j] * u[i]
		}
		return s
	}
	var u []float64
	for range 30 {
		var bend []float64
		u, bend = logits(a, y, x)
		hess, grad := mat.NewSymDense(len(active), nil), mat.NewVecDense(len(active), nil)
		for r, j := range active {
			grad.SetVec(r, slope(j, u)-g.Lambda*g.Weights[j]*math.Copysign(1, near[j]))
			for c, k := range active[:r+1] {
				s := 0.0
				for i := range bend {
					s += bend[i] * a.Data[i*a.N+j] * a.Data[i*a.N+k]
				}
				hess.SetSym(r, c, s)
			}
		}
		var factor mat.Cholesky
		var step mat.VecDense
		if !factor.Factorize(hess) || factor.SolveVecTo(&step, grad) != nil {
			t.Fatalf("%s: no Newton step", name)
		}
		for r, j := range active {
			x[j] += step.AtVec(r)
		}
	}
	for j, v := range x {
		lambda := g.Lambda * g.Weights[j]
		if v != 0 && v*near[j] < 0 || v == 0 && math.Abs(slope(j, u)) > lambda*(1+1e-9) {
			t.Errorf("%s: the support found is not that of the minimiser: x[%d] = %v, |A_jᵀu| − λ = %v", name, j, v, math.Abs(slope(j, u))-lambda)
		}
	}
	return x
}

// logits returns u = yσ(−yz) and σ(z)σ(−z) at z = Ax.
func logits(a *linop.Dense, y, x []float64) (u, bend []float64) {
	u, bend = make([]float64, a.M), make([]float64, a.M)
	for i := range u {
		z := 0.0
		for j, v := range x {
			z += a.Data[i*a.N+j] * v
		}
		u[i] = y[i] / (1 + math.Exp(y[i]*z))
		bend[i] = 1 / (2 + math.Exp(z) + math.Exp(-z))
	}
	return u, bend
}
