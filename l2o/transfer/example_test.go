package transfer_test

import (
	"fmt"
	"math/rand/v2"

	"unroll/l2o"
	"unroll/l2o/transfer"
)

// A target with few rows and a source that shares most of the truth: the best knobs by theory, and a fit of one draw with those for values.
func Example() {
	e := transfer.Ensemble{Common: 0.15, Sets: []transfer.Law{
		{Rows: 0.3, Own: 0.05, Sigma: 0.1}, // the target: 0.3 rows per unknown
		{Rows: 1.2, Own: 0.05, Sigma: 0.1},
	}}
	best, err := e.Optima(transfer.Local)
	if err != nil {
		panic(err)
	}
	for _, s := range []transfer.Strategy{transfer.None, transfer.Values, transfer.Support, transfer.Both} {
		fmt.Printf("%-8v %.4f\n", s, best[s].Error())
	}

	sample := e.Draw(400, rand.New(rand.NewPCG(1, 0)))
	fit, err := best[transfer.Values].Knobs.Fit(sample.Sets, l2o.Stop{Gap: 1e-8})
	if err != nil {
		panic(err)
	}
	fmt.Printf("both stages certified: %v\n", fit.Converged())
	// Output:
	// none     0.1081
	// values   0.0418
	// support  0.0742
	// both     0.0407
	// both stages certified: true
}
