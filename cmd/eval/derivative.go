package main

import (
	"unroll/cmd/internal/cli"
	"unroll/eval"
)

// runDerivative measures derivatives of iterations, which needs no checkpoint.
func runDerivative(out string, assignments []string) error {
	study := eval.NewDerivative()
	if err := cli.Set(&study, assignments); err != nil {
		return err
	}
	if err := study.Check(); err != nil {
		return &cli.UsageError{Err: err}
	}
	result, err := study.Run()
	if err != nil {
		return err
	}
	return publish(result, out)
}
