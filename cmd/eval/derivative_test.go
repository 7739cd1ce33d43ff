package main

import (
	"errors"
	"strings"
	"testing"

	"unroll/cmd/internal/cli"
)

func TestDerivativeMistakes(t *testing.T) {
	for args, want := range map[string]string{"K=10": "K=10", "draw=3": `did you mean "draws"?`, "draws=0": "draws=0"} {
		err := run([]string{"derivative", args, "-out", t.TempDir()})
		if _, usage := errors.AsType[*cli.UsageError](err); !usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want a UsageError with %q", args, err, want)
		}
	}
}
