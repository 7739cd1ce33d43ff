//go:build unix

package train

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"unroll/checkpoints"
	"unroll/model/graph"
)

// Trainings are killed at random moments, over and over until they end: in their first milliseconds, between steps, within a step or a
// save. The files they leave are those of the run that nobody killed, and no kill costs more than the steps since the last save.
func TestKilledAtRandomMoments(t *testing.T) {
	wanted := 8
	if *faults {
		wanted = 150
	}
	want, r := golden(t), rand.New(rand.NewPCG(1, 2))
	runs, kills, steps, after, resumed := 0, 0, 0, 0, 0
	for kills < wanted {
		folder := filepath.Join(scratch(t), "run")
		saved, killsOfRun, stepsOfRun := -1, 0, 0
		for {
			l := randomLife(t, folder, r)
			stepsOfRun += l.steps
			if saved > 0 && l.started {
				if after++; l.from > 0 {
					resumed++
				}
			}
			if l.started && l.from < saved {
				t.Fatalf("resumed step %d, but %d was saved", l.from, saved)
			}
			if l.err == nil {
				break
			}
			if l.err.Error() != "signal: killed" {
				t.Fatalf("a life ended with %v: %s", l.err, l.stderr)
			}
			killsOfRun++
			saved = max(saved, l.saved(hardy(1).Every))
		}
		sameFiles(t, folder, want)
		if most := 120 + hardy(1).Every*killsOfRun; stepsOfRun > most {
			t.Errorf("%d steps over %d kills, at most %d were needed", stepsOfRun, killsOfRun, most)
		}
		runs, kills, steps = runs+1, kills+killsOfRun, steps+stepsOfRun
	}
	t.Logf("%d kills over %d runs: every file as golden; %d steps for %d; %d of %d lives after a save resumed past step 0",
		kills, runs, steps, 120*runs, resumed, after)
	if resumed < after*9/10 {
		t.Error("fewer than nine in ten resumed")
	}
}

// randomLife is a child that is killed after a random number of steps and a few milliseconds more, or soon after its start, or not.
func randomLife(t *testing.T, folder string, r *rand.Rand) life {
	t.Helper()
	pause := func(length time.Duration, done context.Context) {
		ctx, cancel := context.WithTimeout(done, length)
		defer cancel()
		<-ctx.Done()
	}
	at, workers := 1+r.IntN(60), 1+r.IntN(3)
	early, late := time.Duration(r.Int64N(int64(50*time.Millisecond))), time.Duration(r.Int64N(int64(2*time.Millisecond)))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if r.IntN(8) == 0 {
		go func() {
			pause(early, ctx)
			cancel()
		}()
	}
	return live(t, ctx, folder, []string{fmt.Sprintf("%s=%d", childWorkers, workers)}, func(made int, kill func()) {
		if made == at {
			pause(late, ctx)
			kill()
		}
	})
}

// A training kills itself before each operation of its saves, the first ones and some later on, and then goes on to the golden files.
func TestKilledAtEveryOperation(t *testing.T) {
	want, kills, stride := golden(t), 0, 13
	if *faults {
		stride = 1
	}
	for at := 1; ; at += stride {
		folder := filepath.Join(scratch(t), "run")
		l := live(t, t.Context(), folder, []string{fmt.Sprintf("%s=%d", childKillAt, at)}, watchNothing)
		if l.err == nil || at > operationsOf(5) {
			break
		}
		if l.err.Error() != "signal: killed" {
			t.Fatalf("operation %d: %v: %s", at, l.err, l.stderr)
		}
		if next := ends(t, folder, want, 2); next.from < l.saved(10) {
			t.Errorf("operation %d: resumed step %d, but %d was saved", at, next.from, l.saved(10))
		}
		kills++
	}
	t.Logf("killed before %d operations in a row, of the run's beginning and its first saves: every file as golden", kills)
}

// operationsOf is how many operations a run makes about until so many saves are done: a record takes three files of seven operations
// and a removal.
func operationsOf(saves int) int { return 12 + 23*saves }

// operations counts those of a run without interruption.
func operations(t *testing.T) int {
	t.Helper()
	disk, r := &tripwire{}, hardy(1)
	dir, err := openFolder(disk, filepath.Join(scratch(t), "run"), r, false)
	if err == nil {
		err = errors.Join(Run(t.Context(), r, graph.Transformer{Config: r.Model}, dir, watch(nil)), dir.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return disk.count
}

// Each operation of a training's first saves and of its last one fails once: the run ends with the cause and the file's name, and the
// next one goes on to the golden files. This one is in the process, so that no machine skips it.
func TestTrainingOnFailingDisk(t *testing.T) {
	want, count, stride, all := golden(t), 0, 9, operations(t)
	if *faults {
		stride = 1
	}
	var moments []int
	for at := 1; at < operationsOf(4); at += stride {
		moments = append(moments, at)
	}
	for at := all - 60; at <= all; at += (stride + 2) / 3 { // the last record and the exports
		moments = append(moments, at)
	}
	causes := []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EDQUOT}
	for _, at := range moments {
		cause := causes[count%4]
		folder, r := filepath.Join(scratch(t), "run"), hardy(1)
		disk := &tripwire{at: at, trip: func() error { return cause }}
		dir, err := openFolder(disk, folder, r, false)
		if err == nil {
			err = Run(t.Context(), r, graph.Transformer{Config: r.Model}, dir, watch(nil))
			dir.Close()
		}
		if err == nil || !strings.Contains(err.Error(), cause.Error()) || !strings.Contains(err.Error(), folder) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("operation %d: error %v, want %v in one line with the folder", at, err, cause)
		}
		if _, err := checkpoints.Newest(folder); err != nil && at > operationsOf(1) {
			t.Errorf("operation %d: nothing loads: %v", at, err)
		}
		finish(t, r, folder, nil)
		sameFiles(t, folder, want)
		count++
	}
	t.Logf("%d failures, each resumed to the golden files", count)
}
