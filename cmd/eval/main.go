// Command eval measures trained and classical solvers side by side and writes a report.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"unroll/cmd/internal/cli"
	"unroll/eval"
)

const usage = `
Usage: eval [STUDY] [key=value …] [-checkpoint FILE] [-out DIR] [-list]

Makes a study's report: tables, figures and CSV files in the output folder. The keys of a study: eval STUDY -h.

  eval                                       the pretrained networks at every prompt length
  eval N=20 sigma=0.1                        at one, with noise
  eval -checkpoint runs/icl/best.gob         a training of yours, on the prompts it was trained for
  eval saddles n=5 d=7 alpha=1e-40 seed=3    the jumps of a diagonal linear network, predicted and run
  eval saddles X=X.npy y=y.npy               on your own data
`

// A command is a study on the command line: its keys with their defaults, and how it is run with assignments to them.
type command struct {
	study eval.Study
	keys  func() any
	run   func(checkpoint, out string, assignments []string) error
}

// commands are the studies in the order of eval.Studies.
func commands() []command {
	run := map[string]command{
		"decay":      {keys: decayKeys, run: runDecay},
		"claims":     {keys: func() any { s := eval.NewClaims(&eval.Subject{}); return &s }, run: runClaims},
		"insight":    {keys: func() any { s := eval.NewInsight(&eval.Subject{}); return &s }, run: runInsight},
		"ledger":     {keys: func() any { s := eval.NewLedger(&eval.Subject{}); return &s }, run: runLedger},
		"trust":      {keys: func() any { s := eval.NewTrust(&eval.Subject{}); return &s }, run: runTrust},
		"prediction": {keys: func() any { s := eval.NewPrediction(&eval.Subject{}); return &s }, run: runPrediction},
		"lista":      {keys: func() any { s := eval.NewLista(); return &s }, run: runLista},
		"shift":      {keys: func() any { s := eval.NewMatrixShift(); return &s }, run: runShift},
		"saddles":    {keys: func() any { return defaultSaddles() }, run: alone("saddles", runSaddles)},
		"derivative": {keys: func() any { s := eval.NewDerivative(); return &s }, run: alone("derivative", runDerivative)},
		"retune":     {keys: func() any { s := eval.NewRetune(); return &s }, run: runRetune},
		"transfer":   {keys: func() any { s := eval.NewTransfer(); return &s }, run: alone("transfer", runTransfer)},
	}
	var all []command
	for _, s := range eval.Studies() {
		c, ok := run[s.Name]
		if !ok {
			panic("eval: the study " + s.Name + " has no command")
		}
		c.study = s
		all = append(all, c)
	}
	return all
}

// alone is the run of a study that measures no checkpoint.
func alone(name string, run func(out string, assignments []string) error) func(string, string, []string) error {
	return func(checkpoint, out string, assignments []string) error {
		if checkpoint != "" {
			return cli.Usagef("-checkpoint %s: the study %s measures none", checkpoint, name)
		}
		return run(out, assignments)
	}
}

func main() { cli.Exit("eval", run(os.Args[1:])) }

func run(args []string) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	checkpoint := flags.String("checkpoint", "", "trained weights, a `file` or the name of pretrained ones (default what is pretrained)")
	out := flags.String("out", "", "report `folder` (default reports/STUDY)")
	list := flags.Bool("list", false, "list the studies")
	name, assignments, err := cli.Parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		cli.Help(os.Stdout, usage, helped(args).keys(), flags)
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
		*out = filepath.Join("reports", study.study.Name)
	}
	return study.run(*checkpoint, *out, assignments)
}

// helped is the study that the arguments of a call for help name, or the first.
func helped(args []string) command {
	for _, arg := range args {
		if c, err := find(arg); err == nil {
			return c
		}
	}
	return commands()[0]
}

// find returns the study of that name, the first for none.
func find(name string) (command, error) {
	var names []string
	for _, c := range commands() {
		if c.study.Name == name || name == "" {
			return c, nil
		}
		names = append(names, c.study.Name)
	}
	return command{}, cli.Unknown("study", name, names)
}

func listStudies() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, s := range eval.Studies() {
		fmt.Fprintf(w, "%s\t%s\n", s.Name, s.Question)
	}
	return w.Flush()
}

// A report is what a study has found.
type report interface {
	WriteTable(w io.Writer) error
	Write(dir string) error
}

// conduct sets the keys of a study, checks it, and publishes what it finds.
func conduct(study any, assignments []string, out string, check func() error, run func() (report, error)) error {
	if err := cli.Set(study, assignments); err != nil {
		return err
	}
	if err := check(); err != nil {
		return &cli.UsageError{Err: err}
	}
	result, err := run()
	if err != nil {
		return err
	}
	return publish(result, out)
}

// publish prints what a study has found and writes its report.
func publish(result report, out string) error {
	if err := result.WriteTable(os.Stdout); err != nil {
		return err
	}
	if err := result.Write(out); err != nil {
		return err
	}
	fmt.Printf("\nreport %s\n", filepath.Join(out, "report.html"))
	return nil
}
