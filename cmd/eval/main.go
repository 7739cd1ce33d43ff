// Command eval measures trained and classical solvers side by side and writes a report.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"unroll/checkpoints"
	"unroll/cmd/internal/cli"
	"unroll/eval"
)

const usage = `
Usage: eval [STUDY] [key=value …] [-checkpoint FILE] [-out DIR] [-list]

Makes a study's report from a checkpoint: tables, figures and CSV files in the output folder. Keys that are not given are those of the
checkpoint's own training.

  eval                                       the README's run, again, from runs/icl/best.gob
  eval N=20 sigma=0.1                        on longer and noisy prompts
  eval -checkpoint runs/random/best.gob      another training
`

// defaultCheckpoint is what cmd/train leaves behind when it is run without arguments.
var defaultCheckpoint = filepath.Join("runs", "icl", "best.gob")

func main() { cli.Exit("eval", run(os.Args[1:])) }

func run(args []string) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	checkpoint := flags.String("checkpoint", defaultCheckpoint, "trained weights, a `file`")
	out := flags.String("out", "", "report `folder` (default reports/STUDY)")
	list := flags.Bool("list", false, "list the studies")
	name, assignments, err := cli.Parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		cli.Help(os.Stdout, usage, &eval.Decay{}, flags)
		return nil
	}
	if err != nil {
		return err
	}
	if *list {
		return listStudies()
	}
	study, err := find(name)
	if err != nil {
		return err
	}
	if *out == "" {
		*out = filepath.Join("reports", study.Name)
	}
	subject, err := open(*checkpoint)
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
	if err := result.WriteTable(os.Stdout); err != nil {
		return err
	}
	if err := result.Write(*out); err != nil {
		return err
	}
	fmt.Printf("\nreport %s\n", filepath.Join(*out, "report.html"))
	return nil
}

func open(checkpoint string) (*eval.Subject, error) {
	f, err := checkpoints.Open(checkpoint)
	if errors.Is(err, fs.ErrNotExist) && checkpoint == defaultCheckpoint {
		return nil, fmt.Errorf("%w; run train first, or name a -checkpoint", err)
	}
	if err != nil {
		return nil, err
	}
	subject, err := eval.NewSubject(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", checkpoint, err)
	}
	return subject, nil
}

func listStudies() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, s := range eval.Studies() {
		fmt.Fprintf(w, "%s\t%s\n", s.Name, s.Question)
	}
	return w.Flush()
}

// find returns the study of that name, the first for none.
func find(name string) (eval.Study, error) {
	var names []string
	for _, s := range eval.Studies() {
		if s.Name == name || name == "" {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return eval.Study{}, cli.Unknown("study", name, names)
}
