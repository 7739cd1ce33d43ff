package diff_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/diff"
)

// A law draws one of the instances on which bars are judged: a problem of either loss and penalty, and a schedule stopped early or late.
func law(seed uint64) (*random, diff.Schedule, string) {
	rng := rand.New(rand.NewPCG(seed, 88))
	var r *random
	switch seed % 4 {
	case 0, 1:
		r = lasso(rng, 20+rng.IntN(30), 20+rng.IntN(60), 2+rng.IntN(5), 0.05+0.4*rng.Float64())
	case 2:
		r = logistic(rng, 20+rng.IntN(30), 5+rng.IntN(20), 3, math.Pow(10, -2+2*rng.Float64()), true)
	case 3:
		r = logistic(rng, 20+rng.IntN(30), 10+rng.IntN(20), 3, 0.1+0.3*rng.Float64(), false)
	}
	name := names[rng.IntN(len(names))]
	K := int(math.Pow(10, 1+1.7*rng.Float64()))
	return r, schedule(name, r.lipschitz(), K, seed), name
}

// identified returns the first iteration from which on the signs are those of x*.
func identified(p *l2o.Problem, s diff.Schedule, star []float64) int {
	since := 1
	plain(p, s, func(k int, x []float64) {
		if !slices.EqualFunc(x, star, func(a, b float64) bool { return sign(a) == sign(b) }) {
			since = k + 1
		}
	})
	return since
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// A tally counts what bars were seen to do.
type tally struct {
	tried, held         int
	early, earlyRefused int // instances before twice their identification step
	late, lateRefused   int
	ratios              []float64 // bar over error, where these are not one number
}

// refusal counts whether an instance was refused.
func (c *tally) refusal(past, refused bool) {
	if past {
		c.late, c.lateRefused = c.late+1, c.lateRefused+count(refused)
	} else {
		c.early, c.earlyRefused = c.early+1, c.earlyRefused+count(refused)
	}
}

// bar counts whether a bar holds. A schedule's own bar is its error, and says nothing of the others' tightness.
func (c *tally) bar(t *testing.T, name string, bar, err float64) {
	if err == 0 {
		return
	}
	c.tried, c.held = c.tried+1, c.held+count(bar >= err)
	if !(bar >= err) {
		t.Logf("%s: %g above the bar %g", name, err, bar)
	}
	if err != bar {
		c.ratios = append(c.ratios, bar/err)
	}
}

// Over 1,000 instances the bar is at least the true error in 99 % and at most a hundred times it in the median, forwards and backwards; of
// those past twice their identification step at most 5 % are refused.
func TestBarHolds(t *testing.T) {
	var c tally
	for seed := range uint64(1000) {
		c.instance(t, seed)
	}
	slices.Sort(c.ratios)
	n := len(c.ratios)
	t.Logf("%d of %d bars hold; bar over error: median %.3g, 90 %% %.3g, largest %.3g", c.held, c.tried, c.ratios[n/2], c.ratios[n*9/10], c.ratios[n-1])
	t.Logf("past twice the identification step %d of %d refused, before it %d of %d", c.lateRefused, c.late, c.earlyRefused, c.early)
	if float64(c.held) < 0.99*float64(c.tried) || c.ratios[n/2] > 100 || float64(c.lateRefused) > 0.05*float64(c.late) {
		t.Error("the bar does not hold")
	}
}

// instance compares the derivatives of one instance, unrolled or truncated, with those of its certified solution.
func (c *tally) instance(t *testing.T, seed uint64) {
	t.Helper()
	r, s, name := law(seed)
	p := r.problem()
	x, _, err := solved(t, p)
	if err != nil {
		t.Fatal(err)
	}
	star, err := diff.NewLimit(p, x)
	if err != nil {
		t.Fatal(err)
	}
	w, dA := vector(r.rng, r.a.N), gaussian(r.rng, r.a.M, r.a.N)
	along := diff.Direction{Lambda: 1, Weights: vector(r.rng, r.a.N), A: dA}
	mode := diff.Mode{}
	if seed%3 == 0 {
		mode = diff.Mode{Rule: diff.Truncated, Last: 1 + len(s.Step)/2}
	}
	_, tangents, err := diff.Forward(p, s, nil, mode, along)
	if err != nil {
		t.Fatal(err)
	}
	_, g, err := diff.Reverse(p, s, nil, mode, func([]float64) []float64 { return w }, dA)
	if err != nil {
		t.Fatal(err)
	}
	refused := tangents[0].Bar.Refusal != nil
	c.refusal(r.ridge || len(s.Step) >= 2*identified(p, s, star.X), refused)
	if refused != (g.Bars.Refusal != nil) || refused != math.IsInf(tangents[0].Bar.Error, 1) || refused != math.IsInf(g.Bars.Lambda, 1) {
		t.Errorf("seed %d: a refusal of one bar and not of another, or a refused bar that is finite", seed)
	}
	if refused {
		return
	}
	limit, _ := star.Tangent(along)
	exact := star.Gradient(w, dA)
	c.bar(t, name+" forwards", tangents[0].Bar.Error, distance(tangents[0].DX, limit))
	c.bar(t, name+" λ", g.Bars.Lambda, math.Abs(g.Lambda-exact.Lambda))
	c.bar(t, name+" weights", g.Bars.Weights, distance(g.Weights, exact.Weights))
	c.bar(t, name+" y", g.Bars.Y, distance(g.Y, exact.Y))
	c.bar(t, name+" A", g.Bars.A, math.Abs(g.A-exact.A))
	c.bar(t, name+" steps", g.Bars.Step, norm(g.Step))
	c.bar(t, name+" momenta", g.Bars.Momentum, norm(g.Momentum))
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
