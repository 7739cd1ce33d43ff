package train

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/engine"
	"unroll/model/graph"
)

// Two steps of Adam on one weight, by hand. g = 2, then −1, lr = 0.1:
//
//	t=1: m = 0.2, v = 0.004; m̂ = 2, v̂ = 4; w = 1 − 0.1·2/2 = 0.9
//	t=2: m = 0.9·0.2 − 0.1 = 0.08, v = 0.999·0.004 + 0.001 = 0.004996; m̂ = 0.08/0.19, v̂ = 0.004996/0.001999 = 2.49924962;
//	     w = 0.9 − 0.1·0.42105263/1.58090152 = 0.87336630
func TestAdamByHand(t *testing.T) {
	w := []float64{1}
	a := newAdam([][]float64{w})
	for i, c := range []struct{ g, want float64 }{{2, 0.9}, {-1, 0.87336630}} {
		a.update(0, w, []float64{c.g}, 0.1, i+1)
		if math.Abs(w[0]-c.want) > 1e-8 {
			t.Errorf("step %d: w = %.9f, want %.8f", i+1, w[0], c.want)
		}
	}
}

func TestRate(t *testing.T) {
	for _, c := range []struct {
		t    int
		want float64
	}{{0, 0.25}, {3, 1}, {4, 1}, {54, 0.51}, {104, 0.02}} {
		if got := rate(1, c.t, 4, 104); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("rate at step %d is %v, want %v", c.t, got, c.want)
		}
	}
}

// A learner whose k-th estimate is k·w for every prompt: losses and gradients can be written down.
type multiples struct{}

func (multiples) Init(uint64) []checkpoints.Param {
	return []checkpoints.Param{{Name: "w", Shape: []int{1, 2}, F64: []float64{0.5, -1}}}
}
func (multiples) InputSize(n int) int              { return 1 }
func (multiples) Input(dst, x, y, query []float64) { dst[0] = 1 }
func (multiples) Graph(w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error) {
	first := gorgonia.Must(gorgonia.Mul(in, w[0])) // (B, 2)
	second := gorgonia.Must(gorgonia.Add(first, first))
	second, err := engine.Reshape(second, second.Shape()...)
	return gorgonia.Nodes{first, second}, err
}

// given is a task whose answers are given.
type given struct {
	prompts
	beta []float64
}

func (g given) draw(s data.Split, first uint64, size, n int, in [][]float64, target []float64) {
	g.prompts.draw(s, first, size, n, in, target)
	copy(target, g.beta)
}

// loss = ⅓·½Σ_b‖w−β_b‖² + ⅔·½Σ_b‖2w−β_b‖²,  ∇ = ⅓·½Σ 2(w−β_b) + ⅔·½Σ 4(2w−β_b),  two prompts in the batch, emphasis 1.
func TestProgramComputesTheLossByHand(t *testing.T) {
	l := multiples{}
	params := l.Init(0)
	law := data.SparseRecovery{D: 2, S: 1, N: 1, Values: data.Gaussian, Design: data.Gaussian}
	plan := Plan{Seed: 3, Batch: 2, Slice: 2, Emphasis: 1}
	p, err := newProgram(job{Plan: plan, task: given{prompts{l, law, plan, nil}, []float64{1, 0, 0, 2}}}, params, [][]float64{params[0].F64}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.machine.Close()
	// w = (.5, −1): w−β = (−.5, −1), (.5, −3): squares 1.25, 9.25. 2w−β = (0, −2), (1, −4): squares 4, 17.
	// ∇ = ⅓(−.5+.5, −1−3) + ⅔·2(0+1, −2−4) = (4/3, −4/3−8)
	errs, grad := make([]float64, 2), [][]float64{make([]float64, 2)}
	for range 2 { // twice: nothing may be left over from the first run
		if err := p.run(data.Train, 0, errs, grad); err != nil {
			t.Fatal(err)
		}
		for i, c := range []struct{ got, want float64 }{{errs[0], 10.5}, {errs[1], 21}, {grad[0][0], 4.0 / 3}, {grad[0][1], -28.0 / 3}} {
			if math.Abs(c.got-c.want) > 1e-12 {
				t.Errorf("number %d is %v, want %v", i, c.got, c.want)
			}
		}
	}
}

// In decibels: loss = ⅓·log 10.5 + ⅔·log 21, ∇ = ⅓·2Σ(w−β_b)/10.5 + ⅔·4Σ(2w−β_b)/21 = ⅓(0, −8)/10.5 + ⅔(4, −24)/21.
func TestDecibelsByHand(t *testing.T) {
	l := multiples{}
	params := l.Init(0)
	law := data.SparseRecovery{D: 2, S: 1, N: 1, Values: data.Gaussian, Design: data.Gaussian}
	plan := Plan{Seed: 3, Batch: 2, Slice: 2, Emphasis: 1, Decibel: true}
	p, err := newProgram(job{Plan: plan, task: given{prompts{l, law, plan, nil}, []float64{1, 0, 0, 2}}}, params, [][]float64{params[0].F64}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.machine.Close()
	errs, grad := make([]float64, 2), [][]float64{make([]float64, 2)}
	if err := p.run(data.Train, 0, errs, grad); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ got, want float64 }{{errs[0], 10.5}, {errs[1], 21}, {grad[0][0], 8.0 / 63}, {grad[0][1], -8/31.5 - 16.0/21}} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("number %d is %v, want %v", i, c.got, c.want)
		}
	}
}

