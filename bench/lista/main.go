// Command lista measures one training step of LISTA-CP on the setting of its paper, 250×500 and 16 layers, float32, forward, backward and Adam,
// beside PyTorch at its best.
//
//	go run ./bench/lista [-threads 1] [-rounds 7] [-batch 128]
//
// Both sides start at the same weights and take their steps on one batch; it exits 1 when their numbers of parameters differ, or their losses by
// more than 1e-4 within 20 steps. Shares are of the processor's peak in the same rounds, for the same count of operations on both sides. It
// exits 1 when the peer's share on one thread is below fairShare.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"

	"unroll/bench/internal/peer"
	"unroll/engine/kernel"
)

//go:embed peer.py
var script string

const (
	packages  = "python3-torch libopenblas0-pthread"
	fairShare = 0.45
)

func main() {
	threads := flag.Int("threads", 1, "threads of both sides")
	rounds := flag.Int("rounds", 7, "measurements of each side")
	batch := flag.Int("batch", 128, "signals of a step")
	flag.Parse()
	if err := run(newTask(*batch), max(1, *threads), max(1, *rounds)); err != nil {
		fmt.Fprintln(os.Stderr, "lista:", err)
		os.Exit(1)
	}
}

func run(t task, threads, rounds int) error {
	runtime.GOMAXPROCS(threads)
	ours, err := newTrainer(t, threads)
	if err != nil {
		return err
	}
	defer ours.Close()
	p, by, err := t.start(threads)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := t.agree(ours, p); err != nil {
		return err
	}
	flops := 0.0
	times, err := peer.Interleave(rounds, 0.1, ours.Contender(threads), p.Contender("step"),
		peer.Ours(1, func() { flops = peer.Peak() }))
	if err != nil {
		return err
	}
	peak := flops / times[2].Min() * float64(threads)
	share := func(i int) float64 { return t.operations() / times[i].Median() / peak }
	fmt.Printf("LISTA-CP, %d×%d, K=%d, batch %d, %d parameters\nours: kernels %s; peer: PyTorch %s, %s\nthreads: %d; rounds: %d; peak: %.0f GFLOP/s\n\n",
		t.M, t.N, t.K, t.batch, t.parameters(), kernel.Level(), by.Torch, by.BLAS, threads, rounds, peak/1e9)
	fmt.Printf("%-9s %9s %9s %6s\n", "", "min ms", "median ms", "peak")
	for i, name := range []string{"ours", "PyTorch"} {
		fmt.Printf("%-9s %9.2f %9.2f %5.0f%%\n", name, 1e3*times[i].Min(), 1e3*times[i].Median(), 100*share(i))
	}
	var ratios peer.Ratios
	ratios.Add("pytorch_over_ours_lista_cp", times[1].Median()/times[0].Median())
	ratios.Add("pytorch_over_ours_lista_cp_min", times[1].Min()/times[0].Min())
	fmt.Println()
	ratios.Print(os.Stdout)
	if threads == 1 && share(1) < fairShare {
		return fmt.Errorf("peer too slow to be a fair peer: PyTorch at %.0f %% of the FMA peak, want %.0f %%", 100*share(1), 100*fairShare)
	}
	return nil
}
