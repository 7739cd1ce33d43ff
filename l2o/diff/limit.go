package diff

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"unroll/l2o"
)

// A Limit is the solution map near one problem: on the support S of x*, with its signs held, x* solves the smooth equation
//
//	A_jᵀ ℓ′(Ax) + ∂_j g(x) = 0   (j ∈ S),
//
// so that by the implicit function theorem H ẋ_S = −∂_u(…) u̇ with H = A_SᵀℓʺA_S + ∇²g, and ẋ = 0 off S. At a squared loss and an ℓ1 penalty
// that is ẋ_S = (A_SᵀA_S)⁻¹(−sign(x_S) ω λ̇ + A_Sᵀẏ + Ȧ_Sᵀr − A_SᵀȦx) (Efron, Hastie, Johnstone and Tibshirani 2004; Mehmood and Ochs 2025).
// Every map of a schedule has this same derivative as its limit, and the schedule's own numbers have 0.
type Limit struct {
	X       []float64 // x* (n), to rounding: Newton's method on the support of the iterate
	Support []int     // S, rising
	Mu, L   float64   // extreme eigenvalues of H; +Inf and 0 where S is empty
	// Margin is how far the problem is from a kink of its solution: the least of |x*_j|/‖x*‖∞ on the support and of 1 − |A_jᵀℓ′|/κ_j off it.
	Margin float64

	*model
	pulls   []float64     // of S
	rate, h []float64     // (m), ℓ′ and ℓ″ at Ax*; h is nil where it is 1
	hessian *mat.SymDense // (S, S)
	vectors mat.Dense     // (S, S), eigenvectors of H
	values  []float64     // (S)
}

const (
	// kink is the margin up to which complementarity counts as not strict: far above what rounding leaves of one that is 0.
	kink = 1e-8
	// dependent is the μ/L up to which the columns of the support count as dependent: what rounding leaves of 0 is about |S|·10⁻¹⁶.
	dependent = 1e-13

	// converged is the length of a last step of Newton's method, relative to x*, that is rounding.
	converged   = 1e-10
	newtonSteps = 30
)

// NewLimit returns the limit at the solution that x, whatever found it, lies near: with the support and the signs of x. The error is an
// *[l2o.InputError], or a *[Refusal] where the solution has another support or signs, or is not known to be differentiable.
func NewLimit(p *l2o.Problem, x []float64) (*Limit, error) {
	m, err := newModel(p)
	if err != nil {
		return nil, err
	}
	if len(x) != m.n {
		return nil, &l2o.InputError{Arg: "x", Value: len(x), Want: "the length of the unknowns"}
	}
	l, refusal := newLimit(m, x)
	if refusal != nil {
		return nil, refusal
	}
	return l, nil
}

func newLimit(m *model, x []float64) (*Limit, *Refusal) {
	l := &Limit{model: m, X: append([]float64(nil), x...), Support: m.support(nil, x), rate: make([]float64, m.m), Mu: math.Inf(1)}
	size := 0.0
	for _, v := range x {
		size += v * v
	}
	if !(size <= math.MaxFloat64) {
		return nil, &Refusal{NotFinite, -1, size}
	}
	if !m.smooth && m.ridge == 0 && len(l.Support) > m.m {
		return nil, &Refusal{RankDeficient, -1, 0}
	}
	if !m.square {
		l.h = make([]float64, m.m)
	}
	l.pulls = make([]float64, len(l.Support))
	if refusal := l.newton(); refusal != nil {
		return nil, refusal
	}
	return l, l.complementarity(x)
}

// newton solves the equation on the support, the signs of X held, until its steps no longer shrink: by then they are rounding, or the iterate
// was too far away. At a squared loss the first step is the solution, and the second refines it.
func (l *Limit) newton() *Refusal {
	for i, j := range l.Support {
		l.pulls[i] = l.pull(l.X[j])
	}
	last := math.Inf(1)
	for k := range newtonSteps {
		if k == 0 || !l.square {
			if refusal := l.factorise(); refusal != nil {
				return refusal
			}
		}
		move := l.solve(l.gradient())
		length := norm(move)
		if !(length < last) {
			break
		}
		last = length
		for i, j := range l.Support {
			l.X[j] -= move[i]
		}
	}
	if !(last <= converged*norm(l.X)) {
		return &Refusal{NotIdentified, -1, last}
	}
	l.gradient()
	return nil
}

