package bilevel

import (
	"fmt"
	"math"
	"slices"

	"unroll/l2o"
)

// A Rule is a way to differentiate the loss at what blocks Φ_K of K layers have found, with J = ∂_uΦ_K, B = ∂_θΦ_K and w = ∇ℓ there.
type Rule int

// The rules, with what they store and what they are off by.
const (
	// JFB goes back through the last of T+1 blocks alone, g = Bᵀw: K states, off by [BiasBound] at the equilibrium. With layers that are all
	// the same it is the sum of the first K terms of the Neumann series of one layer's inverse.
	JFB Rule = iota
	// Implicit runs blocks to the equilibrium and solves (I − Jᵀ)v = w, g = Bᵀv: exact to the solver's tolerance.
	Implicit
	// NeumannJ is g = Bᵀ Σ_{j<Terms} (Jᵀ)ʲ w after T blocks: off by q^Terms/(1−q) with q = ‖J‖.
	NeumannJ
	// Unrolled goes back through all K(T+1) layers, which are stored: the gradient of what was computed, not of the equilibrium.
	Unrolled
)

func (r Rule) String() string {
	if r < JFB || r > Unrolled {
		return fmt.Sprintf("Rule(%d)", int(r))
	}
	return []string{"JFB", "implicit", "Neumann-J", "unrolled"}[r]
}

// ReTune takes the gradient of a loss at an equilibrium u* = Φ_K(u*, θ) of blocks of K layers: T blocks are run without derivatives, then one
// with them,
//
//	u_{t+1} = Φ_K(u_t, θ),  t < T;    g = ∂_θΦ_K(u_T, θ)ᵀ ∇ℓ(Φ_K(u_T, θ)),
//
// at the memory of K layers for any T. With q = ‖∂_uΦ_K‖ < 1 the bias is ‖g − dℓ(u*)/dθ‖ ≤ q/(1−q)·‖∂_θΦ_K‖·‖∇ℓ‖ at the equilibrium, and
// what u_T is away from it adds O(q^T). T = 0 is truncated unrolling. Davy, Briceño-Arias and Pustelnik, "Restarted contractive operators to
// learn at equilibrium", 2025; a block of one layer is Fung et al., "JFB: Jacobian-free backpropagation for implicit networks", AAAI 2022.
type ReTune struct {
	K     int  // layers of a block
	T     int  // blocks before the one that is differentiated
	Rule  Rule // JFB is ReTune proper
	Terms int  // of NeumannJ

	// Tol is the relative move of a block ‖Φ_K(u)−u‖/‖u‖, and the relative residual of the linear system, at which Implicit is content;
	// 0 means 1e-10. It gives up after Most blocks; 0 means 10,000.
	Tol  float64
	Most int
}

// An Instance is one image, or other problem: the layer, where its iteration starts and what it should end at. The loss is
// ½ Σ_j w_j (u_j − ū_j)²/n.
type Instance struct {
	Step        Step      // of this instance alone: it keeps memory, and instances may be differentiated side by side
	Start, Star []float64 // u_0 and ū (n)
	Weight      []float64 // w ≥ 0 (n), where an entry of u is not in the unit that errors are measured in; nil means 1
}

// A Gradient is that of one instance's loss with respect to θ.
type Gradient struct {
	Loss     float64
	Slope    []float64 // (p)
	U        []float64 // (n), where the loss was taken
	States   int       // vectors of n numbers stored at once to differentiate
	Layers   int       // layers run, forwards and back
	Residual float64   // of Implicit: the larger of the relative move and the relative residual of the linear system
}

const (
	equilibriumTol  = 1e-10
	equilibriumMost = 10_000
)

// Check returns the *[l2o.InputError] of a field that has no meaning.
func (r ReTune) Check() error {
	switch {
	case r.K < 1:
		return &l2o.InputError{Arg: "K", Value: r.K, Want: "at least 1, the layers of a block"}
	case r.T < 0:
		return &l2o.InputError{Arg: "T", Value: r.T, Want: "a number ≥ 0, of restarts"}
	case r.Rule < JFB || r.Rule > Unrolled:
		return &l2o.InputError{Arg: "Rule", Value: r.Rule, Want: "JFB, Implicit, NeumannJ or Unrolled"}
	case r.Rule == NeumannJ && r.Terms < 1:
		return &l2o.InputError{Arg: "Terms", Value: r.Terms, Want: "at least 1"}
	case !(r.Tol >= 0 && r.Tol < 1):
		return &l2o.InputError{Arg: "Tol", Value: r.Tol, Want: "a number from 0 to 1"}
	case r.Most < 0:
		return &l2o.InputError{Arg: "Most", Value: r.Most, Want: "a number ≥ 0"}
	}
	return nil
}

