package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/cmd/internal/cli"
)

func TestRetuneMistakes(t *testing.T) {
	for _, c := range []struct{ assignment, want string }{
		{"famly=A", `did you mean "family"`},
		{"K=0", "K=0: want at least 1"},
		{"tasks=noise,fog", "tasks=fog: want all, or some of noise"},
		{"part=adopt", "from=: want a checkpoint"},
	} {
		err := run([]string{"retune", c.assignment})
		if _, ok := errors.AsType[*cli.UsageError](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want a usage error with %q", c.assignment, err, c.want)
		}
	}
	foreign := filepath.Join(t.TempDir(), "foreign.gob")
	saved(t, foreign)
	for want, args := range map[string][]string{
		foreign + ": the checkpoint holds no parameters of the study retune": {"retune", "part=psnr", "-checkpoint", foreign},
		foreign + ": the checkpoint is of no run at equilibrium":             {"retune", "part=adopt", "from=" + foreign, "-out", t.TempDir()},
	} {
		if err := run(args); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}

// Training writes the parameters and its log, goes on from a checkpoint that it keeps, and its parameters are measured.
func TestRetuneTrains(t *testing.T) {
	small := []string{"size=32", "train=2", "epochs=1", "K=1", "T=1", "images=2", "family=A12"}
	study := func(more ...string) {
		t.Helper()
		if err := run(append(append([]string{"retune"}, small...), more...)); err != nil {
			t.Fatal(err)
		}
	}
	first, second, report := t.TempDir(), t.TempDir(), t.TempDir()
	study("part=train", "tasks=noise", "-out", first)
	log, err := os.ReadFile(filepath.Join(first, "train.log"))
	if err != nil || !strings.Contains(string(log), "noise/A12/retune: epoch 1, validation PSNR ") {
		t.Errorf("the log is %q (%v)", log, err)
	}
	study("part=train", "tasks=inpaint-0.9", "-checkpoint", filepath.Join(first, "retune.gob"), "-out", second)
	study("part=psnr", "tasks=noise,inpaint-0.9", "-checkpoint", filepath.Join(second, "retune.gob"), "-out", report)
	table, err := os.ReadFile(filepath.Join(report, "psnr.csv"))
	if err != nil || strings.Count(string(table), "\n") != 1+2*10 {
		t.Errorf("psnr.csv is %q (%v)", table, err)
	}
}
