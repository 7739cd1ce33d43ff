// Command gemm measures the matrix products of unroll/engine/kernel beside OpenBLAS, called through numpy, and gonum's own, all on one
// thread as every worker calls them.
//
//	go run ./bench/gemm
//	GODEBUG=cpu.avx512f=off OPENBLAS_CORETYPE=Haswell go run ./bench/gemm     # both with AVX2
//
// A call multiplies a stack of small matrices, in numpy in one call, so that what Python costs is not counted. All three must compute
// the same sums of small whole numbers, which are exact in any order. It exits 1 when OpenBLAS is below fairShare of the processor's
// peak at 512×512×512.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"text/tabwriter"

	"unroll/bench/internal/peer"
	"unroll/engine/kernel"
)

//go:embed peer.py
var script string

const (
	packages  = "python3-numpy libopenblas0-pthread"
	fairShare = 0.8
)

func main() {
	rounds := flag.Int("rounds", 15, "measurements of each contender")
	flag.Parse()
	if err := run(max(1, *rounds)); err != nil {
		fmt.Fprintln(os.Stderr, "gemm:", err)
		os.Exit(1)
	}
}

func run(rounds int) error {
	runtime.GOMAXPROCS(1)
	var hello struct{ BLAS string }
	p, err := peer.Start(script, packages, 1, &hello)
	if err != nil {
		return err
	}
	defer p.Close()
	fmt.Printf("ours: kernels %s; peer: %s; one thread, %d rounds\n\n", kernel.Level(), hello.BLAS, rounds)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "product\tprecision\tours µs min\tmedian\tOpenBLAS min\tmedian\tgonum min\tmedian\tours GFLOP/s\tOpenBLAS\tpeak\t")
	var ratios peer.Ratios
	single, err := all[float32](p, "float32", rounds, table, &ratios)
	if err != nil {
		return err
	}
	double, err := all[float64](p, "float64", rounds, table, &ratios)
	if err != nil {
		return err
	}
	table.Flush()
	ratios.Print(os.Stdout)
	if share := min(single, double); share < fairShare {
		return fmt.Errorf("peer too slow to be a fair peer: OpenBLAS at %.0f %% of the FMA peak at 512×512×512, want %.0f %%", 100*share, 100*fairShare)
	}
	return nil
}

// all measures the products of one precision, a line in the table for each, and returns OpenBLAS's share of the peak in the first.
func all[F kernel.Float](p *peer.Process, precision string, rounds int, table *tabwriter.Writer, ratios *peer.Ratios) (share float64, err error) {
	logs, gonumLeast := 0.0, math.Inf(1)
	for _, s := range append(append([]product{}, project...), tiny...) {
		m, err := measure[F](p, s, precision, rounds)
		if err != nil {
			return 0, err
		}
		fmt.Fprintf(table, "%v\t%s\t%s\t%s\t%s\t%.1f\t%.1f\t%.1f\t\n", s, precision, m.ours, m.openBLAS, m.gonum,
			s.gflops()/m.ours.Median(), s.gflops()/m.openBLAS.Median(), m.peak)
		ratio := m.openBLAS.Median() / m.ours.Median()
		gonumLeast = min(gonumLeast, m.gonum.Median()/m.ours.Median())
		switch {
		case s == project[0]:
			share = s.gflops() / m.openBLAS.Median() / m.peak
			ratios.Add(fmt.Sprintf("openblas_over_ours_%v_%s", s, precision), ratio)
		case s.n >= 42: // of the models
			logs += math.Log(ratio)
			ratios.Add(fmt.Sprintf("openblas_over_ours_%v_%s", s, precision), ratio)
		}
	}
	ratios.Add("openblas_over_ours_project_"+precision, math.Exp(logs/float64(len(project)-1)))
	ratios.Add("gonum_over_ours_least_"+precision, gonumLeast)
	return share, nil
}
