package eval

import (
	"fmt"
	"slices"

	"unroll/l2o/transfer"
)

// The grid of the phase diagram: target rows per unknown, the share of a truth's nonzeros that it has in common with the source, noise.
// A truth has a fifth of its coordinates, the source 1.2 rows per unknown.
var (
	phaseRows       = []float64{0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.2, 1.6}
	phaseSimilarity = []float64{0.25, 0.5, 0.75, 0.9, 1}
	phaseSigma      = []float64{0.03, 0.1, 0.3}
)

// A phaseCell is one point of the diagram.
type phaseCell struct {
	rows, similarity, sigma float64
	best                    transfer.Strategy
	errors                  [transfer.Both + 1]float64 // at the global optimum of every strategy
	local                   float64                    // both, with λ₁ at stage 1's optimum
	knobs                   [transfer.Both + 1]transfer.TwoStage
}

const (
	phasePower  = 0.2
	phaseSource = 1.2
	phaseTie    = 1e-3 // strategies that differ by less are equal: the one with fewer knobs is taken
)

func (c phaseCell) ensemble() transfer.Ensemble {
	own := phasePower * (1 - c.similarity)
	return transfer.Ensemble{Common: phasePower * c.similarity, Sets: []transfer.Law{{Rows: c.rows, Own: own, Sigma: c.sigma}, {Rows: phaseSource, Own: own, Sigma: c.sigma}}}
}

// regret is what a strategy loses against both, as a share of both's error.
func (c phaseCell) regret(s transfer.Strategy) float64 {
	return c.errors[s]/c.errors[transfer.Both] - 1
}

// single is the regret of the better of values and support.
func (c phaseCell) single() float64 {
	return min(c.regret(transfer.Values), c.regret(transfer.Support))
}

// better is values or support, whichever has the lower error.
func (c phaseCell) better() transfer.Strategy {
	if c.errors[transfer.Values] <= c.errors[transfer.Support] {
		return transfer.Values
	}
	return transfer.Support
}

// solve returns the cell's numbers: errors, knobs, and the local optimum's error.
func (c phaseCell) solve() ([]float64, error) {
	local, global, err := c.ensemble().LocalAndGlobal()
	if err != nil {
		return nil, err
	}
	var v []float64
	for _, o := range global {
		v = append(v, o.Error(), o.Knobs.Lambda1, o.Knobs.Lambda2, o.Knobs.Kappa, o.Knobs.DeltaLambda)
	}
	return append(v, float64(global.Best(phaseTie)), local[transfer.Both].Error()), nil
}

// fill reads the numbers of solve.
func (c *phaseCell) fill(v []float64) {
	for s := range c.errors {
		c.errors[s] = v[5*s]
		c.knobs[s] = transfer.TwoStage{Lambda1: v[5*s+1], Lambda2: v[5*s+2], Kappa: v[5*s+3], DeltaLambda: v[5*s+4]}
	}
	c.best, c.local = transfer.Strategy(v[20]), v[21]
}

// phaseDiagram solves every cell of the grid.
func phaseDiagram(run cellRunner) ([]phaseCell, error) {
	var all []phaseCell
	var cells []cell
	for _, sigma := range phaseSigma {
		for _, similarity := range phaseSimilarity {
			for _, rows := range phaseRows {
				c := phaseCell{rows: rows, similarity: similarity, sigma: sigma}
				all = append(all, c)
				cells = append(cells, cell{fmt.Sprintf("phase-%g-%g-%g", rows, similarity, sigma), fmt.Sprintf("%+v", c.ensemble()), c.solve})
			}
		}
	}
	numbers, err := run(cells)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].fill(numbers[i])
	}
	return all, nil
}

// phase is the diagram by theory, the paper's claim on it, and the same by simulation where the claim is weakest, strongest and between.
func (r *TransferResult) phase(run cellRunner) ([]Section, error) {
	all, err := phaseDiagram(run)
	if err != nil {
		return nil, err
	}
	out := []Section{claimSection(all), ruleSection(all)}
	for _, sigma := range phaseSigma {
		out = append(out, regretSection(all, sigma))
	}
	check, err := r.phaseCheck(run, all)
	return append(out, check), err
}

// claimSection is the distribution of the better single knob's regret.
func claimSection(all []phaseCell) Section {
	var regret, withNoise, localLoss []float64
	near, nearNoise := 0, 0
	t := Table{Header: []string{"alpha_target", "similarity", "sigma", "best", "regret_values", "regret_support"}}
	for _, c := range all {
		s, noise := c.single(), c.sigma*c.sigma
		n := (s*c.errors[transfer.Both])/(c.errors[transfer.Both]+noise) + 0
		regret, withNoise = append(regret, s), append(withNoise, n)
		localLoss = append(localLoss, c.local/c.errors[transfer.Both]-1)
		if s <= 0.05 {
			near++
		}
		if n <= 0.05 {
			nearNoise++
		}
		t.Rows = append(t.Rows, []string{significant(c.rows), significant(c.similarity), significant(c.sigma), c.best.String(),
			significant(c.regret(transfer.Values)), significant(c.regret(transfer.Support))})
	}
	slices.Sort(regret)
	slices.Sort(withNoise)
	slices.Sort(localLoss)
	at := func(v []float64, p float64) string { return percent(quantile(v, p)) }
	return Section{
		Title: "Is one knob enough?",
		Paragraph: []string{
			fmt.Sprintf("Over %d cells the better of values and support loses to both knobs, each at its global optimum by theory: median %s, 75 %% quantile %s, 90 %% quantile %s, at most %s. "+
				"In %s of the cells it is within 5 %%. With the noise counted as error: median %s, 90 %% quantile %s, within 5 %% in %s.",
				len(all), at(regret, 0.5), at(regret, 0.75), at(regret, 0.9), at(regret, 1), percent(float64(near)/float64(len(all))),
				at(withNoise, 0.5), at(withNoise, 0.9), percent(float64(nearNoise)/float64(len(all)))),
			fmt.Sprintf("With λ₁ at stage 1's optimum both knobs lose to the global optimum: median %s, 90 %% quantile %s, at most %s.",
				at(localLoss, 0.5), at(localLoss, 0.9), at(localLoss, 1)),
		},
		Table: t, CSVName: "phase.csv",
	}
}

