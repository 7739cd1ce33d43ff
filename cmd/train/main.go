// Command train runs a recipe: it trains a learned solver, keeps its checkpoints in a run folder, and ends with the report that compares
// it with the classical solvers.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"unroll/cmd/internal/cli"
)

const usage = `
Usage: train [RECIPE] [key=value …] [-out DIR] [-config FILE] [-fresh] [-list]

Trains a K-layer transformer on synthetic sparse-recovery prompts, writes a run folder with checkpoints, and compares its error after
every layer with ISTA and FISTA after as many iterations. Run again in the same folder, it goes on where it stopped, or remakes the report.
Ctrl-C and SIGTERM save once and stop; a second one stops at once.

  train                          the README's run, two minutes on two cores, and as long again to compile the first time
  train random seed=2            another recipe, another seed
  train icl N=20 steps=8000      the same network on longer prompts, trained longer
  train alista                   a learned solver of l2o/lista, on signals of one dictionary
  train denoiser                 a nonexpansive convolutional denoiser of l2o/denoise, on made images
  train equilibrium-noise        that denoiser's weights again, inside the steps that restore an image, at their equilibrium
  train -config my.yaml          keys from a YAML file; key=value on the command line win
  train alista -h                this, with the keys of another recipe
`

func main() {
	err := run(os.Args[1:])
	if s, ok := errors.AsType[stopped](err); ok {
		fmt.Fprintf(os.Stderr, "train: %v\n", err)
		os.Exit(s.status())
	}
	cli.Exit("train", err)
}

func run(args []string) error {
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	out := flags.String("out", "", "run `folder` (default runs/RECIPE)")
	config := flags.String("config", "", "YAML `file` of keys")
	fresh := flags.Bool("fresh", false, "start over in a folder that holds a run")
	list := flags.Bool("list", false, "list the recipes")
	name, assignments, err := cli.Parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		r, err := find(name)
		if err == nil {
			cli.Help(os.Stdout, usage, r.keys, flags)
		}
		return err
	}
	if err != nil {
		return err
	}
	if *list {
		return listRecipes()
	}
	r, err := find(name)
	if err != nil {
		return err
	}
	return r.train(options{out: cmp.Or(*out, filepath.Join("runs", r.name)), config: *config, fresh: *fresh, assignments: assignments})
}

// untilStopped trains until the end or a signal.
func untilStopped(training func(ctx context.Context) error) error {
	ctx, release := untilSignal()
	defer release()
	err := training(ctx)
	if err == nil {
		err = context.Cause(ctx) // of a signal that came after the last step
	}
	return err
}
