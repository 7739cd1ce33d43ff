package l2o

import (
	"fmt"
	"iter"
)

// A Scheme says when [Restart] forgets its momentum.
type Scheme int

const (
	GradientScheme Scheme = iota // ⟨z_k − x_k, x_k − x_{k−1}⟩ > 0: the momentum points uphill
	FunctionScheme               // F(x_k) > F(x_{k−1}), at the cost of one more product with A; blind once that differs by rounding alone
)

func (s Scheme) String() string {
	switch s {
	case GradientScheme:
		return "gradient"
	case FunctionScheme:
		return "function"
	}
	return fmt.Sprintf("Scheme(%d)", int(s))
}

// Restart is [FISTA] that sets t back to 1 whenever its momentum has become harmful. On a strongly convex problem, as a Lasso is once its
// support is found, it converges linearly without knowing the constants.
//
//	x_k, t_{k+1}, z_{k+1} as FISTA has them
//	if the scheme says so:  t_{k+1} = 1,  z_{k+1} = x_k
//
// No rate is proved for the schemes in general; each stretch between two restarts has FISTA's.
//
// Reference: B. O'Donoghue, E. Candès, "Adaptive restart for accelerated gradient schemes", Found. Comput. Math. 15, 2015, (12) and (13).
type Restart struct {
	Step      float64 // τ; 0 means 1/L, or with Backtrack a guess that is not below it
	Backtrack bool    // halve τ where it is too long
	Scheme    Scheme  // 0 means GradientScheme
}

// Check refuses a negative step, a scheme that is none and what [Problem.Check] refuses; the penalty must be there.
func (s Restart) Check(p *Problem) error {
	if s.Scheme != GradientScheme && s.Scheme != FunctionScheme {
		return &InputError{"Scheme", int(s.Scheme), fmt.Sprintf("%d or %d", GradientScheme, FunctionScheme)}
	}
	return checkSteps(p, s.Step, nil, s.Backtrack)
}

// Iterates yields x₀ = 0, x₁, … without end.
func (s Restart) Iterates(p *Problem) iter.Seq2[int, []float64] { return s.IteratesFrom(p, nil) }

// IteratesFrom yields x₀ = x0, x₁, … without end; nil stands for 0.
func (s Restart) IteratesFrom(p *Problem, x0 []float64) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		x, prev, z := p.startAt(x0), p.startAt(nil), p.startAt(x0)
		step := newProxStep(p, s.Step, nil, s.Backtrack)
		value := func(x []float64) float64 {
			p.A.Apply(step.r, x)
			return p.loss().Value(step.r, p.Y) + p.G.Value(x)
		}
		before, t := 0.0, 1.0
		if s.Scheme == FunctionScheme {
			before = value(x)
		}
		for k := 0; yield(k, x); {
			k++
			prev, x = x, prev
			step.take(k, x, z)
			harmful := false
			if s.Scheme == FunctionScheme {
				now := value(x)
				harmful = now > before
				before = now
			} else {
				harmful = uphill(z, x, prev)
			}
			if harmful {
				t = 1
				copy(z, x)
				continue
			}
			next := nextT(t)
			extrapolate(z, x, prev, (t-1)/next)
			t = next
		}
	}
}

// uphill reports whether ⟨z − x, x − prev⟩ > 0.
func uphill(z, x, prev []float64) bool {
	s := 0.0
	for j, t := range x {
		s += (z[j] - t) * (t - prev[j])
	}
	return s > 0
}
