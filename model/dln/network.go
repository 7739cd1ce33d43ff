package dln

import (
	"fmt"
	"iter"
	"math"

	"unroll/l2o"
)

// A Network is the diagonal network by its weights w₊ = u+v and w₋ = u−v, so that
//
//	β = u⊙v = (w₊² − w₋²)/4,    w₊⊙w₋ = u²−v²
//
// These two, and not u and v, are kept in floating point: where |β| ≫ α² the weights u and v agree to the last digit, which loses w₋,
// and with it the time after which a coordinate that is switched off comes back.
type Network struct {
	Plus, Minus []float64 // w₊, w₋, (d)
}

// NewNetwork returns the network of scale alpha at β = start, u²−v² = 2α²; for start = nil, u = √2·α and v = 0, in d dimensions.
func NewNetwork(d int, alpha float64, start []float64) *Network {
	w := &Network{make([]float64, d), make([]float64, d)}
	for i := range d {
		w.Plus[i], w.Minus[i] = math.Sqrt2*alpha, math.Sqrt2*alpha
		if start != nil && start[i] != 0 {
			// w₊²−w₋² = 4β and w₊w₋ = 2α²: the larger of them without cancellation, the other from the product.
			b := 2 * math.Abs(start[i])
			large := math.Sqrt(b + math.Hypot(b, 2*alpha*alpha))
			small := 2 * alpha * (alpha / large)
			w.Plus[i], w.Minus[i] = large, small
			if start[i] < 0 {
				w.Plus[i], w.Minus[i] = small, large
			}
		}
	}
	return w
}

// Beta sets dst = β.
func (w *Network) Beta(dst []float64) {
	for i, p := range w.Plus {
		m := w.Minus[i]
		dst[i] = (p - m) * (p + m) / 4
	}
}

// Step makes one step of gradient descent on F(u, v) = L(u⊙v), (u, v) ← (u − ηg⊙v, v − ηg⊙u) for g = ∇L(β): w₊ ← w₊(1−ηg), w₋ ← w₋(1+ηg).
// It changes w₊⊙w₋ by the factor 1 − η²g², which is what a finite step does to the conserved quantity of the flow.
func (w *Network) Step(g []float64, step float64) {
	for i, v := range g {
		w.Plus[i] *= 1 - step*v
		w.Minus[i] *= 1 + step*v
	}
}

// Descent is gradient descent with a constant step η on F(u, v) = L(u⊙v), L = ½‖Aβ−y‖²/m, as an [l2o.Solver]: β₀ = 0, β₁, …
//
// It takes A and y from the problem; the penalty is the network's own and the stopping time its weight. For η → 0 step k is the flow at the accelerated
// time kη/ln(1/α). At a saddle β it is stable while η·λ_max(|β|^½ H |β|^½) < 1, as the Hessian of F there is twice that matrix.
type Descent struct {
	Alpha float64 // 0 < α < 1
	Step  float64 // η > 0
}

var _ l2o.Warm = Descent{}

// Check implements [l2o.Solver].
func (d Descent) Check(p *l2o.Problem) error {
	if err := checkAlpha(d.Alpha); err != nil {
		return err
	}
	if !(d.Step > 0 && finite(d.Step)) {
		return &InputError{"Step", d.Step, "a finite number > 0"}
	}
	if _, squared := p.Loss.(l2o.Squared); p.Loss != nil && !squared {
		return &l2o.UnsupportedError{Solver: "dln.Descent", Loss: fmt.Sprintf("%T", p.Loss), Penalty: "its own", Want: "the squared loss alone"}
	}
	return p.Check()
}

// Iterates implements [l2o.Solver]: descent from u = √2·α, v = 0. A step too large for the data diverges, to NaN in the end.
func (d Descent) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] { return d.IteratesFrom(p, nil) }

// IteratesFrom implements [l2o.Warm]: fine-tuning from the network of scale Alpha at x0.
func (d Descent) IteratesFrom(p *l2o.Problem, x0 []float64) iter.Seq2[int, []float64] {
	if err := d.Check(p); err != nil {
		panic(err.Error())
	}
	m, n := p.A.Dims()
	if err := checkStart(x0, n); err != nil {
		panic(err.Error())
	}
	return func(yield func(int, []float64) bool) {
		w := NewNetwork(n, d.Alpha, x0)
		beta, g, r := make([]float64, n), make([]float64, n), make([]float64, m)
		for k := 0; ; k++ {
			w.Beta(beta)
			if !yield(k, beta) {
				return
			}
			p.A.Apply(r, beta)
			for i, v := range p.Y {
				r[i] = (r[i] - v) / float64(m)
			}
			p.A.Adjoint(g, r)
			w.Step(g, d.Step)
		}
	}
}
