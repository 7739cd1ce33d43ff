package diff

import (
	"math"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// implicit runs the iteration and returns the limit at its end, nil where it diverged.
func (it *iteration) implicit(start []float64) (Run, *Limit, error) {
	run := it.each(start, func(int, []float64, []float64, []float64) {})
	if run.Status == l2o.Diverged {
		return run, nil, nil
	}
	l, refusal := newLimit(it.model, run.X)
	if refusal != nil {
		return run, nil, refusal
	}
	return run, l, nil
}

// Tangent returns the derivative of x* along d (n), of which the schedule's part has none, and a bound on its rounding. It panics on a
// direction that does not fit.
func (l *Limit) Tangent(d Direction) (dx []float64, bound float64) {
	if err := d.check(l.model, len(d.Step), len(d.Momentum)); err != nil {
		panic("diff: " + err.Error())
	}
	b := l.right(d)
	dx = make([]float64, l.n)
	for i, v := range l.solve(b) {
		dx[l.Support[i]] = v
	}
	return dx, l.rounding(norm(dx), norm(b))
}

// right returns b of H ẋ_S = b.
func (l *Limit) right(d Direction) []float64 {
	b := make([]float64, len(l.Support))
	var moved, back []float64
	if d.A != nil {
		moved, back = l.moved(d.A)
	}
	for i, j := range l.Support {
		b[i] = -d.kappa(l.model, j) * l.pulls[i]
		if d.Y != nil {
			b[i] += l.a.DotColumn(j, d.Y)
		}
		if d.A != nil {
			b[i] -= back[j] + l.a.DotColumn(j, moved)
		}
	}
	return b
}

// moved returns ℓ″Ȧx* (m) and Ȧᵀℓ′ (n).
func (l *Limit) moved(dA linop.Operator) (moved, back []float64) {
	moved, back = make([]float64, l.m), make([]float64, l.n)
	dA.Apply(moved, l.X)
	for i, h := range l.h {
		moved[i] *= h
	}
	dA.Adjoint(back, l.rate)
	return moved, back
}

// Gradient returns the derivative of ⟨w, x*⟩ with respect to every parameter, for a w (n) that is held, with bounds on its rounding. A change
// of A may be nil. It panics on lengths that do not fit.
func (l *Limit) Gradient(w []float64, dA linop.Operator) Gradient {
	if err := checkChange(dA, l.model); err != nil || len(w) != l.n {
		panic("diff: gradient of a limit for another problem")
	}
	v := l.Adjoint(w)
	g := l.from(v, dA)
	g.Bars = l.bars(g, v, w, dA)
	return g
}

// Adjoint returns v* = H⁻¹w_S on the support and 0 off it (n): the change of x* when the gradient of the objective changes by −w.
func (l *Limit) Adjoint(w []float64) []float64 {
	v := make([]float64, l.n)
	for i, t := range l.solve(l.on(w)) {
		v[l.Support[i]] = t
	}
	return v
}

// GradientA sets dst (m, n), by rows, to the derivative of ⟨w, x*⟩ with respect to A, for v = Adjoint(w): −ℓ′vᵀ − (ℓ″Av)x*ᵀ, which is 0 in
// the columns off the support.
func (l *Limit) GradientA(dst, v []float64) {
	if len(dst) != l.m*l.n || len(v) != l.n {
		panic("diff: GradientA of another size")
	}
	image := make([]float64, l.m)
	l.a.Apply(image, v)
	for i, h := range l.h {
		image[i] *= h
	}
	clear(dst)
	for i := range l.m {
		row := dst[i*l.n : (i+1)*l.n]
		for _, j := range l.Support {
			row[j] = -l.rate[i]*v[j] - image[i]*l.X[j]
		}
	}
}

// on returns the entries of an n-vector on the support.
func (l *Limit) on(w []float64) []float64 {
	s := make([]float64, len(l.Support))
	for i, j := range l.Support {
		s[i] = w[j]
	}
	return s
}

// from returns the gradient B v of an adjoint vector.
func (l *Limit) from(v []float64, dA linop.Operator) Gradient {
	g := Gradient{Weights: make([]float64, l.n)}
	var moved, back []float64
	if dA != nil {
		moved, back = l.moved(dA)
	}
	for i, j := range l.Support {
		g.Lambda -= l.weight[j] * l.pulls[i] * v[j]
		g.Weights[j] = -l.lambda * l.pulls[i] * v[j]
		if dA != nil {
			g.A -= v[j] * (back[j] + l.a.DotColumn(j, moved))
		}
	}
	if l.square {
		g.Y = make([]float64, l.m)
		for _, j := range l.Support {
			l.a.AddColumn(g.Y, v[j], j)
		}
	}
	return g
}

// rounding bounds what rounding adds to the solution of an equation with H, to first order.
func (l *Limit) rounding(solution, right float64) float64 {
	if len(l.Support) == 0 {
		return 0
	}
	return 4 * float64(len(l.Support)) * 0x1p-52 * (l.L*solution + right) / l.Mu
}

// short returns ‖b − H t‖/μ, with what rounding adds, for b and t on the support.
func (l *Limit) short(b, t []float64) float64 {
	if len(b) == 0 {
		return 0
	}
	s := 0.0
	for i, v := range b {
		for j, u := range t {
			v -= l.hessian.At(i, j) * u
		}
		s += v * v
	}
	return math.Sqrt(s)/l.Mu + l.rounding(norm(t), norm(b))
}

// tangentError bounds the distance of dx to the limit along d.
func (l *Limit) tangentError(d Direction, dx []float64) float64 { return l.short(l.right(d), l.on(dx)) }
