package transfer

import (
	"fmt"
	"math"

	"unroll/l2o"
)

// A Choice is what [CrossValidation.Auto] took, and why.
type Choice struct {
	Fit                             // of Knobs, on all rows of the target and of the Sources
	Knobs    TwoStage               //
	Strategy Strategy               // None, Values or Support
	Sources  []int                  // data sets used, from 1 up; without one, both stages are the target's own
	Nonzeros int                    // of the answer
	Lowest   Candidate              // of all knobs by cross-validation; Knobs are those with the fewest nonzeros that it cannot tell from these
	Best     [Support + 1]Candidate // the lowest of every strategy
	Reason   string                 // one sentence with the numbers
	Rule     string                 // what the rule of thumb would have taken
}

// A Candidate is knobs on some sources and their cross-validated squared error: the mean over the target's rows and its standard error.
type Candidate struct {
	Knobs    TwoStage
	Sources  []int
	Mean, SE float64
}

// Auto tries the two families with one knob, values and support; both contain none. It tries them with the [CrossValidation.Sources], with all
// sources, and support with none, where stage 1 is the target's own. Of the knobs whose cross-validated error is above the lowest by no
// more than a standard error of the difference, row by row, it takes those whose answer has the fewest nonzeros, and of these the lowest
// (L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and Regression Trees", 1984, section 3.4.3). Where few unknowns carry the
// truth that is close to the oracle; where many carry a little each, take [Choice.Lowest], which predicts 4 to 12 % better on eval's digits.
// The error is an *[InputError].
func (c CrossValidation) Auto(sets []DataSet) (Choice, error) {
	if err := c.check(sets); err != nil {
		return Choice{}, err
	}
	cut := c.cut(sets)
	kept, err := cut.sources()
	if err != nil {
		return Choice{}, err
	}
	tried := [][]int{nil, everySource(sets)}
	if len(kept) > 0 && len(kept) < len(tried[1]) {
		tried = append(tried, kept)
	}
	var all []trial
	for _, sources := range tried {
		more, err := cut.trials(sources)
		if err != nil {
			return Choice{}, err
		}
		all = append(all, more...)
	}
	return cut.choose(all)
}

// A trial is knobs on some sources with what cross-validation saw of them.
type trial struct {
	Candidate
	strategy Strategy
	losses   []float64 // (target rows)
	nonzeros int       // of the answer on all rows
}

// trials tries the grid on some sources.
func (c *cuts) trials(sources []int) (all []trial, err error) {
	var list []TwoStage
	for s, some := range c.ladders(sources).strategies(len(sources)) {
		for _, k := range some {
			all = append(all, trial{Candidate: Candidate{Knobs: k, Sources: sources}, strategy: Strategy(s)})
		}
		list = append(list, some...)
	}
	table, err := c.losses(sources, list)
	if err != nil {
		return nil, err
	}
	err = c.fits(sources, list, func(i int, w []float64) {
		for _, v := range w {
			if v != 0 {
				all[i].nonzeros++
			}
		}
	})
	for i, l := range table {
		all[i].losses = l
		all[i].Mean, all[i].SE = meanError(l)
	}
	return all, err
}

// choose applies Auto's rule.
func (c *cuts) choose(all []trial) (Choice, error) {
	out := Choice{}
	for s := range out.Best {
		out.Best[s].Mean = math.Inf(1)
	}
	low := all[0]
	for _, t := range all {
		if t.Mean < out.Best[t.strategy].Mean {
			out.Best[t.strategy] = t.Candidate
		}
		if t.Mean < low.Mean {
			low = t
		}
	}
	took := low
	for _, t := range all {
		if above, se := excess(t.losses, low.losses); above > se {
			continue
		}
		if t.nonzeros < took.nonzeros || t.nonzeros == took.nonzeros && t.Mean < took.Mean {
			took = t
		}
	}
	out.Lowest, out.Knobs, out.Strategy, out.Sources, out.Nonzeros = low.Candidate, took.Knobs, took.strategy, took.Sources, took.nonzeros
	used := []DataSet{c.sets[0]}
	for _, k := range took.Sources {
		used = append(used, c.sets[k])
	}
	var err error
	if out.Fit, err = newTasks(used, l2o.Stop{}).fit(took.Knobs); err != nil {
		return Choice{}, err
	}
	out.explain(took, c.sets[0])
	return out, nil
}

// explain fills Reason and Rule.
func (o *Choice) explain(took trial, target DataSet) {
	from := "without a source"
	if len(took.Sources) > 0 {
		from = fmt.Sprintf("of sources %v", took.Sources)
	}
	o.Reason = fmt.Sprintf("%v %s: cross-validated error %.4g ± %.2g with %d nonzeros, the fewest within a standard error of the lowest, %.4g; the best of none %.4g, values %.4g, support %.4g",
		took.strategy, from, took.Mean, took.SE, took.nonzeros, o.Lowest.Mean, o.Best[None].Mean, o.Best[Values].Mean, o.Best[Support].Mean)
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
