package train

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/model"
	"unroll/model/graph"
)

var faults = flag.Bool("faults", false, "kill, cut and fill disks as often as the project promises to survive; a minute on two cores")

// tiny is a recipe of a fraction of a second with several slices a batch.
func tiny(t *testing.T, change func(*Recipe)) Recipe {
	t.Helper()
	r := random()
	r.Data.D, r.Data.S, r.Data.N, r.Model.K = 5, 2, 4, 3
	r.Steps, r.Batch, r.Slice, r.Every, r.Validate, r.Warmup, r.Workers = 12, 24, 4, 5, 48, 3, 2
	if change != nil {
		change(&r)
	}
	r, err := r.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// hardy is a recipe of a fraction of a second that saves a dozen times.
func hardy(workers int) Recipe {
	r := random()
	r.Data = data.SparseRecovery{D: 5, S: 2, N: 4, Values: data.Gaussian, Design: data.Gaussian}
	r.Model.K, r.Workers = 2, workers
	r.Steps, r.Batch, r.Slice, r.Every, r.Validate, r.Warmup = 120, 8, 2, 10, 8, 3
	r, err := r.Resolve()
	if err != nil {
		panic(err)
	}
	return r
}

// watch calls a function after every step, whose record is saved by then.
type watch func(step int)

func (w watch) Step(step, steps int, loss float64) {
	if w != nil {
		w(step)
	}
}
func (w watch) Line(History) {}
func (w watch) Event(Event)  {}

// finish runs a recipe to its end in a folder and returns the bytes of its last checkpoint and its best.
func finish(t *testing.T, r Recipe, path string, w watch) (last, best []byte) {
	t.Helper()
	dir, err := OpenFolder(path, r, false)
	if err == nil {
		err = errors.Join(Run(t.Context(), r, graph.Transformer{Config: r.Model}, dir, w), dir.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return read(t, path, checkpoints.StepName(r.Steps)), read(t, path, bestName)
}

// reopen looks at a folder and gives its lock back.
func reopen(t *testing.T, r Recipe, path string, fresh bool) *Folder {
	t.Helper()
	dir, err := OpenFolder(path, r, fresh)
	if err == nil {
		err = dir.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// A stopper is a watch that stops the run after so many batches.
type stopper struct {
	left int
	stop func()
}

func (s *stopper) batch() {
	if s.left--; s.left == 0 {
		s.stop()
	}
}
func (s *stopper) Step(step, steps int, loss float64) { s.batch() }
func (s *stopper) Line(History)                       {}
func (s *stopper) Event(e Event) {
	if e.Event == skipped {
		s.batch()
	}
}

// stopAfter interrupts a run after so many batches.
func stopAfter(t *testing.T, r Recipe, l Learner, path string, batches int) {
	t.Helper()
	dir, err := OpenFolder(path, r, false)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	err = Run(ctx, r, l, dir, &stopper{batches, stop})
	if _, ok := errors.AsType[*InterruptedError](err); !ok {
		t.Fatalf("the run ended with %v", err)
	}
}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSameRecipeSameBits(t *testing.T) {
	for _, precision := range []string{model.Float32, model.Float64} {
		set := func(workers int, seed uint64) Recipe {
			return tiny(t, func(r *Recipe) { r.Workers, r.Seed, r.Model.Precision = workers, seed, precision })
		}
		last, best := finish(t, set(1, 1), t.TempDir(), nil)
		for _, workers := range []int{1, 2, 5, 8} {
			l, b := finish(t, set(workers, 1), t.TempDir(), nil)
			if !bytes.Equal(l, last) || !bytes.Equal(b, best) {
				t.Errorf("%s: %d workers gave other bits than one", precision, workers)
			}
		}
		if l, _ := finish(t, set(1, 2), t.TempDir(), nil); bytes.Equal(l, last) {
			t.Errorf("%s: another seed gave the same bits", precision)
		}
	}
}

// A run that is cut after a save and gone on with ends at the bits of one that never was.
func TestResumedRunHasTheSameBits(t *testing.T) {
	r := tiny(t, nil)
	whole, best := finish(t, r, t.TempDir(), nil)
	for _, cut := range []int{6, 11} { // just after the saves at 5 and 10
		running, cutOff := t.TempDir(), t.TempDir()
		finish(t, r, running, func(step int) {
			if step == cut {
				if err := os.CopyFS(cutOff, os.DirFS(running)); err != nil {
					t.Fatal(err)
				}
			}
		})
		dir := reopen(t, r, cutOff, false)
		if dir.Step() != cut-1 {
			t.Fatalf("cut at %d: the folder stands at step %d, want %d", cut, dir.Step(), cut-1)
		}
		l, b := finish(t, r, cutOff, nil)
		if !bytes.Equal(l, whole) || !bytes.Equal(b, best) {
			t.Errorf("cut at %d: other bits than the run that was never cut", cut)
		}
	}
}

// The record's loss is the mean over the updates since the line before, also where the run was interrupted between two lines.
func TestRecordedLossIsTheMean(t *testing.T) {
	r, path := tiny(t, nil), t.TempDir() // lines at 5, 10, 12
	stopAfter(t, r, graph.Transformer{Config: r.Model}, path, 2)
	losses := losses{at: map[int]float64{}}
	dir, err := OpenFolder(path, r, false)
	if err == nil {
		err = errors.Join(Run(t.Context(), r, graph.Transformer{Config: r.Model}, dir, &losses), dir.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	history := reopen(t, r, path, false).state().History
	for line, steps := range [][]int{2: {6, 7, 8, 9, 10}, 3: {11, 12}} {
		mean := 0.0
		for _, step := range steps {
			mean += losses.at[step] / float64(len(steps))
		}
		if len(steps) > 0 && math.Abs(history[line].Loss-mean) > 1e-12*mean {
			t.Errorf("line %d has the loss %v, want the mean %v", line, history[line].Loss, mean)
		}
	}
	whole := t.TempDir()
	finish(t, r, whole, nil)
	if want := reopen(t, r, whole, false).state().History[1].Loss; history[1].Loss != want {
		t.Errorf("the line after the interruption has the loss %v, want %v", history[1].Loss, want)
	}
}

// losses is a watch that keeps the loss of every step.
type losses struct {
	watch
	at map[int]float64
}

func (l *losses) Step(step, steps int, loss float64) {
	l.at[step] = loss
}

func TestTrainingLowersTheLoss(t *testing.T) {
	r := tiny(t, func(r *Recipe) { r.Steps, r.Every, r.LR = 150, 75, 2e-3 })
	path := t.TempDir()
	finish(t, r, path, nil)
	h := reopen(t, r, path, false).state().History
	if first, last := h[0].Validation, h[len(h)-1].Validation; last > 0.9*first {
		t.Errorf("validation error %v after %d steps, %v before", last, r.Steps, first)
	}
}
