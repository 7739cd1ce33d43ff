package eval

import (
	"math"
	"slices"
)

// A Slope is that of a straight line through the points (ln ln(1/α), ln of the mean error), with the interval of a bootstrap over the
// jumps or plateaus that are averaged: −1 for an error that falls like 1/ln(1/α).
type Slope struct {
	Value float64
	CI    Interval
	Count int // what is averaged
}

// fitSlope fits the errors of rows of values, one column per α of agreementScales.
func fitSlope(errors matrix, b bootstrap) Slope {
	if errors.Rows < 2 {
		return Slope{Value: math.NaN(), CI: Interval{math.NaN(), math.NaN()}, Count: errors.Rows}
	}
	of := func(means []float64) float64 {
		logs := make([]float64, len(means))
		for i, v := range means {
			logs[i] = math.Log(v)
		}
		return leastSquares(logs, 0, func(i int) float64 { return math.Log(-math.Log(agreementScales[i])) }).slope
	}
	means := make([]float64, errors.Cols)
	for j := range means {
		means[j] = mean(errors.Col(j))
	}
	replicates := b.means(errors)
	slopes := make([]float64, replicates.Rows)
	for i := range slopes {
		slopes[i] = of(replicates.Row(i))
	}
	return Slope{of(means), percentiles(slopes), errors.Rows}
}

// summarise fills the rows and the slopes.
func (a *Agreement) summarise(s Saddles) {
	last := -math.Log(agreementScales[len(agreementScales)-1])
	var jumps, means [][]float64
	for _, p := range a.Plateaus {
		if p.Settled*last < long {
			continue
		}
		if !math.IsNaN(sum(p.JumpError)) {
			jumps = append(jumps, p.JumpError)
		}
		if p.Lasso {
			means = append(means, p.MeanError)
		}
	}
	jump, lasso := stack(jumps), stack(means)
	for i, alpha := range agreementScales {
		row := AgreementRow{Alpha: alpha, JumpError: mean(jump.Col(i)), MeanError: mean(lasso.Col(i))}
		row.Error, row.Median = math.NaN(), math.NaN()
		var same []float64
		for _, p := range a.Plateaus {
			if p.Hitting*-math.Log(alpha) >= long {
				row.Hitting++
				if p.Error[i] > 1e-6 {
					row.Above++
				}
			}
			if p.Settled*-math.Log(alpha) >= long {
				row.Settled++
				row.Own = max(row.Own, p.Error[i])
			}
			if p.Settled*last >= long {
				same = append(same, p.Error[i])
			}
		}
		row.Short = len(a.Plateaus) - row.Settled
		if row.Plateaus = len(same); row.Plateaus > 0 {
			row.Error, row.Median = slices.Max(same), quantile(slices.Sorted(slices.Values(same)), 0.5)
		}
		a.Rows = append(a.Rows, row)
	}
	boot := bootstrap{s.Seed, s.Workers}
	a.Jump, a.Mean = fitSlope(jump, boot), fitSlope(lasso, boot)
}

// stack makes a matrix of rows of equal length.
func stack(rows [][]float64) matrix {
	m := newMatrix(len(rows), len(agreementScales))
	for i, row := range rows {
		copy(m.Row(i), row)
	}
	return m
}
