package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/cmd/internal/cli"
)

// Every mistake is one line that names the thing and what is allowed, and leaves nothing behind.
func TestMistakes(t *testing.T) {
	base := t.TempDir()
	blocked := filepath.Join(base, "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args  []string
		usage bool
		want  []string
	}{
		{[]string{"ilc"}, true, []string{`unknown recipe "ilc"`, `did you mean "icl"?`}},
		{[]string{"icl", "smoke"}, true, []string{`"smoke"`, "one name"}},
		{[]string{"sigam=1"}, true, []string{`unknown key "sigam"`, `"sigma"`}},
		{[]string{"-fress"}, true, []string{"-fress", "-fresh"}},
		{[]string{"lr=fast"}, true, []string{"lr", "fast"}},
		{[]string{"S=21"}, true, []string{"S=21", "1 to 20"}},
		{[]string{"N=0"}, true, []string{"N=0", "at least 1"}},
		{[]string{"K=0"}, true, []string{"K=0", "1 to"}},
		{[]string{"sigma=-0.5"}, true, []string{"sigma=-0.5", "0 to"}},
		{[]string{"attention=softmax"}, true, []string{"attention=softmax", "linear or relu"}},
		{[]string{"embedding=interleaved"}, true, []string{"attention=linear", "relu"}},
		{[]string{"-config", filepath.Join(base, "none.yaml")}, false, []string{"none.yaml"}},
		{[]string{"-out", filepath.Join(blocked, "run")}, false, []string{"file"}},
		{[]string{"-out", base}, false, []string{base, "holds no run"}},
		{[]string{"init=nowhere.gob", "-out", filepath.Join(base, "run")}, false, []string{"nowhere.gob", "no such file"}},
	} {
		if c.args[len(c.args)-1] != base && !strings.Contains(strings.Join(c.args, " "), "-out") {
			c.args = append(c.args, "-out", filepath.Join(base, "unwritten"))
		}
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
	for _, name := range []string{"unwritten", "run"} {
		if _, err := os.Stat(filepath.Join(base, name)); err == nil {
			t.Errorf("a mistake left %s behind", name)
		}
	}
}

// Every recipe is found by its name alone, and help shows the keys of its own kind with its own defaults.
func TestRecipes(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range recipes() {
		found, err := find(r.name)
		if err != nil || found.name != r.name || seen[r.name] {
			t.Errorf("%s: found %q, error %v, once before: %t", r.name, found.name, err, seen[r.name])
		}
		seen[r.name] = true
	}
	for name, want := range map[string]string{"": "steps=3000", "icl-linear": "steps=9000", "alista": "density=0.1", "icl-lista": "method=lista",
		"denoiser": "filters=", "equilibrium-noise": "crop="} {
		r, err := find(name)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, k := range cli.Keys(r.keys) {
			keys = append(keys, k.Name+"="+k.Value)
		}
		if !slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, want) }) {
			t.Errorf("%q: keys %q, want one that begins with %q", name, keys, want)
		}
	}
}

// A short run writes its folder, is finished the second time, and refuses another recipe.
func TestRunFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	args := func(lr string, more ...string) []string {
		return append([]string{"smoke", "lr=" + lr, "steps=4", "every=2", "d=4", "N=3", "K=2", "-out", dir}, more...)
	}
	silence(t)
	if err := run(args("0.0003")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"config.json", "best.gob", "step-000000004.gob", "metrics.jsonl", "weights.npz", "weights.safetensors", "report/report.html", "report/report.md",
		"report/curves.csv", "report/decay.svg", "report/decay.png", "report/losses.csv", "report/drift.csv"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	curves, err := os.ReadFile(filepath.Join(dir, "report", "curves.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(curves)), "\n")
	if lines[0] != "method,layer,mse_mean,mse_lo,mse_hi,mse_median,mse_q99,nmse_db" {
		t.Errorf("the header of curves.csv is %q", lines[0])
	}
	for _, method := range []string{"transformer", "transformer-untrained", "ISTA", "FISTA", "Lasso"} {
		n := 0
		for _, l := range lines[1:] {
			if strings.HasPrefix(l, method+",") {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%s has %d rows in curves.csv, want layers 0, 1, 2", method, n)
		}
	}
	before, err := os.ReadFile(filepath.Join(dir, "step-000000004.gob"))
	if err != nil {
		t.Fatal(err)
	}
	if err := run(args("0.0003", "workers=1")); err != nil {
		t.Errorf("a finished run, again: %v", err)
	}
	if err := run(args("0.01")); err == nil || !strings.Contains(err.Error(), "lr=0.0003 there, 0.01 asked") {
		t.Errorf("another recipe in the folder: %v", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "step-000000004.gob"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the finished run's checkpoint has changed (%v)", err)
	}
}

// silence sends what the command prints nowhere.
func silence(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = null, null
	t.Cleanup(func() { os.Stdout, os.Stderr = out, errs; null.Close() })
}
