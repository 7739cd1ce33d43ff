// Command step measures one training step of the transformer, float32, forward, backward and Adam, beside PyTorch at its best and the
// graph of Gorgonia's stock ops.
//
//	go run ./bench/step [-threads 1] [-rounds 7] [-only interleaved_B64_N10]
//	go run ./bench/step -scaling [-rounds 7]
//	go run ./bench/step -flat 10000
//
// The second form prints how our own step grows with K, B, N and d, the third whether its memory stays as it is over so many steps.
//
// Both sides start from the same weights and the same batch; it exits 1 when they differ in tokens T, width D or number of parameters,
// or when their losses differ by more than 1e-4 within 20 steps. Shares are of the processor's peak, measured in the same rounds: ours
// counts the arithmetic that has to be done, the peer's what it does. Allocations and their kB are those of a step, MB the most that was
// resident. It exits 1 when the peer's share in the headline cell is below fairShare on one thread.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

	"unroll/bench/internal/peer"
	"unroll/engine/kernel"
	"unroll/model"
)

//go:embed peer.py
var script string

const (
	packages  = "python3-torch libopenblas0-pthread"
	fairShare = 0.45
)

func main() {
	threads := flag.Int("threads", 1, "threads of both sides")
	rounds := flag.Int("rounds", 7, "measurements of each contender")
	only := flag.String("only", "", "cells whose name starts so")
	grow := flag.Bool("scaling", false, "how a step grows with K, B, N and d, without a peer")
	steps := flag.Int("flat", 0, "steps over which to watch our memory, without a peer")
	flag.Parse()
	var err error
	switch {
	case *grow:
		err = scaling(max(1, *rounds))
	case *steps > 0:
		err = flat(*steps)
	default:
		err = run(max(1, *threads), max(1, *rounds), *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "step:", err)
		os.Exit(1)
	}
}

func run(threads, rounds int, only string) error {
	runtime.GOMAXPROCS(threads)
	var ratios peer.Ratios
	fair := fairShare
	for _, embedding := range []string{model.Interleaved, model.Paired} {
		for _, c := range cells(embedding) {
			if !strings.HasPrefix(c.String(), only) {
				continue
			}
			r, err := measure(newTask(c), threads, rounds)
			if err != nil {
				return err
			}
			if len(ratios) == 0 {
				fmt.Printf("ours: kernels %s; peer: PyTorch %s, %s\nthreads: %d; rounds: %d; peak: %.0f GFLOP/s\n\n",
					kernel.Level(), r.by.Torch, r.by.BLAS, threads, rounds, r.peak/1e9)
				fmt.Printf(columns, "ms, medians after minima", "T", "D", "params", "ours", "", "peak", "allocs", "kB", "MB", "PyTorch", "", "peak", "MB", "ratio")
			}
			r.print()
			r.report(&ratios)
			if c == headline && threads == 1 {
				fair = r.direct() / r.peer.Median() / r.peak
			}
		}
	}
	if len(ratios) == 0 {
		return fmt.Errorf("-only %s: no cell's name starts so; there are %v", only, append(cells(model.Interleaved), cells(model.Paired)...))
	}
	fmt.Println()
	ratios.Print(os.Stdout)
	if fair < fairShare {
		return fmt.Errorf("peer too slow to be a fair peer: PyTorch at %.0f %% of the FMA peak in %v, want %.0f %%", 100*fair, headline, 100*fairShare)
	}
	return nil
}
