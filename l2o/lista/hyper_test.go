package lista

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/engine/kernel"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// With W = A/L, θ frozen at λ/L and β = p = 0 a step of HyperLISTA is one of ISTA.
func TestFrozenHyperLISTAIsISTA(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	a, y := &linop.Dense{M: 12, N: 20, Data: make([]float64, 240)}, make([]float64, 12)
	for i := range a.Data {
		a.Data[i] = r.NormFloat64()
	}
	for i := range y {
		y[i] = r.NormFloat64()
	}
	const lambda = .3
	tau := step(a)
	x, prev, residual, g, v := make([]float64, 20), make([]float64, 20), make([]float64, 12), make([]float64, 20), make([]float64, 20)
	for k, want := range (l2o.ISTA{}).Iterates(&l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: lambda}}) {
		for j := range x {
			if off := math.Abs(x[j] - want[j]); !(off <= 1e-12) {
				t.Fatalf("x_%d[%d] is %g from ISTA's", k, j, off)
			}
		}
		if k == 30 {
			break
		}
		newBatch(a, y).residual(residual, x)
		a.Adjoint(g, residual)
		kernel.Scale(g, tau, g)
		hyperStep(x, prev, g, v, lambda*tau, 0, 0)
	}
	if nonzeros(x) == 0 {
		t.Error("x₃₀ is 0: λ is too large for a test")
	}
}
