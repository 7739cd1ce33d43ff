package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/model"
	"unroll/model/graph"
)

// A toxic learner estimates β by inᵀW, (1, 3) times (3, 2), and some of its prompts are poisoned:
//
//	input     in = (NaN, 0, 0)        everything is NaN
//	gradient  in = (1, 0, 3·10³⁸)     the last row of W is 0, so the estimate is fine; the gradient's norm overflows a float32
//	loss      in = (0.1, 0.1, 0)      the second row is 2·10²⁰, so the squared error overflows; the gradient does not
//
// Any other prompt has in = (1, 0, 0).
type toxic struct {
	poison string
	bad    map[float64]bool // prompts by the first number of their y
}

func (toxic) Init(uint64) []checkpoints.Param {
	return []checkpoints.Param{{Name: "w", Shape: []int{3, 2}, F32: []float32{0, 0, 2e20, 2e20, 0, 0}}}
}
func (toxic) InputSize(n int) int { return 3 }
func (l toxic) Input(dst, x, y, query []float64) {
	copy(dst, []float64{1, 0, 0})
	if l.bad[y[0]] {
		in := map[string][]float64{"input": {math.NaN()}, "gradient": {1, 0, 3e38}, "loss": {0.1, 0.1}}
		copy(dst, in[l.poison])
	}
}
func (toxic) Graph(w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error) {
	beta, err := gorgonia.Mul(in, w[0]) // (B, 2)
	return gorgonia.Nodes{beta}, err
}

// poisoned is a short recipe of the toxic learner whose batches are bad from one to another.
func poisoned(t *testing.T, poison string, from, to int) (Recipe, toxic) {
	r := tiny(t, func(r *Recipe) {
		r.Data.D, r.Data.S, r.Data.N, r.Steps, r.Every, r.Batch, r.Slice, r.Validate = 2, 1, 1, 40, 10, 4, 2, 4
		r.Model.Precision = model.Float32
	})
	l := toxic{poison, map[float64]bool{}}
	for c := from; c < to; c++ {
		b := r.Data.Draw(r.Seed, data.Train, uint64(c*r.Batch), r.Batch)
		l.bad[b.At(c % r.Batch).Y[0]] = true
	}
	return r, l
}

// outcome is what a run of the toxic learner leaves.
func outcome(t *testing.T, r Recipe, l Learner, path string) (State, string, error) {
	t.Helper()
	dir, err := OpenFolder(path, r, false)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	err = Run(t.Context(), r, l, dir, watch(nil))
	found, e := checkpoints.Newest(path)
	if e != nil {
		t.Fatal(e)
	}
	var s State
	if e := json.Unmarshal(found.File.State, &s); e != nil {
		t.Fatal(e)
	}
	for _, p := range found.File.Params {
		for _, v := range p.F32 {
			if !finite(float64(v)) {
				t.Errorf("%s holds %v", p.Name, v)
			}
		}
	}
	return s, string(read(t, path, metricsName)), err
}

// One poisoned batch is skipped, counted and in the record; the run makes all its updates.
func TestPoisonedBatchIsSkipped(t *testing.T) {
	for _, poison := range []string{"input", "gradient", "loss"} {
		r, l := poisoned(t, poison, 14, 15)
		s, metrics, err := outcome(t, r, l, t.TempDir())
		if err != nil || s.Step != 40 || s.Batches != 41 || s.Skipped != 1 || s.Rollbacks != 0 || len(s.Events) != 1 || s.Events[0].Step != 14 {
			t.Errorf("%s: state %+v, %v", poison, s, err)
		}
		lines := strings.Split(strings.TrimSpace(metrics), "\n")
		if len(lines) != 6 || !strings.HasPrefix(lines[2], `{"event":"skipped","step":14,"batches":15,"loss":`) {
			t.Errorf("%s: metrics %s", poison, metrics)
		}
		want := map[string]string{"input": `"loss":"NaN","norm":"NaN"`, "gradient": `,"norm":"+Inf"`, "loss": `"loss":"+Inf","norm":`}[poison]
		if !strings.Contains(lines[2], want) || poison != "input" && strings.Count(lines[2], "Inf") != 1 {
			t.Errorf("%s: the event is %s, want %s", poison, lines[2], want)
		}
	}
}

// Bad batches that are not in a row are skipped, however many.
func TestSkipsApart(t *testing.T) {
	r, l := poisoned(t, "input", 0, 0)
	for c := 5; c < 5+4*maxSkips; c += 2 {
		b := r.Data.Draw(r.Seed, data.Train, uint64(c*r.Batch), r.Batch)
		l.bad[b.At(1).Y[0]] = true
	}
	s, _, err := outcome(t, r, l, t.TempDir())
	if err != nil || s.Step != 40 || s.Skipped != 2*maxSkips || s.InRow != 0 || s.Rollbacks != 0 {
		t.Errorf("state %+v, %v", s, err)
	}
}

