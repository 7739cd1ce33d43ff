package diff_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/diff"
)

// The choice keeps its budget: the vectors stored, and the error, up to the constant before ρ^J.
func TestChoose(t *testing.T) {
	taken := map[diff.Rule]int{}
	refused := 0
	for seed := range uint64(120) {
		rng := rand.New(rand.NewPCG(seed, 12))
		r := lasso(rng, 40, 60, 4, 0.02+0.2*rng.Float64())
		s := schedule(names[seed%3], r.lipschitz(), 60+rng.IntN(500), seed)
		p := r.problem()
		run, err := diff.Iterate(p, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		b := diff.Budget{States: []int{0, 8, 24, 72}[seed%4], Error: []float64{0.5, 1e-3}[seed/4%2]}
		c, err := diff.Choose(p, s, run, b)
		if _, poor := errors.AsType[*diff.BudgetError](err); poor {
			refused++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		taken[c.Mode.Rule]++
		if !strings.HasPrefix(c.Why, c.Mode.Rule.String()+",") && !strings.HasPrefix(c.Why, c.Mode.Rule.String()+" to") {
			t.Errorf("seed %d: %v, because %q", seed, c.Mode, c.Why)
		}
		w := vector(rng, 60)
		_, g, err := diff.Reverse(p, s, nil, c.Mode, func([]float64) []float64 { return w }, nil)
		if err != nil {
			t.Errorf("seed %d: %s: %v", seed, c.Why, err)
			continue
		}
		if b.States > 0 && g.States > b.States {
			t.Errorf("seed %d: %s: stored %d of %d vectors", seed, c.Why, g.States, b.States)
		}
		l, err := diff.NewLimit(p, run.X)
		if err != nil {
			continue
		}
		exact := l.Gradient(w, nil)
		if e := distance(g.Weights, exact.Weights); c.Error == c.Error && !(e <= 10*b.Error*norm(exact.Weights)) {
			t.Errorf("seed %d: %s: error %.1e of %.1e allowed", seed, c.Why, e/norm(exact.Weights), b.Error)
		}
	}
	t.Logf("chosen: %v, budget refused: %d", taken, refused)
	if len(taken) < 3 || refused == 0 {
		t.Error("not every choice was seen")
	}
}

func TestChooseRefuses(t *testing.T) {
	r := lasso(rand.New(rand.NewPCG(1, 1)), 20, 10, 3, 0.1)
	s := schedule("PGD 1/L", r.lipschitz(), 100, 1)
	run, err := diff.Iterate(r.problem(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	diverged := run
	diverged.Status = l2o.Diverged
	for _, c := range []struct {
		want string
		run  diff.Run
		diff.Budget
	}{
		{"Budget.States is -1", run, diff.Budget{States: -1, Error: 0.1}},
		{"Budget.Error is 0", run, diff.Budget{}},
		{"run is diverged at 100", diverged, diff.Budget{Error: 0.1}},
	} {
		if _, err := diff.Choose(r.problem(), s, c.run, c.Budget); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
