package diff_test

import (
	"fmt"

	"unroll/l2o"
	"unroll/l2o/diff"
)

// Two orthonormal columns: x* = (3 − λ, 0) for ½ < λ < 3, so that its derivative is −1.
func ExampleReverse() {
	p := diff.Lasso(2, 2, []float64{1, 0, 0, 1}, []float64{3, 0.5}, 1)
	s := diff.Tabulate(20, l2o.Constant(0.5), nil)
	run, g, err := diff.Reverse(p, s, nil, diff.Mode{}, func([]float64) []float64 { return []float64{1, 0} }, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("x = %.5f, support stable since iteration %d, contraction %.2f\n", run.X, run.Stable, run.Contraction)
	fmt.Printf("dx/dλ = %.7f, at most %.1e from its limit\n", g.Lambda, g.Bars.Lambda)

	_, g, err = diff.Reverse(p, s, nil, diff.Mode{Rule: diff.Implicit}, func([]float64) []float64 { return []float64{1, 0} }, nil)
	fmt.Printf("implicit: %.7f, error %v\n", g.Lambda, err)
	// Output:
	// x = [2.00000 0.00000], support stable since iteration 1, contraction 0.50
	// dx/dλ = -0.9999990, at most 9.5e-07 from its limit
	// implicit: -1.0000000, error <nil>
}