// The moments and weights after the skipped batch are those before it, to the bit.
func TestSkippedBatchTouchesNothing(t *testing.T) {
	for _, poison := range []string{"input", "gradient", "loss"} {
		r, l := poisoned(t, poison, 3, 4)
		params := l.Init(0)
		tr, err := newTrainer(r.job(l), params, valuesOf[float32])
		if err != nil {
			t.Fatal(err)
		}
		defer tr.close()
		for n := range 3 {
			if loss, norm, err := tr.step(n, n); err != nil || !finite(loss) || !finite(norm) {
				t.Fatalf("%s: batch %d: loss %v, norm %v, %v", poison, n, loss, norm, err)
			}
		}
		before := fmt.Sprint(tr.arrays(true))
		if loss, norm, err := tr.step(3, 3); err != nil || finite(loss) && finite(norm) {
			t.Errorf("%s: loss %v, norm %v, %v", poison, loss, norm, err)
		}
		if after := fmt.Sprint(tr.arrays(true)); after != before {
			t.Errorf("%s: weights or moments have changed", poison)
		}
	}
}

// A stretch of bad batches is left behind by going back to the last record; the same happens in every run, and in one that is stopped
// and resumed in the middle of it.
func TestRollback(t *testing.T) {
	for _, poison := range []string{"input", "gradient", "loss"} {
		r, l := poisoned(t, poison, 14, 14+maxSkips+3)
		first := t.TempDir()
		s, metrics, err := outcome(t, r, l, first)
		if err != nil || s.Step != 40 || s.Skipped != maxSkips+3 || s.Rollbacks != 1 || s.Batches != 40+4+maxSkips+3 {
			t.Errorf("%s: state %+v, %v", poison, s, err)
		}
		layer := map[string]string{"input": `,"layer":1`, "loss": `,"layer":1`}[poison] // the gradient alone is of no layer
		if !strings.Contains(metrics, `{"event":"rolled back","step":14,"batches":24,"to":10`+layer+`}`) {
			t.Errorf("%s: metrics %s", poison, metrics)
		}
		for _, workers := range []int{1, 3} {
			r.Workers = workers
			again := t.TempDir()
			outcome(t, r, l, again)
			if !bytes.Equal(read(t, again, checkpoints.StepName(40)), read(t, first, checkpoints.StepName(40))) {
				t.Errorf("%s: the second run has other bits", poison)
			}
		}
		for _, batches := range [][]int{{12}, {19, 1}, {24}, {26}, {30}} { // of them, each life draws so many
			stopped := t.TempDir()
			for _, n := range batches {
				stopAfter(t, r, l, stopped, n)
			}
			outcome(t, r, l, stopped)
			for _, name := range []string{checkpoints.StepName(40), bestName, metricsName} {
				if !bytes.Equal(read(t, stopped, name), read(t, first, name)) {
					t.Errorf("%s: stopped after %v batches, %s has other bits", poison, batches, name)
				}
			}
		}
	}
}

// The checkpoint of the last record is there to go back to, however often the run is interrupted after it, and be it not the best.
func TestRollbackAfterInterruptions(t *testing.T) {
	r, l := poisoned(t, "input", 14, 14+maxSkips)
	r.LR, r.Clip, r.Validate = 1, 1e3, 400 // W = 0 is about the best there is
	whole, stopped := t.TempDir(), t.TempDir()
	if s, _, err := outcome(t, r, l, whole); err != nil || s.Rollbacks != 1 {
		t.Fatalf("state %+v, %v", s, err)
	}
	for _, n := range []int{11, 1, 1} {
		stopAfter(t, r, l, stopped, n)
	}
	if at := reopen(t, r, stopped, false).state().BestAt; at == 10 {
		t.Fatal("the record of step 10 is the best: the test wants a recipe that gets worse")
	}
	outcome(t, r, l, stopped)
	if !bytes.Equal(read(t, stopped, checkpoints.StepName(40)), read(t, whole, checkpoints.StepName(40))) {
		t.Error("other bits")
	}
}

// A run that is stopped among bad batches right after a record counts those that come after going back from none, as one that was not stopped.
func TestRollbackCountsAnew(t *testing.T) {
	r, l := poisoned(t, "input", 10, 10+maxSkips+8)
	whole, stopped := t.TempDir(), t.TempDir()
	if s, _, err := outcome(t, r, l, whole); err != nil || s.Rollbacks != 1 {
		t.Fatalf("state %+v, %v", s, err)
	}
	stopAfter(t, r, l, stopped, 13)
	outcome(t, r, l, stopped)
	for _, name := range []string{checkpoints.StepName(40), metricsName} {
		if !bytes.Equal(read(t, stopped, name), read(t, whole, name)) {
			t.Errorf("%s has other bits", name)
		}
	}
}

