package main

import (
	"errors"

	"unroll/cmd/internal/cli"
	"unroll/eval"
	"unroll/model"
)

// named opens a checkpoint under its name.
func named(checkpoint string) (eval.Flagship, error) {
	subject, err := open(checkpoint)
	return eval.Flagship{Name: checkpoint, Subject: subject}, err
}

// anyLength is the pretrained network that is at home on prompts of any length, as the other laws that a gate is judged on have.
const anyLength = "icl-linear"

// runTrust calibrates and judges the gate of one network.
func runTrust(checkpoint, out string, assignments []string) error {
	if checkpoint == "" {
		checkpoint = anyLength
	}
	network, err := named(checkpoint)
	if err != nil {
		return err
	}
	study := eval.NewTrust(network.Subject)
	if err := cli.Set(&study, assignments); err != nil {
		return err
	}
	if err := study.Check(network.Subject.Trained.Config.D); err != nil {
		return &cli.UsageError{Err: err}
	}
	result, err := study.Run(network)
	if gate, ok := errors.AsType[*model.ConfigError](err); ok {
		return &cli.UsageError{Err: gate}
	}
	if err != nil {
		return err
	}
	return publish(result, out)
}

// runPrediction measures the labels of a checkpoint, or without one of all pretrained networks that read what the first of them reads.
func runPrediction(checkpoint, out string, assignments []string) error {
	all, err := networks(checkpoint)
	if err != nil {
		return err
	}
	study := eval.NewPrediction(all[0].Subject)
	return conduct(&study, assignments, out, func() error { return study.Check() }, func() (report, error) { return study.Run(all) })
}
