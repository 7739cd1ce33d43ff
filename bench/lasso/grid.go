package main

import (
	"fmt"
	"math"
	"os"
	"text/tabwriter"

	"unroll/bench/internal/peer"
	"unroll/l2o"
)

// A result is one cell of the grid to one gap.
type result struct {
	shape  [2]int
	target float64
	ours   peer.Times
	peers  []peer.Times // nil for one that does not get there
}

// grid measures every cell of the workload and prints a line for each gap.
func grid(peers []*rival, rounds int) ([]result, error) {
	table := newTable("\ncell\tλ/λ_max\tgap", peers)
	var all []result
	for _, shape := range shapes {
		for _, correlation := range correlations {
			d := design{shape[0], shape[1], correlation}
			s := d.instance()
			for _, r := range peers {
				if err := r.load(s); err != nil {
					return nil, err
				}
			}
			for _, fraction := range fractions {
				results, err := cell(table, fmt.Sprintf("%v\t%g", d, fraction), s, fraction*s.top, peers, rounds)
				if err != nil {
					return nil, err
				}
				all = append(all, results...)
			}
			if err := table.Flush(); err != nil { // so that one sees how far it is
				return nil, err
			}
		}
	}
	return all, nil
}

// newTable prints the line above the numbers.
func newTable(first string, peers []*rival) *tabwriter.Writer {
	table := tabwriter.NewWriter(os.Stdout, 12, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, first, "\tours ms min\tmedian\tits gap\t")
	for _, r := range peers {
		fmt.Fprintf(table, "%s tolerance\tms min\tmedian\tover ours\t", r.name)
	}
	fmt.Fprintln(table)
	return table
}

// cell measures one problem to every gap.
func cell(table *tabwriter.Writer, name string, s instance, lambda float64, peers []*rival, rounds int) ([]result, error) {
	bids := make([][][]bid, len(targets)) // for each target and rival, by the ways to solve
	for t := range bids {
		bids[t] = make([][]bid, len(peers))
	}
	for i, r := range peers {
		for _, fit := range r.fits {
			found, err := r.loosest(targets, func(x []float64) float64 { return s.gap(lambda, x) }, fit, lambda)
			if err != nil {
				return nil, err
			}
			for t, b := range found {
				bids[t][i] = append(bids[t][i], b)
			}
		}
	}
	var all []result
	p := s.problem(lambda)
	for t, target := range targets {
		stop := l2o.Stop{Gap: target}
		solution, err := l2o.Solve(l2o.CD{}, p, stop)
		if err != nil {
			return nil, err
		}
		gap := s.gap(lambda, solution.X)
		if !(gap <= target) {
			return nil, fmt.Errorf("%s: our gap is %.2g, %v, want %g", name, gap, solution.Status, target)
		}
		fmt.Fprintf(table, "%s\t%.0e\t", name, target)
		res, err := race(table, gap, func() { l2o.Solve(l2o.CD{}, p, stop) }, peers, rounds, bids[t])
		if err != nil {
			return nil, err
		}
		res.shape, res.target = [2]int{s.a.M, s.a.N}, target
		all = append(all, res)
	}
	return all, nil
}

const shortest = 20e-3 // seconds of one contender in one round

// race measures our call beside each rival's bids, of which the fastest counts, and ends the line of the table.
func race(table *tabwriter.Writer, gap float64, ours func(), peers []*rival, rounds int, bids [][]bid) (res result, err error) {
	contenders := []peer.Contender{peer.Ours(1, ours)}
	for i, r := range peers {
		for _, b := range bids[i] {
			if b.raced() {
				contenders = append(contenders, r.contender(b))
			}
		}
	}
	times, err := peer.Interleave(rounds, shortest, contenders...)
	if err != nil {
		return res, err
	}
	res.ours, times = times[0], times[1:]
	fmt.Fprintf(table, "%s\t%.1e\t", milli(res.ours), gap)
	for i := range peers {
		var best peer.Times
		var winner bid
		for _, b := range bids[i] {
			took := b.took()
			if b.raced() {
				took, times = times[0], times[1:]
			}
			if b.tol != 0 && (best == nil || took.Median() < best.Median()) {
				best, winner = took, b
			}
		}
		res.peers = append(res.peers, best)
		if best == nil {
			fmt.Fprint(table, "none\t\t\t\t")
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%.2f\t", winner.tolerance(), milli(best), best.Median()/res.ours.Median())
	}
	fmt.Fprintln(table)
	return res, nil
}

func milli(t peer.Times) string { return fmt.Sprintf("%.4g\t%.4g", 1e3*t.Min(), 1e3*t.Median()) }

// summary adds for every peer the geometric mean of its median times over ours, the least in any cell, and how many cells there are.
func summary(ratios *peer.Ratios, name string, target float64, peers []*rival, results []result) {
	for i, r := range peers {
		logs, count, least := 0.0, 0.0, math.Inf(1)
		for _, res := range results {
			if res.peers[i] != nil {
				ratio := res.peers[i].Median() / res.ours.Median()
				logs += math.Log(ratio)
				least = min(least, ratio)
				count++
			}
		}
		if count > 0 {
			ratios.Add(fmt.Sprintf("%s_over_ours_%s_%.0e", r.name, name, target), math.Exp(logs/count))
			ratios.Add(fmt.Sprintf("%s_over_ours_%s_%.0e_least", r.name, name, target), least)
			ratios.Add(fmt.Sprintf("%s_over_ours_%s_%.0e_cells", r.name, name, target), count)
		}
	}
}

// at returns the results to one gap.
func at(results []result, target float64) (some []result) {
	for _, res := range results {
		if res.target == target {
			some = append(some, res)
		}
	}
	return some
}