func TestEveryRecipeResolves(t *testing.T) {
	for _, r := range Recipes() {
		if _, err := r.Resolve(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

func TestRecipesRefuseWhatHasNoMeaning(t *testing.T) {
	for _, c := range []struct {
		change func(*Recipe)
		want   string
	}{
		{func(r *Recipe) { r.Data.S = 21 }, "S=21: want 1 to 20"},
		{func(r *Recipe) { r.Data.N = 0 }, "N=0: want at least 1"},
		{func(r *Recipe) { r.Model.K = 0 }, "K=0: want 1 to"},
		{func(r *Recipe) { r.Data.Sigma = -1 }, "sigma=-1: want 0 to"},
		{func(r *Recipe) { r.Data.Sigma = math.NaN() }, "sigma=NaN"},
		{func(r *Recipe) { r.Steps = 0 }, "steps=0"},
		{func(r *Recipe) { r.Batch = 0 }, "batch=0"},
		{func(r *Recipe) { r.Slice = 7 }, "slice=7: want a divisor of batch=128"},
		{func(r *Recipe) { r.LR = math.NaN() }, "lr=NaN"},
		{func(r *Recipe) { r.Clip = 0 }, "clip=0"},
		{func(r *Recipe) { r.Every = 0 }, "every=0"},
		{func(r *Recipe) { r.Workers = -1 }, "workers=-1"},
		{func(r *Recipe) { r.Model.Width = 30 }, "width=30: want at least 42"},
		{func(r *Recipe) { r.Model.Heads = 0 }, "heads=0"},
		{func(r *Recipe) { r.Model.Embedding = "interlaced" }, "embedding=interlaced: want paired or interleaved"},
	} {
		r := icl()
		c.change(&r)
		_, err := r.Resolve()
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("want an error that starts with %q, got %v", c.want, err)
		}
	}
}

func TestFolderHoldsOneRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run")
	r := tiny(t, nil)
	finish(t, r, path, nil)
	other := tiny(t, func(r *Recipe) { r.LR = 0.5 })
	_, err := OpenFolder(path, other, false)
	if _, ok := errors.AsType[*IdentityError](err); !ok || !strings.Contains(err.Error(), "lr=0.003 there, 0.5 asked") {
		t.Errorf("another recipe's folder: %v", err)
	}
	workers := tiny(t, func(r *Recipe) { r.Workers = 7 })
	reopen(t, workers, path, false)
	reopen(t, other, path, true)
	junk := t.TempDir()
	if err := os.WriteFile(filepath.Join(junk, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, fresh := range []bool{false, true} {
		if _, err := OpenFolder(junk, r, fresh); err == nil || !strings.Contains(err.Error(), "holds no run") {
			t.Errorf("a folder of something else, fresh=%v: %v", fresh, err)
		}
	}
	if _, err := OpenFolder(filepath.Join(junk, "thesis.tex", "run"), r, false); err == nil {
		t.Error("a folder inside a file was taken")
	}
}

func TestInitFromAnotherCheckpoint(t *testing.T) {
	path, run := t.TempDir(), func(r Recipe, path string) error {
		d, err := OpenFolder(path, r, true)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		return Run(t.Context(), r, graph.Transformer{Config: r.Model}, d, watch(nil))
	}
	finish(t, tiny(t, nil), path, nil)
	from := filepath.Join(path, bestName)
	onward := t.TempDir()
	if err := run(tiny(t, func(r *Recipe) { r.Init, r.Steps = from, 1 }), onward); err != nil {
		t.Fatal(err)
	}
	old, now := reopen(t, tiny(t, nil), path, false), reopen(t, tiny(t, func(r *Recipe) { r.Init, r.Steps = from, 1 }), onward, false)
	if start, best := now.state().History[0].Validation, old.state().Best; start != best {
		t.Errorf("starts at a validation error of %v, the checkpoint's is %v", start, best)
	}
	if err := run(tiny(t, func(r *Recipe) { r.Init, r.Model.K = from, 4 }), t.TempDir()); err == nil || !strings.Contains(err.Error(), "layer003") {
		t.Errorf("going on from a model of fewer layers: %v", err)
	}
	if err := run(tiny(t, func(r *Recipe) { r.Init = "nowhere.gob" }), t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("going on from nowhere: %v", err)
	}
}
