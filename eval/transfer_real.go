package eval

import (
	"fmt"
	"math/rand/v2"

	"unroll/l2o/linop"
	"unroll/l2o/transfer"
)

// A corpus is related data sets of which each can be the target.
type corpus struct {
	names []string
	sets  []transfer.DataSet // not centred
	sizes []int              // rows of the target that are known; the others are the test
	keep  int                // rows of a source that are used, at random
}

// corners are the estimators of the table: the best of each corner by cross-validation, what Auto takes, and the lowest of its grid.
var corners = []string{"none", "pooled", "Trans-Lasso", "values", "support", "pretraining", "Auto", "Auto's lowest"}

// split makes a target of size rows, sources, and the target's other rows as a test, all centred by the means of their training rows.
func (c corpus) split(target, size int, rng *rand.Rand) (sets []transfer.DataSet, test transfer.DataSet) {
	order := rng.Perm(len(c.sets[target].Y))
	train, rest := rowsAt(c.sets[target], order[:size]), rowsAt(c.sets[target], order[size:])
	means, level := centreAll(train)
	a := rest.A.(*linop.ColMajor)
	for j, m := range means {
		for i := range a.M {
			a.Data[j*a.M+i] -= m
		}
	}
	for i := range rest.Y {
		rest.Y[i] -= level
	}
	sets = []transfer.DataSet{train}
	for k, d := range c.sets {
		if k != target {
			s := rowsAt(d, rng.Perm(len(d.Y))[:min(c.keep, len(d.Y))])
			centreAll(s)
			sets = append(sets, s)
		}
	}
	return sets, rest
}

// rowsAt copies rows of a data set.
func rowsAt(d transfer.DataSet, rows []int) transfer.DataSet {
	from := d.A.(*linop.ColMajor)
	a := &linop.ColMajor{M: len(rows), N: from.N, Data: make([]float64, len(rows)*from.N)}
	y := make([]float64, len(rows))
	for r, i := range rows {
		y[r] = d.Y[i]
		for j := range from.N {
			a.Data[j*a.M+r] = from.Data[j*from.M+i]
		}
	}
	return transfer.DataSet{A: a, Y: y}
}

// centreAll subtracts the means of the columns and of the responses, and returns them.
func centreAll(d transfer.DataSet) (means []float64, level float64) {
	a := d.A.(*linop.ColMajor)
	for j := range a.N {
		column := a.Data[j*a.M : (j+1)*a.M]
		means = append(means, mean(column))
		centre(column)
	}
	level = mean(d.Y)
	centre(d.Y)
	return means, level
}

// measure returns the test error of every corner over that of the mean response.
func (c corpus) measure(target, size int, rng *rand.Rand) ([]float64, error) {
	sets, test := c.split(target, size, rng)
	base := 0.0
	for _, v := range test.Y {
		base += v * v
	}
	z := make([]float64, len(test.Y))
	score := func(w []float64) float64 {
		test.A.Apply(z, w)
		return distance2(z, test.Y) / base
	}
	named, err := transfer.CrossValidation{}.Corners(sets)
	if err != nil {
		return nil, err
	}
	var numbers []float64
	for _, corner := range named {
		numbers = append(numbers, score(corner.Fit.W))
	}
	choice, err := transfer.CrossValidation{}.Auto(sets)
	if err != nil {
		return nil, err
	}
	lowest, err := choice.Lowest.Fit(sets)
	if err != nil {
		return nil, err
	}
	return append(numbers, score(choice.W), score(lowest.W)), nil
}

// table measures every corner at every size, over splits that go around the targets.
func (c corpus) table(run cellRunner, part string, splits int, seed uint64) (Table, error) {
	var cells []cell
	for _, size := range c.sizes {
		for i := range splits {
			target := i % len(c.sets)
			cells = append(cells, cell{
				Name:    fmt.Sprintf("%s-%d-%d", part, size, i),
				Setting: fmt.Sprintf("Auto at 5 %% and no worse than none, and its lowest, target %s of %d, seed %d", c.names[target], len(c.sets), seed),
				Work: func() ([]float64, error) {
					return c.measure(target, size, rand.New(rand.NewPCG(seed, uint64(size)<<32|uint64(i))))
				},
			})
		}
	}
	numbers, err := run(cells)
	if err != nil {
		return Table{}, err
	}
	t := Table{Header: []string{"target rows", "estimator", "error", "95 % interval", "against none", "95 % interval of the difference"}}
	for s, size := range c.sizes {
		part := numbers[s*splits : (s+1)*splits]
		for k, name := range corners {
			var v, d []float64
			for _, x := range part {
				v, d = append(v, x[k]), append(d, x[k]-x[0])
			}
			t.Rows = append(t.Rows, []string{fmt.Sprint(size), name, significant(mean(v)), bracket(normalInterval(v), significant),
				significant(mean(d)), bracket(normalInterval(d), significant)})
		}
	}
	return t, nil
}

// normalInterval is the mean ± 1.96 standard errors.
func normalInterval(v []float64) Interval {
	m, se := mean(v), standardError(v)
	return Interval{m - 1.96*se, m + 1.96*se}
}
