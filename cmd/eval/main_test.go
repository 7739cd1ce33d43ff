package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/cmd/internal/cli"
	"unroll/data"
	"unroll/model"
)

// saved is an untrained network's checkpoint, of the fields that eval reads.
func saved(t *testing.T, path string) {
	t.Helper()
	c := model.Config{D: 6, K: 3, Heads: 1, Width: 20, Hidden: 24, Embedding: model.Paired, Attention: model.Linear, Normalise: true,
		Saturate: 4, Start: model.Construction, Tau: 1, Theta: 0.02, Precision: model.Float32}
	config, err := json.Marshal(map[string]any{
		"recipe": "test", "model": c, "plan": map[string]any{"seed": 5, "steps": 0},
		"data": data.SparseRecovery{D: 6, S: 2, N: 5, Values: data.Gaussian, Design: data.Gaussian},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := checkpoints.Save(path, &checkpoints.File{Config: config, Params: c.Init(5)}); err != nil {
		t.Fatal(err)
	}
}

func TestMistakes(t *testing.T) {
	base := t.TempDir()
	good, foreign, cut := filepath.Join(base, "good.gob"), filepath.Join(base, "foreign.gob"), filepath.Join(base, "cut.gob")
	saved(t, good)
	if err := checkpoints.Save(foreign, &checkpoints.File{Config: []byte(`{"lista":{}}`), Params: []checkpoints.Param{{Name: "W", Shape: []int{1}, F64: []float64{1}}}}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args  []string
		usage bool
		want  []string
	}{
		{[]string{"deacy"}, true, []string{`unknown study "deacy"`, `did you mean "decay"?`}},
		{[]string{"-chekpoint", good}, true, []string{"-chekpoint", "-checkpoint"}},
		{[]string{"promts=10", "-checkpoint", good}, true, []string{"promts", "prompts"}},
		{[]string{"d=7", "-checkpoint", good}, true, []string{"d=7: want 6"}},
		{[]string{"K=4", "-checkpoint", good}, true, []string{"K=4: want 1 to 3"}},
		{[]string{"S=7", "-checkpoint", good}, true, []string{"S=7", "1 to 6"}},
		{[]string{"N=0", "-checkpoint", good}, true, []string{"N=0", "at least 1"}},
		{[]string{"-checkpoint", filepath.Join(base, "none.gob")}, false, []string{"none.gob"}},
		{[]string{"-checkpoint", cut}, false, []string{"cut.gob"}},
		{[]string{"-checkpoint", foreign}, false, []string{"foreign.gob", "no transformer"}},
		{[]string{"prompts=10", "-checkpoint", good, "-out", filepath.Join(good, "report")}, false, []string{"good.gob"}},
	} {
		err := run(c.args)
		if err == nil {
			t.Fatalf("%v was accepted", c.args)
		}
		if _, usage := errors.AsType[*cli.UsageError](err); usage != c.usage {
			t.Errorf("%v: usage error is %v, want %v: %v", c.args, usage, c.usage, err)
		}
		if strings.Count(err.Error(), "\n") > 1 {
			t.Errorf("%v: more than two lines: %v", c.args, err)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %q is not in %q", c.args, want, err)
			}
		}
	}
}

// The same checkpoint gives the same report, to the byte.
func TestReportIsReproducible(t *testing.T) {
	base := t.TempDir()
	saved(t, filepath.Join(base, "m.gob"))
	var reports [2][]byte
	for i, workers := range []string{"1", "3"} {
		out := filepath.Join(base, workers)
		if err := run([]string{"prompts=200", "validation=100", "-checkpoint", filepath.Join(base, "m.gob"), "-out", out, "workers=" + workers}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"report.html", "report.md", "curves.csv", "decay.svg", "decay.png"} {
			b, err := os.ReadFile(filepath.Join(out, name))
			if err != nil {
				t.Fatal(err)
			}
			reports[i] = append(reports[i], b...)
		}
	}
	if !bytes.Equal(reports[0], reports[1]) {
		t.Error("one worker and three made different reports")
	}
}
