package main

import (
	"fmt"

	"unroll/checkpoints"
	"unroll/cmd/internal/cli"
	"unroll/eval"
)

func decayKeys() any { return &eval.Decay{} }

// runDecay measures a checkpoint on the prompts it was trained for, or, without one, the pretrained networks at every prompt length.
func runDecay(checkpoint, out string, assignments []string) error {
	if checkpoint == "" {
		return runFlagships(out, assignments)
	}
	subject, err := open(checkpoint)
	if err != nil {
		return err
	}
	decay := subject.Decay()
	if err := cli.Set(&decay, assignments); err != nil {
		return err
	}
	if err := subject.Admits(decay); err != nil {
		return &cli.UsageError{Err: err}
	}
	result, err := subject.Measure(decay)
	if err != nil {
		return err
	}
	return publish(result, out)
}

// runFlagships measures what Open knows by name. The first network sets the dimension, the others of that dimension join it.
func runFlagships(out string, assignments []string) error {
	all, err := flagships()
	if err != nil {
		return err
	}
	study := eval.NewFlagships(all[0].Subject)
	if err := cli.Set(&study, assignments); err != nil {
		return err
	}
	if err := study.Check(); err != nil {
		return &cli.UsageError{Err: err}
	}
	solvers, err := promptSolvers()
	if err != nil {
		return err
	}
	result, err := study.Run(all, solvers)
	if err != nil {
		return err
	}
	return publish(result, out)
}

// flagships are the pretrained networks.
func flagships() (all []eval.Flagship, err error) {
	for _, name := range checkpoints.Pretrained() {
		subject, err := open(name)
		if err != nil {
			return nil, err
		}
		all = append(all, eval.Flagship{Name: name, Subject: subject})
	}
	return all, nil
}

func open(checkpoint string) (*eval.Subject, error) {
	f, err := checkpoints.Open(checkpoint)
	if err != nil {
		return nil, err
	}
	subject, err := eval.NewSubject(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", checkpoint, err)
	}
	return subject, nil
}

// promptSolvers are the pretrained learned solvers of in-context prompts.
func promptSolvers() (all []eval.PromptSolver, err error) {
	for _, name := range checkpoints.PromptSolvers() {
		f, err := checkpoints.Open(name)
		if err != nil {
			return nil, err
		}
		s, err := eval.NewPromptSolver(name, f)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
