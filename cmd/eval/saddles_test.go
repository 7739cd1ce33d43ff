package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/checkpoints/npy"
	"unroll/cmd/internal/cli"
	"unroll/model/dln"
)

// array writes numbers to a .npy file.
func array(t *testing.T, dir, name string, shape []int, values ...float64) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(npy.Write(f, &npy.Array{Shape: shape, F64: values}), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// A user's own data: orthogonal columns, so that the jumps stand in the file as worked out by hand.
func TestSaddlesOnFiles(t *testing.T) {
	dir := t.TempDir()
	x := array(t, dir, "X.npy", []int{2, 2}, 2, 0, 0, 1)
	y := array(t, dir, "y.npy", []int{2}, 4, -4) // Xᵀy/n = (4, −2), β* = (2, −4)
	out := filepath.Join(dir, "report")
	if err := run([]string{"saddles", "X=" + x, "y=" + y, "alpha=1e-30", "-out", out}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(out, "jumps.csv"))
	if want := "jump,time,support,values\n1,0.25,0,2\n2,0.5,0 1,2 -4\n"; err != nil || string(got) != want {
		t.Errorf("jumps.csv is %q, want %q (%v)", got, want, err)
	}
	if _, err := os.Stat(filepath.Join(out, "agreement.csv")); err == nil {
		t.Error("a study of random instances was made of a user's data")
	}
}

func TestSaddlesMistakes(t *testing.T) {
	dir := t.TempDir()
	x := array(t, dir, "X.npy", []int{2, 2}, 2, 0, 0, 1)
	y := array(t, dir, "y.npy", []int{2}, 2, -4)
	three := array(t, dir, "three.npy", []int{3}, 1, 2, 3)
	zero := array(t, dir, "zero.npy", []int{2}, 0, 0)
	for _, c := range []struct {
		args  []string
		usage bool
		want  []string
	}{
		{[]string{"alpha=1"}, true, []string{"alpha=1", "between 0 and 1"}},
		{[]string{"alpha=0"}, true, []string{"alpha=0", "between 0 and 1"}},
		{[]string{"n=0"}, true, []string{"n=0", "at least 1"}},
		{[]string{"aplha=1e-9"}, true, []string{"aplha", "alpha"}},
		{[]string{"X=" + x}, true, []string{"both files"}},
		{[]string{"-checkpoint", "some.gob"}, true, []string{"-checkpoint", "none"}},
		{[]string{"X=" + x, "y=" + three}, false, []string{"three.npy", "3 numbers", "want 2"}},
		{[]string{"X=" + y, "y=" + y}, false, []string{"y.npy", "1 dimensions", "want 2"}},
		{[]string{"X=" + x, "y=" + filepath.Join(dir, "none.npy")}, false, []string{"none.npy"}},
		{[]string{"X=" + x, "y=" + zero}, false, []string{"orthogonal to every column", "no jump"}},
	} {
		err := run(append([]string{"saddles", "-out", filepath.Join(dir, "out")}, c.args...))
		if err == nil {
			t.Fatalf("%v was accepted", c.args)
		}
		if _, usage := errors.AsType[*cli.UsageError](err); usage != c.usage {
			t.Errorf("%v: usage error is %v, want %v: %v", c.args, usage, c.usage, err)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %q is not in %q", c.args, want, err)
			}
		}
	}
	_, input := errors.AsType[*dln.InputError](run([]string{"saddles", "X=" + x, "y=" + zero, "-out", dir}))
	if !input {
		t.Error("data without a jump is no *dln.InputError")
	}
}
