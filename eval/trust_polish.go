package eval

import (
	"fmt"
	"math"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
	"unroll/model"
)

// A PolishRow says what it takes to go from a network's estimates to the Lasso solution of a weight, and from zero.
type PolishRow struct {
	Lambda        string
	Uncertified   int     // polished estimates whose relative gap stayed above polishGap
	WorstGap      float64 // relative, of all polished estimates
	Sweeps, Zero  float64 // medians of the sweeps of cyclic coordinate descent to that gap, from the estimate and from zero
	Ratio         float64 // of the totals, from the estimate over from zero
	Before, After float64 // mean squared error of the estimate and of the polished one
	Unfinished    int     // prompts on which either took mostSweeps
}

const (
	polishGap  = 1e-10 // relative to the objective at 0
	mostSweeps = 100_000
)

// polishWeights are one that fits a prompt without noise and one that selects.
var polishWeights = []Weight{{Value: 0.01}, {Value: 0.1, Relative: true}}

// polish takes the network's estimates on the first prompts of a batch to certified solutions.
func (t Trust) polish(network *model.Bound, b data.Batch) ([]PolishRow, error) {
	size := min(t.Polished, b.Size)
	var rows []PolishRow
	for _, w := range polishWeights {
		m := newMatrix(size, 5) // sweeps from the estimate and from zero, relative gap, squared error before and after
		failures := make([]error, size)
		split(t.Workers, size, func(lo, hi int) {
			ws, x := network.NewWorkspace(b.N), make([]float64, b.D)
			for i := lo; i < hi; i++ {
				p := b.At(i)
				network.Estimate(ws, x, p.X, p.Y, nil)
				failures[i] = polishOne(m.Row(i), p, x, w)
			}
		})
		for i, err := range failures {
			if err != nil {
				return nil, fmt.Errorf("eval: polishing prompt %d: %w", i, err)
			}
		}
		rows = append(rows, polishRow(w, m))
	}
	return rows, nil
}

func polishRow(w Weight, m matrix) PolishRow {
	r := PolishRow{Lambda: w.String(), Sweeps: middle(m.Col(0)), Zero: middle(m.Col(1)), Ratio: sum(m.Col(0)) / sum(m.Col(1)),
		Before: mean(m.Col(3)), After: mean(m.Col(4))}
	for i := range m.Rows {
		gap := m.Row(i)[2]
		r.WorstGap = math.Max(r.WorstGap, gap)
		if !(gap <= polishGap) {
			r.Uncertified++
		}
		if max(m.Row(i)[0], m.Row(i)[1]) >= mostSweeps {
			r.Unfinished++
		}
	}
	return r
}

func polishOne(row []float64, p data.Prompt, estimate []float64, w Weight) error {
	a := columnMajor(p)
	lambda := w.Value
	if w.Relative {
		lambda *= l2o.LambdaMax(a, p.Y)
	}
	problem := &l2o.Problem{A: a, Y: p.Y, G: prox.L1{Lambda: lambda}}
	polished, err := l2o.Polish(problem, estimate, l2o.Stop{Gap: polishGap})
	if err != nil {
		return err
	}
	row[0] = float64(sweeps(problem, estimate))
	row[1] = float64(sweeps(problem, make([]float64, len(estimate))))
	row[2] = polished.RelativeGap
	row[3], row[4] = distance2(estimate, p.Beta), distance2(polished.X, p.Beta)
	return nil
}

// columnMajor is a prompt's matrix with its columns at hand.
func columnMajor(p data.Prompt) *linop.ColMajor {
	m, n := len(p.Y), len(p.Beta)
	a := &linop.ColMajor{M: m, N: n, Data: make([]float64, m*n)}
	for i := range m {
		for j := range n {
			a.Data[j*m+i] = p.X[i*n+j]
		}
	}
	return a
}

// sweeps counts the sweeps of plain cyclic coordinate descent from x0, x_j ← S_{λ/‖A_j‖²}(x_j + A_jᵀr/‖A_j‖²), until the relative gap is
// polishGap: a measure of distance to the solution in work, which l2o's own solver with its working sets and Newton steps would hide.
func sweeps(p *l2o.Problem, x0 []float64) int {
	a, lambda := p.A.(*linop.ColMajor), p.G.(prox.L1).Lambda
	x, r := append([]float64(nil), x0...), make([]float64, a.M)
	a.Apply(r, x)
	for i, y := range p.Y {
		r[i] = y - r[i]
	}
	target := polishGap * l2o.Objective(p, make([]float64, a.N))
	for k := range mostSweeps {
		if l2o.Gap(p, x) <= target {
			return k
		}
		for j := range x {
			column := a.Data[j*a.M : (j+1)*a.M]
			square := inner(column, column)
			if square == 0 {
				continue
			}
			v := x[j] + inner(column, r)/square
			next := math.Copysign(math.Max(math.Abs(v)-lambda/square, 0), v)
			for i, c := range column {
				r[i] += c * (x[j] - next)
			}
			x[j] = next
		}
	}
	return mostSweeps
}
