package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/cmd/internal/cli"
)

func TestTrustAndPrediction(t *testing.T) {
	base := t.TempDir()
	good := filepath.Join(base, "good.gob")
	saved(t, good)
	for _, c := range []struct {
		args []string
		file string
		want string
	}{
		{[]string{"trust", "calibration=1500", "prompts=200", "shifted=20", "polished=3"}, "deciles.csv", "decile of the score,"},
		{[]string{"prediction", "prompts=20", "N=4"}, "prediction.csv", good + `, quadratic"`},
	} {
		out := filepath.Join(base, c.args[0])
		if err := run(append(c.args, "-checkpoint", good, "-out", out)); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(out, c.file))
		if err != nil || !strings.Contains(string(b), c.want) {
			t.Errorf("%s of %v is %q (%v), want %q in it", c.file, c.args, b, err, c.want)
		}
	}
}

func TestTrustMistakes(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.gob")
	saved(t, good)
	for args, want := range map[string]string{
		"trust coverage=1":      "coverage=1: want between 0 and 1",
		"trust calibration=100": "calibration prompts=100: want at least 400",
		"trust polished=0":      "polished=0",
		"trust d=7":             "d=7: want 6",
		"trust calibrations=1":  `did you mean "calibration"?`,
		"prediction prompts=1":  "prompts=1",
		"prediction S=9":        "S=9",
	} {
		err := run(append(strings.Fields(args), "-checkpoint", good, "-out", t.TempDir()))
		if _, usage := errors.AsType[*cli.UsageError](err); !usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want a UsageError with %q", args, err, want)
		}
	}
}

func TestNetworkStudies(t *testing.T) {
	base := t.TempDir()
	good := filepath.Join(base, "good.gob")
	saved(t, good)
	for args, want := range map[string]string{
		"claims matrices=1":   "matrices=1",
		"claims prompt=9":     `did you mean "prompts"?`,
		"ledger validation=0": "validation=0",
		"ledger K=0":          "K=0",
		"insight prompts=20":  "prompts=20",
		"insight S=9":         "S=9",
	} {
		err := run(append(strings.Fields(args), "-checkpoint", good, "-out", base))
		if _, usage := errors.AsType[*cli.UsageError](err); !usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want a UsageError with %q", args, err, want)
		}
	}
	out := filepath.Join(base, "insight")
	if err := run([]string{"insight", "prompts=300", "repeats=5", "N=4", "-checkpoint", good, "-out", out}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(out, "report.html")); err != nil {
		t.Error(err)
	}
}
