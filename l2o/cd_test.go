package l2o_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// The problems on which seven in ten answers of other packages have a relative gap above 1e-6.
func TestCDHundredProblems(t *testing.T) {
	worst := 0.0
	for i := range 100 {
		p := l2otest.Random(rand.New(rand.NewPCG(uint64(i), 100)), 100, 256, 0.1)
		sol, err := l2o.Solve(l2o.CD{}, p, l2o.Stop{Gap: 1e-12})
		gap := l2o.Certify(p, sol.X).RelativeGap
		if err != nil || !(gap <= 1e-12) {
			t.Errorf("problem %d: relative gap %.2g with %v, error %v", i, gap, sol.Status, err)
		}
		worst = max(worst, gap)
	}
	t.Logf("100 problems, largest relative gap %.2g", worst)
}

// Solve takes the gaps of coordinate descent from the vectors that it keeps; they must be those that a judge finds who has x alone.
func TestCDCertifiesAsAJudgeWithoutItsState(t *testing.T) {
	for _, c := range l2otest.Pairs() {
		for _, gap := range []float64{1e-2, 1e-5, 1e-10} {
			sol, err := l2o.Solve(l2o.CD{}, c.Problem, l2o.Stop{Gap: gap})
			if err != nil {
				t.Fatal(err)
			}
			want := l2o.Certify(c.Problem, sol.X)
			got := sol.Certificate
			scale := want.Gap / want.RelativeGap // F(0), NaN for a gap of 0
			if math.Abs(got.Gap-want.Gap) > 1e-3*want.Gap+1e-14*scale || !close(got.Margin, want.Margin) ||
				!close(got.Primal, want.Primal) || !slices.Equal(got.Support, want.Support) ||
				got.Identified != want.Identified || math.Abs(got.Distance-want.Distance) > 1e-3*want.Distance+1e-11*(1+want.Primal) {
				t.Errorf("%s at %g: certificate\n%+v, of x alone\n%+v", c.Name, gap, got, want)
			}
		}
	}
}

func close(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-11*(math.Abs(a)+math.Abs(b)) }

// Iterate k is the same whether Solve asks for it or a caller, and F never rises along them, also for the logistic loss.
func TestCDIterates(t *testing.T) {
	for _, c := range l2otest.Pairs() {
		previous := math.Inf(1)
		for k, x := range (l2o.CD{}).Iterates(c.Problem) {
			value := l2o.Objective(c.Problem, x)
			if !(value <= previous+1e-13*math.Abs(previous)) && !math.IsInf(previous, 1) {
				t.Errorf("%s: F rises from %.17g to %.17g at k = %d", c.Name, previous, value, k)
			}
			previous = value
			sol, err := l2o.Solve(l2o.CD{}, c.Problem, l2o.Stop{Gap: math.SmallestNonzeroFloat64, MaxIter: max(k, 1)})
			if err != nil || k > 0 && sol.Iters == k && !slices.Equal(sol.X, x) {
				t.Errorf("%s: Solve ends at another x_%d, error %v", c.Name, k, err)
			}
			if k == 4 {
				break
			}
		}
	}
}

// The same matrix by rows, by columns, with zeros left out and behind a scaling by 1 has the same solution.
func TestCDOnEveryKindOfColumns(t *testing.T) {
	p := l2otest.Random(rand.New(rand.NewPCG(3, 4)), 40, 70, 0.1)
	dense := p.A.(*linop.Dense)
	major := linop.NewColMajor(dense)
	sparse := &linop.CSC{M: dense.M, N: dense.N, Start: []int{0}}
	for j := range dense.N {
		for i := range dense.M {
			sparse.Row, sparse.Value = append(sparse.Row, i), append(sparse.Value, dense.Data[i*dense.N+j])
		}
		sparse.Start = append(sparse.Start, len(sparse.Row))
	}
	want := minimiser(t, p)
	for _, a := range []linop.Operator{major, sparse, &linop.Scaled{A: major}} {
		x := minimiser(t, &l2o.Problem{A: a, Y: p.Y, G: p.G})
		if d := largestGap(x, want); d > 1e-12 {
			t.Errorf("%T: x differs by %.2g from that of a dense matrix", a, d)
		}
	}
	if _, err := l2o.Solve(l2o.CD{}, &l2o.Problem{A: opaque{p.A}, Y: p.Y, G: p.G}, l2o.Stop{}); err == nil ||
		err.Error() != "l2o: A is a l2o_test.opaque, want an operator with columns, a linop.Columns" {
		t.Errorf("an operator without columns: error %v", err)
	}
}

