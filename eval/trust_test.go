package eval

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
	"unroll/model"
)

// The study on a network that has FISTA's steps: intervals cover as they are asked to, flags rise with noise, every polished estimate is
// certified, and no number depends on the workers.
func TestTrustStudy(t *testing.T) {
	network := flagships(t)[1]
	study := NewTrust(network.Subject)
	study.Calibration, study.Prompts, study.Shifted, study.Polished = 4000, 4000, 500, 20
	study.Workers = 1
	r, err := study.Run(network)
	if err != nil {
		t.Fatal(err)
	}
	overall, least, most, widths := r.coverage()
	// 400 prompts a decile, 360 that calibrate it: a standard deviation of 0.022.
	if math.Abs(overall-.9) > .02 || least < .8 || most > .99 || !(widths > 0 && widths < 1) {
		t.Errorf("coverage %g overall, %g to %g, widths %g", overall, least, most, widths)
	}
	rates := map[string]float64{}
	for _, s := range r.Ledger {
		rates[s.Name] = s.Flagged
	}
	if base := rates["as calibrated"]; math.Abs(base-.25) > .06 || rates["σ = 1"] < base+.1 {
		t.Errorf("%g flagged as calibrated, %g with σ = 1", base, rates["σ = 1"])
	}
	for _, s := range r.Scores {
		if !(s.Caught > 0 && s.Caught <= 1 && s.Rank > 0 && s.Spread >= 1) {
			t.Errorf("score %+v", s)
		}
	}
	if best := r.Scores[len(r.Scores)-1]; math.Abs(best.Caught-caught(by(r.judged, score), study.Flagged)) > 1e-12 {
		t.Errorf("the gate's own score holds %g of the squared error among all scores", best.Caught)
	}
	for _, p := range r.Polish {
		if p.Uncertified != 0 || p.WorstGap > polishGap || p.Unfinished != 0 || !(p.Ratio > 0) {
			t.Errorf("polish %+v", p)
		}
	}
	study.Workers = 3
	again, err := study.Run(network)
	if err != nil {
		t.Fatal(err)
	}
	again.Study.Workers = 1
	if !reflect.DeepEqual(again, r) {
		t.Error("one worker and three found different numbers")
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}

// An interval that is too narrow by a fifth on either side is seen by the deciles.
func TestCoverageSeesNarrowIntervals(t *testing.T) {
	r := TrustResult{}
	for i := range 1000 {
		v := float64(i%10) + 0.5 // errors of 0.5 … 9.5 in every decile
		r.judged = append(r.judged, judgement{model.Verdict{Score: float64(i), Low: 1, High: 9}, v})
	}
	overall, least, most, widths := r.coverage()
	if overall != .8 || least != .8 || most != .8 || widths != 1 {
		t.Errorf("coverage %g, %g to %g, widths %g; want 0.8 and 1", overall, least, most, widths)
	}
}

func TestSpearmanByHand(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4}, []float64{10, 100, 1000, 1e9}, 1},
		{[]float64{1, 2, 3, 4}, []float64{4, 3, 2, 1}, -1},
		{[]float64{1, 2, 3}, []float64{2, 1, 3}, 0.5},                 // 1 − 6·2/(3·8)
		{[]float64{1, 1, 2, 3}, []float64{1, 2, 3, 4}, math.Sqrt(.9)}, // ranks from 1: 1½, 1½, 3, 4; 4.5/√(4.5·5)
	} {
		if got := spearman(c.a, c.b); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%v and %v: %g, want %g", c.a, c.b, got, c.want)
		}
	}
}

// Errors 1, 2, 3, 4, of which the flag takes the last two by score: 9 + 1 of 30.
func TestCaughtByHand(t *testing.T) {
	var all []judgement
	for i, e := range []float64{4, 2, 3, 1} {
		all = append(all, judgement{model.Verdict{Score: float64(i)}, e})
	}
	if got := caught(by(all, score), 0.5); math.Abs(got-10./30) > 1e-15 {
		t.Errorf("%g of the squared error, want 1/3", got)
	}
	if got := caught(by(all, trueError), 0.5); math.Abs(got-25./30) > 1e-15 {
		t.Errorf("%g of the squared error at best, want 5/6", got)
	}
}

// With orthogonal columns one sweep solves the Lasso, and none is needed from the solution.
func TestSweepsByHand(t *testing.T) {
	p := &l2o.Problem{A: &linop.ColMajor{M: 2, N: 2, Data: []float64{2, 0, 0, 4}}, Y: []float64{6, 4}, G: prox.L1{Lambda: 2}}
	for want, x0 := range [][]float64{{2.5, 0.875}, {0, 0}} {
		if got := sweeps(p, x0); got != want {
			t.Errorf("%d sweeps from %v, want %d", got, x0, want)
		}
	}
}

// Every law of the ledger differs from the others and can be drawn from.
func TestShiftsAreDistinct(t *testing.T) {
	for _, s := range []int{1, 2, 3} {
		all := shifts(data.SparseRecovery{D: 8, S: s, N: 4, Values: data.Gaussian, Design: data.Gaussian})
		for i, a := range all {
			if a.law.Validate() != nil || slices.ContainsFunc(all[:i], func(b shiftedLaw) bool { return a.law == b.law && a.magnitude == b.magnitude || a.name == b.name }) {
				t.Errorf("S = %d: %q is no law or one twice", s, a.name)
			}
		}
		if len(all) < 15 {
			t.Errorf("S = %d: %d laws", s, len(all))
		}
	}
}
