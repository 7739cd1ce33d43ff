package dln_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/model/dln"
)

// From a pretrained start every saddle and jump satisfies its conditions from the dual sign(start), and the end has the smallest bias
// R(β) = Σ_{j∉S}|β_j| + Σ_{i∈S}(|β_i| − sign(start_i)β_i), by linear programming.
func TestFineTune(t *testing.T) {
	var silent, off int
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 6))
		const d = 16
		n := 5 + rng.IntN(15)
		in := instance{"", gaussian(rng, n, d, 0.2), normals(rng, n)}
		start, up, down := make([]float64, d), constant(d, 1), constant(d, 1)
		for _, i := range rng.Perm(d)[:1+rng.IntN(4)] {
			start[i] = rng.NormFloat64()
			up[i], down[i] = 1-sign(start[i]), 1+sign(start[i])
		}
		p, err := dln.FineTune(in.x, in.y, start)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := certify(in, p, signs(start)); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if switchedOff(p) > 0 {
			off++
		}
		end := make([]float64, d)
		p.Last().Vector(end)
		c, e := interpolation(in)
		reference, err := cheapest(c, e, up, down)
		if err != nil || misfit(c, e, reference) > 1e-9*largest(e) || bias(reference, start) > bias(end, start)+1e-8 {
			silent++
			continue
		}
		if ours, best := bias(end, start), bias(reference, start); ours > best+1e-8*sumAbs(reference) {
			t.Errorf("seed %d: ends at bias %g, the linear program at %g", seed, ours, best)
		}
	}
	t.Logf("300 warm starts certified, %d with deactivations; %d without a verdict of the linear program", off, silent)
	if silent > 10 {
		t.Errorf("%d without a verdict", silent)
	}
}

func bias(beta, start []float64) float64 {
	r := 0.0
	for i, v := range beta {
		r += math.Abs(v) - sign(start[i])*v
	}
	return r
}

func sign(v float64) float64 {
	if v == 0 {
		return 0
	}
	return math.Copysign(1, v)
}

func signs(v []float64) []float64 {
	s := make([]float64, len(v))
	for i, t := range v {
		s[i] = sign(t)
	}
	return s
}

// A start of zeros is no start; a minimiser whose signs are right stays, whatever its values; one that lacks nothing ends at time 0.
func TestFineTuneSpecialCases(t *testing.T) {
	in := twoLarge(rand.New(rand.NewPCG(4, 0)), 5, 7)
	cold, err := dln.Saddles(in.x, in.y)
	if err != nil {
		t.Fatal(err)
	}
	zeros, err := dln.FineTune(in.x, in.y, make([]float64, 7))
	if err != nil || len(zeros.Saddles) != len(cold.Saddles) || zeros.Last().Time != cold.Last().Time {
		t.Errorf("a start of zeros: %v, %d saddles; want %d", err, len(zeros.Saddles), len(cold.Saddles))
	}
	known, err := dln.FineTune(in.x, in.y, []float64{1, 1, 0, 0, 0, 0, 0})
	beta := make([]float64, 7)
	if err != nil || len(known.Saddles) != 1 || known.At(beta, 3) != 0 || gap(beta, []float64{10, 20, 0, 0, 0, 0, 0}) > 1e-12 {
		t.Errorf("the support known: %v, %+v", err, known)
	}
}

// A coordinate of the wrong sign has to travel the dual distance 2: twice the time of one that starts at 0, for one column by hand.
func TestWrongSignTravelsTwice(t *testing.T) {
	rng := rand.New(rand.NewPCG(0, 0))
	in := instance{"", gaussian(rng, 5, 1, 0), normals(rng, 5)}
	cold, err := dln.Saddles(in.x, in.y)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := dln.FineTune(in.x, in.y, []float64{-cold.Last().Values[0]})
	if err != nil || len(wrong.Saddles) != 2 || len(wrong.Saddles[0].Support) != 0 || wrong.Last().Time != 2*cold.Last().Time {
		t.Errorf("%v, %+v; want one jump at %v", err, wrong, 2*cold.Last().Time)
	}
}
