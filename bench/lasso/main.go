// Command lasso measures l2o.CD beside scikit-learn and glmnet on the Lasso, on one thread: seconds to a duality gap of 1e-4, 1e-6 and
// 1e-10 of the objective at 0.
//
//	go run ./bench/lasso                 the grid, the λ-paths and the workers
//	go run ./bench/lasso -quick          λ = 0.1·λ_max and the gap 1e-6 alone
//	go run ./bench/lasso -plot FILE.svg  the grid as a figure
//
// The peers run in processes of their own with the data loaded, and are timed there. Their tolerances do not mean a gap; each is asked for
// the loosest one with which its answer has the gap, which is searched before anything is timed and printed. All answers, ours too, are
// judged by one function here that none of them knows. Ours is asked for the gap itself. glmnet counts by the faster of two ways, for the λ
// alone and by way of four larger ones, as its manual advises. A cell that a peer cannot solve to the gap at any
// tolerance has no ratio with it.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"unroll/bench/internal/peer"
	"unroll/engine/kernel"
)

func main() {
	rounds := flag.Int("rounds", 5, "measurements of each contender")
	quick := flag.Bool("quick", false, "one λ and one gap, no paths, no workers")
	figure := flag.String("plot", "", "draw the grid's times into a `file` .svg or .png")
	flag.Parse()
	if err := run(max(1, *rounds), *quick, *figure); err != nil {
		fmt.Fprintln(os.Stderr, "lasso:", err)
		os.Exit(1)
	}
}

func run(rounds int, quick bool, figure string) error {
	runtime.GOMAXPROCS(1)
	scratch, err := os.MkdirTemp("", "lasso")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fmt.Printf("ours: l2o.CD, kernels %s; one thread, %d rounds\n", kernel.Level(), rounds)
	peers, err := rivals(scratch)
	for _, r := range peers {
		defer r.Close()
	}
	if err != nil {
		return err
	}
	if quick {
		fractions, targets = []float64{0.1}, []float64{1e-6}
	}
	var ratios peer.Ratios
	results, err := grid(peers, rounds)
	if err != nil {
		return err
	}
	for _, target := range targets {
		summary(&ratios, "grid", target, peers, at(results, target))
	}
	if figure != "" {
		if err := plotTo(figure, peers, results); err != nil {
			return err
		}
	}
	if !quick {
		if err := paths(peers, rounds, &ratios); err != nil {
			return err
		}
		if err := workers(scratch, rounds, &ratios); err != nil {
			return err
		}
	}
	ratios.Print(os.Stdout)
	return nil
}
