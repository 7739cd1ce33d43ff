package main

import (
	"context"
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

// options are what a command line says besides the name of its recipe.
type options struct {
	out, config string
	fresh       bool
	assignments []string
}

// A named recipe is one that the command line can ask for.
type named struct {
	name, why string
	keys      any // a pointer to the recipe, whose fields they are
	train     func(o options) error
}

// recipes are all of them, the default first.
func recipes() (all []named) {
	for _, r := range train.Recipes() {
		all = append(all, named{r.Name, r.Why, &r, func(o options) error { return network(r, o) }})
	}
	for _, r := range train.SolverRecipes() {
		all = append(all, named{r.Name, r.Why, &r, func(o options) error { return solver(r, o, train.RunSolver) }})
	}
	for _, r := range train.PromptSolverRecipes() {
		all = append(all, named{r.Name, r.Why, &r, func(o options) error { return solver(r, o, train.RunPromptSolver) }})
	}
	for _, r := range train.DenoiserRecipes() {
		all = append(all, named{r.Name, r.Why, &r, func(o options) error { return solver(r, o, train.RunDenoiser) }})
	}
	for _, r := range train.EquilibriumRecipes() {
		all = append(all, named{r.Name, r.Why, &r, func(o options) error { return solver(r, o, train.RunEquilibrium) }})
	}
	return all
}

// find returns the recipe with a name, the first for none.
func find(name string) (named, error) {
	var names []string
	for _, r := range recipes() {
		if r.name == name || name == "" {
			return r, nil
		}
		names = append(names, r.name)
	}
	return named{}, cli.Unknown("recipe", name, names)
}

func listRecipes() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range recipes() {
		fmt.Fprintf(w, "%s\t%s\n", r.name, r.why)
	}
	return w.Flush()
}

// network trains a transformer and writes its report.
func network(recipe train.Recipe, o options) error {
	recipe, err := resolve(recipe, o)
	if err != nil {
		return err
	}
	folder, err := open(recipe, o, recipe.Steps)
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

// weights are recipes that end with their weights, without a report.
type weights interface {
	train.SolverRecipe | train.PromptSolverRecipe | train.DenoiserRecipe | train.EquilibriumRecipe
}

// solver trains such a recipe.
func solver[R interface {
	weights
	Resolve() (R, error)
	Length() int
}](recipe R, o options, run func(context.Context, R, *train.Folder, train.Watch) error) error {
	recipe, err := resolve(recipe, o)
	if err != nil {
		return err
	}
	folder, err := open(recipe, o, recipe.Length())
	if err != nil {
		return err
	}
	defer folder.Close()
	err = untilStopped(func(ctx context.Context) error {
		return run(ctx, recipe, folder, train.NewWatch(os.Stderr, recipe.Length()))
	})
	if err == nil {
		fmt.Printf("weights %s\n", folder.Best())
	}
	return err
}

// resolve puts the file's keys and then the command line's over a recipe.
func resolve[R interface{ Resolve() (R, error) }](recipe R, o options) (R, error) {
	if o.config != "" {
		if err := cli.LoadYAML(&recipe, o.config); err != nil {
			return recipe, err
		}
	}
	if err := cli.Set(&recipe, o.assignments); err != nil {
		return recipe, err
	}
	recipe, err := recipe.Resolve()
	if err != nil {
		return recipe, &cli.UsageError{Err: err}
	}
	return recipe, nil
}

// open opens the folder of a recipe's run and says where it stands.
func open[R train.Recipe | weights](recipe R, o options, steps int) (*train.Folder, error) {
	folder, err := train.OpenFolder(o.out, recipe, o.fresh)
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
