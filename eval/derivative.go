package eval

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/diff"
)

var derivativeStudy = Study{
	Name:     "derivative",
	Question: "How fast do the derivatives of an iteration whose steps and momenta change approach that of the solution, beside its iterates?",
	Figure:   "derivatives",
}

// Derivative is the study of derivatives of proximal gradient iterations under schedules that change, after Mehmood and Ochs (2025).
type Derivative struct {
	Seed  uint64 `yaml:"seed" help:"of the problems and of the random schedules"`
	K     int    `yaml:"K" help:"iterations for the Lasso; twice as many for logistic regression"`
	Draws int    `yaml:"draws" help:"Lasso problems of the law; the first is the one of figure and table"`
	Data  string `yaml:"data" help:"folder of the real data sets, which Debian's python3-sklearn ships"`
}

// NewDerivative returns the study at its defaults.
func NewDerivative() Derivative { return Derivative{Seed: 1, K: 2000, Draws: 20, Data: debianData} }

// Check returns a *data.FieldError for the first field that has no meaning.
func (d Derivative) Check() error {
	if d.K < 500 {
		return &data.FieldError{Field: "K", Value: fmt.Sprint(d.K), Want: "at least 500, or no rate can be fitted"}
	}
	if d.Draws < 1 {
		return &data.FieldError{Field: "draws", Value: fmt.Sprint(d.Draws), Want: "at least 1"}
	}
	return nil
}

// A DerivativeResult is everything a report of the study says.
type DerivativeResult struct {
	Study    Derivative
	Problems []derivativeRates
	Draws    []drawRates
	Modes    []modeRow
	Curse    curse
	Missing  []string // real data sets that are not there
}

// derivativeRates are the rows of one problem.
type derivativeRates struct {
	derivativeProblem
	Rates []DerivativeRate
}

// drawRates are the rows of one Lasso problem of the law.
type drawRates struct {
	Draw  int
	Rates []DerivativeRate
}

// Run measures all problems. A real data set that is not installed is left out, and named.
func (d Derivative) Run() (*DerivativeResult, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	r := &DerivativeResult{Study: d}
	for draw := range d.Draws {
		rates, err := d.rates(lassoDraw(d.Seed, draw), d.K)
		if refusal, ok := errors.AsType[*diff.Refusal](err); ok {
			return nil, fmt.Errorf("eval: draw %d has no derivative: %w", draw, refusal)
		}
		if err != nil {
			return nil, err
		}
		r.Draws = append(r.Draws, drawRates{draw, rates})
	}
	r.Problems = []derivativeRates{{derivativeProblem{"Lasso", "60×100, eight nonzeros, λ = 0.1", "rates.csv", lassoDraw(d.Seed, 0)}, r.Draws[0].Rates}}
	for _, p := range d.others(r) {
		rates, err := d.rates(p.Problem, 2*d.K)
		if err != nil {
			return nil, fmt.Errorf("eval: %s: %w", p.Name, err)
		}
		r.Problems = append(r.Problems, derivativeRates{p, rates})
	}
	var err error
	if r.Modes, err = modes(lassoDraw(d.Seed, 0), d.K); err != nil {
		return nil, err
	}
	r.Curse, err = d.curse(r.Draws)
	return r, err
}

// others returns the problems beside the Lasso of the law.
func (d Derivative) others(r *DerivativeResult) []derivativeProblem {
	all := []derivativeProblem{{"Logistic", "120×80, ½λ‖x‖² with λ = 0.005", "rates_logistic.csv", logisticDraw(d.Seed)}}
	for _, real := range []struct {
		derivativeProblem
		read func(folder string) (*l2o.Problem, error)
	}{
		{derivativeProblem{"Diabetes", "442×10, unit columns, λ = 0.1 λ_max", "rates_diabetes.csv", nil}, diabetes},
		{derivativeProblem{"Breast cancer", "569×30, unit columns, ½λ‖x‖² with λ = 0.02", "rates_breast_cancer.csv", nil}, breastCancer},
	} {
		p, err := real.read(d.Data)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			r.Missing = append(r.Missing, fmt.Sprintf("%s is not in %s: Debian's python3-sklearn ships it.", real.Name, d.Data))
		case err != nil:
			r.Missing = append(r.Missing, err.Error())
		default:
			real.Problem = p
			all = append(all, real.derivativeProblem)
		}
	}
	return all
}

func (d Derivative) rates(p *l2o.Problem, K int) ([]DerivativeRate, error) {
	var rows []DerivativeRate
	for _, s := range derivativeSchedules {
		row, err := derivativeRate(p, s, K, d.Seed)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// WriteTable prints the result for a terminal.
func (r *DerivativeResult) WriteTable(w io.Writer) error {
	var b strings.Builder
	for _, s := range r.sections() {
		fmt.Fprintf(&b, "%s\n", s.Title)
		for _, p := range s.Paragraph {
			fmt.Fprintf(&b, "%s\n", p)
		}
		if len(s.Table.Header) > 0 {
			fmt.Fprintf(&b, "\n%v", s.Table.Shown())
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Write makes dir and writes the report, its figures and tables.
func (r *DerivativeResult) Write(dir string) error {
	return writeReport(dir, page{Title: "Derivatives of iterations", Question: derivativeStudy.Question}, r.sections(), nil)
}

// agreement counts the draws in which, without momentum, the rates of iterate and derivative are within tol of each other and of theory,
// and returns the largest difference in the others, and the largest error of a last derivative over all draws and schedules.
func (r *DerivativeResult) agreement(tol float64) (draws int, worst, limit float64) {
	for _, d := range r.Draws {
		largest := 0.0
		for _, row := range d.Rates {
			limit = max(limit, row.LimitError)
			if strings.HasPrefix(row.Schedule, "PGD") {
				largest = max(largest, math.Abs(row.Iterate-row.Derivative), math.Abs(row.Iterate-row.Theory), math.Abs(row.Derivative-row.Theory))
			}
		}
		if largest <= tol {
			draws++
		} else {
			worst = max(worst, largest)
		}
	}
	return draws, worst, limit
}
