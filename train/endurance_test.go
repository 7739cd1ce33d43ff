package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"unroll/checkpoints"
	"unroll/model/graph"
)

// Readers without a lock load beside a training that saves and prunes at every step, and never fail.
func TestReadersBesideTraining(t *testing.T) {
	wanted := int64(500)
	if *faults {
		wanted = 10000
	}
	r := tiny(t, func(r *Recipe) { r.Steps, r.Every, r.Batch, r.Slice, r.Validate, r.Workers = 1000000, 1, 2, 2, 2, 1 })
	path := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	first, ended := make(chan bool), make(chan error)
	go func() {
		dir, err := OpenFolder(path, r, false)
		if err == nil {
			err = Run(ctx, r, graph.Transformer{Config: r.Model}, dir, watch(func(step int) {
				if step == 1 {
					close(first)
				}
			}))
			dir.Close()
		}
		ended <- err
	}()
	<-first
	var loads, failures atomic.Int64
	newest := 0
	for loads.Load() < wanted {
		found, err := checkpoints.Newest(path)
		if err == nil && (len(found.Skipped) > 0 || found.Step < newest) {
			err = errors.Join(append(found.Skipped, errors.New("an older one than before"))...)
		}
		if err == nil {
			newest = found.Step
			_, err = checkpoints.Open(filepath.Join(path, bestName))
		}
		if loads.Add(2); err != nil {
			failures.Add(1)
			t.Error(err)
		}
	}
	stop()
	if _, ok := errors.AsType[*InterruptedError](<-ended); !ok {
		t.Error("the training did not go on until it was stopped")
	}
	t.Logf("%d loads during %d saves, %d failures", loads.Load(), newest, failures.Load())
}

func TestMemoryIsFlat(t *testing.T) {
	r := tiny(t, func(r *Recipe) { r.Steps, r.Every, r.Batch, r.Slice, r.Validate = 1000, 50, 4, 2, 4 })
	if *faults {
		r.Steps, r.Every = 10000, 500
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // finalizers of the first have run
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early, late uint64
	finish(t, r, t.TempDir(), func(step int) {
		switch step {
		case r.Steps / 10:
			early = heap()
		case r.Steps - 1:
			late = heap()
		}
	})
	t.Logf("heap after %d steps: %d bytes, after %d: %d", r.Steps/10, early, r.Steps-1, late)
	if late > early+64<<10 {
		t.Error("the heap has grown")
	}
}

// A clock that jumps by days between steps changes no bit.
func TestClockJumps(t *testing.T) {
	r := tiny(t, nil)
	whole, best := finish(t, r, t.TempDir(), nil)
	synctest.Test(t, func(t *testing.T) {
		path := t.TempDir()
		dir, err := OpenFolder(path, r, false)
		if err != nil {
			t.Fatal(err)
		}
		null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer null.Close()
		err = Run(t.Context(), r, graph.Transformer{Config: r.Model}, dir, jumping{NewWatch(null, r.Steps)})
		if err = errors.Join(err, dir.Close()); err != nil {
			t.Fatal(err)
		}
		if string(read(t, path, checkpoints.StepName(r.Steps))) != string(whole) || string(read(t, path, bestName)) != string(best) {
			t.Error("other bits under another clock")
		}
	})
}

// jumping is a watch at each of whose steps a week passes.
type jumping struct{ Watch }

func (j jumping) Step(step, steps int, loss float64) {
	j.Watch.Step(step, steps, loss)
	week, cancel := context.WithTimeout(context.Background(), 7*24*time.Hour)
	defer cancel()
	<-week.Done()
}
