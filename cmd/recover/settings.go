package main

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"unroll/checkpoints"
	"unroll/cmd/internal/cli"
	"unroll/l2o"
)

// settings are what the command line asks for.
type settings struct {
	matrix, data, out      string
	choice                 string // how λ is chosen: the name of one of the four flags
	lambda, ratio          float64
	path, folds            int
	solver, penalty        string
	weights, groups        string
	ridge, lo, hi          float64
	intercept, standardize bool
	tol                    float64
	workers                int
	json                   bool
	model, query           string
	polish                 bool
}

// solvers are those that minimise the objective, whichever it is.
var solvers = map[string]l2o.Solver{
	"cd": l2o.CD{}, "restart": l2o.Restart{}, "fista": l2o.FISTA{}, "ista": l2o.ISTA{}, "admm": l2o.ADMM{}, "homotopy": l2o.Homotopy{},
}

// choices are the flags of which one says what λ is.
var choices = []string{"lambda", "lambda-ratio", "path", "cv"}

func (s *settings) flags() *flag.FlagSet {
	f := flag.NewFlagSet("recover", flag.ContinueOnError)
	f.StringVar(&s.matrix, "A", "", "the matrix A, a `file` of m rows and n columns")
	f.StringVar(&s.data, "y", "", "the data y, a `file` of m numbers, or of m rows with one problem in each column")
	f.StringVar(&s.out, "o", "", "write x to a `file` .npy, .npz or .csv")
	f.Float64Var(&s.lambda, "lambda", 0, "λ, a number ≥ 0")
	f.Float64Var(&s.ratio, "lambda-ratio", 0.1, "λ as a part of λ_max, the smallest λ with the answer 0")
	f.IntVar(&s.path, "path", 0, "solve for so many λ, from λ_max down")
	f.IntVar(&s.folds, "cv", 0, "choose λ by cross-validation in so many folds")
	f.StringVar(&s.solver, "solver", "cd", strings.Join(slices.Sorted(maps.Keys(solvers)), ", "))
	f.StringVar(&s.penalty, "penalty", "l1", strings.Join(penalties, ", "))
	f.StringVar(&s.weights, "weights", "", "weights of the unknowns in the l1 penalty, a `file` of n numbers: 0 for no penalty, inf for x = 0")
	f.StringVar(&s.groups, "groups", "", "the group of each unknown for the group penalty, a `file` of n numbers, equal in a group")
	f.Float64Var(&s.ridge, "ridge", 1, "ρ of the elastic net, λ‖x‖₁ + ½ρ‖x‖²")
	f.Float64Var(&s.lo, "lo", 0, "lower bound of the box")
	f.Float64Var(&s.hi, "hi", 1, "upper bound of the box")
	f.BoolVar(&s.intercept, "intercept", false, "add a constant, without penalty")
	f.BoolVar(&s.standardize, "standardize", false, "divide each column by its standard deviation for the penalty; x is for the columns as they are")
	f.Float64Var(&s.tol, "tol", 1e-10, "duality gap to certify, relative to the objective at x = 0")
	f.IntVar(&s.workers, "workers", 0, "problems solved at the same time; 0 for one a processor")
	f.BoolVar(&s.json, "json", false, "print one JSON object")
	f.StringVar(&s.model, "model", "", "estimate x by a trained network, a `file` or one of "+strings.Join(checkpoints.Pretrained(), ", "))
	f.StringVar(&s.query, "query", "", "with -model: a further row of A, a `file` of n numbers, whose label is predicted")
	f.BoolVar(&s.polish, "polish", false, "with -model: go on from the estimate to the certified solution for λ")
	return f
}

