package diff

import (
	"fmt"
	"math"

	"unroll/l2o"
)

// A Rule is a way to differentiate what an iteration has found; how it was found is the [Schedule]'s business.
type Rule int

const (
	Unrolled  Rule = iota // through all iterations
	Truncated             // through the last ones, as if they had started at a constant: jacobian-free backpropagation for one of them
	Implicit              // through the equation that x* solves on its support
)

func (r Rule) String() string {
	switch r {
	case Unrolled:
		return "unrolled"
	case Truncated:
		return "truncated"
	case Implicit:
		return "implicit"
	}
	return fmt.Sprintf("Rule(%d)", int(r))
}

// A Mode is a rule with its parameters.
type Mode struct {
	Rule   Rule
	Last   int // of [Truncated]: the iterations J that are differentiated; 0 means 1
	States int // of [Unrolled], backwards: the n-vectors that may be stored, at least 2√(2K) + 4; 0 means that many. K + 4 store all iterates.
}

func (m Mode) check(K int) error {
	switch {
	case m.Rule < Unrolled || m.Rule > Implicit:
		return &l2o.InputError{Arg: "Mode.Rule", Value: m.Rule, Want: "Unrolled, Truncated or Implicit"}
	case m.Last < 0 || m.Last > K:
		return &l2o.InputError{Arg: "Mode.Last", Value: m.Last, Want: fmt.Sprintf("0 to the %d steps of the schedule", K)}
	case m.States != 0 && m.States < leastStates(K):
		return &l2o.InputError{Arg: "Mode.States", Value: m.States, Want: fmt.Sprintf("at least %d for %d iterations, or 0 for so many", leastStates(K), K)}
	}
	return nil
}

// begin returns the number of iterations that are not differentiated.
func (m Mode) begin(K int) int {
	if m.Rule == Truncated {
		return K - min(max(m.Last, 1), K)
	}
	return 0
}

// A tape with a checkpoint of two vectors every s iterations, and all iterates of one such segment, stores 2⌈K/s⌉ + s + 2 vectors, the least
// for s = √(2K).
func segment(K int) int { return min(int(math.Ceil(math.Sqrt(2*float64(K)))), K) }

func leastStates(K int) int { return tapeSize(K, segment(K)) }

func tapeSize(K, s int) int { return 2*((K+s-1)/s) + s + 2 }
