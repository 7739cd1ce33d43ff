package main

import (
	"fmt"

	"unroll/bench/internal/peer"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// adversarial measures the problem on whose λ-path a homotopy takes more steps than on any other of its size, at a λ below half of them, and
// the homotopy itself beside it.
func adversarial(peers []*rival, rounds int, ratios *peer.Ratios) error {
	s, lambda, pieces := longestPath(adversarialColumns)
	fmt.Printf("\nadversarial, %d×%d, %d breakpoints down to λ\n", s.a.M, s.a.N, pieces)
	for _, r := range peers {
		if err := r.load(s); err != nil {
			return err
		}
	}
	table := newTable("cell\tλ/λ_max\tgap", peers)
	results, err := cell(table, fmt.Sprintf("adversarial\t%.1e", lambda/s.top), s, lambda, peers, rounds)
	if err != nil {
		return err
	}
	if err := table.Flush(); err != nil {
		return err
	}
	times, err := peer.Interleave(rounds, shortest, peer.Ours(1, func() { l2o.Homotopy{}.Path(s.problem(lambda)) }))
	if err != nil {
		return err
	}
	for _, target := range targets {
		summary(ratios, "adversarial", target, peers, at(results, target))
	}
	ratios.Add("homotopy_over_ours_adversarial", times[0].Median()/results[len(results)-1].ours.Median())
	return nil
}

// adversarialColumns have 121 breakpoints; with one more the least of them would drown in rounding.
const adversarialColumns = 5

// longestPath returns a problem of n columns with (3ⁿ−1)/2 breakpoints above λ = 0, the most that there can be (J. Mairal, B. Yu, "Complexity
// analysis of the Lasso regularization path", ICML 2012, Theorem 1), the middle one of them and how many are not below it. From n to n+1
// a column (2αy, α) joins, with α below λ₁/(2‖y‖² + 1) for the least breakpoint λ₁ > 0, and an entry 1 of y (ibid., Proposition 2).
func longestPath(n int) (s instance, lambda float64, pieces int) {
	rows, y := [][]float64{{1}}, []float64{1}
	for {
		a := &linop.ColMajor{M: len(y), N: len(y)}
		for j := range y {
			for i := range y {
				a.Data = append(a.Data, rows[i][j])
			}
		}
		path, err := l2o.Homotopy{}.Path(&l2o.Problem{A: a, Y: y, G: prox.L1{}})
		if err != nil {
			panic(err)
		}
		path = path[:len(path)-1] // without λ = 0
		if len(y) == n {
			pieces = (len(path) + 1) / 2
			return instance{a, y, l2o.LambdaMax(a, y)}, path[pieces-1].Lambda, pieces
		}
		square := 0.0
		for _, v := range y {
			square += v * v
		}
		alpha := 0.5 * path[len(path)-1].Lambda / (2*square + 1)
		for i := range rows {
			rows[i] = append(rows[i], 2*alpha*y[i])
		}
		rows, y = append(rows, append(make([]float64, len(rows)), alpha)), append(y, 1)
	}
}