// parse reads the command line. The error is flag.ErrHelp after -h, else a UsageError.
func parse(args []string) (*settings, *flag.FlagSet, error) {
	s := new(settings)
	flags := s.flags()
	word, assignments, err := cli.Parse(flags, args)
	if err != nil {
		return nil, flags, err
	}
	if word != "" {
		assignments = append(assignments, word)
	}
	if len(assignments) > 0 {
		return nil, nil, cli.Usagef("argument %q: flags alone are allowed, such as -A FILE", assignments[0])
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if err := s.check(given); err != nil {
		return nil, nil, err
	}
	return s, flags, nil
}

// check sets the choice of λ and refuses what does not fit together.
func (s *settings) check(given map[string]bool) error {
	if s.matrix == "" || s.data == "" {
		return cli.Usagef("-A FILE and -y FILE are needed; -h says more")
	}
	if !slices.Contains(penalties, s.penalty) {
		return cli.Unknown("penalty", s.penalty, penalties)
	}
	if _, ok := solvers[s.solver]; !ok {
		return cli.Unknown("solver", s.solver, slices.Sorted(maps.Keys(solvers)))
	}
	for _, name := range choices {
		if given[name] && s.choice != "" {
			return cli.Usagef("-%s and -%s: one way to choose λ is allowed", s.choice, name)
		}
		if given[name] {
			s.choice = name
		}
	}
	if err := s.checkModel(given); err != nil {
		return err
	}
	if err := s.checkPenalty(given); err != nil {
		return err
	}
	if s.choice == "" {
		s.choice = "lambda-ratio"
	}
	return s.checkNumbers(given)
}

// checkModel refuses flags that need a network without one, and with one those that it has no use for.
func (s *settings) checkModel(given map[string]bool) error {
	if s.model == "" {
		for _, name := range []string{"query", "polish"} {
			if given[name] {
				return cli.Usagef("-%s: -model FILE is needed", name)
			}
		}
		return nil
	}
	for _, name := range []string{"path", "cv", "solver", "penalty", "weights", "groups", "ridge", "lo", "hi", "intercept", "standardize", "workers"} {
		if given[name] {
			return cli.Usagef("-%s with -model: a network has its own way; -lambda and -lambda-ratio set the λ that its estimate is certified and polished for", name)
		}
	}
	return nil
}

func (s *settings) checkPenalty(given map[string]bool) error {
	for _, c := range []struct{ flag, penalty string }{
		{"weights", "l1"}, {"groups", "group"}, {"ridge", "elasticnet"}, {"lo", "box"}, {"hi", "box"},
	} {
		if given[c.flag] && s.penalty != c.penalty {
			return cli.Usagef("-%s with -penalty %s: -penalty %s alone has it", c.flag, s.penalty, c.penalty)
		}
	}
	switch {
	case s.penalty == "group" && s.groups == "":
		return cli.Usagef("-penalty group: -groups FILE is needed")
	case s.penalty == "squaredl2" && s.choice != "lambda":
		return cli.Usagef("-penalty squaredl2: -lambda V is needed, as no λ makes x zero")
	case s.penalty == "box" && s.choice != "":
		return cli.Usagef("-%s with -penalty box: a box has no λ", s.choice)
	case s.penalty == "box" && s.standardize:
		return cli.Usagef("-standardize with -penalty box: the bounds are for the columns as they are")
	case s.penalty == "box":
		s.choice = "lambda"
	}
	return nil
}

func (s *settings) checkNumbers(given map[string]bool) error {
	for _, c := range []struct {
		flag  string
		value any
		ok    bool
		want  string
	}{
		{"lambda", s.lambda, s.lambda >= 0 && !math.IsInf(s.lambda, 0), "a number ≥ 0"},
		{"lambda-ratio", s.ratio, s.ratio > 0 && s.ratio <= 1, "a number above 0, at most 1"},
		{"path", s.path, s.path > 1 && s.path <= mostSteps || !given["path"], fmt.Sprintf("a number from 2 to %d", mostSteps)},
		{"cv", s.folds, s.folds > 1 || !given["cv"], "a number from 2 up"},
		{"tol", s.tol, s.tol > 0 && s.tol <= 1, "a number above 0, at most 1"},
		{"workers", s.workers, s.workers >= 0, "a number from 0 up"},
		{"ridge", s.ridge, s.ridge >= 0 && !math.IsInf(s.ridge, 0), "a number ≥ 0"},
		{"hi", s.hi, s.penalty != "box" || s.lo <= s.hi && !math.IsInf(s.lo, 0) && !math.IsInf(s.hi, 0), "a number at least that of -lo"},
	} {
		if !c.ok {
			return cli.Usagef("-%s %v: %s is allowed", c.flag, c.value, c.want)
		}
	}
	return nil
}

const mostSteps = 100_000
