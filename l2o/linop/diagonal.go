package linop

import (
	"fmt"
	"math/rand/v2"
)

// A Diagonal multiplies entry j by D[j]: a mask, or weights. It is its own adjoint. Several goroutines may use one.
type Diagonal struct{ D []float64 } // (n)

// Dims returns n twice.
func (a *Diagonal) Dims() (m, n int) { return len(a.D), len(a.D) }

// Apply sets dst = D∘x.
func (a *Diagonal) Apply(dst, x []float64) {
	checkLengths("Apply", len(a.D), len(a.D), len(dst), len(x))
	for j, d := range a.D {
		dst[j] = d * x[j]
	}
}

// Adjoint sets dst = D∘y.
func (a *Diagonal) Adjoint(dst, y []float64) { a.Apply(dst, y) }

// NewMask returns the operator that multiplies every channel of an image by the mask m (H, W), or each by its own (C, H, W). A mask of
// another size is a *[ShapeError].
func NewMask(s Shape, m []float64) (*Diagonal, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(m) != s.H*s.W && len(m) != s.Len() {
		return nil, &ShapeError{"mask", fmt.Sprintf("of %d pixels", len(m)), fmt.Sprintf("%d or %d of them for an image of %v", s.H*s.W, s.Len(), s)}
	}
	a := &Diagonal{D: make([]float64, 0, s.Len())}
	for len(a.D) < s.Len() {
		a.D = append(a.D, m...)
	}
	return a, nil
}

// A ProbabilityError is a probability to keep a pixel that is none.
type ProbabilityError struct{ Have float64 }

func (e *ProbabilityError) Error() string {
	return fmt.Sprintf("linop: probability to keep a pixel is %v, want a number from 0 to 1", e.Have)
}

// Bernoulli returns the mask that keeps each pixel, in all channels at once, with the given probability. One outside [0, 1] is a
// *[ProbabilityError].
func Bernoulli(s Shape, keep float64, rng *rand.Rand) (*Diagonal, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if !(keep >= 0 && keep <= 1) {
		return nil, &ProbabilityError{keep}
	}
	m := make([]float64, s.H*s.W)
	for i := range m {
		if rng.Float64() < keep {
			m[i] = 1
		}
	}
	return NewMask(s, m)
}
