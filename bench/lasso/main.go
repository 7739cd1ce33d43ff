// Command lasso measures l2o.CD beside scikit-learn and glmnet on the Lasso, on one thread: seconds to a duality gap of 1e-4, 1e-6 and
// 1e-10 of the objective at 0.
//
//	go run ./bench/lasso                 the grid, the λ-paths, the adversarial case and the workers
//	go run ./bench/lasso -gaps 1e-6      the same to this gap alone
//	go run ./bench/lasso -quick          λ = 0.1·λ_max and the gap 1e-6 alone, no paths and what follows
//	go run ./bench/lasso -plot FILE.svg  the grid as a figure
//
// The peers run in processes of their own with the data loaded, and are timed there. Their tolerances do not mean a gap; each is asked for
// the loosest one with which its answer has the gap, which is searched before anything is timed and printed. All answers, ours too, are
// judged by one function here that none of them knows. Ours is asked for the gap itself. glmnet counts by the faster of two ways, for the λ
// alone and by way of four larger ones, as its manual advises. A cell that a peer cannot solve to the gap at any
// tolerance has no ratio with it. One that it has not solved when it has taken -limit seconds counts with those, as less than it would
// take, and has "limit" for a tolerance; one that takes more than two seconds is measured once.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"unroll/bench/internal/peer"
	"unroll/engine/kernel"
)

func main() {
	rounds := flag.Int("rounds", 5, "measurements of each contender")
	limit := flag.Float64("limit", 20, "CPU `seconds` that a peer may take for one answer")
	quick := flag.Bool("quick", false, "one λ and one gap, no paths, no workers")
	flag.Func("gaps", "relative gaps, falling, with commas between (default 1e-4,1e-6,1e-10)", func(s string) (err error) {
		targets, err = gaps(s)
		return err
	})
	figure := flag.String("plot", "", "draw the grid's times into a `file` .svg or .png")
	flag.Parse()
	if err := run(max(1, *rounds), *limit, *quick, *figure); err != nil {
		fmt.Fprintln(os.Stderr, "lasso:", err)
		os.Exit(1)
	}
}

// gaps reads numbers between 0 and 1 that fall.
func gaps(list string) (all []float64, err error) {
	last := 1.0
	for _, word := range strings.Split(list, ",") {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || !(v > 0 && v < last) {
			return nil, fmt.Errorf("%q is no number between 0 and %g", word, last)
		}
		all, last = append(all, v), v
	}
	return all, nil
}

func run(rounds int, limit float64, quick bool, figure string) error {
	runtime.GOMAXPROCS(1)
	scratch, err := os.MkdirTemp("", "lasso")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fmt.Printf("ours: l2o.CD, kernels %s; one thread, %d rounds\n", kernel.Level(), rounds)
	peers, err := rivals(scratch, limit)
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
		if err := adversarial(peers, rounds, &ratios); err != nil {
			return err
		}
		if err := workers(scratch, rounds, &ratios); err != nil {
			return err
		}
	}
	ratios.Print(os.Stdout)
	return nil
}
