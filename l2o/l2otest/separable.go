package l2otest

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o/prox"
)

// checkFree tests that coordinates without a penalty are those in which g is 0 far away.
func checkFree(t TB, g prox.Func, n int) {
	t.Helper()
	for j := range n {
		x := make([]float64, n)
		x[j] = 1e9
		if is := g.Value(x) == 0 && g.Value(scaled(x, -1)) == 0; is != slices.Contains(g.Free(n), j) {
			t.Errorf("penalty: Free is %v, but that coordinate %d is without a penalty is %t", g.Free(n), j, is)
		}
	}
}

// checkSeparable tests that the blocks are a partition and that what a block says is what the whole penalty says.
func checkSeparable(t TB, g prox.Separable, rng *rand.Rand, n int) {
	t.Helper()
	held := make([]int, n)
	for b := range g.Blocks(n) {
		for _, j := range blockOf(g, b) {
			held[j]++
		}
	}
	if slices.ContainsFunc(held, func(times int) bool { return times != 1 }) {
		t.Errorf("penalty: blocks hold the coordinates %v times, want each once", held)
		return
	}
	const tau = 0.7
	for range 10 {
		v, w := gaussian(rng, n), gaussian(rng, n)
		p := make([]float64, n)
		g.Prox(p, v, tau)
		total := 0.0
		for b := range g.Blocks(n) {
			block := blockOf(g, b)
			x, want := at(v, block), at(p, block)
			if g.ProxBlock(b, x, tau); distance(x, want) > 1e-15*(1+math.Sqrt(dot(want, want))) {
				t.Errorf("penalty: ProxBlock %d gives %v, Prox %v", b, x, want)
			}
			d := g.DistanceBlock(b, at(w, block), want)
			total += d * d
			checkSlack(t, g, b, at(w, block), rng)
		}
		if want := g.Distance(w, p); !(math.Abs(math.Sqrt(total)-want) <= 1e-14*(1+want)) {
			t.Errorf("penalty: Distance is %.17g, that of all blocks %.17g", want, math.Sqrt(total))
		}
	}
}

// checkSlack tests that the ball of that radius about w, and no larger one, lies in ∂g_b(0). A larger one is seen to leave it in the
// directions ±w and ±1, as the penalties here are even, or bounded, in each coordinate.
func checkSlack(t TB, g prox.Separable, b int, w []float64, rng *rand.Rand) {
	t.Helper()
	slack := g.Slack(b, w)
	zero := make([]float64, len(w))
	leaves := func(direction []float64, radius float64) bool {
		norm := math.Sqrt(dot(direction, direction))
		e := slices.Clone(w)
		for i := range e {
			e[i] += radius / norm * direction[i]
		}
		return g.DistanceBlock(b, e, zero) > 0
	}
	directions := [][]float64{w, scaled(w, -1), gaussian(rng, len(w)), slices.Repeat([]float64{1}, len(w)), slices.Repeat([]float64{-1}, len(w))}
	out := false
	for _, d := range directions {
		switch {
		case slack > 0 && leaves(d, min(0.999*slack, 1e3)):
			t.Errorf("penalty: Slack of block %d at %v is %v, but the subdifferential at 0 ends before", b, w, slack)
			return
		case math.IsInf(slack, 1):
		default:
			out = out || leaves(d, 1e-9+1.001*max(slack, 0))
		}
	}
	if !out && !math.IsInf(slack, 1) {
		t.Errorf("penalty: Slack of block %d at %v is %v, but the subdifferential at 0 goes on", b, w, slack)
	}
}

func blockOf(g prox.Separable, b int) []int {
	if block := g.Block(b); block != nil {
		return block
	}
	return []int{b}
}

func at(v []float64, block []int) []float64 {
	w := make([]float64, len(block))
	for i, j := range block {
		w[i] = v[j]
	}
	return w
}
