package main

import "unroll/eval"

// runClaims puts the claims to the pretrained networks and solvers, and to a checkpoint beside them.
func runClaims(checkpoint, out string, assignments []string) error {
	all, solvers, err := everything(checkpoint)
	if err != nil {
		return err
	}
	study := eval.NewClaims(all[0].Subject)
	return conduct(&study, assignments, out, func() error { return study.Check() }, func() (report, error) { return study.Run(all, solvers) })
}

// runLedger measures them away from their training law.
func runLedger(checkpoint, out string, assignments []string) error {
	all, solvers, err := everything(checkpoint)
	if err != nil {
		return err
	}
	study := eval.NewLedger(all[0].Subject)
	return conduct(&study, assignments, out, func() error { return study.Check() }, func() (report, error) { return study.Run(all, solvers) })
}

// runInsight looks into a checkpoint, or without one into all pretrained networks that read what the first of them reads.
func runInsight(checkpoint, out string, assignments []string) error {
	all, err := networks(checkpoint)
	if err != nil {
		return err
	}
	study := eval.NewInsight(all[0].Subject)
	return conduct(&study, assignments, out, func() error { return study.Check() }, func() (report, error) { return study.Run(all) })
}

// networks are that of a checkpoint, or without one all that are pretrained.
func networks(checkpoint string) ([]eval.Flagship, error) {
	if checkpoint == "" {
		return flagships()
	}
	network, err := named(checkpoint)
	return []eval.Flagship{network}, err
}

// everything is all that is pretrained for prompts, and a checkpoint unless it is "".
func everything(checkpoint string) (all []eval.Flagship, solvers []eval.PromptSolver, err error) {
	if all, err = flagships(); err != nil {
		return nil, nil, err
	}
	if checkpoint != "" {
		network, err := named(checkpoint)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, network)
	}
	solvers, err = promptSolvers()
	return all, solvers, err
}
