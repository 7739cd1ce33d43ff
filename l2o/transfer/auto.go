package transfer

import (
	"fmt"
	"slices"
)

// A Choice is what [CrossValidation.Auto] took, and why.
type Choice struct {
	Fit      // of Knobs, on all rows of the target and of the sources kept
	Knobs    TwoStage
	Strategy Strategy               // None, Values or Support
	Sources  []int                  // data sets kept, from 1 up
	Best     [Support + 1]Candidate // of every strategy; without sources that of None alone
	Reason   string                 // one sentence with the numbers
	Rule     string                 // what the rule of thumb would have taken
}

// A Candidate is knobs and their cross-validated squared error: the mean over the target's rows and its standard error.
type Candidate struct {
	Knobs    TwoStage
	Mean, SE float64
}

// Auto keeps the [CrossValidation.Sources], and takes the knobs of the lowest cross-validated error among the two families with one
// knob, values and support; both contain none. The error is an *[InputError].
func (c CrossValidation) Auto(sets []DataSet) (Choice, error) {
	kept, err := c.Sources(sets)
	if err != nil {
		return Choice{}, err
	}
	used := []DataSet{sets[0]}
	for _, k := range kept {
		used = append(used, sets[k])
	}
	return c.choose(used, kept)
}

// choose takes the best knobs for a target and the sources kept; without a source, the target stands in for the rows of stage 1, which
// takes no part then.
func (c CrossValidation) choose(used []DataSet, kept []int) (Choice, error) {
	t := newTasks(used, chosenStop)
	grid := t.ladders().strategies()
	if len(kept) == 0 {
		grid[Values], grid[Support] = nil, nil
	}
	list := slices.Concat(grid[:]...)
	table, err := c.losses(used, list)
	if err != nil {
		return Choice{}, err
	}
	out := Choice{Sources: kept}
	at := 0
	for s, g := range grid {
		if len(g) == 0 {
			continue
		}
		i := at + table[at:at+len(g)].best()
		at += len(g)
		mean, se := meanError(table[i])
		out.Best[s] = Candidate{list[i], mean, se}
		if mean < out.Best[out.Strategy].Mean {
			out.Strategy = Strategy(s)
		}
	}
	out.Knobs = out.Best[out.Strategy].Knobs
	if out.Fit, err = t.fit(out.Knobs); err != nil {
		return Choice{}, err
	}
	out.explain(used[0])
	return out, nil
}

// explain fills Reason and Rule.
func (o *Choice) explain(target DataSet) {
	if len(o.Sources) == 0 {
		o.Reason = fmt.Sprintf("none: no source lowers the cross-validated error, alone or with the others; it is %.4g ± %.2g without", o.Best[None].Mean, o.Best[None].SE)
	} else {
		o.Reason = fmt.Sprintf("%v: cross-validated error %.4g ± %.2g, against none %.4g, values %.4g, support %.4g",
			o.Strategy, o.Best[o.Strategy].Mean, o.Best[o.Strategy].SE, o.Best[None].Mean, o.Best[Values].Mean, o.Best[Support].Mean)
	}
	m, n := target.A.Dims()
	o.Rule = fmt.Sprintf("scarce target: values; plentiful target: support. With %d rows for %d unknowns it says %v", m, n, RuleOfThumb(float64(m)/float64(n)))
}

// scarce is the number of target rows per unknown below which the rule of thumb takes values.
const scarce = 0.5

// RuleOfThumb is the strategy that the rule "scarce target: values; plentiful target: support" takes at so many target rows per unknown;
// scarce means fewer than a half.
func RuleOfThumb(rowsPerUnknown float64) Strategy {
	if rowsPerUnknown < scarce {
		return Values
	}
	return Support
}
