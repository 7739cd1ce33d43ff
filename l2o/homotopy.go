package l2o

import (
	"fmt"
	"iter"
	"math"

	"unroll/l2o/prox"
)

// Homotopy follows the Lasso solution x(λ) from λ_max, where it is 0, down to the λ of the problem: x(λ) is linear between finitely many
// breakpoints, and x_k is that at the k-th of them. With the active set I, its signs s, r = y − Ax and c = Aᵀr,
//
//	x_I(λ−h) = x_I(λ) + h·w,    w = (A_IᵀA_I)⁻¹ s,    c(λ−h) = c(λ) − h·AᵀA_I w,    |c_j| = λ on I, ≤ λ off I
//
// until a coordinate of I reaches 0 and leaves or one off I reaches |c_j| = λ−h. Where several do so at once, those that are 0 with
// |c_j| = λ go into I or not such that s_j w_j ≥ 0 for the ones and s_j (AᵀA_I w)_j ≥ 1 for the others: a linear complementarity problem,
// solved by principal pivoting in the order of the indices, which does not cycle [3]. Columns that depend on those of I stay out. At each
// breakpoint x_I and r are computed afresh from A_Iᵀ(y − A_I x_I) = λs, so that errors do not add up. Breakpoints whose λ differ by less
// than 1e-11 of it count as one: so close are those between which one of two columns 1e-6 apart takes over from the other. There may be as
// many as (3ⁿ+1)/2 breakpoints, and are a few per column of the support for data that one meets.
//
// References: [1] M. Osborne, B. Presnell, B. Turlach, "A new approach to variable selection in least squares problems", IMA J. Numerical
// Analysis 20(3), 2000; [2] B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, "Least angle regression", Annals of Statistics 32(2), 2004,
// §3.1; [3] K. Murty, "Note on a Bard-type scheme for solving the complementarity problem", Opsearch 11, 1974.
type Homotopy struct{}

// A Breakpoint is a λ at which the active set changes, or at which the path ends, and the solution there.
type Breakpoint struct {
	Lambda float64
	X      []float64 // (n)
}

// Check refuses all but the squared loss with [prox.L1], and what [Problem.Check] refuses.
func (s Homotopy) Check(p *Problem) error {
	if p.G == nil {
		return &InputError{"G", nil, "a penalty prox.L1"}
	}
	if _, ok := p.G.(prox.L1); !ok || p.loss() != (Squared{}) {
		return unsupported(s, p, "loss l2o.Squared with penalty prox.L1")
	}
	return p.Check()
}

// Iterates yields x₀ = 0 and the solutions at the breakpoints, the last at the λ of the problem. It ends before that where no active set
// continues the path within rounding.
func (s Homotopy) Iterates(p *Problem) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		h := newHomotopy(p)
		to := p.G.(prox.L1).Lambda
		for k := 0; yield(k, h.x) && h.lambda > to && h.advance(to); k++ {
		}
	}
}

// Path returns the breakpoints from λ_max, with x = 0, to the λ of the problem. The error is that of Check, or a *[PathError] with the
// breakpoints up to where the path could not be continued.
func (s Homotopy) Path(p *Problem) ([]Breakpoint, error) {
	if err := s.Check(p); err != nil {
		return nil, err
	}
	h := newHomotopy(p)
	to := p.G.(prox.L1).Lambda
	path := []Breakpoint{h.breakpoint()}
	for h.lambda > to {
		if !h.advance(to) {
			return path, &PathError{h.lambda, to}
		}
		if path[len(path)-1].Lambda == h.lambda { // what has happened belongs to the same breakpoint
			path = path[:len(path)-1]
		}
		path = append(path, h.breakpoint())
	}
	return path, nil
}

// A PathError says that a path could not be continued below Lambda: no choice of columns satisfies the optimality conditions within
// rounding, as where λ is itself a rounding error of Aᵀy.
type PathError struct{ Lambda, Wanted float64 }

func (e *PathError) Error() string {
	return fmt.Sprintf("l2o: the path ends at λ = %g for rounding, want λ = %g", e.Lambda, e.Wanted)
}

// At returns the solution at λ from breakpoints in descending order: 0 above the first and the last one's below it.
func At(path []Breakpoint, lambda float64) []float64 {
	x := make([]float64, len(path[0].X))
	for i, b := range path {
		if b.Lambda > lambda {
			copy(x, b.X)
			continue
		}
		if i == 0 {
			clear(x)
			break
		}
		above := path[i-1]
		t := (above.Lambda - lambda) / (above.Lambda - b.Lambda)
		for j, v := range above.X {
			x[j] = v + t*(b.X[j]-v)
		}
		break
	}
	return x
}

// A homotopy is a point on the path.
type homotopy struct {
	p      *Problem
	lambda float64
	x, c   []float64 // (n)
	f      thinQR    // of A_I
	active []int     // I, in the order of f
	place  []int     // of j in active, −1 off I, (n)
	sign   []float64 // of c_j, (n)
	w      []float64 // along active
	slope  []float64 // AᵀA_I w, (n)
	image  []float64 // A_I w, (m)
	stuck  []bool    // columns that depend on those of I, (n)

	stalled int // steps since λ fell by more than rounding
}

func newHomotopy(p *Problem) *homotopy {
	m, n := p.A.Dims()
	h := &homotopy{
		p: p, x: make([]float64, n), c: make([]float64, n), place: make([]int, n), sign: make([]float64, n), slope: make([]float64, n),
		image: make([]float64, m), stuck: make([]bool, n),
	}
	p.A.Adjoint(h.c, p.Y)
	for j, v := range h.c {
		h.place[j] = -1
		h.lambda = max(h.lambda, math.Abs(v))
	}
	return h
}

func (h *homotopy) breakpoint() Breakpoint {
	return Breakpoint{h.lambda, append([]float64(nil), h.x...)}
}
