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
	"unroll/data"
	"unroll/l2o/denoise"
)

// smallDenoiser is a recipe of a fraction of a second.
func smallDenoiser(t *testing.T, change func(r *DenoiserRecipe)) DenoiserRecipe {
	t.Helper()
	r := denoiser()
	r.Law.Crop, r.Denoiser.Layers, r.Denoiser.Filters, r.Denoiser.Size = 10, 2, 4, 3
	r.Steps, r.Batch, r.Slice, r.Every, r.Validate, r.Warmup, r.Workers = 20, 8, 2, 8, 16, 2, 2
	if change != nil {
		change(&r)
	}
	r, err := r.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func runDenoiser(t *testing.T, ctx context.Context, r DenoiserRecipe, path string, w Watch) error {
	t.Helper()
	dir, err := OpenFolder(path, r, false)
	if err != nil {
		t.Fatal(err)
	}
	return errors.Join(RunDenoiser(ctx, r, dir, w), dir.Close())
}

// The error falls, every weight moves, the filters stay within their cap at a rate that would leave it, and the checkpoint binds to plain loops with
// the error on record.
func TestDenoiserTrains(t *testing.T) {
	for _, precision := range []string{denoise.Float32, denoise.Float64} {
		r := smallDenoiser(t, func(r *DenoiserRecipe) { r.Denoiser.Precision, r.LR = precision, 0.05 })
		path := t.TempDir()
		if err := runDenoiser(t, t.Context(), r, path, watch(nil)); err != nil {
			t.Fatal(err)
		}
		b, err := denoise.Open(filepath.Join(path, bestName))
		if err != nil {
			t.Fatal(err)
		}
		dir, err := OpenFolder(path, r, false)
		if err != nil {
			t.Fatal(err)
		}
		start, err := denoise.New(r.Denoiser, r.job().init())
		if err != nil {
			t.Fatal(err)
		}
		before, after := r.error(start), r.error(b)
		if s := dir.state(); after > 0.7*before || math.Abs(after-s.Best) > 1e-4*s.Best {
			t.Errorf("%s: error %g before training and %g after, %g on record", precision, before, after, s.Best)
		}
		if l := b.Lipschitz(); l != 1 {
			t.Errorf("%s: Lipschitz bound %g", precision, l)
		}
		for i, p := range r.job().init() {
			f, err := checkpoints.Open(filepath.Join(path, bestName))
			if err != nil {
				t.Fatal(err)
			}
			if q := f.Params[i]; q.Name != p.Name || slices.Equal(p.F32, q.F32) && slices.Equal(p.F64, q.F64) {
				t.Errorf("%s: %q is %q afterwards, and did not move", precision, p.Name, q.Name)
			}
		}
		dir.Close()
	}
}

// error is Σ(D_σ(v) − x)²/σ, in the mean over the validation images, on plain loops.
func (r DenoiserRecipe) error(b *denoise.Bound) (total float64) {
	net := b.On(r.Law.Crop, r.Law.Crop)
	for i := range uint64(r.Validate) {
		clean, noisy, sigma := r.Law.Draw(r.Seed, data.Validation, i)
		out := make([]float64, len(noisy))
		net.Apply(out, noisy, []float64{sigma}, nil)
		for j, v := range out {
			total += (v - clean.Data[j]) * (v - clean.Data[j]) / sigma / float64(r.Validate)
		}
	}
	return total
}

// Any number of workers gives the same bits, and so does a run that was stopped and gone on with.
func TestDenoiserSameBits(t *testing.T) {
	sameBits(t, func(ctx context.Context, workers int, path string, w Watch) error {
		return runDenoiser(t, ctx, smallDenoiser(t, func(r *DenoiserRecipe) { r.Workers = workers }), path, w)
	})
}

func TestDenoiserRecipesResolve(t *testing.T) {
	for _, r := range DenoiserRecipes() {
		if _, err := r.Resolve(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
	for want, change := range map[string]func(r *DenoiserRecipe){
		"crop=129":   func(r *DenoiserRecipe) { r.Law.Crop = 129 },
		"layers=0":   func(r *DenoiserRecipe) { r.Denoiser.Layers = 0 },
		"channels=1": func(r *DenoiserRecipe) { r.Denoiser.Channels = 1 },
		"cap=3":      func(r *DenoiserRecipe) { r.Denoiser.Cap = 3 },
		"steps=0":    func(r *DenoiserRecipe) { r.Steps = 0 },
	} {
		r := denoiser()
		change(&r)
		if _, err := r.Resolve(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one that starts with %q", err, want)
		}
	}
}
