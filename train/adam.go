package train

import (
	"math"

	"unroll/engine/kernel"
)

// Adam's constants as published (Kingma and Ba 2015, algorithm 1).
const (
	beta1   = 0.9
	beta2   = 0.999
	epsilon = 1e-8
)

// adam is the method of Kingma and Ba (2015) with its moments in sight, so that a run can be saved and gone on with; Gorgonia's own
// solvers hide theirs.
//
//	m ← β₁m + (1−β₁)g,   v ← β₂v + (1−β₂)g²,   w ← w − lr · (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε)
type adam[F kernel.Float] struct {
	m, v [][]F // per parameter, as long as it
}

func newAdam[F kernel.Float](weights [][]F) *adam[F] {
	a := &adam[F]{}
	for _, w := range weights {
		a.m, a.v = append(a.m, make([]F, len(w))), append(a.v, make([]F, len(w)))
	}
	return a
}

// update takes step t (from 1) of parameter i along g.
func (a *adam[F]) update(i int, w, g []F, lr float64, t int) {
	root := math.Sqrt(1 - math.Pow(beta2, float64(t)))
	kernel.Adam(w, a.m[i], a.v[i], g, kernel.AdamStep[F]{
		Beta1: beta1, Beta2: beta2,
		Rate: F(lr * root / (1 - math.Pow(beta1, float64(t)))), Eps: F(epsilon * root),
	})
}
