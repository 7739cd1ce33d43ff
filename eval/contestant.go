package eval

import (
	"fmt"
	"math"
	"slices"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Contestant yields estimates x₀ = 0, x₁, …, x_K of the signal of each prompt. It is given A and y; its thresholds are its own, so g is
// the zero penalty. The solver is called from several goroutines at once.
type Contestant struct {
	Name   string
	Solver l2o.Solver
}

// A ContestantError says which rule a contestant broke, and where.
type ContestantError struct {
	Name   string
	Prompt int // −1: not on one prompt
	Err    error
}

func (e *ContestantError) Error() string {
	if e.Prompt < 0 {
		return fmt.Sprintf("eval: contestant %q: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("eval: contestant %q on prompt %d: %v", e.Name, e.Prompt, e.Err)
}

func (e *ContestantError) Unwrap() error { return e.Err }

// squaredErrors returns ‖x̂_k−x*‖², k = 0…K, on every prompt of b, or the *ContestantError of the first prompt on which the contestant
// breaks a rule.
func (c Contestant) squaredErrors(b data.Batch, layers, workers int) (matrix, error) {
	m := newMatrix(b.Size, layers+1) // (P, K+1)
	broken := make([]error, b.Size)
	eachPrompt(b, workers, func(i int, p *l2o.Problem, star []float64) {
		p.G = prox.L1{}
		broken[i] = c.Solver.Check(p)
		if broken[i] == nil {
			broken[i] = follow(c.Solver, p, star, m.Row(i), func([]float64) {})
		}
		if seen := b.At(i); broken[i] == nil && !(slices.Equal(p.Y, seen.Y) && slices.Equal(p.A.(*linop.Dense).Data, seen.X)) {
			broken[i] = fmt.Errorf("changed the prompt it was given")
		}
	})
	for i, err := range broken {
		if err != nil {
			return matrix{}, &ContestantError{c.Name, i, err}
		}
	}
	for k := range m.Cols {
		if sum(m.Col(k)) == 0 {
			return matrix{}, &ContestantError{c.Name, -1, fmt.Errorf("layer %d is x* to the last bit on every prompt: it has seen the answer", k)}
		}
	}
	return m, nil
}

// eachPrompt visits every prompt as a problem without a penalty. The problem is the visitor's until it returns: a private copy, so that
// what a visitor does to it reaches neither the batch nor another visitor.
func eachPrompt(b data.Batch, workers int, visit func(i int, p *l2o.Problem, star []float64)) {
	split(workers, b.Size, func(lo, hi int) {
		a := &linop.Dense{M: b.N, N: b.D, Data: make([]float64, b.N*b.D)}
		y := make([]float64, b.N)
		for i := lo; i < hi; i++ {
			copy(a.Data, b.At(i).X)
			copy(y, b.At(i).Y)
			visit(i, &l2o.Problem{A: a, Y: y}, b.At(i).Beta)
		}
	})
}

// follow writes ‖x_k−x*‖² of the first len(squared) iterates and hands the last of them on. It refuses a sequence that is shorter, starts
// elsewhere than at 0 (the estimate of who has seen nothing), skips a layer, or leaves the finite numbers.
func follow(s l2o.Solver, p *l2o.Problem, star, squared []float64, last func(x []float64)) error {
	next := 0
	for k, x := range s.Iterates(p) {
		if k != next || len(x) != len(star) {
			return fmt.Errorf("yielded layer %d with %d numbers, want layer %d with %d", k, len(x), next, len(star))
		}
		squared[k] = distance2(x, star)
		if k == 0 && slices.ContainsFunc(x, func(v float64) bool { return v != 0 }) {
			return fmt.Errorf("layer 0 is not the zero vector")
		}
		if math.IsNaN(squared[k]) || math.IsInf(squared[k], 0) {
			return fmt.Errorf("the squared error of layer %d is %v", k, squared[k])
		}
		if next++; next == len(squared) {
			last(x)
			return nil
		}
	}
	return fmt.Errorf("stopped after layer %d of %d", next-1, len(squared)-1)
}

// distance2 returns ‖a−b‖².
func distance2(a, b []float64) float64 {
	var s float64
	for j, v := range a {
		s += (v - b[j]) * (v - b[j])
	}
	return s
}
