package l2otest_test

import (
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
)

var matrix = &linop.Dense{M: 2, N: 3, Data: []float64{1, 2, 3, -4, 5, 0.5}}

// A brokenOperator does what matrix does unless a field says otherwise.
type brokenOperator struct {
	apply, adjoint func(dst, v []float64)
}

func (brokenOperator) Dims() (m, n int) { return matrix.Dims() }

func (o brokenOperator) Apply(dst, x []float64) {
	if o.apply != nil {
		o.apply(dst, x)
		return
	}
	matrix.Apply(dst, x)
}

func (o brokenOperator) Adjoint(dst, y []float64) {
	if o.adjoint != nil {
		o.adjoint(dst, y)
		return
	}
	matrix.Adjoint(dst, y)
}

func TestOperatorSuiteAcceptsThem(t *testing.T) {
	l2otest.Operator(t, brokenOperator{})
}

func TestOperatorSuiteRefuses(t *testing.T) {
	other := &linop.Dense{M: 2, N: 3, Data: []float64{1, 2, 3, -4, 5, 0.5000001}}
	refused := []struct {
		name, reason string
		operator     brokenOperator
	}{
		{"adjoint of another matrix", "adjoint", brokenOperator{adjoint: other.Adjoint}},
		{"adjoint of the opposite sign", "adjoint", brokenOperator{adjoint: func(dst, y []float64) {
			matrix.Adjoint(dst, []float64{-y[0], -y[1]})
		}}},
		{"Apply adds to dst", "Apply does not overwrite dst", brokenOperator{apply: func(dst, x []float64) {
			ax := make([]float64, 2)
			matrix.Apply(ax, x)
			dst[0], dst[1] = dst[0]+ax[0], dst[1]+ax[1]
		}}},
		{"Adjoint leaves an entry", "Adjoint does not overwrite dst", brokenOperator{adjoint: func(dst, y []float64) {
			last := dst[2]
			matrix.Adjoint(dst, y)
			dst[2] = last
		}}},
		{"affine", "Apply is not linear", brokenOperator{apply: func(dst, x []float64) {
			matrix.Apply(dst, x)
			dst[0]++
		}}},
		{"an absolute threshold", "does not scale exactly", brokenOperator{apply: func(dst, x []float64) {
			matrix.Apply(dst, x)
			dst[0] += 1e-15
		}}},
		{"Apply changes x", "Apply changes its argument", brokenOperator{apply: func(dst, x []float64) {
			matrix.Apply(dst, x)
			x[0] = 0
		}}},
		{"no check of lengths", "dst too long does not panic", brokenOperator{apply: func(dst, x []float64) {
			matrix.Apply(dst[:2], x)
		}}},
	}
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) { l2otest.Operator(t, c.operator) })
		})
	}
}
