package main

import (
	"fmt"
	"math"
	"text/tabwriter"

	"unroll/bench/internal/peer"
	"unroll/l2o"
)

// paths measures the λ-path of every design, all of whose answers must have the gap of pathTarget, and prints a line for each.
func paths(peers []*rival, rounds int, ratios *peer.Ratios) error {
	fmt.Printf("\npaths of %d λ down to %g·λ_max\n", steps, bottom)
	table := newTable(fmt.Sprintf("to gap %.0e", pathTarget), peers)
	var all []result
	for _, shape := range shapes {
		for _, correlation := range correlations {
			res, err := path(table, design{shape[0], shape[1], correlation}, peers, rounds)
			if err != nil {
				return err
			}
			all = append(all, res)
			if err := table.Flush(); err != nil {
				return err
			}
		}
	}
	summary(ratios, "path", pathTarget, peers, all)
	return nil
}

const pathTarget = 1e-6

// path measures one design.
func path(table *tabwriter.Writer, d design, peers []*rival, rounds int) (result, error) {
	s := d.instance()
	weights := s.weights()
	// worst is the largest gap of answers that follow each other; one that is missing has none.
	worst := func(x []float64) float64 {
		if len(x) != d.n*steps {
			return math.Inf(1)
		}
		gap := 0.0
		for k, lambda := range weights {
			gap = max(gap, s.gap(lambda, x[k*d.n:(k+1)*d.n]))
		}
		return gap
	}
	ours := func() ([]l2o.Solution, error) {
		return l2o.Path(l2o.CD{}, s.problem(weights[0]), weights, l2o.Stop{Gap: pathTarget})
	}
	solutions, err := ours()
	if err != nil {
		return result{}, err
	}
	var x []float64
	for _, solution := range solutions {
		x = append(x, solution.X...)
	}
	gap := worst(x)
	if !(gap <= pathTarget) {
		return result{}, fmt.Errorf("path, %v: our gap is %.2g, want %g", d, gap, pathTarget)
	}
	bids := make([][]bid, len(peers))
	for i, r := range peers {
		if err := r.load(s); err != nil {
			return result{}, err
		}
		if bids[i], err = r.loosest([]float64{pathTarget}, worst, "path"); err != nil {
			return result{}, err
		}
	}
	fmt.Fprint(table, d, "\t")
	return race(table, gap, func() { ours() }, peers, rounds, bids)
}
