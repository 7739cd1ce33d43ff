//go:build !race

// Under the race detector a sync.Pool, such as the kernels', forgets at random.

package l2o_test

import (
	"testing"

	"unroll/l2o"
)

func TestIteratesDoNotAllocate(t *testing.T) {
	p := lasso(10, 20, 0.1)
	for _, s := range []l2o.Solver{l2o.ISTA{Step: 0.01}, l2o.FISTA{Step: 0.01}, l2o.FISTA{Backtrack: true}, l2o.Restart{Step: 0.01}, l2o.ADMM{Rho: 1}} {
		short := testing.AllocsPerRun(10, func() { last(s, p, 1) })
		long := testing.AllocsPerRun(10, func() { last(s, p, 1000) })
		if long != short {
			t.Errorf("%T: %v allocations for 1,000 iterations, %v for one", s, long, short)
		}
	}
}
