package dln_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/model/dln"
)

// Whatever the step, the dual of the flow stays in the row space of X, moves by −t·∇L(mean), and belongs to β; the loss falls; no part
// of the way is faster than speed 1 in arc length.
func TestFlowInvariants(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 11))
		in := instance{"", gaussian(rng, 5, 9, 0), normals(rng, 5)}
		alpha := []float64{1e-3, 1e-20, 1e-100}[seed%3]
		rows := kernelOf(in)
		var before dln.State
		steps := 0
		for s := range (dln.Flow{X: in.x, Y: in.y, Alpha: alpha}).States(1, 30) {
			if steps++; steps > 1 && (s.Loss > before.Loss*(1+1e-9)+1e-15 || s.Arc-before.Arc < s.Time-before.Time-1e-12 || s.Time <= before.Time) {
				t.Fatalf("seed %d, step %d: loss %g after %g, time %g after %g, arc %g after %g", seed, steps, s.Loss, before.Loss, s.Time, before.Time, s.Arc, before.Arc)
			}
			before = dln.State{Time: s.Time, Arc: s.Arc, Loss: s.Loss}
			for _, k := range rows {
				leak := 0.0
				for i, v := range k {
					leak += v * s.Dual[i]
				}
				if math.Abs(leak) > 1e-11 {
					t.Fatalf("seed %d, t = %g: the dual has left the row space by %g", seed, s.Time, leak)
				}
			}
			if s.Time == 0 {
				continue
			}
			mean := make([]float64, 9)
			for i, v := range s.Integral {
				mean[i] = v / s.Time
			}
			g := gradient(in, mean)
			for i, v := range s.Dual {
				if math.Abs(v+s.Time*g[i]) > 1e-6 {
					t.Fatalf("seed %d, t = %g: s[%d] = %g, −t∇L(mean) = %g", seed, s.Time, i, v, -s.Time*g[i])
				}
				if back := dln.Dual(alpha, s.Beta[i]); math.Abs(back-v) > 1e-12*(1+math.Abs(v)) && s.Beta[i] != 0 {
					t.Fatalf("seed %d: the dual of β[%d] = %g is %g, not %g", seed, i, s.Beta[i], back, v)
				}
			}
		}
	}
}

// kernelOf returns an orthonormal basis of the null space of X.
func kernelOf(in instance) [][]float64 {
	n, d := in.x.Dims()
	var svd mat.SVD
	svd.Factorize(mat.NewDense(n, d, in.x.Data), mat.SVDFullV)
	var v mat.Dense
	svd.VTo(&v)
	var basis [][]float64
	for k := n; k < d; k++ {
		basis = append(basis, mat.Col(nil, k, &v))
	}
	return basis
}

// The method has order 4: errors against the classical Runge–Kutta method with tiny steps fall with the tolerance to the power 1 at
// least, and at 1e-12 nothing is left.
func TestFlowAgainstExplicitTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 12))
	in := instance{"", gaussian(rng, 4, 6, 0), normals(rng, 4)}
	const alpha, end = 1e-6, 6.0
	want := explicit(in, alpha, end, 400000)
	for _, c := range []struct{ tol, error float64 }{{1e-6, 1e-4}, {1e-8, 1e-6}, {1e-10, 1e-8}, {1e-12, 1e-9}} {
		got := gap(last(dln.Flow{X: in.x, Y: in.y, Alpha: alpha, Tol: c.tol}, end), want)
		t.Logf("tolerance %g: β is off by %.2g", c.tol, got)
		if got > c.error {
			t.Errorf("tolerance %g: β is off by %g", c.tol, got)
		}
	}
}

func last(f dln.Flow, end float64) []float64 {
	var beta []float64
	for s := range f.States(end) {
		if s.Time == end {
			beta = append(beta, s.Beta...)
		}
	}
	return beta
}

// explicit integrates the dual by the classical Runge–Kutta method with equal steps.
func explicit(in instance, alpha, end float64, steps int) []float64 {
	_, d := in.x.Dims()
	double, h := -2*math.Log(alpha), end/float64(steps)
	beta := func(s []float64) []float64 {
		b := make([]float64, d)
		for i, v := range s {
			b[i] = alpha * alpha * math.Sinh(double*v)
		}
		return b
	}
	s := make([]float64, d)
	shifted := func(g []float64, by float64) []float64 {
		v := make([]float64, d)
		for i := range v {
			v[i] = s[i] - by*g[i]
		}
		return v
	}
	for range steps {
		a := gradient(in, beta(s))
		b := gradient(in, beta(shifted(a, h/2)))
		c := gradient(in, beta(shifted(b, h/2)))
		e := gradient(in, beta(shifted(c, h)))
		for i := range s {
			s[i] -= h / 6 * (a[i] + 2*b[i] + 2*c[i] + e[i])
		}
	}
	return beta(s)
}

