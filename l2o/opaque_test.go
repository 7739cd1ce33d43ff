package l2o_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// Solvers that look at the lengths of columns take the same steps on an operator that does not have its columns at hand.
func TestColumnLengthsOfAnOperator(t *testing.T) {
	const m, n = 30, 20
	r := rand.New(rand.NewPCG(4, 4))
	a, y := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}, make([]float64, m)
	for i := range a.Data {
		a.Data[i] = r.NormFloat64() * math.Pow(3, float64(i%n%4)) // columns of four lengths
	}
	for i := range y {
		y[i] = r.NormFloat64()
	}
	opaque, err := linop.Compose(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []l2o.Solver{l2o.OMP{Terms: 8}, l2o.AMP{Kappa: 2}} {
		var steps [2][][]float64
		for i, op := range []linop.Operator{a, opaque} {
			for k, x := range s.Iterates(&l2o.Problem{A: op, Y: y, G: prox.L1{Lambda: 1}}) {
				if k == 9 {
					break
				}
				steps[i] = append(steps[i], append([]float64(nil), x...))
			}
		}
		for k, x := range steps[0] {
			for j, v := range x {
				if w := steps[1][k][j]; !(math.Abs(v-w) <= 1e-12*(1+math.Abs(v))) {
					t.Fatalf("%T: x_%d[%d] is %g for a matrix and %g for the operator", s, k, j, v, w)
				}
			}
		}
	}
}
