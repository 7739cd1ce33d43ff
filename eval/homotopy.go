package eval

import (
	"math"
	"slices"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// A homotopy follows the Lasso solution x(λ) down from λ_max, where it is 0 (Osborne, Presnell and Turlach 2000; Efron, Hastie, Johnstone
// and Tibshirani 2004, §3.1). With the active set I, its signs s and G = AᵀA, x is linear in λ between events:
//
//	w = G_II⁻¹ s,    x_I(λ−h) = x_I + h·w,    c(λ−h) = c − h·G_·I w,    c = Aᵀ(y − Ax)
//
// until a coordinate outside I reaches |c_j| = λ − h and joins, or one in I reaches 0 and leaves. It is exact up to rounding where the
// columns are in general position; the caller checks the duality gap. It serves here because prompts are small and many, and a first-order
// method needs 10⁵ steps on the worst of them.
type homotopy struct {
	n      int
	gram   []float64 // (n, n)
	c, x   []float64 // (n)
	lambda float64
	active []int     // I, in the order of joining
	sign   []float64 // (n), of x_I and 0 outside I
	w      []float64 // (n), 0 outside I
	slope  []float64 // (n), G w
	factor []float64 // (n, n), room for the Cholesky factor of G_II
}

func newHomotopy(p *l2o.Problem) *homotopy {
	a := p.A.(*linop.Dense)
	n := a.N
	f := make([]float64, 2*n*n+5*n)
	cut := func(size int) []float64 {
		v := f[:size:size]
		f = f[size:]
		return v
	}
	h := &homotopy{n: n, gram: cut(n * n), factor: cut(n * n), c: cut(n), x: cut(n), sign: cut(n), w: cut(n), slope: cut(n)}
	for i := range a.M {
		row := a.Data[i*n : (i+1)*n]
		for j, v := range row {
			for k, u := range row {
				h.gram[j*n+k] += v * u
			}
		}
	}
	a.Adjoint(h.c, p.Y)
	for j, v := range h.c {
		if math.Abs(v) > h.lambda {
			h.lambda, h.active = math.Abs(v), []int{j}
		}
	}
	for _, j := range h.active {
		h.sign[j] = math.Copysign(1, h.c[j])
	}
	return h
}

// maxEvents bounds the path per coordinate: the paths of random problems have a few events per coordinate, the longest 3ⁿ.
const maxEvents = 100

// descend moves x from the current weight to the given smaller one; above λ_max x is 0.
func (h *homotopy) descend(to float64) {
	for event := 0; h.lambda > to && event < maxEvents*h.n; event++ {
		if !h.direction() {
			return
		}
		step, at := h.next(h.lambda - to)
		for _, j := range h.active {
			h.x[j] += step * h.w[j]
		}
		for j, s := range h.slope {
			h.c[j] -= step * s
		}
		h.lambda -= step
		switch {
		case at < 0:
			h.lambda = to
		case h.sign[at] == 0:
			h.active = append(h.active, at)
			h.sign[at] = math.Copysign(1, h.c[at])
		default:
			h.active = slices.DeleteFunc(h.active, func(j int) bool { return j == at })
			h.x[at], h.sign[at], h.w[at] = 0, 0, 0
		}
	}
}

// next returns the step to the next event, at most the given one, and its coordinate, −1 for none.
func (h *homotopy) next(most float64) (step float64, at int) {
	step, at = most, -1
	for j, s := range h.sign {
		reach := h.join(j)
		if s != 0 {
			reach = h.leave(j)
		}
		if reach = max(reach, 0); reach < step { // rounding may put an event a little behind
			step, at = reach, j
		}
	}
	return step, at
}

// leave returns the step at which x_j, j in I, reaches 0.
func (h *homotopy) leave(j int) float64 {
	if h.w[j]*h.sign[j] >= 0 {
		return math.Inf(1)
	}
	return -h.x[j] / h.w[j]
}

// join returns the step at which |c_j|, j outside I, reaches the weight. A coordinate that has just left sits on |c_j| = λ and moves inwards
// with |slope| > 1: that side is closed to it.
func (h *homotopy) join(j int) float64 {
	c, slope, reach := h.c[j], h.slope[j], math.Inf(1)
	if slope < 1 {
		reach = (h.lambda - c) / (1 - slope)
	}
	if slope > -1 {
		reach = min(reach, (h.lambda+c)/(1+slope))
	}
	return reach
}

// direction solves G_II w = s by Cholesky's method, sets slope to G w, and reports whether G_II is positive definite.
func (h *homotopy) direction() bool {
	k := len(h.active)
	row := func(i int) []float64 { return h.factor[i*k : (i+1)*k] }
	for i, a := range h.active {
		for j, b := range h.active[:i+1] {
			s := h.gram[a*h.n+b] - dot(row(i)[:j], row(j)[:j])
			if j < i {
				row(i)[j] = s / row(j)[j]
			} else if s > 1e-13*h.gram[a*h.n+a] {
				row(i)[i] = math.Sqrt(s)
			} else {
				return false
			}
		}
	}
	for i, a := range h.active {
		s := h.sign[a]
		for j, b := range h.active[:i] {
			s -= row(i)[j] * h.w[b]
		}
		h.w[a] = s / row(i)[i]
	}
	for i, a := range slices.Backward(h.active) {
		for j := i + 1; j < k; j++ {
			h.w[a] -= row(j)[i] * h.w[h.active[j]]
		}
		h.w[a] /= row(i)[i]
	}
	for j := range h.slope {
		h.slope[j] = dot(h.gram[j*h.n:(j+1)*h.n], h.w)
	}
	return true
}

func dot(a, b []float64) float64 {
	var s float64
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
