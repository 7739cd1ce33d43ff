package dln

import (
	"math"
	"slices"

	"unroll/l2o/linop"
)

// Saddles returns the saddles that gradient flow on β = u⊙v visits from a vanishing start, with the times of its jumps: a regularisation
// path without a λ, from β = 0 to the minimiser of ‖Xβ−y‖² that has the smallest ‖β‖₁.
//
//	Δ ← min{δ > 0 : s_i − δ∇L(β)_i ∈ {−1, 1} for some i with ∇L(β)_i ≠ 0}
//	t ← t + Δ,   s ← s − Δ∇L(β)
//	β ← argmin L(β)  s.t.  β_i ≥ 0 where s_i = 1,  β_i ≤ 0 where s_i = −1,  β_i = 0 where |s_i| < 1
//
// from t = 0, β = 0, s = 0 until ∇L(β) = 0 (Pesme and Flammarion 2023, Algorithm 1). For columns in general position every minimiser is
// unique and the number of jumps finite. The signed least squares are those of Lawson and Hanson (1974, ch. 23), started from the last
// saddle, on a QR factorisation that is updated. One jump costs O(nd).
//
// It returns an *[InputError] for data without a jump, and an *[AmbiguityError] where rounding decides. The path comes with the latter too:
// a tie is taken together and the path goes on to a last saddle of smallest ‖β‖₁, but from the tie on it need not be the flow's; at a
// singular block it ends.
func Saddles(X linop.Columns, y []float64) (*Path, error) {
	if err := checkData(X, y); err != nil {
		return nil, err
	}
	w := newWalk(X, y)
	if _, _, ok := w.hit(); !ok {
		return nil, &InputError{"y", "orthogonal to every column of X", "a correlation with one of them: there is no jump"}
	}
	w.record(0, nil)
	w.run()
	return w.end()
}

// FineTune is [Saddles] from a pretrained start ≠ 0: its dual begins on the boundary, s_i = sign start_i, and the first saddle, at t = 0, is
// the signed refit on its support (Decleves, Boursier and Flammarion 2026). The last one has the smallest Σ_{j∉S}|β_j| + Σ_{i∈S}(|β_i| −
// sign(start_i)β_i) among the minimisers of L, S the support of the start. A path of one saddle has no jump.
func FineTune(X linop.Columns, y, start []float64) (*Path, error) {
	if err := checkData(X, y); err != nil {
		return nil, err
	}
	_, d := X.Dims()
	if err := checkStart(start, d); err != nil {
		return nil, err
	}
	w := newWalk(X, y)
	for i, v := range start {
		if v != 0 {
			w.s[i] = math.Copysign(1, v)
		}
	}
	w.refit(0)
	w.record(0, nil)
	w.run()
	return w.end()
}

// A walk is the state of the algorithm between two jumps.
type walk struct {
	y        []float64
	f        factor    // of the active columns P = {i : β_i ≠ 0}
	s        []float64 // dual, (d); exactly ±1 on the boundary
	g        []float64 // ∇L(β), (d); exactly 0 where it is 0 up to rounding
	beta     []float64 // (d)
	z        []float64 // least-squares solution on P, (k)
	residual []float64 // y − Xβ, (n)
	sizes    []float64 // norms of the columns, (d)
	path     *Path
	doubt    *AmbiguityError // the first one
	stuck    bool            // at a singular block
}

func newWalk(X linop.Columns, y []float64) *walk {
	n, d := X.Dims()
	w := &walk{
		y: y, f: factor{x: linop.NewColMajor(X)},
		s: make([]float64, d), g: make([]float64, d), beta: make([]float64, d), z: make([]float64, 0, min(n, d)+1),
		residual: slices.Clone(y), sizes: make([]float64, d), path: &Path{N: n, D: d},
	}
	for j := range d {
		w.sizes[j] = norm(w.f.x.Data[j*n : (j+1)*n])
	}
	w.gradient()
	return w
}

// rounding bounds the relative error of a residual: above what n ≤ 10⁴ products lose, far below what a jump can change.
const rounding = 1e-12

// blur is the length, in the space of y, that rounding can hide: the scale of gradients and coefficients that count as 0.
func (w *walk) blur() float64 {
	size := norm(w.y)
	for _, j := range w.f.cols {
		size += math.Abs(w.beta[j]) * w.sizes[j]
	}
	return rounding * size
}

// gradient sets g = −Xᵀ(y − Xβ)/n, and 0 where rounding hides the sign.
func (w *walk) gradient() {
	blur := w.blur()
	w.f.x.Adjoint(w.g, w.residual)
	for j, v := range w.g {
		w.g[j] = -v / float64(len(w.y))
		if math.Abs(v) <= blur*w.sizes[j] {
			w.g[j] = 0
		}
	}
	for _, j := range w.f.cols {
		w.g[j] = 0
	}
}

func (w *walk) run() {
	for step := 1; !w.stuck; step++ {
		delta, hits, ok := w.hit()
		if !ok {
			return
		}
		if len(hits) > 1 {
			w.suspect(&AmbiguityError{Step: step, Coordinates: hits})
		}
		for i, g := range w.g {
			w.s[i] -= delta * g
		}
		for _, i := range hits {
			w.s[i] = -math.Copysign(1, w.g[i])
		}
		if w.refit(step); w.stuck {
			return
		}
		w.record(w.path.Last().Time+delta, hits)
	}
}

// tie is the relative distance of two hitting times below which rounding may have decided their order.
const tie = 1e-9

// hit returns the time to the next hit and the coordinates that make it; ok is false at a minimiser.
func (w *walk) hit() (delta float64, hits []int, ok bool) {
	delta = math.Inf(1)
	for i, g := range w.g {
		if g != 0 {
			delta = min(delta, travel(w.s[i], g))
		}
	}
	now := 0.0
	if len(w.path.Saddles) > 0 {
		now = w.path.Last().Time
	}
	for i, g := range w.g {
		if g != 0 && travel(w.s[i], g) <= delta+tie*(now+delta) {
			hits = append(hits, i)
		}
	}
	return delta, hits, hits != nil
}

// travel is the time in which s, moving at the rate −g, reaches the boundary that it moves towards.
func travel(s, g float64) float64 { return (1 + math.Copysign(s, s*g)) / math.Abs(g) }

func (w *walk) suspect(e *AmbiguityError) {
	if w.doubt == nil {
		w.doubt = e
	}
}

func (w *walk) end() (*Path, error) {
	if w.doubt != nil {
		return w.path, w.doubt
	}
	return w.path, nil
}
