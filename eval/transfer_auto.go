package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o/transfer"
)

// An autoDraw is what one draw of related tasks gave: excess errors over the noise, which is 1.
type autoDraw struct {
	auto   float64 // the choice by cross-validation
	oracle float64 // the best of the same grid, with all sources or with those kept, by the truth
	none   float64 // the target's Lasso by cross-validation
	took   transfer.Strategy
}

const autoNumbers = 4 // of a draw in a cell

// run draws the tasks and chooses.
func (g relatedTasks) auto(rng *rand.Rand) ([]float64, error) {
	sets, truth := g.draw(rng)
	choice, err := transfer.CrossValidation{}.Auto(sets)
	if err != nil {
		return nil, err
	}
	lasso, err := choice.Best[transfer.None].Knobs.Fit(sets, simulationStop)
	if err != nil {
		return nil, err
	}
	oracle := math.Inf(1)
	look := func(_ transfer.TwoStage, f transfer.Fit) { oracle = min(oracle, taskExcess(f.W, truth)) }
	if err := transfer.Grid(sets, look); err != nil {
		return nil, err
	}
	kept := sets[:1]
	for _, k := range choice.Sources {
		kept = append(kept[:len(kept):len(kept)], sets[k])
	}
	if n := len(kept); n > 1 && n < len(sets) {
		if err := transfer.Grid(kept, look); err != nil {
			return nil, err
		}
	}
	return []float64{taskExcess(choice.W, truth), oracle, taskExcess(lasso.W, truth), float64(choice.Strategy)}, nil
}

// auto compares Auto with the oracle and with the target's Lasso, for every number of informative sources.
func (r *TransferResult) auto(run cellRunner) ([]Section, error) {
	var cells []cell
	for k := range taskSources + 1 {
		for i := range r.Study.Draws {
			cells = append(cells, cell{
				Name: fmt.Sprintf("auto-%d-%d", k, i), Setting: fmt.Sprintf("seed %d", r.Study.Seed),
				Work: func() ([]float64, error) {
					return relatedTasks{k}.auto(rand.New(rand.NewPCG(r.Study.Seed, uint64(100+k)<<32|uint64(i))))
				},
			})
		}
	}
	numbers, err := run(cells)
	if err != nil {
		return nil, err
	}
	t := Table{Header: []string{"informative", "auto", "oracle", "none", "auto/oracle − 1", "auto/none − 1", "excess auto/oracle − 1", "took none", "values", "support"}}
	for k := range taskSources + 1 {
		var draws []autoDraw
		for _, v := range numbers[k*r.Study.Draws : (k+1)*r.Study.Draws] {
			draws = append(draws, autoDraw{v[0], v[1], v[2], transfer.Strategy(v[autoNumbers-1])})
		}
		t.Rows = append(t.Rows, append([]string{fmt.Sprint(k)}, autoRow(draws)...))
	}
	return []Section{{
		Title: "Auto",
		Paragraph: []string{fmt.Sprintf("Medians over %d draws of 5 sources of which some are informative (500 unknowns, 200 target rows, 100 rows per source). "+
			"Errors are mean squared errors on fresh rows of the target, noise 1 included; the excess is without it. The oracle knows the truth and takes the best of the same grid.", r.Study.Draws)},
		Table: t, CSVName: "auto.csv",
	}}, nil
}

func autoRow(draws []autoDraw) []string {
	var took [transfer.Support + 1]int
	for _, d := range draws {
		took[d.took]++
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
		significant(1 + med(func(d autoDraw) float64 { return d.auto })), significant(1 + med(func(d autoDraw) float64 { return d.oracle })),
		significant(1 + med(func(d autoDraw) float64 { return d.none })),
		percent(med(func(d autoDraw) float64 { return (1+d.auto)/(1+d.oracle) - 1 })), percent(med(func(d autoDraw) float64 { return (1+d.auto)/(1+d.none) - 1 })),
		percent(med(func(d autoDraw) float64 { return d.auto/d.oracle - 1 })),
		fmt.Sprint(took[transfer.None]), fmt.Sprint(took[transfer.Values]), fmt.Sprint(took[transfer.Support]),
	}
}

// alarm counts alarms with good sources, where they are false, and with unrelated ones.
func (r *TransferResult) alarm(run cellRunner) ([]Section, error) {
	const perCell = 10
	var cells []cell
	for _, good := range []int{taskSources, 0} {
		for lo := 0; lo < r.Study.Alarms; lo += perCell {
			hi := min(lo+perCell, r.Study.Alarms)
			cells = append(cells, cell{
				Name: fmt.Sprintf("alarm-%d-%d", good, lo), Setting: fmt.Sprintf("gain ≤ 0, seed %d, draws to %d", r.Study.Seed, hi),
				Work: func() ([]float64, error) { return alarms(relatedTasks{good}, r.Study.Seed, lo, hi) },
			})
		}
	}
	numbers, err := run(cells)
	if err != nil {
		return nil, err
	}
	t := Table{Header: []string{"sources", "draws", "alarms", "rate", "95 % interval", "mean gain", "mean standard error"}}
	each := len(cells) / 2
	for i, name := range []string{"all informative", "all unrelated"} {
		v := slices.Concat(numbers[i*each : (i+1)*each]...)
		var gain, se []float64
		raised := 0
		for at := 0; at < len(v); at += 3 {
			gain, se = append(gain, v[at]), append(se, v[at+1])
			raised += int(v[at+2])
		}
		n := len(gain)
		t.Rows = append(t.Rows, []string{name, fmt.Sprint(n), fmt.Sprint(raised), percent(float64(raised) / float64(n)), bracket(wilson(raised, n), percent),
			significant(mean(gain)), significant(mean(se))})
	}
	return []Section{{
		Title: "The alarm",
		Paragraph: []string{"Raised where the transfer of all values is not better than none on held-out rows, by the mean of the paired differences: " +
			"a test at the level 5 % of a gain of at least 1.645 of its standard errors. With informative sources every alarm is false."},
		Table: t, CSVName: "alarm.csv",
	}}, nil
}

// alarms returns gain, standard error and whether the alarm was raised, for draws lo to hi.
func alarms(g relatedTasks, seed uint64, lo, hi int) ([]float64, error) {
	var numbers []float64
	for i := lo; i < hi; i++ {
		sets, _ := g.draw(rand.New(rand.NewPCG(seed, uint64(200+g.Informative)<<32|uint64(i))))
		a, err := transfer.CrossValidation{}.Alarm(sets)
		if err != nil {
			return nil, err
		}
		raised := 0.0
		if a.Raised {
			raised = 1
		}
		numbers = append(numbers, a.Gain, a.SE, raised)
	}
	return numbers, nil
}

// wilson is the 95 % interval of a rate (E. B. Wilson 1927).
func wilson(hits, n int) Interval {
	const z = 1.96
	p, m := float64(hits)/float64(n), float64(n)
	centre, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	out := Interval{(centre - half) / (1 + z*z/m), (centre + half) / (1 + z*z/m)}
	if hits == 0 {
		out.Lo = 0 // exactly, and 1 below
	}
	if hits == n {
		out.Hi = 1
	}
	return out
}
