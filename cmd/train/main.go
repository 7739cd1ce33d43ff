// Command train runs a recipe: it trains a learned solver, keeps its checkpoints in a run folder, and ends with the report that compares
// it with the classical solvers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"unroll/checkpoints"
	"unroll/cmd/internal/cli"
	"unroll/eval"
	"unroll/model/graph"
	"unroll/train"
)

const usage = `
Usage: train [RECIPE] [key=value …] [-out DIR] [-config FILE] [-fresh] [-list]

Trains a K-layer transformer on synthetic sparse-recovery prompts, writes a run folder with checkpoints, and compares its error after
every layer with ISTA and FISTA after as many iterations. Run again in the same folder, it goes on where it stopped, or remakes the report.
Ctrl-C and SIGTERM save once and stop; a second one stops at once.

  train                          the README's run, a minute and a half on two cores, and as long again to compile the first time
  train random seed=2            another recipe, another seed
  train icl N=20 steps=8000      the same network on longer prompts, trained longer
  train -config my.yaml          keys from a YAML file; key=value on the command line win
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
		cli.Help(os.Stdout, usage, &train.Recipes()[0], flags)
		return nil
	}
	if err != nil {
		return err
	}
	if *list {
		return listRecipes()
	}
	recipe, err := resolve(name, *config, assignments)
	if err != nil {
		return err
	}
	if *out == "" {
		*out = filepath.Join("runs", recipe.Name)
	}
	folder, err := train.OpenFolder(*out, recipe, *fresh)
	if err != nil {
		return err
	}
	defer folder.Close() // the end of the program would do as well
	if err := trainIn(folder, recipe); err != nil {
		return err
	}
	return report(folder)
}

func listRecipes() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range train.Recipes() {
		fmt.Fprintf(w, "%s\t%s\n", r.Name, r.Why)
	}
	return w.Flush()
}

// resolve finds the recipe and puts the file's keys and then the command line's over it.
func resolve(name, config string, assignments []string) (train.Recipe, error) {
	recipes := train.Recipes()
	recipe, names := recipes[0], []string{}
	found := name == ""
	for _, r := range recipes {
		names = append(names, r.Name)
		if r.Name == name {
			recipe, found = r, true
		}
	}
	if !found {
		return recipe, cli.Unknown("recipe", name, names)
	}
	if config != "" {
		if err := cli.LoadYAML(&recipe, config); err != nil {
			return recipe, err
		}
	}
	if err := cli.Set(&recipe, assignments); err != nil {
		return recipe, err
	}
	recipe, err := recipe.Resolve()
	if err != nil {
		return recipe, &cli.UsageError{Err: err}
	}
	return recipe, nil
}

func trainIn(folder *train.Folder, recipe train.Recipe) error {
	for _, line := range folder.Warnings() {
		fmt.Fprintf(os.Stderr, "warning: %s\n", line)
	}
	switch step := folder.Step(); {
	case step == recipe.Steps:
		fmt.Fprintf(os.Stderr, "finished: %s holds all %d steps; remaking the report\n", folder.Path, step)
	case folder.Resumes():
		fmt.Fprintf(os.Stderr, "resumed step %d of %d in %s\n", step, recipe.Steps, folder.Path)
	default:
		fmt.Fprintf(os.Stderr, "fresh: no run in %s\n", folder.Path)
	}
	ctx, release := untilSignal()
	defer release()
	err := train.Run(ctx, recipe, graph.Transformer{Config: recipe.Model}, folder, train.NewWatch(os.Stderr, recipe.Steps))
	if err == nil {
		err = context.Cause(ctx) // of a signal that came after the last step
	}
	return err
}

// report measures the best weights of the run against the classical solvers.
func report(folder *train.Folder) error {
	f, err := checkpoints.Open(folder.Best())
	if err != nil {
		return err
	}
	subject, err := eval.NewSubject(f)
	if err != nil {
		return fmt.Errorf("%s: %w", folder.Best(), err)
	}
	result, err := subject.Measure(subject.Decay())
	if err != nil {
		return err
	}
	if err := result.WriteTable(os.Stdout); err != nil {
		return err
	}
	if err := result.Write(folder.Report()); err != nil {
		return err
	}
	fmt.Printf("\nweights %s\nreport  %s\n", folder.Best(), filepath.Join(folder.Report(), "report.html"))
	return nil
}
