// Package l2otest holds the conformance suites of solvers, operators and penalties, and the gradient check.
//
// A suite is a function of a [TB]; an implementation's test calls it with *testing.T. That each suite refuses
// what it must is asserted with [Refuses].
package l2otest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// TB is the part of *testing.T that the suites use.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Refuses runs a suite on an implementation that is wrong on purpose, and fails t unless one of the suite's
// failures contains reason.
func Refuses(t TB, reason string, suite func(TB)) {
	t.Helper()
	var r recorder
	suite(&r)
	for _, failure := range r.failures {
		if strings.Contains(failure, reason) {
			return
		}
	}
	t.Errorf("l2otest: no failure names %q; there were %d: %s", reason, len(r.failures), strings.Join(r.failures, "; "))
}

type recorder struct{ failures []string }

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// gaussian returns n independent standard normal numbers.
func gaussian(rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func distance(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return math.Sqrt(s)
}
