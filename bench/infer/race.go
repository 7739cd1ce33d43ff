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

// estimates runs the whole batch, a share of it in each workspace, on a thread of its own.
func estimates(net *model.Bound, b data.Batch, workspaces []*model.Workspace, dst []float64) {
	var wg sync.WaitGroup
	for i, ws := range workspaces {
		from, to := i*b.Size/len(workspaces), (i+1)*b.Size/len(workspaces)
		wg.Go(func() { estimate(net, b, ws, from, to, dst[from*b.D:to*b.D]) })
	}
	wg.Wait()
}

// estimate writes the estimates of prompts from … to−1 into dst.
func estimate(net *model.Bound, b data.Batch, ws *model.Workspace, from, to int, dst []float64) {
	net.Estimate(ws, dst, b.X[from*b.N*b.D:to*b.N*b.D], b.Y[from*b.N:to*b.N], b.Query[from*b.D:to*b.D])
}

func workspaces(net *model.Bound, n, threads int) (all []*model.Workspace) {
	for range threads {
		all = append(all, net.NewWorkspace(n))
	}
	return all
}

const apart = 1e-3 // of estimates, whose entries are of order 1, after 12 layers of float32

// agree refuses a peer whose estimates are not ours.
func agree(net *model.Bound, b data.Batch, p *peer.Process) error {
	var theirs [][]float64
	if err := p.Ask(&theirs, "estimates"); err != nil {
		return err
	}
	ours := make([]float64, b.Size*b.D)
	estimates(net, b, workspaces(net, b.N, 1), ours)
	return same(ours, theirs, b.D)
}

// same refuses estimates of d entries each that are not ours, and another number of them.
func same(ours []float64, theirs [][]float64, d int) error {
	if len(theirs) != len(ours)/d {
		return fmt.Errorf("%d estimates here and %d in the peer", len(ours)/d, len(theirs))
	}
	for i, t := range theirs {
		if len(t) != d {
			return fmt.Errorf("estimate %d has %d entries here and %d in the peer", i, d, len(t))
		}
		for j, t := range t {
			if v := ours[i*d+j]; !(math.Abs(v-t) <= apart*max(1, math.Abs(v))) {
				return fmt.Errorf("entry %d of estimate %d is %v here and %v in the peer", j, i, v, t)
			}
		}
	}
	return nil
}

// race times both sides at one prompt and at the whole batch.
func race(net *model.Bound, b data.Batch, p *peer.Process, threads, rounds int) error {
	out, all, flops := make([]float64, b.Size*b.D), workspaces(net, b.N, threads), 0.0
	times, err := peer.Interleave(rounds, 20e-3,
		peer.Ours(threads, func() { estimate(net, b, all[0], 0, 1, out[:b.D]) }), p.Contender("one"),
		peer.Ours(threads, func() { estimates(net, b, all, out) }), p.Contender("many"),
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

// operations is the number of multiplications and additions in the matrix products that one prompt needs, products of weights not
// counted: in the last layer those of the query's token alone.
func operations(c model.Config, n int) float64 {
	t, d, w := c.Tokens(n), c.Width, c.Writable()
	attention := c.Heads * (d*d + 2*t*d + d*w) // of one token: H (Q Kᵀ), scores, weights H, mixed (V O)
	mlp := d*c.Hidden + c.Hidden*w
	return 2 * float64(((c.K-1)*t+1)*(attention+mlp))
}