// gradient returns that of the objective on the support, of which it keeps the loss's and the penalty's part.
func (l *Limit) gradient() []float64 {
	l.a.Apply(l.rate, l.X)
	l.loss.Grad(l.rate, l.rate, l.y)
	g := make([]float64, len(l.Support))
	for i, j := range l.Support {
		if l.smooth {
			l.pulls[i] = l.X[j]
		}
		g[i] = l.a.DotColumn(j, l.rate) + l.kappa[j]*l.pulls[i] + l.ridge*l.X[j]
	}
	return g
}

// factorise sets the eigenvectors and eigenvalues of H at X.
func (l *Limit) factorise() *Refusal {
	s := len(l.Support)
	if s == 0 {
		return nil
	}
	if !l.square {
		l.a.Apply(l.h, l.X)
		l.loss.Hess(l.h, l.h, l.y)
	}
	columns := mat.NewDense(s, l.m, nil) // √ℓ″ A_Sᵀ
	for i, j := range l.Support {
		row := columns.RawRowView(i)
		l.a.Column(row, j)
		for k, h := range l.h {
			row[k] *= math.Sqrt(h)
		}
	}
	l.hessian = mat.NewSymDense(s, nil)
	l.hessian.SymOuterK(1, columns)
	for i, j := range l.Support {
		v := l.ridge
		if l.smooth {
			v = l.kappa[j]
		}
		l.hessian.SetSym(i, i, l.hessian.At(i, i)+v)
	}
	if v := mat.Sum(l.hessian); v-v != 0 {
		return &Refusal{NotFinite, -1, v}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(l.hessian, true) {
		return &Refusal{NotFinite, -1, math.NaN()}
	}
	l.values = eigen.Values(l.values)
	eigen.VectorsTo(&l.vectors)
	l.Mu, l.L = l.values[0], l.values[s-1]
	if !(l.Mu > dependent*float64(s)*l.L) {
		return &Refusal{RankDeficient, -1, l.Mu / l.L}
	}
	return nil
}

// solve returns H⁻¹b.
func (l *Limit) solve(b []float64) []float64 {
	x := make([]float64, len(b))
	if len(b) == 0 {
		return x
	}
	var spectral, solution mat.VecDense
	spectral.MulVec(l.vectors.T(), mat.NewVecDense(len(b), b))
	for i, v := range l.values {
		spectral.SetVec(i, spectral.AtVec(i)/v)
	}
	solution.MulVec(&l.vectors, &spectral)
	copy(x, solution.RawVector().Data)
	return x
}

// complementarity refuses a solution of another support or other signs than x, and one too near a kink.
func (l *Limit) complementarity(x []float64) *Refusal {
	if l.smooth {
		l.Margin = math.Inf(1)
		return nil
	}
	largest := 0.0
	for _, v := range l.X {
		largest = max(largest, math.Abs(v))
	}
	l.Margin = math.Inf(1)
	at := -1
	see := func(j int, margin float64) {
		if margin < l.Margin || margin != margin {
			l.Margin, at = margin, j
		}
	}
	on := make([]bool, l.n)
	for _, j := range l.Support {
		on[j] = true
		if l.kappa[j] > 0 {
			margin := math.Abs(l.X[j]) / largest
			if math.Signbit(l.X[j]) != math.Signbit(x[j]) {
				margin = -margin
			}
			see(j, margin)
		}
	}
	for j, k := range l.kappa {
		if !on[j] && !math.IsInf(k, 1) {
			see(j, 1-math.Abs(l.a.DotColumn(j, l.rate))/k)
		}
	}
	switch {
	case l.Margin > kink:
		return nil
	case l.Margin >= -kink:
		return &Refusal{Degenerate, at, l.Margin}
	default:
		return &Refusal{NotIdentified, at, l.Margin}
	}
}
