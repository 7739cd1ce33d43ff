package bilevel

// A Step is the layer φ_k of an iteration with learned parameters θ (p), on states u (n). A block Φ_K = φ_{K−1} ∘ … ∘ φ_0 has one of each k;
// a step whose parameters are the same in every layer ignores k, and then the fixed points of all Φ_K are one.
//
// Apply, Tangent and Adjoint overwrite dst, which must not overlap their other arguments. A Step may keep memory of its own: one goroutine at a
// time may use it.
type Step interface {
	Dims() (n, p int)
	// Apply sets dst = φ_k(u, θ).
	Apply(dst, u, theta []float64, k int)
	// Tangent sets dst = ∂_uφ_k(u, θ) t.
	Tangent(dst, u, theta []float64, k int, t []float64)
	// Adjoint sets dst = ∂_uφ_k(u, θ)ᵀ w and adds ∂_θφ_k(u, θ)ᵀ w to slope (p), unless that is nil.
	Adjoint(dst, slope, u, theta []float64, k int, w []float64)
}

// A tape holds the states that layers first, first+1, … met, so that they can be gone through backwards.
type tape struct {
	step   Step
	theta  []float64
	k      int         // layers of a block
	states [][]float64 // u_0 … u_{L−1}, the arguments of the L layers
	out    []float64   // u_L
	spare  []float64
}

// record runs layers from u, and keeps their arguments. It takes a copy of u.
func record(s Step, theta, u []float64, block, layers int) *tape {
	t := &tape{step: s, theta: theta, k: block, spare: make([]float64, len(u))}
	state := make([]float64, len(u))
	copy(state, u)
	for l := range layers {
		next := make([]float64, len(u))
		s.Apply(next, state, theta, l%block)
		t.states = append(t.states, state)
		state = next
	}
	t.out = state
	return t
}

// adjoint sets dst = Jᵀw, J the Jacobian of all layers, and adds the parameters' part to slope unless that is nil. dst may be w.
func (t *tape) adjoint(dst, slope, w []float64) {
	copy(dst, w)
	for l := len(t.states) - 1; l >= 0; l-- {
		t.step.Adjoint(t.spare, slope, t.states[l], t.theta, l%t.k, dst)
		copy(dst, t.spare)
	}
}

// A Jacobian is J = ∂_uΦ_K at a point, an operator (n, n): of [unroll/l2o/linop.Norm] too, where the factor of [Contraction] must be
// certain to the last digits.
type Jacobian struct{ tape *tape }

// NewJacobian linearises the block of K layers at u.
func NewJacobian(s Step, theta, u []float64, K int) *Jacobian {
	return &Jacobian{record(s, theta, u, K, K)}
}

// Dims returns n and n.
func (j *Jacobian) Dims() (m, n int) { return len(j.tape.out), len(j.tape.out) }

// Apply sets dst = J v.
func (j *Jacobian) Apply(dst, v []float64) {
	copy(dst, v)
	for l, u := range j.tape.states {
		j.tape.step.Tangent(j.tape.spare, u, j.tape.theta, l, dst)
		copy(dst, j.tape.spare)
	}
}

// Adjoint sets dst = Jᵀ w.
func (j *Jacobian) Adjoint(dst, w []float64) { j.tape.adjoint(dst, nil, w) }
