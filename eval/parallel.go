package eval

import (
	"runtime"
	"sync"
)

// split runs work on [0, n) cut into one contiguous block per worker, with one worker per processor where workers is 0. Work on an index
// must write to places of that index alone: then the result does not depend on the number of workers.
func split(workers, n int, work func(lo, hi int)) {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, n)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { work(w*n/workers, (w+1)*n/workers) })
	}
	wg.Wait()
}