// Check returns the *[l2o.InputError] of lengths that do not fit the step.
func (in Instance) Check(theta []float64) error {
	n, p := in.Step.Dims()
	for _, c := range []struct {
		arg       string
		got, want int
	}{{"Start", len(in.Start), n}, {"Star", len(in.Star), n}, {"Weight", len(in.Weight), n}, {"theta", len(theta), p}} {
		if c.got != c.want && (c.arg != "Weight" || in.Weight != nil) {
			return &l2o.InputError{Arg: c.arg, Value: fmt.Sprintf("of length %d", c.got), Want: fmt.Sprintf("length %d, as the step has it", c.want)}
		}
	}
	return nil
}

// Gradient differentiates the loss of one instance. A ReTune or instance that Check refuses panics. Numbers that overflow show as such.
func (r ReTune) Gradient(in Instance, theta []float64) Gradient {
	if err := r.Check(); err != nil {
		panic(err.Error())
	}
	if err := in.Check(theta); err != nil {
		panic(err.Error())
	}
	g := Gradient{Slope: make([]float64, len(theta))}
	u, layers := r.reach(in, theta, &g), r.K
	if r.Rule == Unrolled {
		u, layers = in.Start, r.K*(r.T+1)
	}
	t := record(in.Step, theta, u, r.K, layers)
	g.States, g.Layers, g.U = layers, g.Layers+2*layers, t.out
	w := make([]float64, len(u))
	g.Loss = in.loss(w, t.out)
	switch r.Rule {
	case Implicit:
		v := append([]float64(nil), w...)
		residual, products, basis := gmres(v, func(dst, w []float64) { t.adjoint(dst, nil, w) }, w, r.tol(), r.most())
		g.Residual = max(g.Residual, residual)
		g.Layers += products * r.K
		g.States += basis
		w = v
	case NeumannJ:
		term := append([]float64(nil), w...)
		for range r.Terms - 1 {
			t.adjoint(term, nil, term)
			g.Layers += r.K
			for i, v := range term {
				w[i] += v
			}
		}
	}
	t.adjoint(w, g.Slope, w)
	return g
}

// reach runs the blocks that are not differentiated: T, or as many as the equilibrium takes.
func (r ReTune) reach(in Instance, theta []float64, g *Gradient) []float64 {
	if r.Rule == Unrolled {
		return nil
	}
	if r.Rule != Implicit {
		g.Layers += r.T * r.K
		return Run(in.Step, theta, in.Start, r.K, r.T*r.K)
	}
	u := in.Start
	for range r.most() {
		next := Run(in.Step, theta, u, r.K, r.K)
		g.Layers += r.K
		g.Residual = distance(next, u) / max(norm(next), math.SmallestNonzeroFloat64)
		u = next
		if !(g.Residual > r.tol()) {
			break
		}
	}
	return u
}

// Run returns what so many layers in blocks of K make of u, which stays as it is.
func Run(s Step, theta, u []float64, K, layers int) []float64 {
	state, next, before := append([]float64(nil), u...), make([]float64, len(u)), append([]float64(nil), u...)
	for l := 0; l < layers; l++ {
		s.Apply(next, state, theta, l%K)
		state, next = next, state
		if l%K == K-1 {
			if slices.Equal(state, before) { // every block that follows ends where this one did
				layers = l + 1 + (layers-l-1)%K
			}
			copy(before, state)
		}
	}
	return state
}

// loss returns that of u and sets w to its gradient.
func (in Instance) loss(w, u []float64) float64 {
	n, sum := float64(len(u)), 0.0
	for i, v := range u {
		d := v - in.Star[i]
		w[i] = d / n
		if in.Weight != nil {
			w[i] *= in.Weight[i]
		}
		sum += d * w[i]
	}
	return sum / 2
}

// Loss returns ½ Σ_j w_j (u_j − ū_j)²/n.
func (in Instance) Loss(u []float64) float64 { return in.loss(make([]float64, len(u)), u) }

func (r ReTune) tol() float64 {
	if r.Tol == 0 {
		return equilibriumTol
	}
	return r.Tol
}

func (r ReTune) most() int {
	if r.Most == 0 {
		return equilibriumMost
	}
	return r.Most
}

func distance(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		d := v - b[i]
		s += d * d
	}
	return math.Sqrt(s)
}
