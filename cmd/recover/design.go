package main

import (
	"math"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// A design is A for the solver: columns centred where there is an intercept, which is then the mean of what is left of y, and divided by
// their standard deviation where that is asked for.
type design struct {
	*linop.ColMajor
	mean, scale []float64 // (n); nil where the columns are as they were
}

// newDesign takes the given rows of A, or all of them for nil.
func newDesign(a *array, rows []int, intercept, standardize bool) *design {
	m := len(rows)
	if rows == nil {
		m = a.rows
	}
	d := &design{ColMajor: &linop.ColMajor{M: m, N: a.cols, Data: make([]float64, m*a.cols)}}
	for k := range m {
		i := k
		if rows != nil {
			i = rows[k]
		}
		for j, v := range a.data[i*a.cols : (i+1)*a.cols] {
			d.Data[j*m+k] = v
		}
	}
	if intercept {
		d.mean = make([]float64, a.cols)
	}
	if standardize {
		d.scale = make([]float64, a.cols)
	}
	for j := range a.cols {
		d.change(j, d.Data[j*m:(j+1)*m])
	}
	return d
}

// change centres and divides column j. A constant one is 0 or stays: its computed deviation would be nothing but rounding.
func (d *design) change(j int, column []float64) {
	mean, deviation := moments(column)
	if d.mean != nil {
		d.mean[j] = mean
		shift(column, mean)
	}
	if d.scale != nil {
		d.scale[j] = deviation
		if deviation == 0 {
			d.scale[j] = 1
		}
		for i := range column {
			column[i] /= d.scale[j]
		}
	}
}

// moments returns the mean, and the standard deviation over m.
func moments(v []float64) (mean, deviation float64) {
	constant := true
	for _, x := range v {
		constant = constant && x == v[0]
	}
	if constant {
		return v[0], 0
	}
	mean = kernel.Sum(v) / float64(len(v))
	squares := 0.0
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(squares / float64(len(v)))
}

func shift(v []float64, by float64) {
	for i := range v {
		v[i] -= by
	}
}

// centred returns y for the solver, a copy, and what was taken from it.
func (d *design) centred(y []float64) (z []float64, mean float64) {
	z = append(z, y...)
	if d.mean != nil {
		mean, _ = moments(y)
		shift(z, mean)
	}
	return z, mean
}

// original returns the unknowns for the columns as they were, and the intercept.
func (d *design) original(z []float64, mean float64) (x []float64, intercept float64) {
	x = append(x, z...)
	intercept = mean
	for j := range x {
		if d.scale != nil {
			x[j] /= d.scale[j]
		}
		if d.mean != nil && x[j] != 0 {
			intercept -= x[j] * d.mean[j]
		}
	}
	return x, intercept
}
