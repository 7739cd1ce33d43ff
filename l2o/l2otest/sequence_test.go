package l2otest_test

import (
	"iter"
	"math/rand/v2"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
)

type (
	sequence = iter.Seq2[int, []float64]

	// A rude solver is FISTA behind two functions, nil for none, that spoil its manners.
	rude struct {
		check    func(p *l2o.Problem) error
		iterates func(p *l2o.Problem, xs sequence) sequence
	}
)

func (s rude) Check(p *l2o.Problem) error {
	if s.check != nil {
		return s.check(p)
	}
	return l2o.FISTA{}.Check(p)
}

func (s rude) Iterates(p *l2o.Problem) sequence {
	xs := l2o.FISTA{}.Iterates(p)
	if s.iterates != nil {
		return s.iterates(p, xs)
	}
	return xs
}

func empty(func(int, []float64) bool) {}

// mapped applies f to every pair of a sequence.
func mapped(xs sequence, f func(k int, x []float64) (int, []float64)) sequence {
	return func(yield func(int, []float64) bool) {
		for k, x := range xs {
			if !yield(f(k, x)) {
				return
			}
		}
	}
}

func TestSequenceSuiteAcceptsOneThatEnds(t *testing.T) {
	p := l2otest.Random(rand.New(rand.NewPCG(1, 0)), 4, 6, 0.1)
	l2otest.Sequence(t, rude{iterates: func(_ *l2o.Problem, xs sequence) sequence {
		return func(yield func(int, []float64) bool) {
			for k, x := range xs {
				if k > 3 || !yield(k, x) {
					return
				}
			}
		}
	}}, p)
}

func TestSequenceSuiteRefuses(t *testing.T) {
	runs := 0
	shared := make([]float64, 6)
	for _, c := range []struct {
		name, reason string
		solver       rude
	}{
		{"no x₀", "there is no x₀", rude{iterates: func(*l2o.Problem, sequence) sequence { return empty }}},
		{"x₀ is not 0", "want 0", rude{iterates: func(_ *l2o.Problem, xs sequence) sequence {
			return mapped(xs, func(k int, x []float64) (int, []float64) { x[0]++; return k, x })
		}}},
		{"counts from 1", "is numbered", rude{iterates: func(_ *l2o.Problem, xs sequence) sequence {
			return mapped(xs, func(k int, x []float64) (int, []float64) { return k + 1, x })
		}}},
		{"remembers how often it ran", "second sequence differs", rude{iterates: func(_ *l2o.Problem, xs sequence) sequence {
			return mapped(xs, func(k int, x []float64) (int, []float64) {
				if k == 0 {
					runs++
				} else {
					x[0] += float64(runs)
				}
				return k, x
			})
		}}},
		{"keeps x in the solver", "side by side", rude{iterates: func(_ *l2o.Problem, xs sequence) sequence {
			return mapped(xs, func(k int, x []float64) (int, []float64) {
				if k == 0 {
					clear(shared)
				}
				for j := range x {
					shared[j] += x[j]
				}
				return k, shared
			})
		}}},
		{"writes to y", "the problem was changed", rude{iterates: func(p *l2o.Problem, xs sequence) sequence {
			return mapped(xs, func(k int, x []float64) (int, []float64) { p.Y[0] *= 2; return k, x })
		}}},
		{"refuses a good problem", "a good problem", rude{check: func(p *l2o.Problem) error {
			return &l2o.InputError{Arg: "A"}
		}}},
		{"accepts what is broken", "want an InputError", rude{check: func(*l2o.Problem) error { return nil }}},
		{"blames another", "names B, want Y", rude{check: func(p *l2o.Problem) error {
			if (l2o.FISTA{}).Check(p) != nil {
				return &l2o.InputError{Arg: "B"}
			}
			return nil
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l2otest.Refuses(t, c.reason, func(t l2otest.TB) {
				l2otest.Sequence(t, c.solver, l2otest.Random(rand.New(rand.NewPCG(1, 0)), 4, 6, 0.1))
			})
		})
	}
}

// A quiet solver yields nothing where it should panic.
type quiet struct{ l2o.FISTA }

func (s quiet) Iterates(p *l2o.Problem) sequence {
	if s.Check(p) != nil {
		return empty
	}
	return s.FISTA.Iterates(p)
}

func TestSequenceSuiteRefusesSilence(t *testing.T) {
	l2otest.Refuses(t, "does not panic", func(t l2otest.TB) {
		l2otest.Sequence(t, quiet{}, l2otest.Random(rand.New(rand.NewPCG(1, 0)), 4, 6, 0.1))
	})
}
