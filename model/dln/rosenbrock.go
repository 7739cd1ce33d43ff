package dln

import "math"

// The method of Rosenbrock with four stages, order 4 and an embedded formula of order 3 (Kaps and Rentrop 1979; the parameters of Shampine,
// Implementation of Rosenbrock methods, 1982). With J the Jacobian of s' = f(s) each stage solves one linear system,
//
//	(I/(γh) − J) k_i = f(s + Σ_j a_ij k_j) + Σ_j c_ij k_j/h,    s ← s + Σ b_i k_i,    error ≈ Σ e_i k_i
//
// It is A-stable, and keeps linear invariants: s stays in the row space of X.
const gamma = 0.5

var (
	stageA = [3][]float64{nil, {2}, {48. / 25, 6. / 25}} // the fourth stage has the point of the third
	stageC = [4][]float64{nil, {-8}, {372. / 25, 12. / 5}, {-112. / 125, -54. / 125, -2. / 5}}
	stageB = []float64{19. / 9, 1. / 2, 25. / 108, 125. / 108}
	stageE = []float64{17. / 54, 7. / 36, 0, 125. / 108}
)

// A runner integrates a flow.
type runner struct {
	mirror
	field  field
	solver solver
	tol, h float64
	state  State

	rate, point, nextRate []float64    // f(s), another s and f there, (d)
	beta, failure         []float64    // β at point, the estimated error, (d)
	k                     [4][]float64 // stages, (d)
}

func (f Flow) newRunner() *runner {
	_, d := f.X.Dims()
	r := &runner{mirror: mirror{-2 * math.Log(f.Alpha)}, field: newField(f.X, f.Y), tol: f.Tol}
	if r.tol == 0 {
		r.tol = 1e-8
	}
	for _, v := range []*[]float64{&r.rate, &r.point, &r.nextRate, &r.beta, &r.failure, &r.k[0], &r.k[1], &r.k[2], &r.k[3],
		&r.state.Beta, &r.state.Dual, &r.state.Integral} {
		*v = make([]float64, d)
	}
	for i, b := range f.Start {
		r.state.Dual[i], r.state.Beta[i] = r.dual(b), b
	}
	r.solver = newSolver(r.field.gram, d)
	r.field.at(r.rate, r.state.Beta)
	r.state.Loss = r.field.loss(r.state.Beta)
	r.h = 1e-3 / (r.double * largest(r.rate))
	return r
}

// advance makes one step, to the given time at most. It reports false where every step fails that moves the time.
func (r *runner) advance(stop float64) bool {
	for {
		h, last := r.h, r.state.Time+r.h >= stop
		if last {
			h = stop - r.state.Time
		}
		if !(r.state.Time+h > r.state.Time) { // NaN where the first rate overflows
			return false
		}
		r.try(h)
		failure := largest(r.failure) * r.double / r.tol
		proposed := h * min(5, max(0.2, 0.9*math.Pow(failure, -0.25)))
		switch {
		case !(failure <= 1): // NaN where a stage overflowed
			r.h = min(proposed, h/2)
			if math.IsNaN(proposed) {
				r.h = h / 5
			}
			continue
		case last: // a step that was cut short says nothing against a longer one
			r.h, r.state.Time = max(r.h, proposed), stop
		default:
			r.h, r.state.Time = proposed, r.state.Time+h
		}
		r.accept(h)
		return true
	}
}

// try sets point to the s that a step of h leads to, failure to its estimated error, and beta and nextRate to what belongs to it.
func (r *runner) try(h float64) {
	s := r.state.Dual
	r.solver.factorise(gamma*h, r.mirror, s)
	combine := func(dst, from []float64, weights []float64, scale float64) {
		for i := range dst {
			v := from[i]
			for j, w := range weights {
				v += scale * w * r.k[j][i]
			}
			dst[i] = v
		}
	}
	rate := r.rate
	for stage := range r.k {
		if stage == 1 || stage == 2 {
			combine(r.point, s, stageA[stage], 1)
			r.rates(r.point)
			rate = r.nextRate
		}
		combine(r.k[stage], rate, stageC[stage], 1/h)
		r.solver.solve(r.k[stage])
	}
	clear(r.failure)
	combine(r.failure, r.failure, stageE, 1)
	combine(r.point, s, stageB, 1)
	r.rates(r.point)
}

// rates sets beta and nextRate to β and f at s.
func (r *runner) rates(s []float64) {
	for i, v := range s {
		r.beta[i] = r.mirror.beta(v)
	}
	r.field.at(r.nextRate, r.beta)
}

// accept moves the state to point. The integral of β is that of the cubic through its values and slopes at both ends.
func (r *runner) accept(h float64) {
	s, way := r.state.Dual, 0.0
	for i, to := range r.point {
		before, after := r.slope(s[i])*r.rate[i], r.slope(to)*r.nextRate[i]
		r.state.Integral[i] += h/2*(r.state.Beta[i]+r.beta[i]) + h*h/12*(before-after)
		way += (r.beta[i] - r.state.Beta[i]) * (r.beta[i] - r.state.Beta[i])
	}
	copy(s, r.point)
	copy(r.state.Beta, r.beta)
	copy(r.rate, r.nextRate)
	r.state.Arc += h + math.Sqrt(way)
	r.state.Loss = r.field.loss(r.beta)
}

// largest returns ‖v‖∞, NaN if v holds one.
func largest(v []float64) float64 {
	top := 0.0
	for _, t := range v {
		top = max(top, math.Abs(t))
	}
	return top
}
