package main

import (
	"fmt"
	"slices"

	"unroll/checkpoints"
	"unroll/eval"
)

// runLista measures the pretrained solvers, or those and the one of a checkpoint.
func runLista(checkpoint, out string, assignments []string) error {
	study := eval.NewLista()
	return conduct(&study, assignments, out, func() error { return study.Check() }, func() (report, error) {
		models, err := solvers(checkpoint)
		if err != nil {
			return nil, err
		}
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
	return conduct(&study, assignments, out, func() error { return study.Check() }, func() (report, error) {
		models, err := solvers(checkpoint)
		if err != nil {
			return nil, err
		}
		return study.Run(models)
	})
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
