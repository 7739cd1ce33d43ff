package main

import (
	"fmt"
	"os"
	"path/filepath"

	"unroll/cmd/internal/cli"
	"unroll/eval"
)

// runTransfer is the study without a checkpoint. Its cells lie in the report's folder: a run that was interrupted goes on there.
func runTransfer(out string, assignments []string) error {
	study := eval.NewTransfer()
	if err := cli.Set(&study, assignments); err != nil {
		return err
	}
	if err := study.Check(); err != nil {
		return &cli.UsageError{Err: err}
	}
	result, err := study.Run(filepath.Join(out, "cells"), func(done, total int, name string) {
		fmt.Fprintf(os.Stderr, "%d of %d: %s\n", done, total, name)
	})
	if err != nil {
		return err
	}
	return publish(result, out)
}
