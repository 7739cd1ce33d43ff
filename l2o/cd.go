package l2o

import (
	"fmt"
	"iter"

	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// CD is coordinate descent on growing working sets: fast where few unknowns are not 0, exact where a finishing step can make it so.
//
//	x_b ← prox_{τ_b g_b}(x_b + τ_b A_bᵀu),   u = −ℓ′(Ax, y),   τ_b = 1/‖A_b‖²,     b = 1, …, over the blocks of g
//
// runs over a set W of blocks; the others keep their values. Iterate x_{k+1} is the minimiser on W_k, nearly: sweeps on the Gram matrix of
// W_k, each fifth followed by an extrapolation from the last of them [1], and Newton steps on the blocks that do not sit at a kink of g [2].
// Then W_{k+1} is W_k and the blocks that violate optimality most. A block is not looked at while the distance that u has gone cannot have
// brought it to violate, and no longer at all once the duality gap proves it to be 0 [3]. Where the columns of the support are nearly
// dependent, a last step solves for it by QR and refinement instead of the Gram matrix. The logistic loss is replaced by its second-order
// model at each x_k, with a line search. Every sweep lowers F on W, so that F(x_k) never rises; the sequence ends where no block violates
// optimality by more than rounding.
//
// References: [1] Q. Bertrand, M. Massias, "Anderson acceleration of coordinate descent", AISTATS 2021, Algorithm 3; the working sets are
// those of M. Massias, A. Gramfort, J. Salmon, "Celer: a fast solver for the Lasso with dual extrapolation", ICML 2018; [2] H. Lee,
// A. Battle, R. Raina, A. Ng, "Efficient sparse coding algorithms", NIPS 2006, Algorithm 1; [3] E. Ndiaye, O. Fercoq, A. Gramfort,
// J. Salmon, "Gap safe screening rules for sparsity enforcing penalties", JMLR 2017, Theorem 6.
type CD struct{}

// Check refuses an A without columns, a penalty that does not split over blocks, and what [Problem.Check] refuses.
func (s CD) Check(p *Problem) error {
	if err := s.checkKind(p); err != nil {
		return err
	}
	return p.Check()
}

func (s CD) checkKind(p *Problem) error {
	if _, ok := p.A.(linop.Columns); !ok && p.A != nil {
		return &InputError{"A", fmt.Sprintf("a %T", p.A), "an operator with columns, a linop.Columns"}
	}
	if p.G == nil {
		return &InputError{"G", nil, "a penalty (prox.L1{} for none)"}
	}
	if _, ok := p.G.(prox.Separable); !ok {
		return unsupported(s, p, "penalties that split over blocks, a prox.Separable")
	}
	return nil
}

// Iterates yields x₀ = 0, x₁, … until nothing changes.
func (s CD) Iterates(p *Problem) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) { newDescent(p, nil).iteratesOnce(yield) }
}

// IteratesFrom yields the sequence that starts at x0.
func (s CD) IteratesFrom(p *Problem, x0 []float64) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	x0 = p.startAt(x0)
	return func(yield func(int, []float64) bool) { newDescent(p, x0).iteratesOnce(yield) }
}

// solveByDescent is [Solve], or [SolveFrom] for an x0 that is not nil, with the iterates of [CD]: it reads A no more often than these do.
func solveByDescent(p *Problem, x0 []float64, stop Stop) (Solution, error) {
	if err := checkStop(p, stop); err != nil {
		return Solution{}, err
	}
	if err := (CD{}).checkKind(p); err != nil {
		return Solution{}, err
	}
	held, err := p.checkShape()
	if err != nil {
		return Solution{}, err
	}
	d := newDescent(p, x0)
	defer d.set.release()
	if !d.sound() {
		if err := p.checkProducts(held); err != nil {
			return Solution{}, err
		}
	}
	c := newJudge(p)
	c.from = d
	if stop.Gap == 0 {
		stop.Gap = defaultGap
	}
	d.wanted = stop.Gap * c.start()
	return follow(d.iterates, c, stop), nil
}
