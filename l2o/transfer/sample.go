package transfer

import (
	"fmt"
	"math"
	"math/rand/v2"

	"unroll/l2o/linop"
)

// A DataSet is the rows and the responses of one task. Every data set of a problem has the same columns.
type DataSet struct {
	A linop.Columns // (m, n)
	Y []float64     // (m)
}

// A Sample is one draw of an [Ensemble] of finite size.
type Sample struct {
	Sets  []DataSet   // (K), the target first
	Truth [][]float64 // (K, N)
	Fresh *DataSet    // the target rows of stage 2, where the ensemble has them of its own
}

// Draw makes data sets with n unknowns and α_k·n rows, rounded; so are the numbers of nonzeros. It panics on an ensemble that Check refuses
// and on one that leaves a data set without a row.
func (e Ensemble) Draw(n int, rng *rand.Rand) Sample {
	if err := e.Check(); err != nil {
		panic(err.Error())
	}
	s := Sample{Truth: e.truths(n, rng)}
	for k, l := range e.Sets {
		s.Sets = append(s.Sets, l.draw(k, s.Truth[k], rng))
	}
	if e.Fresh {
		fresh := e.Sets[0].draw(0, s.Truth[0], rng)
		s.Fresh = &fresh
	}
	return s
}

// truths puts the common nonzeros and then each data set's own on a random order of the coordinates.
func (e Ensemble) truths(n int, rng *rand.Rand) [][]float64 {
	order := rng.Perm(n)
	take := func(share float64) (taken []int) {
		count := min(int(math.Round(share*float64(n))), len(order))
		taken, order = order[:count], order[count:]
		return taken
	}
	truth := make([][]float64, len(e.Sets)) // (K, n)
	for k := range truth {
		truth[k] = make([]float64, n)
	}
	for _, j := range take(e.Common) {
		v := rng.NormFloat64()
		for k := range truth {
			truth[k][j] = v
		}
	}
	for k, l := range e.Sets {
		for _, j := range take(l.Own) {
			truth[k][j] = rng.NormFloat64()
		}
	}
	return truth
}

// draw makes y = Xr + σz with entries of X from N(0, 1/n).
func (l Law) draw(k int, truth []float64, rng *rand.Rand) DataSet {
	n := len(truth)
	m := int(math.Round(l.Rows * float64(n)))
	if m < 1 {
		panic(fmt.Sprintf("transfer: data set %d with %g·%d rows", k+1, l.Rows, n))
	}
	a := &linop.ColMajor{M: m, N: n, Data: make([]float64, m*n)}
	scale := 1 / math.Sqrt(float64(n))
	for i := range a.Data {
		a.Data[i] = scale * rng.NormFloat64()
	}
	y := make([]float64, m)
	a.Apply(y, truth)
	for i := range y {
		y[i] += l.Sigma * rng.NormFloat64()
	}
	return DataSet{a, y}
}