// A validation error that is not finite sends the run back, and ends one that has nowhere to go back to.
func TestValidationNotFinite(t *testing.T) {
	validation := func(from, to int) (Recipe, *aging) {
		r, l := poisoned(t, "input", 0, 0)
		b := r.Data.Draw(r.Seed, data.Validation, 0, r.Batch)
		l.bad[b.At(2).Y[0]] = true
		r.Workers = 1
		return r, &aging{toxic: l, from: from, to: to}
	}
	r, l := validation(88, 92) // the prompts of the record of step 20, after those of 20 batches of 4 and two records
	s, metrics, err := outcome(t, r, l, t.TempDir())
	if err != nil || s.Step != 40 || s.Batches != 50 || s.Rollbacks != 1 || s.Skipped != 0 {
		t.Errorf("state %+v, %v", s, err)
	}
	if !strings.Contains(metrics, `{"event":"rolled back","step":20,"batches":20,"to":10,"validation":"NaN","layer":1}`) {
		t.Errorf("metrics %s", metrics)
	}
	r, l = validation(0, 4)
	dir, err := OpenFolder(t.TempDir(), r, false)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	err = Run(t.Context(), r, l, dir, watch(nil))
	if _, ok := err.(*DivergenceError); !ok || dir.Step() != 0 {
		t.Errorf("a start that is not finite: %v", err)
	}
}

// An aging learner's poison works from one prompt to another, counted over its life.
type aging struct {
	toxic
	from, to, prompts int
}

func (l *aging) Input(dst, x, y, query []float64) {
	copy(dst, []float64{1, 0, 0})
	if l.prompts >= l.from && l.prompts < l.to {
		l.toxic.Input(dst, x, y, query)
	}
	l.prompts++
}

// A run that meets bad batches only ends with an error that says so, every time.
func TestDivergenceIsAnError(t *testing.T) {
	for _, poison := range []string{"input", "gradient", "loss"} {
		r, l := poisoned(t, poison, 14, 100)
		path := filepath.Join(t.TempDir(), "run")
		s, _, err := outcome(t, r, l, path)
		from := map[string]string{"input": ", from layer 1 on", "loss": ", from layer 1 on"}[poison]
		want := "train: diverged at step 10: rolled back from step 10 to 10: 10 batches skipped in a row" + from + "; the last good checkpoint is " +
			filepath.Join(path, checkpoints.StepName(10)) + "; after 3 rollbacks the run ends: try a smaller lr than 0.003"
		if d, ok := err.(*DivergenceError); !ok || d.Last.Event != rolledBack || err.Error() != want {
			t.Errorf("%s: error %v", poison, err)
		}
		if s.Step != 10 {
			t.Errorf("%s: the folder stands at %d, want the last good step, 10", poison, s.Step)
		}
		if _, _, again := outcome(t, r, l, path); again == nil || again.Error() != err.Error() {
			t.Errorf("%s: the second time the run ends with %v, the first time with %v", poison, again, err)
		}
	}
	r := tiny(t, func(r *Recipe) {
		r.LR, r.Clip, r.Warmup, r.Steps, r.Model.Saturate, r.Model.K = 1, 1e30, 0, 200, 0, 12
	})
	dir, err := OpenFolder(t.TempDir(), r, false)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	err = Run(t.Context(), r, graph.Transformer{Config: r.Model}, dir, watch(nil))
	if _, ok := err.(*DivergenceError); !ok {
		t.Errorf("a run with lr=1 and no bounds ended with %v", err)
	}
}

func TestNumbersInJSON(t *testing.T) {
	for text, v := range map[string]float64{`"NaN"`: math.NaN(), `"+Inf"`: math.Inf(1), `"-Inf"`: math.Inf(-1), "0.1": 0.1, "-0": math.Copysign(0, -1)} {
		b, err := json.Marshal(Number(v))
		if err != nil || string(b) != text {
			t.Errorf("%v is %s in JSON, want %s (%v)", v, b, text, err)
		}
		var back Number
		if err := json.Unmarshal(b, &back); err != nil || math.Float64bits(float64(back)) != math.Float64bits(v) && v == v || v != v && back == back {
			t.Errorf("%s reads as %v, %v", text, back, err)
		}
	}
	var n Number
	if err := json.Unmarshal([]byte(`"many"`), &n); err == nil {
		t.Error("a text that is no number was read")
	}
}
