package train

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/model"
	"unroll/model/graph"
)

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

// watch calls a function after every step, whose record is saved by then.
type watch func(step int)

func (w watch) Step(step, steps int, loss float64) {
	if w != nil {
		w(step)
	}
}
func (w watch) Line(History) {}

// finish runs a recipe to its end in a folder and returns the bytes of its two checkpoints.
func finish(t *testing.T, r Recipe, path string, w watch) (last, best []byte) {
	t.Helper()
	dir, err := OpenFolder(path, r, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := Run(r, graph.Transformer{Config: r.Model}, dir, w); err != nil {
		t.Fatal(err)
	}
	return read(t, path, lastName), read(t, path, bestName)
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
		dir, err := OpenFolder(cutOff, r, false)
		if err != nil {
			t.Fatal(err)
		}
		if dir.Step() != cut-1 {
			t.Fatalf("cut at %d: the folder stands at step %d, want %d", cut, dir.Step(), cut-1)
		}
		l, b := finish(t, r, cutOff, nil)
		if !bytes.Equal(l, whole) || !bytes.Equal(b, best) {
			t.Errorf("cut at %d: other bits than the run that was never cut", cut)
		}
	}
}

func TestTrainingLowersTheLoss(t *testing.T) {
	r := tiny(t, func(r *Recipe) { r.Steps, r.Every, r.LR = 150, 75, 2e-3 })
	path := t.TempDir()
	finish(t, r, path, nil)
	dir, err := OpenFolder(path, r, false)
	if err != nil {
		t.Fatal(err)
	}
	h := dir.state().History
	if first, last := h[0].Validation, h[len(h)-1].Validation; last > 0.9*first {
		t.Errorf("validation error %v after %d steps, %v before", last, r.Steps, first)
	}
}

func TestDivergenceIsAnError(t *testing.T) {
	r := tiny(t, func(r *Recipe) {
		r.LR, r.Clip, r.Warmup, r.Steps, r.Model.Saturate, r.Model.K = 1, 1e30, 0, 200, 0, 12
	})
	dir, err := OpenFolder(t.TempDir(), r, false)
	if err != nil {
		t.Fatal(err)
	}
	err = Run(r, graph.Transformer{Config: r.Model}, dir, watch(nil))
	if err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Errorf("a run with lr=1 and no bounds ended with %v", err)
	}
}