// An opaque operator has no columns at hand.
type opaque struct{ linop.Operator }

func minimiser(t *testing.T, p *l2o.Problem) []float64 {
	t.Helper()
	sol, err := l2o.Solve(l2o.CD{}, p, l2o.Stop{Gap: 1e-13})
	if err != nil || sol.Status != l2o.Converged {
		t.Errorf("%v, gap %.2g, error %v", sol.Status, sol.RelativeGap, err)
	}
	return sol.X
}

// Multiplying A by a, y by b and λ by ab, powers of two, multiplies every iterate by b/a to the bit.
func TestPowersOfTwo(t *testing.T) {
	const a, b = 0x1p11, 0x1p-23
	for _, s := range []l2o.Solver{l2o.CD{}, l2o.Homotopy{}} {
		for i, shape := range [][2]int{{10, 20}, {20, 10}, {30, 60}, {1, 8}, {8, 1}, {20, 400}} {
			p := l2otest.Random(rand.New(rand.NewPCG(uint64(i), 5)), shape[0], shape[1], 0.02)
			dense := p.A.(*linop.Dense)
			q := &l2o.Problem{A: &linop.Dense{M: dense.M, N: dense.N, Data: times(dense.Data, a)}, Y: times(p.Y, b),
				G: prox.L1{Lambda: a * b * p.G.(prox.L1).Lambda}}
			xs, zs := all(s, p), all(s, q)
			if len(xs) != len(zs) {
				t.Errorf("%T on %v: %d iterates, scaled %d", s, shape, len(xs), len(zs))
				continue
			}
			for k, x := range xs {
				if !slices.Equal(times(x, b/a), zs[k]) {
					t.Errorf("%T on %v: powers of two change the bits of x_%d", s, shape, k)
					break
				}
			}
		}
	}
}

func times(v []float64, c float64) []float64 {
	w := slices.Clone(v)
	for i := range w {
		w[i] *= c
	}
	return w
}

// all returns the iterates up to the hundredth.
func all(s l2o.Solver, p *l2o.Problem) (xs [][]float64) {
	for k, x := range s.Iterates(p) {
		if xs = append(xs, slices.Clone(x)); k == 100 {
			break
		}
	}
	return xs
}

// From λ_max on every iterate is 0, exactly.
func TestNothingFromLambdaMaxOn(t *testing.T) {
	for _, s := range []l2o.Solver{l2o.CD{}, l2o.Homotopy{}} {
		for _, share := range []float64{1, 1 + 0x1p-52, 3} {
			p := l2otest.Random(rand.New(rand.NewPCG(6, 6)), 20, 50, share)
			for k, x := range all(s, p) {
				if largest(x) != 0 {
					t.Errorf("%T at %v·λ_max: x_%d is not 0", s, share, k)
				}
			}
		}
	}
}

// A dense vector, one at random, a solution to another λ and the solution itself: all are polished to a closed gap, by columns or without.
func TestPolish(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for _, shape := range [][2]int{{30, 60}, {60, 30}, {20, 1500}} {
		p := l2otest.Random(rng, shape[0], shape[1], 0.1)
		noise := make([]float64, shape[1])
		for j := range noise {
			noise[j] = 10 * rng.NormFloat64()
		}
		other := minimiser(t, &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: p.G.(prox.L1).Lambda / 9}})
		want := minimiser(t, p)
		for name, x := range map[string][]float64{"noise": noise, "another λ": other, "the solution": want} {
			for _, a := range []linop.Operator{p.A, opaque{p.A}} {
				q := &l2o.Problem{A: a, Y: p.Y, G: p.G}
				before := slices.Clone(x)
				sol, err := l2o.Polish(q, x, l2o.Stop{Gap: 1e-12, MaxIter: 100_000})
				if err != nil || sol.Status != l2o.Converged || largestGap(sol.X, want) > 1e-4*largest(want) {
					t.Errorf("%v, %T from %s: %v with gap %.2g, error %v", shape, a, name, sol.Status, sol.RelativeGap, err)
				}
				if name == "the solution" && sol.Iters != 0 {
					t.Errorf("%v, %T from the solution: %d steps", shape, a, sol.Iters)
				}
				if !slices.Equal(x, before) {
					t.Errorf("%v from %s: the start was changed", shape, name)
				}
			}
		}
	}
}

