package bilevel_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/bilevel"
	"unroll/l2o/linop"
)

// A linearStep is φ(u) = M u + θ, whose equilibria are (I − M)⁻¹θ: a block of it expands where M does.
type linearStep struct{ m *linop.Dense }

func (s linearStep) Dims() (n, p int) { return s.m.N, s.m.N }

func (s linearStep) Apply(dst, u, theta []float64, _ int) {
	s.m.Apply(dst, u)
	for i, v := range theta {
		dst[i] += v
	}
}

func (s linearStep) Tangent(dst, _, _ []float64, _ int, t []float64) { s.m.Apply(dst, t) }

func (s linearStep) Adjoint(dst, slope, _, _ []float64, _ int, w []float64) {
	s.m.Adjoint(dst, w)
	for i := range slope {
		slope[i] += w[i]
	}
}

// random is n×n with the given operator norm.
func random(seed uint64, n int, norm float64) *linop.Dense {
	rng := rand.New(rand.NewPCG(seed, 7))
	m := &linop.Dense{M: n, N: n, Data: make([]float64, n*n)}
	for i := range m.Data {
		m.Data[i] = rng.NormFloat64()
	}
	by := norm / linop.Norm(m)
	for i := range m.Data {
		m.Data[i] *= by
	}
	return m
}

// The implicit gradient of a linear layer solves (I − Mᵀ)v = w: the residual is what it says, for a layer of factor 0.95 that is no symmetric
// one; at the equilibrium 0 of one of factor 3 it takes no more products than there are dimensions.
func TestImplicitSolves(t *testing.T) {
	for seed := range uint64(10) {
		const n = 40
		s := linearStep{random(seed, n, 0.95)}
		theta, in := make([]float64, n), bilevel.Instance{Step: s, Start: make([]float64, n), Star: make([]float64, n)}
		for i := range theta {
			theta[i] = math.Cos(float64(i))
		}
		g := bilevel.ReTune{K: 1, Rule: bilevel.Implicit, Tol: 1e-12}.Gradient(in, theta) // its slope is v itself
		back := make([]float64, n)
		s.m.Adjoint(back, g.Slope)
		want := make([]float64, n)
		for i := range want {
			want[i] = g.Slope[i] - back[i]
			back[i] = g.U[i] / n
		}
		if d := relative(want, back); !(d <= 1e-11) || !(g.Residual <= 1e-12) {
			t.Errorf("seed %d: residual %.1e, said %.1e", seed, d, g.Residual)
		}
	}
	const n = 20 // and in exact arithmetic n products are enough, whatever the factor
	in := bilevel.Instance{Step: linearStep{random(1, n, 3)}, Start: make([]float64, n), Star: random(2, n, 1).Data[:n]}
	g := bilevel.ReTune{K: 1, Rule: bilevel.Implicit}.Gradient(in, make([]float64, n))
	if products := g.Layers - 3; !(g.Residual <= 1e-10) || products > n+2 {
		t.Errorf("residual %.1e after %d products in %d dimensions", g.Residual, products, n)
	}
}

// K from a bias and T from a distance are the smallest for which the bounds hold.
func TestChoices(t *testing.T) {
	for _, q := range []float64{0.01, 0.5, 0.9, 0.999} {
		for _, bias := range []float64{1e-6, 0.01, 0.5, 10} {
			K := bilevel.LayersFor(q, bias)
			if b := bilevel.BiasBound(math.Pow(q, float64(K))); !(b <= bias*(1+1e-9)) {
				t.Errorf("q = %g: K = %d leaves a bias of %g, want %g", q, K, b, bias)
			}
			if K > 1 && bilevel.BiasBound(math.Pow(q, float64(K-1))) <= bias {
				t.Errorf("q = %g, bias %g: K = %d is not the smallest", q, bias, K)
			}
		}
		for _, d := range []float64{1e-8, 0.1, 100} {
			T := bilevel.RestartsFor(q, 2, d)
			reach := func(T int) float64 { return math.Pow(q, float64(T)) * 2 / (1 - q) }
			if !(reach(T) <= d*(1+1e-9)) || T > 0 && reach(T-1) <= d {
				t.Errorf("q = %g: T = %d for a distance of %g", q, T, d)
			}
		}
	}
	if T := bilevel.RestartsFor(0, 1, 0.1); T != 1 { // a block that maps everything to one point has to be run once
		t.Errorf("q = 0: T = %d", T)
	}
	for _, none := range []float64{0, -0.1, math.Inf(-1), math.NaN()} {
		if K, T := bilevel.LayersFor(0.5, none), bilevel.RestartsFor(0.5, 1, none); K != 0 || T != -1 {
			t.Errorf("K = %d for a bias of %g, T = %d for such a distance", K, none, T)
		}
	}
	if bilevel.LayersFor(1, 0.1) != 0 || bilevel.RestartsFor(1, 1, 0.1) != -1 || !math.IsInf(bilevel.BiasBound(1), 1) {
		t.Error("q = 1 has a K or T")
	}
}

