package eval

import (
	"math"
	"math/rand/v2"

	"unroll/l2o/linop"
	"unroll/l2o/transfer"
)

// relatedTasks is the generator of Y. Tian and Y. Feng ("Transfer learning under high-dimensional generalized linear models", J. Am. Stat.
// Assoc. 2023, section 4.1.1; the package glmtrans): rows N(0, Σ) with Σ_ij = 0.5^|i−j|, in the sources with εεᵀ added, ε_j ~ N(0, 0.3²);
// the target's coefficients are 0.5 on the first five of 500; noise N(0, 1).
//
// An informative source moves every coefficient by ±h/500. An unrelated one has 0.5 on the next five and on five at random instead, moved
// by ±2h/500, and an intercept of 0.5.
type relatedTasks struct {
	Informative int // of the sources
}

const (
	taskUnknowns   = 500
	taskSources    = 5
	taskTargetRows = 200
	taskSourceRows = 100
	taskNonzeros   = 5
	taskDistance   = 5 // h
	taskValue      = 0.5
	taskDecay      = 0.5
)

// draw returns centred data sets, the target first, and the target's coefficients.
func (g relatedTasks) draw(rng *rand.Rand) (sets []transfer.DataSet, truth []float64) {
	truth = make([]float64, taskUnknowns)
	for j := range taskNonzeros {
		truth[j] = taskValue
	}
	shared := make([]float64, taskUnknowns)
	sets = append(sets, taskRows(truth, shared, 0, taskTargetRows, rng))
	for j := range shared {
		shared[j] = 0.3 * rng.NormFloat64()
	}
	for k := range taskSources {
		beta, intercept := g.source(k, truth, rng)
		sets = append(sets, taskRows(beta, shared, intercept, taskSourceRows, rng))
	}
	return sets, truth
}

// source returns the coefficients and the intercept of source k.
func (g relatedTasks) source(k int, truth []float64, rng *rand.Rand) (beta []float64, intercept float64) {
	beta = make([]float64, taskUnknowns)
	move := float64(taskDistance) / taskUnknowns
	if k < g.Informative {
		copy(beta, truth)
	} else {
		move, intercept = 2*move, 0.5
		for i, j := range rng.Perm(taskUnknowns - 2*taskNonzeros)[:taskNonzeros] {
			beta[taskNonzeros+i] = taskValue
			beta[2*taskNonzeros+j] = taskValue
		}
	}
	for j := range beta {
		beta[j] += move * float64(2*rng.IntN(2)-1)
	}
	return beta, intercept
}

// taskRows draws rows z + g·shared with z stationary of covariance 0.5^|i−j| and g ~ N(0, 1), and centres all.
func taskRows(beta, shared []float64, intercept float64, m int, rng *rand.Rand) transfer.DataSet {
	a := &linop.ColMajor{M: m, N: len(beta), Data: make([]float64, m*len(beta))}
	y := make([]float64, m)
	step := math.Sqrt(1 - taskDecay*taskDecay)
	for i := range m {
		z, g := rng.NormFloat64(), rng.NormFloat64()
		for j := range beta {
			if j > 0 {
				z = taskDecay*z + step*rng.NormFloat64()
			}
			a.Data[j*m+i] = z + g*shared[j]
		}
		y[i] = intercept + rng.NormFloat64()
	}
	z := make([]float64, m)
	a.Apply(z, beta)
	for i := range y {
		y[i] += z[i]
	}
	for j := range beta {
		centre(a.Data[j*m : (j+1)*m])
	}
	centre(y)
	return transfer.DataSet{A: a, Y: y}
}

// centre subtracts the mean.
func centre(v []float64) {
	m := mean(v)
	for i := range v {
		v[i] -= m
	}
}

// taskExcess is (w−β)ᵀΣ(w−β), what the mean squared error on fresh rows of the target has above the noise.
func taskExcess(w, truth []float64) float64 {
	total, before := 0.0, 0.0 // before is Σ_{i<j} 0.5^{j−i} d_i
	for j, v := range w {
		d := v - truth[j]
		total += d * (d + 2*before)
		before = taskDecay * (before + d)
	}
	return total
}
