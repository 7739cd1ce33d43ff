package diff

import (
	"fmt"
	"math"

	"unroll/l2o"
)

// A Run is where an iteration ended, and what was seen of it on the way.
type Run struct {
	X      []float64  // x_k
	Iters  int        // k: K, or less where the iteration diverged
	Status l2o.Status // [l2o.MaxIter] after K iterations; [l2o.Diverged]: x_k is the iterate that left all bounds
	Stable int        // the support of every iterate from this one on is that of the last
	// Contraction is the mean factor by which a step x_k − x_{k−1} was shorter than the one before it, over the second half of the
	// iterations from Stable on; NaN where these are fewer than four, or where the steps have met rounding.
	Contraction float64
}

// divergence is the growth of ‖ℓ′(Az)‖ over its value at the start from which an iteration counts as diverged.
const divergence = 1e6

// An iteration produces the iterates of a schedule,
//
//	z_k = x_{k−1} + β_k (x_{k−1} − x_{k−2}),    x_k = prox_{τ_k g}(z_k − τ_k Aᵀℓ′(Az_k)),    x_{−1} = x₀.
type iteration struct {
	*model
	Schedule
	z, v  []float64 // (n)
	r     []float64 // (m), ℓ′(Az_k)
	limit float64   // of ‖r‖
}

// newIteration checks what the user gave. A nil start is 0.
func newIteration(p *l2o.Problem, s Schedule, start []float64) (*iteration, []float64, error) {
	m, err := newModel(p)
	if err != nil {
		return nil, nil, err
	}
	if err := m.admits(s); err != nil {
		return nil, nil, err
	}
	if start == nil {
		start = make([]float64, m.n)
	}
	if len(start) != m.n {
		return nil, nil, &l2o.InputError{Arg: "Start", Value: fmt.Sprintf("of length %d", len(start)), Want: fmt.Sprintf("length %d, the unknowns", m.n)}
	}
	for j, v := range start {
		if v-v != 0 {
			return nil, nil, &l2o.InputError{Arg: fmt.Sprintf("Start[%d]", j), Value: v, Want: "a finite number"}
		}
	}
	it := &iteration{model: m, Schedule: s, z: make([]float64, m.n), v: make([]float64, m.n), r: make([]float64, m.m)}
	for _, x := range [][]float64{make([]float64, m.n), start} {
		m.a.Apply(it.r, x)
		m.loss.Grad(it.r, it.r, m.y)
		it.limit = max(it.limit, divergence*norm(it.r))
	}
	return it, start, nil
}

// extrapolate sets z to z_k.
func (it *iteration) extrapolate(k int, x, prev []float64) {
	beta := it.momentum(k)
	for j, v := range x {
		it.z[j] = v + beta*(v-prev[j])
	}
}

// next sets dst = x_k from x = x_{k−1} and prev = x_{k−2}, and reports whether the iteration is within bounds.
func (it *iteration) next(dst []float64, k int, x, prev []float64) bool {
	it.extrapolate(k, x, prev)
	it.a.Apply(it.r, it.z)
	it.loss.Grad(it.r, it.r, it.y)
	it.a.Adjoint(it.v, it.r)
	scale, tau := it.scale(k), it.Step[k-1]
	for j, z := range it.z {
		t := tau
		if scale != nil {
			t *= scale[j]
		}
		dst[j] = it.prox(j, z-t*it.v[j], t)
	}
	return norm(it.r) <= it.limit
}

// A watch sees the iterates go by for a [Run].
type watch struct {
	*model
	run     Run
	now     []int     // support of the last iterate
	before  []int     // and of the one before it
	lengths []float64 // ‖x_k − x_{k−1}‖ since Stable
}

func (w *watch) see(k int, x, prev []float64) {
	w.now, w.before = w.support(w.before, x), w.now
	same := len(w.now) == len(w.before) && k > 0
	for i := 0; same && i < len(w.now); i++ {
		same = w.now[i] == w.before[i]
	}
	if !same {
		w.run.Stable, w.lengths = k, w.lengths[:0]
	}
	s := 0.0
	for _, j := range w.now {
		s += (x[j] - prev[j]) * (x[j] - prev[j])
	}
	w.lengths = append(w.lengths, math.Sqrt(s))
	w.run.X, w.run.Iters = x, k
}

// end returns the run, with a copy of its last iterate.
func (w *watch) end(status l2o.Status) Run {
	w.run.X = append([]float64(nil), w.run.X...)
	w.run.Status, w.run.Contraction = status, math.NaN()
	n := len(w.lengths)
	if n < 4 {
		return w.run
	}
	first, last := w.lengths[n/2], w.lengths[n-1]
	if last > 1e-14*norm(w.run.X) {
		w.run.Contraction = math.Pow(last/first, 1/float64(n-1-n/2))
	}
	return w.run
}

// Iterate runs the schedule on p from the given start, nil for 0, without derivatives. The error is an *[l2o.InputError].
func Iterate(p *l2o.Problem, s Schedule, start []float64) (Run, error) {
	it, x, err := newIteration(p, s, start)
	if err != nil {
		return Run{}, err
	}
	return it.each(x, func(int, []float64, []float64, []float64) {}), nil
}

// each runs all iterations from x₀ and calls visit(k, x_k, x_{k−1}, x_{k−2}) after each that is within bounds.
func (it *iteration) each(start []float64, visit func(k int, x, prev, older []float64)) Run {
	w := &watch{model: it.model}
	x, prev, older := append([]float64(nil), start...), append([]float64(nil), start...), make([]float64, it.n)
	w.see(0, x, prev)
	for k := 1; k <= len(it.Step); k++ {
		x, prev, older = older, x, prev
		within := it.next(x, k, prev, older)
		w.see(k, x, prev)
		if !within {
			return w.end(l2o.Diverged)
		}
		visit(k, x, prev, older)
	}
	return w.end(l2o.MaxIter)
}
