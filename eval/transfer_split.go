package eval

import (
	"fmt"
	"math"
	"slices"

	"unroll/l2o"
	"unroll/l2o/transfer"
)

// splitDraws is how many of the draws the oracle is refined for, whose search costs as much as Auto.
const splitDraws = 10

// splitStop: the steps of the search change more.
var splitStop = l2o.Stop{Gap: 1e-5}

// autoSplit says how much lower the oracle would be with a finer grid, and how much lower still with both knobs.
func (r *TransferResult) autoSplit(run cellRunner) (Section, error) {
	draws := min(splitDraws, r.Study.Draws)
	var cells []cell
	for k := range taskSources + 1 {
		for i := range draws {
			cells = append(cells, cell{
				Name: fmt.Sprintf("split-%d-%d", k, i), Setting: fmt.Sprintf("seed %d", r.Study.Seed),
				Work: func() ([]float64, error) {
					g := relatedTasks{k}
					sets, truth := g.draw(r.Study.taskDraw(k, i))
					best, err := g.oracle(sets, truth, nil)
					if err != nil {
						return nil, err
					}
					return best.refine(sets, truth)
				},
			})
		}
	}
	numbers, err := run(cells)
	if err != nil {
		return Section{}, err
	}
	t := Table{Header: []string{"informative", "grid", "one knob, refined", "both knobs, refined", "lost to the grid", "lost to one knob"}}
	for k := range taskSources + 1 {
		some := numbers[k*draws : (k+1)*draws]
		med := func(f func(v []float64) float64) float64 {
			var all []float64
			for _, v := range some {
				all = append(all, f(v))
			}
			slices.Sort(all)
			return quantile(all, 0.5)
		}
		line := []string{fmt.Sprint(k)}
		for q := range 3 {
			line = append(line, significant(med(func(v []float64) float64 { return v[q] })))
		}
		t.Rows = append(t.Rows, append(line, percent(med(func(v []float64) float64 { return v[0]/v[1] - 1 })), percent(med(func(v []float64) float64 { return v[1]/v[2] - 1 }))))
	}
	return Section{
		Title: "What the oracle of Auto's grid loses",
		Paragraph: []string{fmt.Sprintf("The oracle's knobs moved, by the truth, to where no step to either side lowers the error, first within its family and then with both knobs free; medians over %d draws. "+
			"What Auto loses to the grid's oracle, above, is lost in choosing.", draws)},
		Table: t, CSVName: "split.csv",
	}, nil
}

// refine returns the error of the oracle, and after a search in its family and in the family of both knobs.
func (o taskOracle) refine(sets []transfer.DataSet, truth []float64) ([]float64, error) {
	used := o.used(sets)
	if len(o.sources) == 0 {
		o.knobs.Lambda1 *= 2
	}
	numbers := []float64{o.error}
	for _, both := range []bool{false, true} {
		for step := 0.5; step > 0.1; step /= 2 {
			for moved := true; moved; {
				moved = false
				for _, next := range neighbours(o.knobs, step, both) {
					fit, err := next.Fit(used, splitStop)
					if err != nil {
						return nil, err
					}
					if e := taskExcess(fit.W, truth); e < o.error*(1-1e-3) {
						o.error, o.knobs, moved = e, next, true
					}
				}
			}
		}
		numbers = append(numbers, o.error)
	}
	return numbers, nil
}

// used are the target and the oracle's sources; without one the target again, which is a stage 1 of its own with twice the λ₁.
func (o taskOracle) used(sets []transfer.DataSet) []transfer.DataSet {
	if len(o.sources) == 0 {
		return []transfer.DataSet{sets[0], sets[0]}
	}
	used := sets[:1:1]
	for _, k := range o.sources {
		used = append(used, sets[k])
	}
	return used
}

// neighbours are the knobs at a step to either side: λ's and Δλ by the factor 2 to the step, κ by half the step. One that is 0 stays, but
// with both free.
func neighbours(s transfer.TwoStage, step float64, both bool) (all []transfer.TwoStage) {
	for _, sign := range []float64{1, -1} {
		factor := math.Exp2(sign * step)
		add := func(turn func(*transfer.TwoStage)) {
			next := s
			turn(&next)
			all = append(all, next)
		}
		add(func(n *transfer.TwoStage) { n.Lambda1 *= factor })
		add(func(n *transfer.TwoStage) { n.Lambda2, n.DeltaLambda = n.Lambda2*factor, n.DeltaLambda*factor })
		if s.Kappa > 0 || both {
			add(func(n *transfer.TwoStage) { n.Kappa = min(max(n.Kappa+sign*step/2, 0), 1) })
		}
		if s.DeltaLambda > 0 {
			add(func(n *transfer.TwoStage) { n.DeltaLambda *= factor })
		} else if both && sign > 0 {
			add(func(n *transfer.TwoStage) { n.DeltaLambda = step * n.Lambda2 })
		}
	}
	return all
}
