package eval

import (
	"fmt"
	"math"
	"strconv"
)

func (r *SaddlesResult) agreementSection() Section {
	a := r.Agreement
	last := a.Rows[len(a.Rows)-1]
	s := Section{
		Title: "How the flow approaches the prediction",
		Paragraph: []string{
			fmt.Sprintf("%d instances, %d plateaus between two jumps. A plateau of width w is settled at α when ln(1/α)·w·rate ≥ %d for every rate on it: "+
				"those at which coordinates come from the boundary or go to it, and that at which the active ones relax. The other plateaus are short: too short "+
				"to see at that α. At α = %g %d are settled and %d short; the largest error at the middle of a settled one is %s of the path's largest "+
				"coefficient. The errors below are those of the same plateaus at every α.",
				r.Study.Instances-a.Ambiguous, len(a.Plateaus), long, last.Alpha, last.Settled, last.Short, digits(last.Error)),
			fmt.Sprintf("With the rate of the coordinate about to hit alone, %d plateaus count as long at that α, and %d of them are off by more than 1e-6: "+
				"a coordinate that has left the boundary slowly is still near it, or the active ones relax slowly.", last.Hitting, last.Above),
			fmt.Sprintf("Jump time, where |β_i| crosses half its next value, over %d jumps: its error goes as ln(1/α) to the power %s. The flow's time average, over "+
				"%d middles at which the path's average is the Lasso solution at 1/t: its distance goes to the power %s.", a.Jump.Count, a.Jump, a.Mean.Count, a.Mean),
		},
		Figure: a.figure(), Table: a.table(), CSVName: "agreement.csv", full: a.csv(),
	}
	return s
}

// String is the slope with its interval.
func (s Slope) String() string {
	fine := func(v float64) string { return fmt.Sprintf("%.3f", v) }
	return fine(s.Value) + " " + bracket(s.CI, fine)
}

func (a *Agreement) table() Table {
	t := Table{Header: []string{"α", "plateaus", "largest error", "median", "jump time", "average to Lasso", "settled at α", "largest error", "short at α", "long by hit rate", "of them > 1e-6"}}
	for _, r := range a.Rows {
		t.Rows = append(t.Rows, []string{fmt.Sprint(r.Alpha), strconv.Itoa(r.Plateaus), digits(r.Error), digits(r.Median),
			digits(r.JumpError), digits(r.MeanError), strconv.Itoa(r.Settled), digits(r.Own), strconv.Itoa(r.Short), strconv.Itoa(r.Hitting), strconv.Itoa(r.Above)})
	}
	return t
}

func (a *Agreement) csv() *Table {
	t := columns("alpha,plateaus,mid_plateau_error,jump_time_error")
	for _, r := range a.Rows {
		t.record([]string{fmt.Sprint(r.Alpha), strconv.Itoa(r.Plateaus)}, r.Error, r.JumpError)
	}
	return t
}

func (a *Agreement) figure() *Figure {
	f := &Figure{Name: "agreement", XTitle: "ln(1/α)", YTitle: "relative error", LogY: true,
		Caption: "Errors of the flow against the prediction. On the plateaus settled at the smallest α."}
	largest, median := Line{Name: "largest on plateaus"}, Line{Name: "median on plateaus"}
	jump, lasso := Line{Name: "jump time"}, Line{Name: "average to Lasso"}
	for _, r := range a.Rows {
		x := -math.Log(r.Alpha)
		for _, l := range []struct {
			line *Line
			y    float64
		}{{&largest, r.Error}, {&median, r.Median}, {&jump, r.JumpError}, {&lasso, r.MeanError}} {
			l.line.X, l.line.Y = append(l.line.X, x), append(l.line.Y, l.y)
		}
	}
	f.Lines = []Line{largest, median, jump, lasso}
	return f
}

func (r *SaddlesResult) plateausSection() Section {
	t := columns("seed,saddle,hitting,settled,lasso")
	for _, alpha := range agreementScales {
		for _, name := range []string{"error", "jump_time_error", "mean_error"} {
			t.Header = append(t.Header, fmt.Sprintf("%s_%g", name, alpha))
		}
	}
	for _, p := range r.Agreement.Plateaus {
		row := []float64{p.Hitting, p.Settled, count(p.Lasso)}
		for i := range agreementScales {
			row = append(row, p.Error[i], p.JumpError[i], p.MeanError[i])
		}
		t.record([]string{strconv.FormatUint(p.Seed, 10), strconv.Itoa(p.Index)}, row...)
	}
	return Section{
		Title: "Every plateau",
		Paragraph: []string{"The file has a row for each plateau, the short ones too: the exponents per ln(1/α) of the coordinate about to hit and of the " +
			"slowest rate, whether the path's average is a Lasso solution at its middle, and the errors at each α."},
		CSVName: "plateaus.csv", full: t,
	}
}
