package main

import (
	"fmt"
	"math"
	"os"
	"sync"

	"unroll/bench/internal/peer"
	"unroll/data"
	"unroll/model"
)

// estimate returns the last layer's estimate of the i-th prompt in dst (d).
func estimate(net *model.Bound, b data.Batch, i int, dst []float64) {
	p := b.At(i)
	net.Estimates(p.X, p.Y, p.Query, func(k int, beta []float64) bool {
		if k == net.Config.K {
			copy(dst, beta)
		}
		return true
	})
}

// estimates runs the whole batch, a share of it on each thread.
func estimates(net *model.Bound, b data.Batch, threads int, dst []float64) {
	var wg sync.WaitGroup
	for t := range threads {
		wg.Go(func() {
			for i := t * b.Size / threads; i < (t+1)*b.Size/threads; i++ {
				estimate(net, b, i, dst[i*b.D:(i+1)*b.D])
			}
		})
	}
	wg.Wait()
}

const apart = 1e-3 // of estimates, whose entries are of order 1, after 12 layers of float32

// agree refuses a peer whose estimates are not ours.
func agree(net *model.Bound, b data.Batch, p *peer.Process) error {
	var theirs [][]float64
	if err := p.Ask(&theirs, "estimates"); err != nil {
		return err
	}
	ours := make([]float64, b.Size*b.D)
	estimates(net, b, 1, ours)
	for i, v := range ours {
		if t := theirs[i/b.D][i%b.D]; !(math.Abs(v-t) <= apart*max(1, math.Abs(v))) {
			return fmt.Errorf("entry %d of estimate %d is %v here and %v in the peer", i%b.D, i/b.D, v, t)
		}
	}
	return nil
}

// race times both sides at one prompt and at the whole batch.
func race(net *model.Bound, b data.Batch, p *peer.Process, threads, rounds int) error {
	out, flops := make([]float64, b.Size*b.D), 0.0
	times, err := peer.Interleave(rounds, 20e-3,
		peer.Ours(threads, func() { estimate(net, b, 0, out[:b.D]) }), p.Contender("one"),
		peer.Ours(threads, func() { estimates(net, b, threads, out) }), p.Contender("many"),
		peer.Ours(1, func() { flops = peer.Peak() }))
	if err != nil {
		return err
	}
	peak := flops / times[4].Min() * float64(threads)
	var ratios peer.Ratios
	fmt.Printf("%-13s %9s %9s %6s %12s %9s %6s   (peak %.0f GFLOP/s)\n", "µs a prompt", "ours min", "median", "share", "PyTorch min", "median", "share", peak/1e9)
	for i, task := range []struct {
		name string
		size int
	}{{"one_prompt", 1}, {"1024_prompts", b.Size}} {
		ours, theirs, scale := times[2*i], times[2*i+1], 1e6/float64(task.size)
		share := func(t peer.Times) string {
			return fmt.Sprintf("%.0f%%", 100*operations(net.Config, b.N)*float64(task.size)/t.Median()/peak)
		}
		fmt.Printf("%-13s %9.1f %9.1f %6s %12.1f %9.1f %6s\n", task.name, ours.Min()*scale, ours.Median()*scale, share(ours),
			theirs.Min()*scale, theirs.Median()*scale, share(theirs))
		ratios.Add("pytorch_over_ours_"+task.name, theirs.Median()/ours.Median())
	}
	fmt.Println()
	ratios.Print(os.Stdout)
	return nil
}

// operations is the number of multiplications and additions in the matrix products of one prompt, products of weights not counted.
func operations(c model.Config, n int) float64 {
	t, d, w := c.Tokens(n), c.Width, c.Writable()
	attention := t*d*d + 2*t*t*d + t*d*w // H (Q Kᵀ), scores, weights H, mixed (V O)
	return 2 * float64(c.K*(c.Heads*attention+t*d*c.Hidden+t*c.Hidden*w))
}