func learning(t *testing.T, workers int) bilevel.Learning {
	var train []bilevel.Instance
	var theta []float64
	for seed := range uint64(6) {
		var in bilevel.Instance
		in, theta = testbed(t, seed, 4, false)
		train = append(train, in)
	}
	return bilevel.Learning{ReTune: bilevel.ReTune{K: 4, T: 5}, Train: train, Start: theta, Epochs: 60, Batch: 3, Rate: 0.1, Seed: 1, Workers: workers}
}

// Parameters are projected after every step, and the descent goes on along what is allowed.
func TestLearningProjects(t *testing.T) {
	const most = -5.5 // of log λ, below what TestLearning ends at
	l := learning(t, 1)
	l.Start[1], l.Epochs = most-1, 20
	l.Project = func(theta []float64) { theta[1] = min(theta[1], most) }
	got, err := l.Run()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range got.Epochs {
		if !(e.Theta[1] <= most) {
			t.Fatalf("epoch %d: log λ = %g", e.Epoch, e.Theta[1])
		}
	}
	if got.Theta[1] != most {
		t.Errorf("log λ ends at %g, not on the bound %g", got.Theta[1], most)
	}
}

// Learning lowers the loss to the least one over λ, is the same for any number of workers, and says every epoch how it contracts.
func TestLearning(t *testing.T) {
	l := learning(t, 1)
	seen := 0
	l.Watch = func(e bilevel.Epoch) {
		if e.Epoch != seen || !(e.Q < 1) || e.Warning() != "" || e.Bias != bilevel.BiasBound(e.Q) {
			t.Errorf("epoch %d: %+v", seen, e)
		}
		seen++
	}
	got, err := l.Run()
	if err != nil {
		t.Fatal(err)
	}
	mean := func(theta []float64) (s float64) {
		for _, in := range l.Train {
			s += l.ReTune.Gradient(in, theta).Loss / float64(len(l.Train))
		}
		return s
	}
	best := math.Inf(1)
	for i := range 200 {
		theta := slices.Clone(got.Theta)
		theta[1] = -9 + 0.06*float64(i)
		best = min(best, mean(theta))
	}
	if loss := mean(got.Theta); seen != 61 || !(loss <= best*1.001) || !(loss < 0.9*got.Epochs[0].Validation) {
		t.Errorf("after %d epochs the loss is %.6g, over λ %.6g, at the start %.6g", seen, loss, best, got.Epochs[0].Validation)
	}
	two, err := learning(t, 3).Run()
	if err != nil || !slices.Equal(two.Theta, got.Theta) {
		t.Errorf("three workers end at %v, one at %v (%v)", two.Theta, got.Theta, err)
	}
}

// A layer that expands is warned of, ends the descent where that is asked for, and nothing that is not finite is kept.
func TestExpansion(t *testing.T) {
	const n = 5
	grow := make([]float64, n*n) // 1.3 times the identity
	for i := range n {
		grow[i*n+i] = 1.3
	}
	expanding := bilevel.Learning{ReTune: bilevel.ReTune{K: 2, T: 1}, Start: make([]float64, n), Epochs: 3, Rate: 0.1,
		Train: []bilevel.Instance{{Step: linearStep{&linop.Dense{M: n, N: n, Data: grow}}, Start: make([]float64, n), Star: []float64{1, 2, 3, 4, 5}}}}
	got, err := expanding.Run()
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != l2o.MaxIter || len(got.Epochs) != 4 || !strings.Contains(got.Epochs[3].Warning(), "does not contract") || !math.IsInf(got.Epochs[3].Bias, 1) {
		t.Errorf("status %v after %d epochs, warning %q", got.Status, len(got.Epochs), got.Epochs[len(got.Epochs)-1].Warning())
	}
	expanding.StopAtOne = true
	if got, err = expanding.Run(); err != nil || got.Status != l2o.Diverged || len(got.Epochs) != 1 {
		t.Errorf("with StopAtOne: status %v after %d epochs (%v)", got.Status, len(got.Epochs), err)
	}
	expanding.StopAtOne = false
	expanding.T = 10_000 // overflows as soon as θ is not 0
	got, err = expanding.Run()
	if err != nil || got.Status != l2o.Diverged || len(got.Epochs) != 1 {
		t.Errorf("overflow: status %v after %d epochs (%v)", got.Status, len(got.Epochs), err)
	}
	expanding.Start = []float64{1, 1, 1, 1, 1} // from the first loss on
	if got, err = expanding.Run(); err != nil || got.Status != l2o.Diverged || len(got.Epochs) != 0 || !slices.Equal(got.Theta, expanding.Start) {
		t.Errorf("overflow at the start: status %v after %d epochs at θ = %v (%v)", got.Status, len(got.Epochs), got.Theta, err)
	}
	for _, v := range got.Theta {
		if v-v != 0 {
			t.Errorf("θ = %v is kept", got.Theta)
		}
	}
}