// The dual starts where the entropy's gradient is, also for a start ≠ 0 at an α whose square no float64 holds.
func TestFlowStart(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 12))
	in := instance{"", gaussian(rng, 4, 6, 0), normals(rng, 4)}
	start := []float64{0, 1.5, -0.25, 1e-4, 0, 0}
	for _, alpha := range []float64{1e-2, 1e-100, 1e-300} {
		for s := range (dln.Flow{X: in.x, Y: in.y, Alpha: alpha, Start: start}).States(1e-3) {
			for i, v := range s.Dual {
				want := 0.0
				if start[i] != 0 {
					want = sign(start[i]) * (1 + math.Log(2*math.Abs(start[i]))/(-2*math.Log(alpha)))
				}
				if s.Beta[i] != start[i] || alpha < 1e-50 && math.Abs(v-want) > 1e-12 {
					t.Errorf("α = %g: β[%d] = %g with dual %g, want %g with %g", alpha, i, s.Beta[i], v, start[i], want)
				}
			}
			break
		}
	}
}

// The way of the flow, jumps included, has a length that does not grow as α → 0: not below the straight lines from saddle to saddle.
func TestArcLength(t *testing.T) {
	in := twoLarge(rand.New(rand.NewPCG(3, 0)), 5, 7)
	p, err := dln.Saddles(in.x, in.y)
	if err != nil {
		t.Fatal(err)
	}
	straight, from, to := 0.0, make([]float64, 7), make([]float64, 7)
	for k := 1; k < len(p.Saddles); k++ {
		p.Saddles[k-1].Vector(from)
		p.Saddles[k].Vector(to)
		leg := 0.0
		for i, v := range to {
			leg += (v - from[i]) * (v - from[i])
		}
		straight += math.Sqrt(leg)
	}
	var ways []float64
	for _, alpha := range []float64{1e-60, 1e-120, 1e-240} {
		var way float64
		for s := range (dln.Flow{X: in.x, Y: in.y, Alpha: alpha}).States(20 * p.Last().Time) {
			way = s.Arc - s.Time
		}
		ways = append(ways, way)
	}
	if ways[0] < straight*0.999 || ways[0] > 2*straight || math.Abs(ways[2]-ways[1]) > 1e-3*ways[1] || math.Abs(ways[1]-ways[0]) > 1e-2*ways[0] {
		t.Errorf("ways %v for straight lines of %g", ways, straight)
	}
}

// From a start ≠ 0 the flow approaches the saddles of FineTune: the distance at the middles of the plateaus falls with α.
func TestFineTunedFlow(t *testing.T) {
	const d = 8
	var before float64
	for _, alpha := range []float64{1e-10, 1e-40, 1e-160} {
		var errors []float64
		for seed := range uint64(20) {
			rng := rand.New(rand.NewPCG(seed, 14))
			in := instance{"", gaussian(rng, 5, d, 0), normals(rng, 5)}
			start := make([]float64, d)
			start[0], start[3] = rng.NormFloat64(), rng.NormFloat64()
			p, err := dln.FineTune(in.x, in.y, start)
			if err != nil {
				t.Fatal(err)
			}
			var middles []float64
			for k := 1; k < len(p.Saddles); k++ {
				middles = append(middles, (p.Saddles[k-1].Time+p.Saddles[k].Time)/2)
			}
			k, want := 0, make([]float64, d)
			for s := range (dln.Flow{X: in.x, Y: in.y, Alpha: alpha, Start: start}).States(middles...) {
				if k < len(middles) && s.Time == middles[k] {
					p.Saddles[k].Vector(want)
					errors = append(errors, gap(s.Beta, want))
					k++
				}
			}
		}
		slices.Sort(errors)
		median := errors[len(errors)/2]
		t.Logf("α = %g: median distance %.2g over %d plateaus", alpha, median, len(errors))
		if before > 0 && median > before/10 {
			t.Errorf("α = %g: the median distance is %g after %g", alpha, median, before)
		}
		before = median
	}
	if before > 1e-9 {
		t.Errorf("the median distance is %g at the end", before)
	}
}
