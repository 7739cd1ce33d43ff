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

  train                          the README's run, two minutes on two cores, and as long again to compile the first time
  train random seed=2            another recipe, another seed
  train icl N=20 steps=8000      the same network on longer prompts, trained longer
  train alista                   a learned solver of l2o/lista, on signals of one dictionary
  train denoiser                 a nonexpansive convolutional denoiser of l2o/denoise, on made images
  train equilibrium-noise        that denoiser's weights again, inside the steps that restore an image, at their equilibrium
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
	for _, r := range train.SolverRecipes() {
		if r.Name == name {
			steps := func(r train.SolverRecipe) int { return r.Steps }
			return weights(r, name, steps, train.RunSolver, *config, *out, *fresh, assignments)
		}
	}
	for _, r := range train.DenoiserRecipes() {
		if r.Name == name {
			steps := func(r train.DenoiserRecipe) int { return r.Steps }
			return weights(r, name, steps, train.RunDenoiser, *config, *out, *fresh, assignments)
		}
	}
	for _, r := range train.EquilibriumRecipes() {
		if r.Name == name {
			steps := func(r train.EquilibriumRecipe) int { return r.Steps }
			return weights(r, name, steps, train.RunEquilibrium, *config, *out, *fresh, assignments)
		}
	}
	for _, r := range train.PromptSolverRecipes() {
		if r.Name == name {
			steps := func(r train.PromptSolverRecipe) int { return r.Steps }
			return weights(r, name, steps, train.RunPromptSolver, *config, *out, *fresh, assignments)
		}
	}
	recipe, err := find(name)
	if err == nil {
		recipe, err = resolve(recipe, *config, assignments)
	}
	if err != nil {
		return err
	}
	folder, err := open(recipe, cmp.Or(*out, filepath.Join("runs", recipe.Name)), *fresh, recipe.Steps)
	if err != nil {
		return err
	}
	defer folder.Close() // the end of the program would do as well
	err = untilStopped(func(ctx context.Context) error {
		return train.Run(ctx, recipe, graph.Transformer{Config: recipe.Model}, folder, train.NewWatch(os.Stderr, recipe.Steps))
	})
	if err != nil {
		return err
	}
	return report(folder)
}

// learning is a recipe that ends with its weights, without a report.
type learning[R any] interface {
	train.SolverRecipe | train.PromptSolverRecipe | train.DenoiserRecipe | train.EquilibriumRecipe
	Resolve() (R, error)
}

// weights trains such a recipe.
func weights[R learning[R]](recipe R, name string, steps func(R) int, run func(context.Context, R, *train.Folder, train.Watch) error,
	config, out string, fresh bool, assignments []string) error {
	recipe, err := resolve(recipe, config, assignments)
	if err != nil {
		return err
	}
	folder, err := open(recipe, cmp.Or(out, filepath.Join("runs", name)), fresh, steps(recipe))
	if err != nil {
		return err
	}
	defer folder.Close()
	err = untilStopped(func(ctx context.Context) error {
		return run(ctx, recipe, folder, train.NewWatch(os.Stderr, steps(recipe)))
	})
	if err == nil {
		fmt.Printf("weights %s\n", folder.Best())
	}
	return err
}

func listRecipes() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range train.Recipes() {
		fmt.Fprintf(w, "%s\t%s\n", r.Name, r.Why)
	}
	for _, r := range train.SolverRecipes() {
		fmt.Fprintf(w, "%s\t%s\n", r.Name, r.Why)
	}
	for _, r := range train.PromptSolverRecipes() {
		fmt.Fprintf(w, "%s\t%s\n", r.Name, r.Why)
	}
	for _, r := range train.DenoiserRecipes() {
		fmt.Fprintf(w, "%s\t%s\n", r.Name, r.Why)
	}
	for _, r := range train.EquilibriumRecipes() {
		fmt.Fprintf(w, "%s\t%s\n", r.Name, r.Why)
	}
	return w.Flush()
}

// find returns the recipe of prompts with a name, the first for none.
func find(name string) (train.Recipe, error) {
	var names []string
	for _, r := range train.Recipes() {
		if r.Name == name || name == "" {
			return r, nil
		}
		names = append(names, r.Name)
	}
	for _, r := range train.SolverRecipes() {
		names = append(names, r.Name)
	}
	for _, r := range train.PromptSolverRecipes() {
		names = append(names, r.Name)
	}
	for _, r := range train.DenoiserRecipes() {
		names = append(names, r.Name)
	}
	for _, r := range train.EquilibriumRecipes() {
		names = append(names, r.Name)
	}
	return train.Recipe{}, cli.Unknown("recipe", name, names)
}

// resolve puts the file's keys and then the command line's over a recipe.
func resolve[R interface{ Resolve() (R, error) }](recipe R, config string, assignments []string) (R, error) {
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

// open opens the folder of a recipe's run and says where it stands.
func open[R train.Recipe | train.SolverRecipe | train.PromptSolverRecipe | train.DenoiserRecipe | train.EquilibriumRecipe](recipe R, out string, fresh bool, steps int) (*train.Folder, error) {
	folder, err := train.OpenFolder(out, recipe, fresh)
	if err != nil {
		return nil, err
	}
	for _, line := range folder.Warnings() {
		fmt.Fprintf(os.Stderr, "warning: %s\n", line)
	}
	switch step := folder.Step(); {
	case step == steps:
		fmt.Fprintf(os.Stderr, "finished: %s holds all %d steps; making its results again\n", folder.Path, step)
	case folder.Resumes():
		fmt.Fprintf(os.Stderr, "resumed step %d of %d in %s\n", step, steps, folder.Path)
	default:
		fmt.Fprintf(os.Stderr, "fresh: a new run in %s\n", folder.Path)
	}
	return folder, nil
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
