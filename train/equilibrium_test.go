package train

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o/denoise"
)

// smallEquilibrium is a recipe of a fraction of a second, from random filters.
func smallEquilibrium(t *testing.T, change func(r *EquilibriumRecipe)) EquilibriumRecipe {
	t.Helper()
	r := EquilibriumRecipes()[1]
	r.Law.Crop, r.Denoiser.Layers, r.Denoiser.Filters, r.Denoiser.Size = 8, 2, 4, 3
	r.Equilibrium.K, r.Equilibrium.T = 2, 3
	r.Init, r.Steps, r.Batch, r.Slice, r.Every, r.Validate, r.Warmup, r.Workers = Random, 20, 4, 2, 8, 8, 2, 2
	if change != nil {
		change(&r)
	}
	r, err := r.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func runEquilibrium(t *testing.T, ctx context.Context, r EquilibriumRecipe, path string, w Watch) error {
	t.Helper()
	dir, err := OpenFolder(path, r, false)
	if err != nil {
		t.Fatal(err)
	}
	return errors.Join(RunEquilibrium(ctx, r, dir, w), dir.Close())
}

// The error falls, every weight moves, filters stay within their cap at a rate that would leave it, and a run goes on from another's weights.
func TestEquilibriumTrains(t *testing.T) {
	for _, precision := range []string{denoise.Float32, denoise.Float64} {
		r := smallEquilibrium(t, func(r *EquilibriumRecipe) { r.Denoiser.Precision, r.LR = precision, 0.05 })
		path := t.TempDir()
		if err := runEquilibrium(t, t.Context(), r, path, watch(nil)); err != nil {
			t.Fatal(err)
		}
		dir, err := OpenFolder(path, r, false)
		if err != nil {
			t.Fatal(err)
		}
		s := dir.state()
		dir.Close()
		if first := s.History[0].Validation; s.Best > 0.8*first {
			t.Errorf("%s: error %g before training and %g after", precision, first, s.Best)
		}
		f, err := checkpoints.Open(filepath.Join(path, checkpoints.StepName(20)))
		if err != nil {
			t.Fatal(err)
		}
		start := r.job().init()
		trained := r.job().init()
		if err := r.job().from(f, trained); err != nil {
			t.Fatal(err)
		}
		for i, p := range start {
			if q := trained[i]; slices.Equal(p.F32, q.F32) && slices.Equal(p.F64, q.F64) {
				t.Errorf("%s: %q did not move", precision, p.Name)
			}
		}
		b, err := denoise.New(r.Denoiser, trained[:len(trained)-2])
		if err != nil {
			t.Fatal(err)
		}
		if l := b.Lipschitz(); l != 1 {
			t.Errorf("%s: Lipschitz bound %g", precision, l)
		}
	}
}

// The step is held below 2/‖A‖² in both precisions.
func TestEquilibriumConstrainsTheStep(t *testing.T) {
	task := smallEquilibrium(t, nil).job()
	p := checkpoints.Param{Name: tauName, Shape: []int{1}, F64: []float64{2}}
	q := checkpoints.Param{Name: tauName, Shape: []int{1}, F32: []float32{2}}
	task.constrain(p)
	task.constrain(q)
	if want := math.Log(mostTau); p.F64[0] != want || q.F32[0] != float32(want) {
		t.Errorf("log τ of 2 becomes %g and %g, want %g", p.F64[0], q.F32[0], want)
	}
	p.F64[0], q.F32[0] = -1, -1
	task.constrain(p)
	task.constrain(q)
	if p.F64[0] != -1 || q.F32[0] != -1 {
		t.Errorf("log τ of -1 becomes %g and %g", p.F64[0], q.F32[0])
	}
}

// Training starts at a denoiser's weights where a checkpoint has no more, with the scalars of the recipe.
func TestEquilibriumFromDenoiser(t *testing.T) {
	r, err := EquilibriumRecipes()[0].Resolve()
	if err != nil {
		t.Fatal(err)
	}
	f, err := checkpoints.Open(r.Init)
	if err != nil {
		t.Fatal(err)
	}
	params := r.job().init()
	if err := r.job().from(f, params); err != nil {
		t.Fatal(err)
	}
	for _, p := range params[:len(params)-2] {
		if i := slices.IndexFunc(f.Params, func(q checkpoints.Param) bool { return q.Name == p.Name }); !slices.Equal(p.F32, f.Params[i].F32) {
			t.Errorf("%q is not the denoiser's", p.Name)
		}
	}
	for i, want := range []float64{0, math.Log(r.Equilibrium.Tau)} {
		if p := params[len(params)-2+i]; p.F32[0] != float32(want) {
			t.Errorf("%s is %g, want %g", p.Name, p.F32[0], want)
		}
	}
	f.Params = f.Params[:3]
	if err := r.job().from(f, params); err == nil {
		t.Error("takes a checkpoint without all filters")
	}
}

// Any number of workers gives the same bits, and so does a run that was stopped and gone on with.
func TestEquilibriumSameBits(t *testing.T) {
	sameBits(t, func(ctx context.Context, workers int, path string, w Watch) error {
		return runEquilibrium(t, ctx, smallEquilibrium(t, func(r *EquilibriumRecipe) { r.Workers = workers }), path, w)
	})
}

func TestEquilibriumRecipesResolve(t *testing.T) {
	for _, r := range EquilibriumRecipes() {
		got, err := r.Resolve()
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		if s := got.Equilibrium.Sigma; s != r.Law.Sigma() {
			t.Errorf("%s: strength %g, want the mean level %g", r.Name, s, r.Law.Sigma())
		}
	}
	for want, change := range map[string]func(r *EquilibriumRecipe){
		"crop=65":    func(r *EquilibriumRecipe) { r.Law.Crop = 65 },
		"K=0":        func(r *EquilibriumRecipe) { r.Equilibrium.K = 0 },
		"T=-1":       func(r *EquilibriumRecipe) { r.Equilibrium.T = -1 },
		"sigma=2":    func(r *EquilibriumRecipe) { r.Equilibrium.Sigma = 2 },
		"tau=2":      func(r *EquilibriumRecipe) { r.Equilibrium.Tau = 2 },
		"channels=1": func(r *EquilibriumRecipe) { r.Denoiser.Channels = 1 },
		"cap=3":      func(r *EquilibriumRecipe) { r.Denoiser.Cap = 3 },
		"steps=0":    func(r *EquilibriumRecipe) { r.Steps = 0 },
	} {
		r := EquilibriumRecipes()[0]
		change(&r)
		if _, err := r.Resolve(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one that starts with %q", err, want)
		}
	}
}
