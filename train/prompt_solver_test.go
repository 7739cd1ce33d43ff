package train

import (
	"bytes"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/lista"
)

// smallPrompts is a recipe on prompts of a fraction of a second.
func smallPrompts(t *testing.T, r PromptSolverRecipe, workers int) PromptSolverRecipe {
	t.Helper()
	r.Data.D, r.Data.S, r.Data.N, r.Solver.K = 8, 2, 6, 3
	r.Steps, r.Batch, r.Slice, r.Every, r.Validate, r.Warmup, r.Workers = 30, 8, 4, 10, 32, 2, workers
	r.LR /= 10 // the full one is for thousands of steps
	if r.Shortest > 0 {
		r.Shortest = 4
	}
	r, err := r.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func solvePrompts(t *testing.T, r PromptSolverRecipe, path string) State {
	t.Helper()
	dir, err := OpenFolder(path, r, false)
	if err == nil {
		err = errors.Join(RunPromptSolver(t.Context(), r, dir, watch(nil)), dir.Close())
	}
	if err == nil {
		dir, err = OpenFolder(path, r, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	return dir.state()
}

// Every recipe trains, and its checkpoint is a plain solver with the error of the record on the prompts as they are drawn: what the graph
// was given divided by ‖X‖₂ the solver divides itself.
func TestPromptSolversTrain(t *testing.T) {
	for _, r := range PromptSolverRecipes() {
		var folders [2]string
		var s State
		for i := range folders {
			folders[i] = t.TempDir()
			r = smallPrompts(t, r, 1+2*i)
			r.LR *= 10
			s = solvePrompts(t, r, folders[i])
		}
		if !bytes.Equal(read(t, folders[0], bestName), read(t, folders[1], bestName)) {
			t.Errorf("%s: one worker and three train to other bits", r.Name)
		}
		f, err := checkpoints.Open(filepath.Join(folders[0], bestName))
		if err != nil {
			t.Fatal(err)
		}
		b, err := lista.Bind(f)
		if err != nil {
			t.Fatal(err)
		}
		start, err := lista.New(r.Solver, r.job().init())
		if err != nil {
			t.Fatal(err)
		}
		before, after := r.error(start), r.error(b)
		if !(after < before) || math.Abs(after-s.Best) > 1e-4*s.Best {
			t.Errorf("%s: error %g before training and %g after, %g on record", r.Name, before, after, s.Best)
		}
	}
}

// error is that of a solver's last layer over the validation prompts.
func (r PromptSolverRecipe) error(s *lista.Bound) (total float64) {
	task := r.job().task.(promptSolver)
	for i := 0; i < r.Validate; i += r.Slice {
		b := task.prompts(data.Validation, uint64(i), r.Slice, r.length(r.Data, data.Validation, uint64(i/r.Batch)))
		for j := range b.Size {
			var last []float64
			s.Estimates(b.At(j).X, b.At(j).Y, func(_ int, x []float64) bool {
				last = append(last[:0], x...)
				return true
			})
			for k, v := range last {
				total += (v - b.At(j).Beta[k]) * (v - b.At(j).Beta[k]) / float64(r.Validate)
			}
		}
	}
	return total
}

// The prompts of a slice share a matrix; those of another slice, or split, have another, unless the law has one for all, which is the one
// that a study draws from the same seed.
func TestPromptsShareAMatrix(t *testing.T) {
	matrix := func(r PromptSolverRecipe, split data.Split, first uint64) []float64 {
		b := r.job().task.(promptSolver).prompts(split, first, 3, 6)
		if !slices.Equal(b.At(0).X, b.At(2).X) || slices.Equal(b.At(0).Beta, b.At(2).Beta) {
			t.Errorf("%s: prompts of a slice differ in X or agree in β", r.Name)
		}
		return b.At(0).X
	}
	fresh, bound := smallPrompts(t, promptVM(), 1), smallPrompts(t, promptLista(), 1)
	seen := [][]float64{matrix(fresh, data.Train, 0), matrix(fresh, data.Train, 4), matrix(fresh, data.Validation, 0), matrix(fresh, data.Validation, 4)}
	for i, a := range seen {
		for _, b := range seen[:i] {
			if slices.Equal(a, b) {
				t.Error("two slices have one matrix")
			}
		}
	}
	one := bound.Data.Draw(bound.Seed, data.Test, 0, 1).X
	if !slices.Equal(matrix(bound, data.Train, 0), one) || !slices.Equal(matrix(bound, data.Validation, 8), one) {
		t.Error("a bound solver sees another matrix than that of its seed")
	}
}

func TestPromptSolverRecipesResolve(t *testing.T) {
	for _, r := range PromptSolverRecipes() {
		if _, err := r.Resolve(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
	for want, change := range map[string]func(r *PromptSolverRecipe){
		"S=21":              func(r *PromptSolverRecipe) { r.Data.S = 21 },
		"lr=0":              func(r *PromptSolverRecipe) { r.LR = 0 },
		"K=0":               func(r *PromptSolverRecipe) { r.Solver.K = 0 },
		"method=hyperlista": func(r *PromptSolverRecipe) { r.Solver.Method = lista.HyperLISTA },
		"shortest=6":        func(r *PromptSolverRecipe) { r.Shortest = 6 },
	} {
		r := promptLista()
		change(&r)
		if _, err := r.Resolve(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one that starts with %q", err, want)
		}
	}
}
