package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A design is the data of one problem: columns of N(0, 1) entries of which neighbours have the given correlation (an autoregressive
// process along a row, as benchopt's make_correlated_data makes it), and y = Ax + noise, where a fifth of x is N(0, 1) and the rest 0, and
// ‖Ax‖ is three times ‖noise‖.
type design struct {
	m, n        int
	correlation float64
}

var (
	shapes       = [][2]int{{100, 10_000}, {500, 600}, {10_000, 100}}
	correlations = []float64{0, 0.6}
	fractions    = []float64{0.5, 0.1, 0.05} // of λ_max
	targets      = []float64{1e-4, 1e-6, 1e-10}
)

const (
	density = 0.2
	signal  = 3
	steps   = 100  // of a λ-path
	bottom  = 1e-2 // the path's last λ, of λ_max
)

func (d design) String() string { return fmt.Sprintf("%dx%d correlation %g", d.m, d.n, d.correlation) }

// draw makes the data; the same design has the same data always.
func (d design) draw() (*linop.ColMajor, []float64) {
	rng := rand.New(rand.NewPCG(uint64(d.m), uint64(d.n)))
	a := &linop.ColMajor{M: d.m, N: d.n, Data: make([]float64, d.m*d.n)}
	innovation := math.Sqrt(1 - d.correlation*d.correlation)
	for i := range a.Data {
		a.Data[i] = rng.NormFloat64()
		if i >= d.m {
			a.Data[i] = d.correlation*a.Data[i-d.m] + innovation*a.Data[i]
		}
	}
	x := make([]float64, d.n)
	for _, j := range rng.Perm(d.n)[:int(density*float64(d.n))] {
		x[j] = rng.NormFloat64()
	}
	y, noise := make([]float64, d.m), make([]float64, d.m)
	a.Apply(y, x)
	for i := range noise {
		noise[i] = rng.NormFloat64()
	}
	level := math.Sqrt(dot(y, y)/dot(noise, noise)) / signal
	for i := range y {
		y[i] += level * noise[i]
	}
	return a, y
}

// An instance is a design drawn.
type instance struct {
	a   *linop.ColMajor
	y   []float64
	top float64 // λ_max
}

func (d design) instance() instance {
	a, y := d.draw()
	return instance{a, y, l2o.LambdaMax(a, y)}
}

func (s instance) problem(lambda float64) *l2o.Problem {
	return &l2o.Problem{A: s.a, Y: s.y, G: prox.L1{Lambda: lambda}}
}

// weights are the λ of the path, from λ_max down in equal ratios.
func (s instance) weights() []float64 {
	w := make([]float64, steps)
	for k := range w {
		w[k] = s.top * math.Pow(bottom, float64(k)/(steps-1))
	}
	return w
}

// gap judges every answer, ours and theirs: the duality gap of ½‖Ax−y‖² + λ‖x‖₁ over its value at 0, from A, y and x alone, with the
// residual r = y − Ax shrunk by s until s·|Aᵀr| ≤ λ:
//
//	gap = ½(1−s)²‖r‖² + Σⱼ λ|xⱼ| − s·xⱼ(Aᵀr)ⱼ
//
// where no term is negative, so that a small gap is no difference of large numbers.
//
// An answer that is missing has none, +Inf.
func (s instance) gap(lambda float64, x []float64) float64 {
	if len(x) != s.a.N {
		return math.Inf(1)
	}
	r, w := make([]float64, s.a.M), make([]float64, s.a.N)
	for j, v := range x {
		if v != 0 {
			for i, c := range s.a.Data[j*s.a.M : (j+1)*s.a.M] {
				r[i] -= v * c
			}
		}
	}
	for i, v := range s.y {
		r[i] += v
	}
	largest := 0.0
	for j := range w {
		w[j] = dot(s.a.Data[j*s.a.M:(j+1)*s.a.M], r)
		largest = max(largest, math.Abs(w[j]))
	}
	shrink := 1.0
	if largest > lambda {
		shrink = lambda / largest
	}
	gap := 0.5 * (1 - shrink) * (1 - shrink) * dot(r, r)
	for j, v := range x {
		gap += lambda*math.Abs(v) - shrink*v*w[j]
	}
	return gap / (0.5 * dot(s.y, s.y))
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
