package l2o

import (
	"fmt"
	"math"
)

// A Loss is f = Σᵢ ℓ(zᵢ, yᵢ) of z = Ax, with ℓ(·, y) convex and smooth and ℓ* its conjugate. Vectors have length m.
type Loss interface {
	// Check returns nil, or an *[InputError] for data that the loss has no meaning for.
	Check(y []float64) error
	// Value returns Σ ℓ(zᵢ, yᵢ).
	Value(z, y []float64) float64
	// Grad sets dstᵢ = ℓ′(zᵢ, yᵢ). dst may be z.
	Grad(dst, z, y []float64)
	// Hess sets dstᵢ = ℓ″(zᵢ, yᵢ). dst may be z.
	Hess(dst, z, y []float64)
	// Curvature returns the least upper bound of ℓ″.
	Curvature() float64
	// FenchelYoung returns Σ ℓ(zᵢ) + ℓ*(−uᵢ) + zᵢuᵢ ≥ 0 as a sum of non-negative terms: +Inf outside the domain of ℓ*,
	// and 0 if and only if u = −ℓ′(z).
	FenchelYoung(z, u, y []float64) float64
}

// Squared is ℓ(z, y) = ½(z−y)², the loss of a [Problem] that names none.
type Squared struct{}

// Check accepts every y that is finite.
func (Squared) Check([]float64) error { return nil }

// Value returns ½‖z−y‖².
func (Squared) Value(z, y []float64) float64 {
	s := 0.0
	for i, t := range y {
		d := t - z[i]
		s += d * d
	}
	return 0.5 * s
}

// Grad is z − y.
func (Squared) Grad(dst, z, y []float64) {
	for i, t := range y {
		dst[i] = z[i] - t
	}
}

// Hess is 1.
func (Squared) Hess(dst, _, y []float64) {
	for i := range y {
		dst[i] = 1
	}
}

// Curvature returns 1.
func (Squared) Curvature() float64 { return 1 }

// FenchelYoung returns ½‖u − (y−z)‖², as ℓ*(−u) = ½u² − uy.
func (Squared) FenchelYoung(z, u, y []float64) float64 {
	s := 0.0
	for i, t := range y {
		d := u[i] - (t - z[i])
		s += d * d
	}
	return 0.5 * s
}

// Logistic is ℓ(z, y) = log(1 + exp(−yz)) for labels y = −1 and +1.
type Logistic struct{}

// Check refuses a label that is neither −1 nor +1.
func (Logistic) Check(y []float64) error {
	for i, t := range y {
		if t != 1 && t != -1 {
			return &InputError{fmt.Sprintf("Y[%d]", i), t, "a label, −1 or +1"}
		}
	}
	return nil
}

// Value returns Σ log(1 + exp(−yᵢzᵢ)) without overflow.
func (Logistic) Value(z, y []float64) float64 {
	s := 0.0
	for i, t := range y {
		margin := t * z[i]
		s += max(-margin, 0) + math.Log1p(math.Exp(-math.Abs(margin)))
	}
	return s
}

// Grad is −y σ(−yz), with the sigmoid σ(t) = 1/(1 + exp(−t)).
func (Logistic) Grad(dst, z, y []float64) {
	for i, t := range y {
		dst[i] = -t * sigmoid(-t*z[i])
	}
}

// Hess is σ(z) σ(−z).
func (Logistic) Hess(dst, z, y []float64) {
	for i := range y {
		dst[i] = sigmoid(z[i]) * sigmoid(-z[i])
	}
}

// Curvature returns ¼.
func (Logistic) Curvature() float64 { return 0.25 }

// FenchelYoung is the relative entropy of p to q = σ(−yz) where u = yp, as ℓ*(−u) = p log p + (1−p) log(1−p) for 0 ≤ p ≤ 1
// and +Inf elsewhere: Σ b·h((a−b)/b) over the pairs (a,b) = (p,q) and (1−p,1−q), with h(t) = (1+t) log(1+t) − t ≥ 0.
func (Logistic) FenchelYoung(z, u, y []float64) float64 {
	s := 0.0
	for i, t := range y {
		p, q, other := t*u[i], sigmoid(-t*z[i]), sigmoid(t*z[i])
		if !(p >= 0 && p <= 1) {
			return math.Inf(1)
		}
		s += entropyTerm(p-q, q) + entropyTerm(q-p, other)
	}
	return s
}

// entropyTerm returns b·h(d/b), which is a log(a/b) − a + b for a = b+d ≥ 0. Near d = 0, where h cancels, it is h's series
// Σ (−t)ᵏ/(k(k−1)) from k = 2.
func entropyTerm(d, b float64) float64 {
	if d == 0 {
		return 0
	}
	t := d / b
	if math.IsInf(t, 1) {
		return math.Inf(1) // b vanished below the smallest number
	}
	if t <= -1 {
		return b
	}
	if math.Abs(t) > 0.01 {
		return b * max((1+t)*math.Log1p(t)-t, 0)
	}
	sum, power := 0.0, t*t
	for k := 2.0; k < 12; k++ {
		sum += power / (k * (k - 1))
		power *= -t
	}
	return b * sum
}

// sigmoid does not overflow: its exponent is never positive.
func sigmoid(t float64) float64 {
	if t >= 0 {
		return 1 / (1 + math.Exp(-t))
	}
	e := math.Exp(t)
	return e / (1 + e)
}
