package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
)

// An extrapolation keeps the points x₀ … x_K of the last sweeps and combines them (Bertrand and Massias 2021, Algorithm 1): to the
// Σ c_i x_{i+1} with Σ c_i = 1 for which Σ c_i (x_{i+1} − x_i) is small. What depends linearly on x is combined alike.
type extrapolation struct {
	count     int
	x, linear [memory + 1][]float64
	u         [memory][]float64 // x_{i+1} − x_i
}

const memory = 5

// push keeps q's point and reports whether there are enough; then the next one begins anew.
func (e *extrapolation) push(q *model) bool {
	if e.x[0] == nil {
		for i := range e.x {
			e.x[i], e.linear[i] = make([]float64, len(q.x)), make([]float64, len(q.linear()))
		}
		for i := range e.u {
			e.u[i] = make([]float64, len(q.x))
		}
	}
	copy(e.x[e.count], q.x)
	copy(e.linear[e.count], q.linear())
	if e.count > 0 {
		kernel.Scale(e.u[e.count-1], -1, e.x[e.count-1])
		kernel.Axpy(1, q.x, e.u[e.count-1])
	}
	e.count = (e.count + 1) % len(e.x)
	return e.count == 0
}

// extrapolate moves q to the combination if F falls by it by more than rounding.
func (e *extrapolation) extrapolate(q *model) {
	c, ok := e.weights()
	if !ok {
		return
	}
	lastX, lastLinear, last := e.x[memory], e.linear[memory], q.value()
	clear(q.x)
	clear(q.linear())
	for i, v := range c {
		kernel.Axpy(v, e.x[i+1], q.x)
		kernel.Axpy(v, e.linear[i+1], q.linear())
	}
	if value := q.value(); !(q.change(lastX, lastLinear)+value-last < -1e-13*math.Abs(last)) {
		copy(q.x, lastX)
		copy(q.linear(), lastLinear)
	}
}

// weights solves (UUᵀ + εI)c ∝ 1 for the differences U, ε a little of its trace.
func (e *extrapolation) weights() ([]float64, bool) {
	rows, trace := [memory][memory]float64{}, 0.0
	for i := range rows {
		for j := range i + 1 {
			rows[i][j] = kernel.Dot(e.u[i], e.u[j])
		}
		trace += rows[i][i]
	}
	var l cholesky
	for i := range rows {
		rows[i][i] += 1e-12 * trace
		if !l.append(rows[i][:i+1], 0) {
			return nil, false
		}
	}
	c, sum := slices.Repeat([]float64{trace}, memory), 0.0 // in units of the trace the solution has none
	l.solve(c)
	for _, v := range c {
		sum += v
	}
	for i := range c {
		c[i] /= sum
	}
	return c, sum-sum == 0 && sum != 0
}
