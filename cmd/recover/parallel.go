package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls work for 0 to n−1, so many at a time, or one a processor for 0. Each call writes to places of its own: then nothing
// depends on the number of workers.
func parallel(workers, n int, work func(i int)) {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wg.Wait()
}