// A path has the solutions of each of its problems, with their certificates, in whatever order of λ; at 0 it is least squares.
func TestPath(t *testing.T) {
	for _, shape := range [][2]int{{30, 60}, {60, 30}, {25, 400}} {
		p := l2otest.Random(rand.New(rand.NewPCG(9, 9)), shape[0], shape[1], 1)
		top := p.G.(prox.L1).Lambda
		lambdas := []float64{2 * top, top, 0.7 * top, 0.3 * top, 0.1 * top, 0.03 * top, 0.5 * top, 0.01 * top}
		for _, s := range []l2o.Warm{l2o.CD{}, l2o.Restart{}} {
			path, err := l2o.Path(s, p, lambdas, l2o.Stop{Gap: 1e-10, MaxIter: 100_000})
			if err != nil || len(path) != len(lambdas) {
				t.Fatalf("%T: %d solutions, error %v", s, len(path), err)
			}
			for i, lambda := range lambdas {
				q := &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: lambda}}
				cert := l2o.Certify(q, path[i].X)
				if path[i].Status != l2o.Converged || !(cert.RelativeGap <= 1e-10) || !close(cert.Margin, path[i].Margin) {
					t.Errorf("%T, %v at λ = %g: %v, gap %.2g, margin %g and %g", s, shape, lambda, path[i].Status, cert.RelativeGap, cert.Margin, path[i].Margin)
				}
			}
		}
	}
}

// On a fine grid most solutions are certified with few looks at A, at a coarse tolerance often none at the new λ: the gaps must hold.
func TestFinePathIsCertified(t *testing.T) {
	for i, tol := range []float64{1e-2, 1e-4, 1e-8} {
		p := l2otest.Random(rand.New(rand.NewPCG(uint64(i), 10)), 25, 400, 1)
		lambdas := make([]float64, 200)
		for k := range lambdas {
			lambdas[k] = p.G.(prox.L1).Lambda * math.Pow(0.98, float64(k))
		}
		path, err := l2o.Path(l2o.CD{}, p, lambdas, l2o.Stop{Gap: tol})
		if err != nil {
			t.Fatal(err)
		}
		for k, sol := range path {
			cert := l2o.Certify(&l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: lambdas[k]}}, sol.X)
			if !(cert.RelativeGap <= tol*(1+1e-9)) || math.Abs(sol.Gap-cert.Gap) > 1e-6*cert.Gap+1e-13 || math.Abs(sol.Margin-cert.Margin) > 1e-11*lambdas[0] {
				t.Errorf("tol %g, λ_%d: gap %.6g by x alone, %.6g said; margin %g and %g", tol, k, cert.Gap, sol.Gap, cert.Margin, sol.Margin)
			}
		}
	}
}

func TestPathRefuses(t *testing.T) {
	p := l2otest.Random(rand.New(rand.NewPCG(1, 1)), 5, 6, 0.1)
	for want, call := range map[string]func() ([]l2o.Solution, error){
		"lambdas[1]": func() ([]l2o.Solution, error) { return l2o.Path(l2o.CD{}, p, []float64{1, -1}, l2o.Stop{}) },
		"lambdas[0]": func() ([]l2o.Solution, error) { return l2o.Path(l2o.CD{}, p, []float64{math.NaN()}, l2o.Stop{}) },
		"Stop.Gap":   func() ([]l2o.Solution, error) { return l2o.Path(l2o.CD{}, p, []float64{1}, l2o.Stop{Gap: -1}) },
		"G": func() ([]l2o.Solution, error) {
			return l2o.Path(l2o.CD{}, &l2o.Problem{A: p.A, Y: p.Y, G: prox.Box{Lo: 0, Hi: 1}}, []float64{1}, l2o.Stop{})
		},
	} {
		if _, err := call(); err == nil {
			t.Errorf("%s: no error", want)
		} else if bad, ok := errors.AsType[*l2o.InputError](err); !ok || bad.Arg != want {
			t.Errorf("%s: error %v", want, err)
		}
	}
}