// A counter is φ(u) = u + 1, of factor 1, whose slopes are what they are told to be, one after another and then the last.
type counter struct{ slopes *[]float64 }

func told(slopes ...float64) counter { return counter{&slopes} }

func (c counter) to(star float64) bilevel.Instance {
	return bilevel.Instance{Step: c, Start: []float64{0}, Star: []float64{star}}
}

func (c counter) Dims() (n, p int) { return 1, 1 }

func (c counter) Apply(dst, u, _ []float64, _ int) { dst[0] = u[0] + 1 }

func (c counter) Tangent(dst, _, _ []float64, _ int, t []float64) { dst[0] = t[0] }

func (c counter) Adjoint(dst, slope, _, _ []float64, _ int, w []float64) {
	dst[0] = w[0]
	if slope != nil {
		slope[0] += (*c.slopes)[0]
		*c.slopes = (*c.slopes)[min(1, len(*c.slopes)-1):]
	}
}

// Adam's steps worked by hand. Where the slope stays the same a step is the rate, down by a cosine over the second half: 1, 1, 1 and ½ of it. Slopes
// of 1 and 3 have m̂ = (0.09 + 0.3)/0.19 and ŝ = (0.000999 + 0.009)/0.001999 after two steps.
func TestAdamByHand(t *testing.T) {
	second := 0.39 / 0.19 / math.Sqrt(0.009999/0.001999)
	for _, c := range []struct {
		slopes, want []float64
	}{
		{[]float64{5}, []float64{0, -0.1, -0.2, -0.3, -0.35}},
		{[]float64{1, 3, 3}, []float64{0, -0.1, -0.1 - 0.1*second}},
	} {
		got, err := bilevel.Learning{ReTune: bilevel.ReTune{K: 1}, Train: []bilevel.Instance{told(c.slopes...).to(1)}, Start: []float64{0}, Epochs: 4, Rate: 0.1}.Run()
		if err != nil {
			t.Fatal(err)
		}
		for e, want := range c.want {
			if v := got.Epochs[e].Theta[0]; math.Abs(v-want) > 1e-8 {
				t.Errorf("slopes %v: θ = %.9g after epoch %d, want %.9g", c.slopes, v, e, want)
			}
		}
	}
}

// A named step writes its name down whenever a loss is differentiated in it.
type named struct {
	counter
	name int
	said *[]int
}

func (s named) Adjoint(dst, slope, u, theta []float64, k int, w []float64) {
	if slope != nil {
		*s.said = append(*s.said, s.name)
	}
	s.counter.Adjoint(dst, slope, u, theta, k, w)
}

// Every epoch takes every instance once, in an order of its own that the seed alone fixes.
func TestOrderOfInstances(t *testing.T) {
	const instances, epochs = 8, 4
	orders := func(seed uint64) [][]int {
		var said []int
		l := bilevel.Learning{ReTune: bilevel.ReTune{K: 1}, Start: []float64{0}, Epochs: epochs, Batch: 1, Rate: 0.1, Seed: seed, Workers: 1}
		for i := range instances {
			in := told(0).to(1)
			in.Step = named{in.Step.(counter), i, &said}
			l.Train = append(l.Train, in)
		}
		if _, err := l.Run(); err != nil || len(said) != instances*epochs {
			t.Fatalf("%d gradients, error %v", len(said), err)
		}
		return slices.Collect(slices.Chunk(said, instances))
	}
	all := append(orders(1), orders(2)...)
	for e, order := range all {
		for i, name := range slices.Sorted(slices.Values(order)) {
			if name != i {
				t.Errorf("epoch %d takes %v", e, order)
				break
			}
		}
		if slices.ContainsFunc(all[:e], func(earlier []int) bool { return slices.Equal(earlier, order) }) {
			t.Errorf("order %v comes a second time, in epoch %d", order, e)
		}
	}
	if !slices.EqualFunc(all[:epochs], orders(1), slices.Equal[[]int]) {
		t.Error("the same seed gives another order")
	}
}

