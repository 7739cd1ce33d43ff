package l2o_test

import (
	"fmt"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Lasso solved to a certificate: the duality gap bounds what the objective could still fall. By hand: λ = 0.7, and with support {0, 2}
// the residual r = (3−x₀−x₂, 0.5−x₂) must have r₀ = r₀+r₁ = 0.7, so x₂ = 0.5 and x₀ = 1.8; |r₁| = 0 ≤ 0.7 closes column 1.
func ExampleSolve() {
	a := &linop.Dense{M: 2, N: 3, Data: []float64{
		1, 0, 1,
		0, 1, 1,
	}}
	y := []float64{3, 0.5}
	p := &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: 0.2 * l2o.LambdaMax(a, y)}}
	s, err := l2o.Solve(l2o.FISTA{}, p, l2o.Stop{Gap: 1e-10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v: x = %.4f, support %v, certified %t\n", s.Status, s.X, s.Support, s.Gap < 1e-9)
	// Output:
	// converged: x = [1.8000 0.0000 0.5000], support [0 2], certified true
}
