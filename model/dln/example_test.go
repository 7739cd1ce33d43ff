package dln_test

import (
	"fmt"

	"unroll/l2o/linop"
	"unroll/model/dln"
)

// A regularisation path without a λ: which columns explain y, from when, and with which coefficients.
func ExampleSaddles() {
	X := &linop.Dense{M: 4, N: 3, Data: []float64{
		2, 0, 1,
		0, 2, 1,
		0, 0, 1,
		0, 0, 1,
	}}
	y := []float64{6, 2, 1, 0}
	path, err := dln.Saddles(X, y)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range path.Saddles {
		fmt.Printf("t = %.4f  columns %v  values %.2f  loss %.3f\n", s.Time, s.Support, s.Values, s.Loss)
	}
	// Output:
	// t = 0.0000  columns []  values []  loss 5.125
	// t = 0.3333  columns [0]  values [3.00]  loss 0.625
	// t = 0.6667  columns [0 2]  values [2.50 1.00]  loss 0.250
	// t = 1.3333  columns [0 1 2]  values [2.75 0.75 0.50]  loss 0.062
}
