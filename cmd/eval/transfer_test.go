package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/cmd/internal/cli"
)

func TestTransferStudy(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"transfer", "run=3"}, `did you mean "runs"`},
		{[]string{"transfer", "part=sise"}, `part=sise: want all, simulation, size`},
		{[]string{"transfer", "runs=1"}, `runs=1: want at least 2`},
		{[]string{"transfer", "part=reviews"}, `data=: want the folder`},
		{[]string{"transfer", "part=size", "-checkpoint", "x.gob"}, `-checkpoint x.gob`},
	} {
		err := run(c.args)
		if _, ok := errors.AsType[*cli.UsageError](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want a usage error with %q", c.args, err, c.want)
		}
	}
	if err := run([]string{"transfer", "part=reviews", "data=" + t.TempDir(), "-out", t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no zip files") {
		t.Errorf("no reviews in the folder: %v", err)
	}
	// The second run finds its cells and writes the same report.
	out := t.TempDir()
	var reports [2][]byte
	for i := range reports {
		if err := run([]string{"transfer", "part=simulation", "N=100", "runs=2", "-out", out}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(out, "report.html"))
		if err != nil {
			t.Fatal(err)
		}
		reports[i] = b
	}
	if cells, err := os.ReadDir(filepath.Join(out, "cells")); err != nil || len(cells) != 12 || !bytes.Equal(reports[0], reports[1]) {
		t.Errorf("%d cells, error %v, equal reports %v", len(cells), err, bytes.Equal(reports[0], reports[1]))
	}
}
