package train

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"unroll/checkpoints"
)

// sameBits fails where 20 steps of a run with one worker, and of one with three that is stopped after 11 and gone on with, differ in a bit.
func sameBits(t *testing.T, run func(ctx context.Context, workers int, path string, w Watch) error) {
	t.Helper()
	want, stopped := t.TempDir(), t.TempDir()
	if err := run(t.Context(), 1, want, watch(nil)); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	err := run(ctx, 3, stopped, watch(func(step int) {
		if step == 11 {
			stop()
		}
	}))
	if _, ok := errors.AsType[*InterruptedError](err); !ok {
		t.Errorf("was not stopped: %v", err)
	}
	if err := run(t.Context(), 3, stopped, watch(nil)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{bestName, checkpoints.StepName(20)} {
		if !bytes.Equal(read(t, want, name), read(t, stopped, name)) {
			t.Errorf("%s has other bits with 3 workers, stopped and gone on with", name)
		}
	}
}
