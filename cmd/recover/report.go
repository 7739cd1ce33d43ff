package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"unroll/l2o"
)

// A report is what is said about a task when it is done.
type report struct {
	*task
	answers []answer
	seconds float64
}

// uncertified counts the answers whose gap is not within the tolerance.
func (r *report) uncertified() (count int) {
	for _, a := range r.answers {
		if a.Status != l2o.Converged {
			count++
		}
	}
	return count
}

// most is how many rows of a list are printed; files and JSON hold all.
const most = 20

func (r *report) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d rows, %d unknowns, %d problems; solver %s, penalty %s; %.3g s\n", r.a.rows, r.a.cols, r.y.cols, r.solver, r.settings.penalty, r.seconds)
	if len(r.answers) == 1 {
		r.printOne(w, r.answers[0])
	} else {
		r.printAll(w)
	}
	return w.Flush()
}

func (r *report) printOne(w io.Writer, a answer) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%s\t"+format+"\n", append([]any{name}, args...)...)
	}
	if a.lambda == a.lambda {
		of := ""
		if a.top > 0 {
			of = fmt.Sprintf(", %.4g of λ_max", a.lambda/a.top)
		}
		line("λ", "%.10g%s", a.lambda, of)
	}
	if c := a.choice; c != nil {
		line("by cross-validation", "%d folds, mean squared error %.4g ± %.2g; %d fits with a gap above %g", r.folds, c.mse, c.deviance, c.loose, foldTol)
	}
	if a.elsewhere.sklearn != "" {
		line("in scikit-learn", "%s", a.elsewhere.sklearn)
	}
	if a.elsewhere.glmnet != "" {
		line("in glmnet", "%s", a.elsewhere.glmnet)
	}
	line("primal", "%.10g", a.Primal)
	line("dual", "%.10g", a.Primal-a.Gap)
	line("relative gap", "%.2g, asked for %.2g", a.RelativeGap, r.tol)
	line("distance to optimality", "%.2g, of 0 to the subdifferential", a.Distance)
	identified := "not identified"
	if a.Identified {
		identified = "identified"
	}
	line("support", "%d of %d, %s, margin %.2g", len(a.Support), r.a.cols, identified, a.Margin)
	if a.Radius > 0 {
		line("without a penalty", "|A_jᵀr| up to %.2g is left; the gap holds for |x_j| up to %.2g", a.Left, a.Radius)
	}
	line("status", "%v after %d iterations, %.3g s", a.Status, a.Iters, a.seconds)
	if r.intercept {
		line("(intercept)", "%.10g", a.intercept)
	}
	for k, j := range a.Support {
		if k == most {
			line("…", "and %d more", len(a.Support)-most)
			break
		}
		line(r.a.name(j), "%.10g", a.x[j])
	}
}

func (r *report) printAll(w io.Writer) {
	fmt.Fprintln(w, "problem\tλ\tof λ_max\tsupport\trelative gap\titerations\tstatus")
	for k, a := range r.answers {
		if k == most && r.out != "" {
			fmt.Fprintf(w, "… and %d more in %s\n", len(r.answers)-most, r.out)
			break
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%.2g\t%d\t%v\n", r.y.name(a.problem), known(a.lambda), known(a.lambda/a.top), len(a.Support), a.RelativeGap, a.Iters, a.Status)
	}
}

// known prints v, or that there is none.
func known(v float64) string {
	if math.IsNaN(v) {
		return "none"
	}
	return fmt.Sprintf("%.6g", v)
}

// A number is null in JSON where JSON has none.
type number float64

func (v number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(v))
}

type nonzero struct {
	Column int    `json:"column"` // from 1
	Name   string `json:"name,omitempty"`
	Value  number `json:"value"`
}

// CrossValidation is what an answer says where λ was chosen, all of it, and leaves out elsewhere.
type CrossValidation struct {
	Folds int    `json:"cv_folds"`
	MSE   number `json:"cv_mse"`
	SE    number `json:"cv_se"` // of the folds' means
	Loose int    `json:"cv_uncertified"`
}

type answerJSON struct {
	Solver    string `json:"solver"`
	Penalty   string `json:"penalty"`
	Problem   string `json:"problem"`
	Lambda    number `json:"lambda"`
	LambdaMax number `json:"lambda_max"`
	Sklearn   string `json:"sklearn,omitempty"`
	Glmnet    string `json:"glmnet,omitempty"`
	*CrossValidation
	Primal      number    `json:"primal"`
	Dual        number    `json:"dual"`
	Gap         number    `json:"gap"`
	RelativeGap number    `json:"relative_gap"`
	Distance    number    `json:"distance"`
	Left        number    `json:"left,omitempty"`   // of the unknowns without a penalty: the gap holds
	Radius      number    `json:"radius,omitempty"` // where these are no larger
	SupportSize int       `json:"support_size"`
	Identified  bool      `json:"identified"`
	Margin      number    `json:"margin"`
	Iterations  int       `json:"iterations"`
	Status      string    `json:"status"`
	Seconds     number    `json:"seconds"`
	Intercept   number    `json:"intercept"`
	Nonzeros    []nonzero `json:"nonzeros"`
}

func (r *report) json(a answer) answerJSON {
	out := answerJSON{
		Solver: r.solver, Penalty: r.settings.penalty, Problem: r.y.name(a.problem), Lambda: number(a.lambda), LambdaMax: number(a.top),
		Sklearn: a.elsewhere.sklearn, Glmnet: a.elsewhere.glmnet,
		Primal: number(a.Primal), Dual: number(a.Primal - a.Gap), Gap: number(a.Gap), RelativeGap: number(a.RelativeGap), Distance: number(a.Distance),
		Left: number(a.Left), Radius: number(a.Radius), SupportSize: len(a.Support), Identified: a.Identified, Margin: number(a.Margin),
		Iterations: a.Iters, Status: a.Status.String(), Seconds: number(a.seconds), Intercept: number(a.intercept), Nonzeros: []nonzero{},
	}
	if c := a.choice; c != nil {
		out.CrossValidation = &CrossValidation{r.folds, number(c.mse), number(c.deviance), c.loose}
	}
	for _, j := range a.Support {
		n := nonzero{Column: j + 1, Value: number(a.x[j])}
		if r.a.names != nil {
			n.Name = r.a.names[j]
		}
		out.Nonzeros = append(out.Nonzeros, n)
	}
	return out
}

// printJSON prints the one answer as an object, or an object with all of them.
func (r *report) printJSON(out io.Writer) error {
	if len(r.answers) == 1 {
		return json.NewEncoder(out).Encode(r.json(r.answers[0]))
	}
	all := struct {
		Solver  string       `json:"solver"`
		Penalty string       `json:"penalty"`
		Seconds number       `json:"seconds"`
		Answers []answerJSON `json:"answers"`
	}{r.solver, r.settings.penalty, number(r.seconds), nil}
	for _, a := range r.answers {
		all.Answers = append(all.Answers, r.json(a))
	}
	return json.NewEncoder(out).Encode(all)
}
