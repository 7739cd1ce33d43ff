package lista_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"unroll/l2o/linop"
	"unroll/l2o/lista"
)

// unit returns a Gaussian dictionary with columns of unit norm.
func unit(seed uint64, m, n int) *linop.Dense {
	r, a := rand.New(rand.NewPCG(seed, 5)), &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}
	squares := make([]float64, n)
	for i := range a.Data {
		a.Data[i] = r.NormFloat64()
		squares[i%n] += a.Data[i] * a.Data[i]
	}
	for i := range a.Data {
		a.Data[i] /= math.Sqrt(squares[i%n])
	}
	return a
}

// w_jᵀa_j = 1, and AAᵀw_j is a multiple of a_j: the conditions of the minimum, which is unique.
func TestAnalyticIsTheMinimum(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 3}, {5, 12}, {40, 90}} {
		a := unit(uint64(size[0]), size[0], size[1])
		w := &linop.Dense{M: a.M, N: a.N, Data: lista.Analytic(a)}
		aj, wj, z, g := make([]float64, a.M), make([]float64, a.M), make([]float64, a.N), make([]float64, a.M)
		for j := range a.N {
			a.Column(aj, j)
			w.Column(wj, j)
			inner := a.DotColumn(j, wj)
			if math.Abs(inner-1) > 1e-12 {
				t.Errorf("%v: w_%dᵀa_%d = 1 %+.2g", size, j, j, inner-1)
			}
			a.Adjoint(z, wj)
			a.Apply(g, z)
			scale := a.DotColumn(j, g) // as ‖a_j‖ = 1
			for i := range g {
				if math.Abs(g[i]-scale*aj[i]) > 1e-11*scale {
					t.Errorf("%v: AAᵀw_%d is no multiple of a_%d: %g off in row %d", size, j, j, g[i]-scale*aj[i], i)
					break
				}
			}
		}
	}
}

// On the dictionary of the papers projected gradient ends at the same W, and the closed form is no more coherent.
func TestAnalyticAgainstProjectedGradient(t *testing.T) {
	a := unit(1, 250, 500)
	w, by := lista.Analytic(a), lista.Projected(a, 400)
	inner := make([]float64, a.N)
	for i, v := range by {
		inner[i%a.N] += v * a.Data[i]
	}
	for j, v := range inner {
		if math.Abs(v-1) > 1e-12 {
			t.Fatalf("projected: w_%dᵀa_%d = %g", j, j, v)
		}
	}
	closed, projected := lista.Coherence(w, a), lista.Coherence(by, a)
	t.Logf("coherence %.5f in closed form, %.5f by projected gradient, %.5f of A itself; W differ by %.2g", closed, projected,
		lista.Coherence(a.Data, a), apart(w, by))
	if closed > 1.01*projected {
		t.Errorf("coherence %g in closed form, %g by projected gradient", closed, projected)
	}
	if apart(w, by) > 1e-3 {
		t.Errorf("the two W are %g apart", apart(w, by))
	}
}

// ⟨(1, 0), (.6, .8)⟩ = .6 is the coherence of a dictionary with itself, and the diagonal does not count.
func TestCoherenceByHand(t *testing.T) {
	a := &linop.Dense{M: 2, N: 2, Data: []float64{1, .6, 0, .8}}
	if got := lista.Coherence(a.Data, a); math.Abs(got-.6) > 1e-15 {
		t.Errorf("coherence %g, want 0.6", got)
	}
}

func TestAnalyticPanics(t *testing.T) {
	for want, data := range map[string][]float64{
		"lista: the rows of a 2×3 dictionary are dependent": {1, 2, 3, 2, 4, 6},
		"lista: column 1 of a 2×3 dictionary is 0":          {1, 0, 3, 2, 0, 5},
	} {
		func() {
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, want) {
					t.Errorf("panic %q, want %q", message, want)
				}
			}()
			lista.Analytic(&linop.Dense{M: 2, N: 3, Data: data})
		}()
	}
}
