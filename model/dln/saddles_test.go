package dln_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"unroll/l2o/linop"
	"unroll/model/dln"
)

// A verdict is the comparison of a path's end with the minimiser of smallest ‖·‖₁ by linear programming.
type verdict struct {
	path     *dln.Path
	flagged  bool   // ambiguous
	singular bool   // and without an end
	lp       string // why the linear program is no judge; empty if it is
}

// judge runs Saddles, certifies the path and compares its end. A failure is ours, never the linear program's: if that has an error, is
// not feasible or is longer than our feasible end, which proves it wrong, the verdict says so.
func judge(in instance) (verdict, error) {
	p, err := dln.Saddles(in.x, in.y)
	doubt, ambiguous := errors.AsType[*dln.AmbiguityError](err)
	v := verdict{path: p, flagged: ambiguous}
	if err != nil && !ambiguous {
		return v, err
	}
	if ambiguous && doubt.Singular {
		v.singular = true
		return v, nil
	}
	if err := certify(in, p, make([]float64, p.D)); err != nil {
		return v, err
	}
	end := make([]float64, p.D)
	p.Last().Vector(end)
	c, e := interpolation(in)
	if worst := misfit(c, e, end); worst > 1e-9*(largest(e)+1e-300) {
		return v, fmt.Errorf("the end misses the minimisers of L by %g", worst)
	}
	ones := constant(p.D, 1)
	reference, err := cheapest(c, e, ones, ones)
	ours := sumAbs(end)
	switch {
	case err != nil:
		v.lp = err.Error()
	case misfit(c, e, reference) > 1e-9*largest(e):
		v.lp = "not feasible"
	case sumAbs(reference) > ours*(1+1e-8):
		v.lp = "longer than a feasible point"
	case sumAbs(reference) < ours*(1-1e-8):
		return v, fmt.Errorf("ends at ‖β‖₁ = %g, the linear program at %g", ours, sumAbs(reference))
	case !ambiguous && gap(end, reference) > 1e-8*largest(reference):
		return v, fmt.Errorf("ends %g away from the linear program", gap(end, reference))
	}
	return v, nil
}

// shapes are n < d, n = d and n > d.
var shapes = [][2]int{{3, 9}, {5, 7}, {8, 20}, {12, 40}, {6, 6}, {10, 10}, {9, 6}, {30, 12}}

// A thousand random instances: certificates of every saddle and jump, the end by linear programming or least squares.
func TestThousandInstances(t *testing.T) {
	var judged, off, silent int
	for seed := range uint64(1000) {
		rng := rand.New(rand.NewPCG(seed, 9))
		shape := shapes[seed%uint64(len(shapes))]
		rho := []float64{0, 0.9}[seed/uint64(len(shapes))%2]
		in := instance{fmt.Sprintf("seed %d, %d×%d, rho %g", seed, shape[0], shape[1], rho), gaussian(rng, shape[0], shape[1], rho), normals(rng, shape[0])}
		v, err := judge(in)
		if err != nil || v.flagged {
			t.Fatalf("%s: %v, ambiguous %v", in.name, err, v.flagged)
		}
		judged++
		if switchedOff(v.path) > 0 {
			off++
		}
		if v.lp != "" {
			silent++
			t.Logf("%s: no verdict of the linear program: %s", in.name, v.lp)
		}
	}
	t.Logf("%d instances certified, %d with deactivations; %d without a verdict of the linear program", judged, off, silent)
	if off < 100 || silent > 20 {
		t.Errorf("%d instances with deactivations, %d without a verdict", off, silent)
	}
}

// Sizes at which the factor is updated hundreds of times, and correlations that make it ill-conditioned.
func TestLongPaths(t *testing.T) {
	for _, c := range []struct {
		n, d int
		rho  float64
	}{{100, 500, 0}, {100, 500, 0.9}, {60, 120, 0.99}, {200, 80, 0.99}} {
		rng := rand.New(rand.NewPCG(uint64(c.n), uint64(c.d)))
		in := instance{"", gaussian(rng, c.n, c.d, c.rho), normals(rng, c.n)}
		p, err := dln.Saddles(in.x, in.y)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if err := certify(in, p, make([]float64, c.d)); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		t.Logf("%+v: %d jumps, %d switched off", c, len(p.Saddles)-1, switchedOff(p))
	}
}

// The law of the paper's figure, whose instances switch coordinates off.
func TestTwoLargeCoefficients(t *testing.T) {
	var off, changes, silent int
	for seed := range uint64(1000) {
		in := twoLarge(rand.New(rand.NewPCG(seed, 7)), 5, 7)
		v, err := judge(in)
		if err != nil || v.flagged {
			t.Fatalf("seed %d: %v, ambiguous %v", seed, err, v.flagged)
		}
		if n := switchedOff(v.path); n > 0 {
			off++
			changes += n
		}
		if v.lp != "" {
			silent++
		}
	}
	t.Logf("%d of 1000 instances switch coordinates off, %d times in all; %d without a verdict of the linear program", off, changes, silent)
	if off < 300 || silent > 50 {
		t.Errorf("%d instances with deactivations, %d without a verdict", off, silent)
	}
}

// Small integers tie and are rank-deficient: where the run flags that, the end is still as short as any.
func TestIntegerInstances(t *testing.T) {
	var flagged, singular, silent, skipped int
	for seed := range uint64(1000) {
		rng := rand.New(rand.NewPCG(seed, 5))
		n, d := 3+rng.IntN(6), 3+rng.IntN(10)
		in := instance{"", &linop.Dense{M: n, N: d, Data: make([]float64, n*d)}, make([]float64, n)}
		for _, v := range [][]float64{in.x.Data, in.y} {
			for i := range v {
				v[i] = float64(rng.IntN(7) - 3)
			}
		}
		v, err := judge(in)
		if _, input := errors.AsType[*dln.InputError](err); input {
			skipped++ // y is orthogonal to every column
			continue
		}
		if err != nil {
			t.Errorf("seed %d, %d×%d: %v", seed, n, d, err)
		}
		if v.flagged {
			flagged++
		}
		if v.singular {
			singular++
		}
		if v.lp != "" {
			silent++
		}
	}
	t.Logf("of 1000 integer instances %d flagged ambiguous (%d of them singular), %d without a jump, %d without a verdict of the linear program",
		flagged, singular, skipped, silent)
	if flagged == 0 || flagged > 900 || singular > 0 {
		t.Errorf("%d flagged, %d singular", flagged, singular)
	}
}
