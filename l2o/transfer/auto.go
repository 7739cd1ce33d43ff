package transfer

import (
	"fmt"
	"math"
	"slices"

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
	Best     [Support + 1]Candidate // the lowest of every strategy; of values with the Mean +Inf where no source helps
	Loose    int                    // of all fits that were tried, on folds and on all rows, those whose relative gap is above 1e-5
	Reason   string                 // one sentence with the numbers
	Rule     string                 // what the rule of thumb would have taken
}

// A Candidate is knobs on some sources and their cross-validated squared error: the mean over the target's rows and its standard error.
type Candidate struct {
	Knobs    TwoStage
	Sources  []int
	Mean, SE float64
}

// Fit is the certified answer on all rows of the target and of the candidate's sources. The error is an *[InputError].
func (c Candidate) Fit(sets []DataSet) (Fit, error) {
	if err := c.Knobs.Check(); err != nil {
		return Fit{}, err
	}
	if err := checkSources(sets, c.Sources); err != nil {
		return Fit{}, err
	}
	used := []DataSet{sets[0]}
	for _, k := range c.Sources {
		used = append(used, sets[k])
	}
	return newTasks(used, l2o.Stop{}).fit(c.Knobs)
}

// checkSources is checkSets with the indices of some sources.
func checkSources(sets []DataSet, sources []int) error {
	if err := checkSets(sets); err != nil {
		return err
	}
	for i, k := range sources {
		if k < 1 || k >= len(sets) {
			return &InputError{"sources", "index", k, fmt.Sprintf("from 1, the first source, to %d", len(sets)-1)}
		}
		if slices.Contains(sources[:i], k) {
			return &InputError{"sources", "index", k, "every source once"}
		}
	}
	return nil
}

// Auto tries the two families with one knob, values and support; both contain none. It tries them with the [CrossValidation.Sources], and
// support with no source, where stage 1 is the target's own. It takes the fewest nonzeros of an answer, and of as many the lowest
// cross-validated error, among the knobs whose error
//
//   - is not above the lowest by the one-sided test at the level 5 % of the differences, row by row, and
//   - is not above that of the target's best Lasso.
//
// The first is the rule of L. Breiman, J. Friedman, R. Olshen and C. Stone ("Classification and Regression Trees", 1984, section 3.4.3)
// with 1.645 standard errors for one. The lowest of some hundred knobs is low by luck as well: where five of 500 unknowns carry the truth
// and 200 rows are held out in turn, it has the true support with several false unknowns beside it, and knobs that differ by as little as
// one standard error of the same rows are sorted by that luck. The second is for truths that many unknowns carry: few nonzeros would lose
// there what the sources give, and more; [Choice.Lowest] gains most.
//
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
	tried := [][]int{nil}
	if len(kept) > 0 {
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

// untold is how many standard errors a difference must exceed for the one-sided test at the level 5 %.
const untold = 1.645

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
		if above, se := excess(t.losses, low.losses); above > untold*se || t.Mean > out.Best[None].Mean {
			continue
		}
		if t.nonzeros < took.nonzeros || t.nonzeros == took.nonzeros && t.Mean < took.Mean {
			took = t
		}
	}
	out.Lowest, out.Knobs, out.Strategy, out.Sources, out.Nonzeros = low.Candidate, took.Knobs, took.strategy, took.Sources, took.nonzeros
	out.Loose = c.loose
	var err error
	if out.Fit, err = took.Fit(c.sets); err != nil {
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
	o.Reason = fmt.Sprintf("%v %s: cross-validated error %.4g ± %.2g with %d nonzeros, the fewest that held-out rows cannot tell from the lowest, %.4g, and at least as good as none; the best",
		took.strategy, from, took.Mean, took.SE, took.nonzeros, o.Lowest.Mean)
	for s, best := range o.Best {
		if finite(best.Mean) {
			o.Reason += fmt.Sprintf(" of %v %.4g", Strategy(s), best.Mean)
		}
	}
	o.Reason += fmt.Sprintf("; %d fits with a gap above %g", o.Loose, chosenStop.Gap)
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
