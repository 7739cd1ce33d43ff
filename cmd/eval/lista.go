package main

import (
	"fmt"
	"slices"

	"unroll/checkpoints"
	"unroll/cmd/internal/cli"
	"unroll/eval"
)

// runLista measures the pretrained solvers, or those and the one of a checkpoint.
func runLista(checkpoint, out string, assignments []string) error {
	study := eval.NewLista()
	return onSolvers(&study, assignments, checkpoint, out, func() error { return study.Check() }, func(models []eval.Model) (report, error) {
		return study.Run(ofOneSize(models, checkpoint))
	})
}

// ofOneSize leaves out the pretrained models of another size than the first, on whose signals all are measured, and says so.
func ofOneSize(models []eval.Model, checkpoint string) []eval.Model {
	law := models[0].Law
	return slices.DeleteFunc(models, func(m eval.Model) bool {
		other := m.Name != checkpoint && (m.Law.M != law.M || m.Law.N != law.N)
		if other {
			fmt.Printf("%s is of %d×%d and left out: eval shift measures it\n", m.Name, m.Law.M, m.Law.N)
		}
		return other
	})
}

// runShift measures them away from their training law.
func runShift(checkpoint, out string, assignments []string) error {
	study := eval.NewMatrixShift()
	return onSolvers(&study, assignments, checkpoint, out, func() error { return study.Check() }, func(models []eval.Model) (report, error) {
		return study.Run(models)
	})
}

// onSolvers sets the keys of a study, checks it, and publishes what it finds of the solvers.
func onSolvers(study any, assignments []string, checkpoint, out string, check func() error, run func([]eval.Model) (report, error)) error {
	if err := cli.Set(study, assignments); err != nil {
		return err
	}
	if err := check(); err != nil {
		return &cli.UsageError{Err: err}
	}
	models, err := solvers(checkpoint)
	if err != nil {
		return err
	}
	result, err := run(models)
	if err != nil {
		return err
	}
	return publish(result, out)
}

// solvers are the pretrained ones, those too large to embed where they are at hand, and the one of a checkpoint unless it is "".
func solvers(checkpoint string) (models []eval.Model, err error) {
	names := append(checkpoints.Solvers(), checkpoints.Large()...)
	if checkpoint != "" {
		names = append(names, checkpoint)
	}
	for _, name := range names {
		f, err := checkpoints.Open(name)
		if err != nil {
			return nil, err
		}
		m, err := eval.NewModel(name, f)
		if err != nil {
			return nil, err
		}
		models = append(models, m)
	}
	return models, nil
}
