package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o/transfer"
)

// An autoDraw is what one draw of related tasks gave: excess errors (w−β)ᵀΣ(w−β), over the noise, which is 1.
type autoDraw struct {
	auto   float64 // the choice by cross-validation
	oracle float64 // the best of the same grid on any choice of sources that is tried, by the truth
	none   float64 // the target's Lasso by cross-validation
	apart  float64 // between the choice and the oracle's answer
	took   transfer.Strategy
	with   int // sources
}

// auto draws the tasks and chooses.
func (g relatedTasks) auto(rng *rand.Rand) ([]float64, error) {
	sets, truth := g.draw(rng)
	choice, err := transfer.CrossValidation{}.Auto(sets)
	if err != nil {
		return nil, err
	}
	lasso, err := choice.Best[transfer.None].Fit(sets)
	if err != nil {
		return nil, err
	}
	best, err := g.oracle(sets, truth, choice.Sources)
	if err != nil {
		return nil, err
	}
	apart := taskExcess(choice.W, best.w)
	return []float64{taskExcess(choice.W, truth), best.error, taskExcess(lasso.W, truth), apart, float64(choice.Strategy), float64(len(choice.Sources))}, nil
}

// A taskOracle is the best of a grid by the truth.
type taskOracle struct {
	error   float64
	knobs   transfer.TwoStage
	sources []int
	w       []float64
}

// oracle looks through the grid with no source, with the informative ones, with all, and with some others.
func (g relatedTasks) oracle(sets []transfer.DataSet, truth []float64, others []int) (best taskOracle, err error) {
	all := []int{1, 2, 3, 4, 5}
	best.error = math.Inf(1)
	var seen [][]int
	for _, sources := range [][]int{nil, all, all[:g.Informative], others} {
		if slices.ContainsFunc(seen, func(s []int) bool { return slices.Equal(s, sources) }) {
			continue
		}
		seen = append(seen, sources)
		err := transfer.Grid(sets, sources, func(s transfer.TwoStage, w []float64) {
			if e := taskExcess(w, truth); e < best.error {
				best = taskOracle{e, s, sources, slices.Clone(w)}
			}
		})
		if err != nil {
			return best, err
		}
	}
	return best, nil
}

// auto compares Auto with the oracle and with the target's Lasso, for every number of informative sources.
func (r *TransferResult) auto(run cellRunner) ([]Section, error) {
	var cells []cell
	for k := range taskSources + 1 {
		for i := range r.Study.Draws {
			cells = append(cells, cell{
				Name: fmt.Sprintf("auto-%d-%d", k, i), Setting: fmt.Sprintf("fewest nonzeros at 5 %% and no worse than none, sources that help or none, seed %d", r.Study.Seed),
				Work: func() ([]float64, error) { return relatedTasks{k}.auto(r.Study.taskDraw(k, i)) },
			})
		}
	}
	numbers, err := run(cells)
	if err != nil {
		return nil, err
	}
	t := Table{Header: []string{"informative", "auto", "oracle", "none", "auto/oracle − 1", "auto/oracle − 1 of means", "auto/oracle − 1 with noise", "auto/none − 1", "auto/none − 1 with noise", "difference/its se", "none", "values", "support", "sources"}}
	for k := range taskSources + 1 {
		var draws []autoDraw
		for _, v := range numbers[k*r.Study.Draws : (k+1)*r.Study.Draws] {
			draws = append(draws, autoDraw{v[0], v[1], v[2], v[3], transfer.Strategy(v[4]), int(v[5])})
		}
		t.Rows = append(t.Rows, append([]string{fmt.Sprint(k)}, autoRow(draws)...))
	}
	split, err := r.autoSplit(run)
	if err != nil {
		return nil, err
	}
	return []Section{{
		Title: "Auto",
		Paragraph: []string{fmt.Sprintf("Medians over %d draws of 5 sources of which some are informative (500 unknowns, 200 target rows, 100 rows per source). "+
			"The error is the pure excess (w−β)ᵀΣ(w−β), what the mean squared error on fresh rows of the target has above the noise, which is 1; with noise the ratio is that of "+
			"the mean squared errors. A ratio is the median of the draws' ratios, but where it says of means. The oracle knows the truth and takes, for every draw anew, the best of the same grid with no source, the informative ones, all, or Auto's.", r.Study.Draws),
			"What 200 held-out rows can tell: the error of the choice minus the oracle's, over 2‖Σ^½(w−w_oracle)‖/√200, the standard error of the same difference as the target's rows would measure it. " +
				"Below about 2 no choice by held-out rows can tell the two apart."},
		Table: t, CSVName: "auto.csv",
	}, split}, nil
}

// taskDraw is the generator of draw i with k informative sources.
func (t Transfer) taskDraw(k, i int) *rand.Rand {
	return rand.New(rand.NewPCG(t.Seed, uint64(100+k)<<32|uint64(i)))
}

func autoRow(draws []autoDraw) []string {
	var took [transfer.Support + 1]int
	var with, auto, oracle float64
	for _, d := range draws {
		auto, oracle = auto+d.auto, oracle+d.oracle
		took[d.took]++
		with += float64(d.with) / float64(len(draws))
	}
	med := func(f func(autoDraw) float64) float64 {
		var v []float64
		for _, d := range draws {
			v = append(v, f(d))
		}
		slices.Sort(v)
		return quantile(v, 0.5)
	}
	return []string{
		significant(med(func(d autoDraw) float64 { return d.auto })), significant(med(func(d autoDraw) float64 { return d.oracle })),
		significant(med(func(d autoDraw) float64 { return d.none })),
		percent(med(func(d autoDraw) float64 { return d.auto/d.oracle - 1 })), percent(auto/oracle - 1),
		percent(med(func(d autoDraw) float64 { return (1+d.auto)/(1+d.oracle) - 1 })),
		percent(med(func(d autoDraw) float64 { return d.auto/d.none - 1 })), percent(med(func(d autoDraw) float64 { return (1+d.auto)/(1+d.none) - 1 })),
		decimals(med(func(d autoDraw) float64 {
			return (d.auto - d.oracle) / max(2*math.Sqrt(d.apart/taskTargetRows), 1e-300)
		})),
		fmt.Sprint(took[transfer.None]), fmt.Sprint(took[transfer.Values]), fmt.Sprint(took[transfer.Support]), decimals(with),
	}
}