// Three blocks count to 3. An epoch tells the mean loss of its steps on what is trained on, and the loss of what is held out at the end of all
// blocks; a factor of 1 is warned of and ends the descent where that is asked for.
func TestEpochsByHand(t *testing.T) {

	l := bilevel.Learning{ReTune: bilevel.ReTune{K: 1, T: 2}, Train: []bilevel.Instance{told(0).to(3), told(0).to(1)}, Validation: []bilevel.Instance{told(0).to(7), told(0).to(5)},
		Start: []float64{0}, Epochs: 1, Rate: 0.1}
	for _, batch := range []int{0, 1} {
		l.Batch = batch
		got, err := l.Run()
		if err != nil {
			t.Fatal(err)
		}
		if e := got.Epochs[1]; e.Train != 1 || e.Validation != 5 || e.Q != 1 || !math.IsInf(e.Bias, 1) || !strings.Contains(e.Warning(), "epoch 1: the block does not contract, its factor is 1 ≥ 1") {
			t.Errorf("batch %d: %+v, warning %q; want losses 1 and 5 and a factor of 1", batch, e, e.Warning())
		}
	}
	l.StopAtOne = true
	if got, err := l.Run(); err != nil || got.Status != l2o.Diverged || len(got.Epochs) != 1 {
		t.Errorf("with StopAtOne: status %v after %d epochs (%v)", got.Status, len(got.Epochs), err)
	}
}

// A slope that is not finite where the loss is, and a loss that is not where the slope is, end the descent with what was found before them.
func TestNotFiniteIsTakenBack(t *testing.T) {
	for name, in := range map[string]bilevel.Instance{"slope": told(1, math.NaN()).to(1), "infinite slope": told(1, math.Inf(-1)).to(1), "loss": told(1).to(1e200)} {
		got, err := bilevel.Learning{ReTune: bilevel.ReTune{K: 1}, Train: []bilevel.Instance{in}, Validation: []bilevel.Instance{told(0).to(1)}, Start: []float64{2}, Epochs: 5, Rate: 0.1}.Run()
		if err != nil || got.Status != l2o.Diverged || len(got.Epochs) == 0 || got.Theta[0] != 2 || got.Best != 0 {
			t.Errorf("%s: status %v, θ = %v of epoch %d (%v)", name, got.Status, got.Theta, got.Best, err)
		}
		for _, e := range got.Epochs {
			if v := e.Theta[0] + e.Validation; v-v != 0 {
				t.Errorf("%s: epoch %+v is told", name, e)
			}
		}
	}
}

func TestReTuneBadInput(t *testing.T) {
	shrink, err := bilevel.NewShrink([]int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	a := &linop.Dense{M: 1, N: 2, Data: []float64{1, 1}}
	make2 := func(y []float64, ridge float64, l *bilevel.Layout) error {
		_, err := bilevel.NewForwardBackward(a, y, ridge, shrink, l)
		return err
	}
	run := func(spoil func(l *bilevel.Learning)) error {
		l := learning(t, 1)
		spoil(&l)
		_, err := l.Run()
		return err
	}
	group := func(g ...int) error {
		_, err := bilevel.NewShrink(g)
		return err
	}
	for want, err := range map[string]error{
		"K is 0":              bilevel.ReTune{}.Check(),
		"T is -1":             bilevel.ReTune{K: 1, T: -1}.Check(),
		"Rule is Rule(7)":     bilevel.ReTune{K: 1, Rule: 7}.Check(),
		"Terms is 0":          bilevel.ReTune{K: 1, Rule: bilevel.NeumannJ}.Check(),
		"Tol is NaN":          bilevel.ReTune{K: 1, Tol: math.NaN()}.Check(),
		"Y is of length 2":    make2([]float64{1, 2}, 0, bilevel.NewLayout(1, 2)),
		"Ridge is -1":         make2([]float64{1}, -1, bilevel.NewLayout(1, 2)),
		"for 3 groups":        make2([]float64{1}, 0, bilevel.NewLayout(1, 3)),
		"with 1 weights":      make2([]float64{1}, 0, bilevel.NewLayout(1, 2).Weights([]float64{1})),
		"group[1] is -2":      group(0, -2),
		"without a coord":     group(0, 2),
		"group is empty":      group(),
		"Train is empty":      run(func(l *bilevel.Learning) { l.Train = nil }),
		"Epochs is 0":         run(func(l *bilevel.Learning) { l.Epochs = 0 }),
		"Batch is -1":         run(func(l *bilevel.Learning) { l.Batch = -1 }),
		"Workers is -1":       run(func(l *bilevel.Learning) { l.Workers = -1 }),
		"Validation is empty": run(func(l *bilevel.Learning) { l.Validation = []bilevel.Instance{} }),
		"Rate is 0":           run(func(l *bilevel.Learning) { l.Rate = 0 }),
		"Rate is +Inf":        run(func(l *bilevel.Learning) { l.Rate = math.Inf(1) }),
		"Star is of length": run(func(l *bilevel.Learning) {
			l.Validation = []bilevel.Instance{{Step: l.Train[0].Step, Start: l.Train[0].Start}}
		}),
		"Start[0] is NaN":    run(func(l *bilevel.Learning) { l.Start[0] = math.NaN() }),
		"theta is of length": run(func(l *bilevel.Learning) { l.Start = l.Start[:1] }),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
