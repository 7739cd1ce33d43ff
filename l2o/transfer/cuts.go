package transfer

import (
	"math"
	"math/rand/v2"

	"unroll/l2o/linop"
)

// cuts are data sets with the target's rows cut into folds, in the form in which many knobs are tried on many choices of sources.
type cuts struct {
	sets   []DataSet
	fields [][]float64 // A_kᵀy_k, (K, n)
	held   []fold
	whole  []quadratic // (K); nil where the unknowns are too many for Gram matrices
	loose  int         // fits so far whose gap is above chosenStop's
}

// A fold is held out of the target.
type fold struct {
	rows        []int
	train, test DataSet
	products    quadratic // of train
}

// mostUnknowns is up to which number of unknowns Gram matrices are held: those of all folds and data sets then fill some hundred MiB.
const mostUnknowns = 2048

// cut takes data sets that passed check.
func (c CrossValidation) cut(sets []DataSet) *cuts {
	m, n := sets[0].A.Dims()
	out := &cuts{sets: sets}
	for _, d := range sets {
		field := make([]float64, n)
		d.A.Adjoint(field, d.Y)
		out.fields = append(out.fields, field)
		if n <= mostUnknowns {
			out.whole = append(out.whole, quadraticOf(d))
		}
	}
	order := rand.New(rand.NewPCG(c.Seed, 0)).Perm(m)
	for f := range c.folds() {
		lo, hi := f*m/c.folds(), (f+1)*m/c.folds()
		kept := append(append([]int(nil), order[:lo]...), order[hi:]...)
		one := fold{rows: order[lo:hi], train: rowsOf(sets[0], kept), test: rowsOf(sets[0], order[lo:hi])}
		if n <= mostUnknowns {
			one.products = quadraticOf(one.train)
		}
		out.held = append(out.held, one)
	}
	return out
}

// ladders reads the tops off the data of the target and the sources.
func (c *cuts) ladders(sources []int) ladders {
	all := append([]float64(nil), c.fields[0]...)
	for _, k := range sources {
		for j, v := range c.fields[k] {
			all[j] += v
		}
	}
	return ladders{ladder(top(all), firstFactor, firstSteps), ladder(top(c.fields[0]), lastFactor, lastSteps)}
}

// top is the largest |v|: of Aᵀy it is the least λ at which the Lasso is 0.
func top(v []float64) float64 {
	t := 0.0
	for _, x := range v {
		t = max(t, math.Abs(x))
	}
	return t
}

// fits visits the answer w of every knob of the list, on all rows of the target and of the sources. w is valid until the next.
func (c *cuts) fits(sources []int, list []TwoStage, visit func(i int, w []float64)) error {
	var target quadratic
	if c.whole != nil {
		target = c.whole[0]
	}
	return c.fitsOn(c.sets[0], target, sources, list, visit)
}

// fitsOn is fits on some rows of the target, whose products are at hand where the others' are.
func (c *cuts) fitsOn(target DataSet, products quadratic, sources []int, list []TwoStage, visit func(i int, w []float64)) error {
	if c.whole == nil {
		used := []DataSet{target}
		for _, k := range sources {
			used = append(used, c.sets[k])
		}
		return newTasks(used, chosenStop).each(list, func(i int, f Fit) {
			if !f.Converged() {
				c.loose++
			}
			visit(i, f.W)
		})
	}
	pooled := products
	if len(sources) > 0 {
		var others []quadratic
		for _, k := range sources {
			others = append(others, c.whole[k])
		}
		pooled = products.plus(others...)
	}
	c.loose += products.each(pooled, list, chosenStop.Gap, visit)
	return nil
}

// losses predicts every row of the target by every knob of the list, fitted without the row's fold. Weights are those of all rows times
// the root of the share of rows that is left, as the noise's part of Aᵀ(y − Aβ) is.
func (c *cuts) losses(sources []int, list []TwoStage) (losses, error) {
	m := len(c.sets[0].Y)
	all := m
	for _, k := range sources {
		all += len(c.sets[k].Y)
	}
	out := make(losses, len(list))
	for i := range out {
		out[i] = make([]float64, m)
	}
	for _, f := range c.held {
		left := func(rows int) float64 { return math.Sqrt(float64(rows-len(f.rows)) / float64(rows)) }
		first, last := left(all), left(m)
		scaled := make([]TwoStage, len(list))
		for i, s := range list {
			scaled[i] = TwoStage{s.Lambda1 * first, s.Lambda2 * last, s.Kappa, s.DeltaLambda * last}
		}
		z := make([]float64, len(f.rows))
		err := c.fitsOn(f.train, f.products, sources, scaled, func(i int, w []float64) {
			f.test.A.Apply(z, w)
			for r, row := range f.rows {
				d := f.test.Y[r] - z[r]
				out[i][row] = d * d
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rowsOf copies some rows of a data set.
func rowsOf(d DataSet, rows []int) DataSet {
	m, n := d.A.Dims()
	a := &linop.ColMajor{M: len(rows), N: n, Data: make([]float64, len(rows)*n)}
	column, y := make([]float64, m), make([]float64, len(rows))
	for j := range n {
		d.A.Column(column, j)
		for r, i := range rows {
			a.Data[j*len(rows)+r] = column[i]
		}
	}
	for r, i := range rows {
		y[r] = d.Y[i]
	}
	return DataSet{a, y}
}