// ruleSection is the verdict on the rule of thumb, and the map of where it fails.
func ruleSection(all []phaseCell) Section {
	right, worst, cost := 0, 0.0, 0
	t := Table{Header: []string{"similarity", "σ"}}
	for _, rows := range phaseRows {
		t.Header = append(t.Header, fmt.Sprintf("α %g", rows))
	}
	var line []string
	for i, c := range all {
		if i%len(phaseRows) == 0 {
			line = []string{fmt.Sprint(c.similarity), fmt.Sprint(c.sigma)}
		}
		says := transfer.RuleOfThumb(c.rows)
		extra := c.errors[says]/c.errors[c.better()] - 1
		mark := c.better().String()
		switch {
		case says == c.better():
			right++
		case extra > 0.05:
			cost++
			mark += " ✗"
		}
		worst = max(worst, extra)
		if line = append(line, mark); i%len(phaseRows) == len(phaseRows)-1 {
			t.Rows = append(t.Rows, line)
		}
	}
	return Section{
		Title: "Scarce target: values; plentiful target: support?",
		Paragraph: []string{fmt.Sprintf("With scarce meaning less than half a row per unknown the rule names the better knob in %d of %d cells; in %d it costs more than 5 %% (✗ in the map, "+
			"which shows the better knob), at most %s. %s", right, len(all), cost, percent(worst), bestThreshold(all))},
		Table: t, CSVName: "rule.csv",
	}
}

// bestThreshold says how many cells the rule would name right at the α that suits it best.
func bestThreshold(all []phaseCell) string {
	top, at := 0, 0.0
	for _, threshold := range phaseRows {
		right := 0
		for _, c := range all {
			if (c.rows < threshold) == (c.better() == transfer.Values) {
				right++
			}
		}
		if right > top {
			top, at = right, threshold
		}
	}
	return fmt.Sprintf("No threshold on α alone names more than %d; that is to call less than %g scarce.", top, at)
}

// regretSection draws, at one noise, what the better single knob loses over the target's size.
func regretSection(all []phaseCell, sigma float64) Section {
	f := &Figure{Name: fmt.Sprintf("regret_%g", sigma), XTitle: "target rows per unknown", YTitle: "loss of the better single knob",
		Caption: fmt.Sprintf("Error of the better of values and support over that of both, minus 1; σ = %g, one line per similarity.", sigma)}
	for _, similarity := range phaseSimilarity {
		l := Line{Name: fmt.Sprintf("similarity %g", similarity)}
		for _, c := range all {
			if c.sigma == sigma && c.similarity == similarity {
				l.X, l.Y = append(l.X, c.rows), append(l.Y, c.single())
			}
		}
		f.Lines = append(f.Lines, l)
	}
	return Section{Title: fmt.Sprintf("What one knob loses at σ = %g", sigma), Figure: f}
}

// phaseCheck simulates, at twelve cells in order of their regret, the optimal knobs of every strategy on the same draws.
func (r *TransferResult) phaseCheck(run cellRunner, all []phaseCell) (Section, error) {
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b phaseCell) int {
		if a.single() < b.single() {
			return -1
		}
		return 1
	})
	t := Table{Header: []string{"alpha_target", "similarity", "sigma", "better", "predicted regret", "simulated regret", "se"}}
	const cells = 12
	near := 0
	for i := range cells {
		c := sorted[i*(len(sorted)-1)/(cells-1)]
		name := fmt.Sprintf("%g-%g-%g", c.rows, c.similarity, c.sigma)
		single := setting{name + "-" + c.better().String(), c.ensemble(), c.knobs[c.better()], uint64(i)}
		both := setting{name + "-both", c.ensemble(), c.knobs[transfer.Both], uint64(i)}
		n := min(r.Study.N, 800)
		numbers, err := run(append(single.cells("claim", n, r.Study.Runs, r.Study.Runs, r.Study.Seed+3), both.cells("claim", n, r.Study.Runs, r.Study.Runs, r.Study.Seed+3)...))
		if err != nil {
			return Section{}, err
		}
		regret, se := pairedRatio(numbers[0], numbers[1])
		if regret <= 0.05 {
			near++
		}
		t.Rows = append(t.Rows, []string{significant(c.rows), significant(c.similarity), significant(c.sigma), c.better().String(), percent(c.single()), percent(regret), percent(se)})
	}
	return Section{
		Title: "The same on simulated data",
		Paragraph: []string{fmt.Sprintf("Twelve cells at even distances in the order of their predicted regret; the knobs of both strategies from theory, %d runs on the same data. %d of 12 are within 5 %%.",
			r.Study.Runs, near)},
		Table: t, CSVName: "claim.csv",
	}, nil
}

// pairedRatio returns mean(a)/mean(b) − 1 for the error of stage 2 in runs of the same data, with its standard error by the delta method.
func pairedRatio(a, b []float64) (ratio, se float64) {
	var x, y []float64
	for at := 1; at < len(a); at += len(quantities) {
		x, y = append(x, a[at]), append(y, b[at])
	}
	ratio = mean(x) / mean(y)
	for i := range x {
		x[i] -= ratio * y[i]
	}
	return ratio - 1, standardError(x) / mean(y)
}
