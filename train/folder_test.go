package train

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/model/graph"
)

// A run that is told to stop between two saves, twice in a row, ends at the bits of one that was not.
func TestInterruptedRunHasTheSameBits(t *testing.T) {
	r := tiny(t, nil)
	whole, best := finish(t, r, t.TempDir(), nil)
	for _, batches := range []int{1, 5, 7, 10} {
		path := t.TempDir()
		stopAfter(t, r, graph.Transformer{Config: r.Model}, path, batches)
		if at := reopen(t, r, path, false).Step(); at != batches {
			t.Errorf("stopped after %d steps, the folder stands at %d", batches, at)
		}
		stopAfter(t, r, graph.Transformer{Config: r.Model}, path, 1)
		l, b := finish(t, r, path, nil)
		if string(l) != string(whole) || string(b) != string(best) {
			t.Errorf("stopped after %d steps: other bits", batches)
		}
	}
}

// A newest checkpoint that is damaged is passed over by name, and the run ends at the golden bits; so does one whose best.gob is damaged.
func TestDamagedFiles(t *testing.T) {
	r := tiny(t, nil)
	whole, best := finish(t, r, t.TempDir(), nil)
	damage := func(path ...string) {
		name := filepath.Join(path...)
		data := read(t, name)
		data[len(data)/2] ^= 1
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, from := range map[string]int{checkpoints.StepName(11): 10, bestName: 11} {
		path := t.TempDir()
		stopAfter(t, r, graph.Transformer{Config: r.Model}, path, 11)
		damage(path, name)
		dir := reopen(t, r, path, false)
		if warnings := strings.Join(dir.Warnings(), "\n"); dir.Step() != from || strings.Contains(warnings, name) == (name == bestName) {
			t.Errorf("%s damaged: resumes at %d with the warnings %q", name, dir.Step(), warnings)
		}
		if l, b := finish(t, r, path, nil); string(l) != string(whole) || string(b) != string(best) {
			t.Errorf("%s damaged: other bits", name)
		}
		damage(path, bestName) // of the finished run
		if l, b := finish(t, r, path, nil); string(l) != string(whole) || string(b) != string(best) {
			t.Errorf("%s damaged after the end: other bits", bestName)
		}
	}
	path := t.TempDir()
	finish(t, r, path, nil)
	for _, step := range []int{10, 12} {
		damage(path, checkpoints.StepName(step))
	}
	if _, err := OpenFolder(path, r, false); err == nil || !strings.Contains(err.Error(), checkpoints.StepName(10)) || !strings.Contains(err.Error(), checkpoints.StepName(12)) {
		t.Errorf("no checkpoint verifies: %v", err)
	}
}

// A recipe is itself again in the checkpoint, whatever JSON makes of the letters of a path.
func TestRecipeWithMarkup(t *testing.T) {
	start, path := filepath.Join(t.TempDir(), "a&b<c>.gob"), t.TempDir()
	r := tiny(t, nil)
	if err := checkpoints.Save(start, &checkpoints.File{Params: r.Model.Init(1)}); err != nil {
		t.Fatal(err)
	}
	r = tiny(t, func(r *Recipe) { r.Init = start })
	stopAfter(t, r, graph.Transformer{Config: r.Model}, path, 7)
	if dir, err := OpenFolder(path, r, false); err != nil {
		t.Error(err)
	} else if dir.Close(); dir.Step() != 7 {
		t.Errorf("resumes at %d", dir.Step())
	}
}

// A config.json of something else does not make a folder a run's, whatever is asked.
func TestForeignConfig(t *testing.T) {
	r, path := tiny(t, nil), t.TempDir()
	if err := os.WriteFile(filepath.Join(path, configName), []byte(`{"name": "a site"}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, fresh := range []bool{false, true} {
		if _, err := OpenFolder(path, r, fresh); err == nil || !strings.Contains(err.Error(), "holds no run") {
			t.Errorf("fresh=%t: %v", fresh, err)
		}
	}
}

// A run that starts over leaves no report of the one before.
func TestFreshRemovesTheReport(t *testing.T) {
	r, path := tiny(t, nil), t.TempDir()
	finish(t, r, path, nil)
	dir := reopen(t, r, path, false)
	if err := errors.Join(os.Mkdir(dir.Report(), 0o777), os.WriteFile(filepath.Join(dir.Report(), "report.html"), nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	dir, err := OpenFolder(path, r, true)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := Run(t.Context(), r, graph.Transformer{Config: r.Model}, dir, watch(nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir.Report()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old report is still there: %v", err)
	}
}

// The checkpoint of the best step stays when later ones come, for best.gob to be made again from it.
func TestBestCheckpointStays(t *testing.T) {
	r, path := tiny(t, func(r *Recipe) { r.LR, r.Clip, r.Every = 1, 1e3, 2 }), t.TempDir() // it gets worse at once
	_, best := finish(t, r, path, nil)
	s := reopen(t, r, path, false).state()
	if s.BestAt > r.Steps-3*r.Every {
		t.Fatalf("best at step %d: the test wants a recipe that gets worse", s.BestAt)
	}
	if err := os.WriteFile(filepath.Join(path, bestName), best[1:], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, again := finish(t, r, path, nil); string(again) != string(best) {
		t.Error("best.gob was not made again")
	}
	// A run that was cut after it had found better weights, and that did not find them again, has those of another step there.
	f, err := checkpoints.Open(filepath.Join(path, checkpoints.StepName(r.Steps)))
	if err != nil {
		t.Fatal(err)
	}
	s.BestAt = r.Steps
	if f.State, err = json.Marshal(s); err != nil {
		t.Fatal(err)
	}
	f.Params = weightsOf(f)
	if err := checkpoints.Save(filepath.Join(path, bestName), f); err != nil {
		t.Fatal(err)
	}
	if _, again := finish(t, r, path, nil); string(again) != string(best) {
		t.Error("best.gob holds the weights of another step than the best")
	}
}

// Files that verify and do not belong to the run are refused: another recipe's, another model's, another step's, a newer version's.
func TestForeignCheckpoints(t *testing.T) {
	r, other := tiny(t, nil), tiny(t, func(r *Recipe) { r.Seed, r.LR = 2, 0.5 })
	path, otherPath := t.TempDir(), t.TempDir()
	finish(t, r, path, nil)
	finish(t, other, otherPath, nil)
	name := filepath.Join(path, checkpoints.StepName(12))
	if err := os.WriteFile(name, read(t, otherPath, checkpoints.StepName(12)), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := OpenFolder(path, r, false)
	if _, ok := errors.AsType[*IdentityError](err); !ok || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "lr=0.5 there, 0.003 asked; seed=2 there, 1 asked") {
		t.Errorf("another recipe's checkpoint: %v", err)
	}
	if err := os.WriteFile(name, read(t, path, checkpoints.StepName(10)), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(path, r, false); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("another step's checkpoint: %v", err)
	}
	f, err := checkpoints.Open(filepath.Join(path, checkpoints.StepName(10)))
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(name)
	for want, change := range map[string]func(p []checkpoints.Param) []checkpoints.Param{
		"its array 0 is not": func(p []checkpoints.Param) []checkpoints.Param { return p[1:] },
		"no array is called": func(p []checkpoints.Param) []checkpoints.Param {
			return append(p, checkpoints.Param{Name: "z", F64: []float64{1}})
		},
		"or another precision": func(p []checkpoints.Param) []checkpoints.Param { p[0].Shape = []int{len(p[0].F32), 1, 1}; return p },
	} {
		g := *f
		g.Params = change(append([]checkpoints.Param{}, f.Params...))
		if err := checkpoints.Save(filepath.Join(path, checkpoints.StepName(10)), &g); err != nil {
			t.Fatal(err)
		}
		dir, err := OpenFolder(path, r, false)
		if err != nil {
			t.Fatal(err)
		}
		err = Run(t.Context(), r, graph.Transformer{Config: r.Model}, dir, watch(nil))
		if dir.Close(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("another model's arrays: %v, want %q", err, want)
		}
	}
}

// A folder without a checkpoint is started afresh only by the recipe that it belongs to, and only where no trained weights would be lost;
// started over, it holds nothing of the old run.
func TestFolderBeforeTheFirstSave(t *testing.T) {
	r, other, path := tiny(t, nil), tiny(t, func(r *Recipe) { r.LR = 0.5 }), t.TempDir()
	finish(t, r, path, nil)
	steps, err := filepath.Glob(filepath.Join(path, "step-*"))
	if err != nil || len(steps) == 0 {
		t.Fatalf("%v, %v", steps, err)
	}
	for _, name := range steps {
		os.Remove(name)
	}
	if _, err := OpenFolder(path, r, false); err == nil || !strings.Contains(err.Error(), bestName) || !strings.Contains(err.Error(), "weights of step 12") {
		t.Errorf("best weights without a checkpoint: %v", err)
	}
	os.Remove(filepath.Join(path, bestName))
	if _, err := OpenFolder(path, other, false); err == nil || !strings.Contains(err.Error(), configName) || !strings.Contains(err.Error(), "lr=0.003 there, 0.5 asked") {
		t.Errorf("another recipe: %v", err)
	}
	if dir := reopen(t, r, path, false); dir.Resumes() {
		t.Error("resumes without a checkpoint")
	}
	finish(t, r, path, nil)
	dir, err := OpenFolder(path, other, true)
	if err == nil {
		err = errors.Join(dir.begin(), dir.Close())
	}
	names, _ := checkpoints.OS{}.List(path)
	if err != nil || strings.Join(names, " ") != ".lock "+configName {
		t.Errorf("started over, the folder holds %v (%v)", names, err)
	}
}

func TestAnotherProgramWarns(t *testing.T) {
	r, path := tiny(t, nil), t.TempDir()
	finish(t, r, path, nil)
	if w := reopen(t, r, path, false).Warnings(); len(w) > 0 {
		t.Errorf("the same program warns: %q", w)
	}
	name := filepath.Join(path, checkpoints.StepName(12))
	f, err := checkpoints.Open(name)
	if err != nil || f.Provenance.Kernel == "" {
		t.Fatalf("provenance %+v, %v", f, err)
	}
	f.Provenance.Kernel, f.Provenance.Go = "abacus", "go1.0"
	if err := checkpoints.Save(name, f); err != nil {
		t.Fatal(err)
	}
	w := strings.Join(reopen(t, r, path, false).Warnings(), "\n")
	if !strings.Contains(w, name) || !strings.Contains(w, "kernel abacus, now ") || !strings.Contains(w, "go go1.0, now ") {
		t.Errorf("warnings %q", w)
	}
}

func TestSecondTrainingIsRefused(t *testing.T) {
	r, path := tiny(t, nil), filepath.Join(t.TempDir(), "run")
	late, err := OpenFolder(path, r, false) // looks before the other begins
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	finish(t, r, path, func(step int) {
		_, err := OpenFolder(path, r, step%2 == 0)
		if errors.Is(err, checkpoints.ErrLocked) && strings.Contains(err.Error(), path) && !strings.Contains(err.Error(), "\n") {
			refused++
		}
		if err := Run(t.Context(), r, graph.Transformer{Config: r.Model}, late, watch(nil)); !errors.Is(err, checkpoints.ErrLocked) {
			t.Errorf("a training that began at the same time: %v", err)
		}
	})
	if refused != r.Steps {
		t.Errorf("refused %d times of %d", refused, r.Steps)
	}
	err = Run(t.Context(), r, graph.Transformer{Config: r.Model}, late, watch(nil))
	if late.Close(); err == nil || !strings.Contains(err.Error(), "another training has run there meanwhile") {
		t.Errorf("a training that looked before another one ran: %v", err)
	}
}

func TestMetricsAreTheRecord(t *testing.T) {
	s := State{Batches: 9, History: []History{{Batches: 0}, {Step: 4, Batches: 5}, {Step: 8, Batches: 9}},
		Events: []Event{{Event: skipped, Batches: 2}, {Event: skipped, Batches: 9}, {Event: rolledBack, Batches: 9}}}
	b, err := s.metrics()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(b)) {
		var v struct {
			Event   string
			Batches int
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		got = append(got, v.Event)
	}
	if strings.Join(got, ",") != ",skipped,,skipped,rolled back," {
		t.Errorf("the lines are %q", got)
	}
}
