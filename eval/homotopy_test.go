package eval

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// On [[2,0],[0,1]] with y = (3, 2) the problem splits: x₁ = S_λ(6)/4 and x₂ = S_λ(2)/1.
func TestHomotopyByHand(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 2, N: 2, Data: []float64{2, 0, 0, 1}}, Y: []float64{3, 2}}
	h := newHomotopy(p)
	for _, c := range []struct{ lambda, x1, x2 float64 }{{7, 0, 0}, {6, 0, 0}, {4, 0.5, 0}, {1, 1.25, 1}, {0.5, 1.375, 1.5}} {
		if h.descend(c.lambda); math.Abs(h.x[0]-c.x1) > 1e-14 || math.Abs(h.x[1]-c.x2) > 1e-14 {
			t.Errorf("at λ = %g x is %v, want (%g, %g)", c.lambda, h.x, c.x1, c.x2)
		}
	}
}

// The certificate of l2o, which shares nothing with the path, closes at every weight of every problem: wide, square and tall, independent
// and strongly correlated columns, with noise and without.
func TestHomotopyIsCertified(t *testing.T) {
	for _, shape := range [][2]int{{1, 5}, {5, 3}, {10, 20}, {20, 20}, {40, 12}, {25, 60}} {
		for _, design := range []string{data.Gaussian, data.Coherent} {
			t.Run(fmt.Sprint(shape, design), func(t *testing.T) {
				law := data.SparseRecovery{D: shape[1], S: 2, N: shape[0], Sigma: 0.1, Values: data.Gaussian, Design: design, Rho: 0.9}
				b := law.Draw(4, data.Test, 0, 40)
				eachPrompt(b, 2, func(i int, p *l2o.Problem, _ []float64) {
					h := newHomotopy(p)
					top := l2o.LambdaMax(p.A, p.Y)
					for _, share := range []float64{1.5, 0.8, 0.3, 0.1, 0.01, 1e-4} {
						h.descend(share * top)
						p.G = prox.L1{Lambda: share * top}
						if gap, value := l2o.Gap(p, h.x), l2o.Objective(p, h.x); !(gap <= 1e-9*value) {
							t.Errorf("prompt %d at %g·λ_max: relative gap %.1e", i, share, gap/value)
						}
					}
				})
			})
		}
	}
}

// A weight below the rounding of the labels cannot be certified: its prompts are counted, not passed over.
func TestOpenCertificatesAreCounted(t *testing.T) {
	b := law.Draw(1, data.Test, 0, 10)
	_, open := lassoErrors(b, []float64{0.1, 1e-15}, 2)
	if !slices.Equal(open, []int{0, 10}) {
		t.Errorf("%v certificates are open, want [0 10]", open)
	}
}
