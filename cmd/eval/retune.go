package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"unroll/checkpoints"
	"unroll/cmd/internal/cli"
	"unroll/eval"
)

// retuneWeights are the parameters that are embedded.
const retuneWeights = "retune"

// runRetune measures from learned parameters, or learns them into the output folder with part=train, or takes those of family C from a run with
// part=adopt: those of the tasks and families that are asked for, the others as they were.
func runRetune(checkpoint, out string, assignments []string) error {
	study := eval.NewRetune()
	if err := cli.Set(&study, assignments); err != nil {
		return err
	}
	if err := study.Check(); err != nil {
		return &cli.UsageError{Err: err}
	}
	weights := &eval.RetuneWeights{}
	if checkpoint != "" || study.Part != "train" {
		var err error
		if weights, err = openRetune(checkpoint); err != nil {
			return err
		}
	}
	if study.Part == "train" || study.Part == "adopt" {
		return learnRetune(study, weights, out)
	}
	result, err := study.Run(weights)
	if err != nil {
		return err
	}
	return publish(result, out)
}

func openRetune(checkpoint string) (*eval.RetuneWeights, error) {
	if checkpoint == "" {
		checkpoint = retuneWeights
	}
	f, err := checkpoints.Open(checkpoint)
	if err != nil {
		return nil, err
	}
	w, err := eval.NewRetuneWeights(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", checkpoint, err)
	}
	return w, nil
}

// learnRetune writes retune.gob, and the log of the descents beside it.
func learnRetune(study eval.Retune, weights *eval.RetuneWeights, out string) (err error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(out, "train.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	path := filepath.Join(out, retuneWeights+".gob")
	save := func() error {
		f, err := weights.File(study)
		if err != nil {
			return err
		}
		return checkpoints.Save(path, f)
	}
	lines := io.MultiWriter(os.Stdout, log)
	if study.Part == "adopt" {
		err = adopt(study, weights, lines, save)
	} else {
		err = study.Learn(weights, lines, save)
	}
	if err == nil {
		fmt.Println(path)
	}
	return err
}

// adopt takes the weights of the study's run.
func adopt(study eval.Retune, weights *eval.RetuneWeights, log io.Writer, save func() error) error {
	f, err := checkpoints.Open(study.From)
	if err != nil {
		return err
	}
	if err := study.Adopt(weights, f, log); err != nil {
		return fmt.Errorf("%s: %w", study.From, err)
	}
	return save()
}
