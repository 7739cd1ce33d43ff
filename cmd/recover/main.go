// Command recover solves sparse-recovery problems from files and says how good its answers are.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"unroll/cmd/internal/cli"
)

const usage = `
Usage: recover -A FILE -y FILE [-lambda V | -lambda-ratio V | -path K | -cv K] [-flag …] [-o FILE]
       recover -A FILE -y FILE -model NAME|FILE [-query FILE] [-polish] [-lambda V] [-o FILE]

Finds the x that minimises ½‖y − Ax‖² + λ‖x‖₁, or another penalty, and certifies it: the duality gap bounds how far the objective is from
the least one. There is no 1/m in front of the sum; what scikit-learn's alpha and glmnet's lambda would be is printed.

Files are .npy, .npz (the array called A or y, or the only one) or .csv, with a first line of names or without. Where y has several
columns, each is a problem of its own. Rows, columns and problems are counted from 1.

  recover -A A.npy -y y.npy -lambda 0.1 -o x.npy       one λ
  recover -A A.csv -y y.csv -intercept -standardize    λ = 0.1·λ_max; above λ_max, x = 0
  recover -A A.npz -y A.npz -path 100 -o x.npz         100 λ from λ_max down to 0.001·λ_max
  recover -A A.npy -y y.npy -cv 5 -json                the λ that predicts best in 5-fold cross-validation

With -model a trained network estimates x; its error has an interval, calibrated on prompts like those of its training with as many rows, and
a flag where a classical solver is the better choice. With -polish the answer is the certified solution for λ, found from the estimate.

  recover -A A.npy -y y.npy -model NAME -query q.npy -polish -lambda 0.01

The exit status is 0 when every answer is certified to the tolerance, or the network's estimate is not flagged, and 3 when one is not; 2 for a
mistyped command, 1 for anything else.
`

func main() { cli.Exit("recover", run(os.Args[1:], os.Stdout)) }

func run(args []string, out io.Writer) error {
	s, flags, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		cli.Help(out, usage, nil, flags)
		return nil
	}
	if err != nil {
		return err
	}
	if err := writable(s.out); err != nil {
		return err
	}
	t, err := load(s)
	if err != nil {
		return err
	}
	if s.model != "" {
		return t.runNetwork(out)
	}
	w := newWatch(os.Stderr)
	r, err := t.solve(w)
	w.stop()
	if err != nil {
		return err
	}
	if err := r.write(); err != nil {
		return err
	}
	if s.json {
		err = r.printJSON(out)
	} else {
		err = r.print(out)
	}
	if err != nil {
		return err
	}
	if bad := r.uncertified(); bad > 0 {
		return &cli.StatusError{Status: 3, Err: fmt.Errorf("%d of %d answers are not certified to the relative gap -tol %g", bad, len(r.answers), s.tol)}
	}
	return nil
}
