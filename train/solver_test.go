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
	"unroll/l2o/lista"
	"unroll/l2o/lista/graph"
)

// small is a solver's recipe of a fraction of a second.
func small(t *testing.T, r SolverRecipe, change func(*SolverRecipe)) SolverRecipe {
	t.Helper()
	r.Law.M, r.Law.N, r.Law.Density, r.Solver.K = 8, 12, .2, 3
	r.Init, r.Steps, r.Batch, r.Validate, r.Workers = Ista, 20, 8, 32, 2
	if graph.Trains(r.Solver.Method) { // a search reads none of these
		r.Slice, r.Every, r.Warmup = 2, 8, 2
	}
	if r.Law.Share > 0 {
		r.Law.Share = 4
	}
	if change != nil {
		change(&r)
	}
	r, err := r.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func solve(t *testing.T, ctx context.Context, r SolverRecipe, path string, w Watch) (State, error) {
	t.Helper()
	dir, err := OpenFolder(path, r, false)
	if err == nil {
		err = errors.Join(RunSolver(ctx, r, dir, w), dir.Close())
	}
	if _, interrupted := errors.AsType[*InterruptedError](err); interrupted {
		return State{}, err
	} else if err != nil {
		t.Fatal(err)
	}
	dir, err = OpenFolder(path, r, false)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	return dir.state(), nil
}

// Every recipe trains: the error falls, what is not learned stays, and the checkpoint binds to a plain solver with the error of the record.
func TestSolversTrain(t *testing.T) {
	for _, r := range SolverRecipes() {
		r = small(t, r, nil)
		path := t.TempDir()
		s, _ := solve(t, t.Context(), r, path, watch(nil))
		f, err := checkpoints.Open(filepath.Join(path, bestName))
		if err != nil {
			t.Fatal(err)
		}
		b, err := lista.Bind(f)
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		start, err := lista.New(r.Solver, r.job().init())
		if err != nil {
			t.Fatal(err)
		}
		before, after := r.error(start), r.error(b)
		if after > before || math.Abs(after-s.Best) > 1e-4*s.Best {
			t.Errorf("%s: error %g before training and %g after, %g on record", r.Name, before, after, s.Best)
		}
		for i, p := range r.job().init() {
			q := f.Params[i]
			if same := slices.Equal(p.F32, q.F32) && slices.Equal(p.F64, q.F64); q.Name != p.Name || same && lista.Learned(p.Name) && r.Name != lista.HyperLISTA || !same && !lista.Learned(p.Name) {
				t.Errorf("%s: parameter %q is %q afterwards, the same: %t", r.Name, p.Name, q.Name, same)
			}
		}
	}
}

// error is that of a solver's last layer over the validation signals, on plain loops.
func (r SolverRecipe) error(s *lista.Bound) (total float64) {
	for i := range uint64(r.Validate) {
		b := r.Law.Draw(r.Seed, data.Validation, i, 1, r.Law.Matrix(r.Seed, data.Validation, i))
		var last []float64
		s.Estimates(b.A, b.Y, func(_ int, x []float64) bool {
			last = append(last[:0], x...)
			return true
		})
		for j, v := range last {
			total += (v - b.X[j]) * (v - b.X[j]) / float64(r.Validate)
		}
	}
	return total
}

// Any number of workers gives the same bits, and so does a run that was stopped and gone on with.
func TestSolverSameBits(t *testing.T) {
	for _, r := range []SolverRecipe{cpss(), ada()} {
		t.Run(r.Name, func(t *testing.T) {
			sameBits(t, func(ctx context.Context, workers int, path string, w Watch) error {
				_, err := solve(t, ctx, small(t, r, func(r *SolverRecipe) { r.Workers = workers }), path, w)
				return err
			})
		})
	}
}

func TestSolverRecipesResolve(t *testing.T) {
	for _, r := range SolverRecipes() {
		if _, err := r.Resolve(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
	for want, change := range map[string]func(r *SolverRecipe){
		"m=0":          func(r *SolverRecipe) { r.Law.M = 0 },
		"density=2":    func(r *SolverRecipe) { r.Law.Density = 2 },
		"method=alist": func(r *SolverRecipe) { r.Solver.Method = "alist" },
		"K=0":          func(r *SolverRecipe) { r.Solver.K = 0 },
		"lr=0":         func(r *SolverRecipe) { r.LR = 0 },
		"shortest=3":   func(r *SolverRecipe) { r.Shortest = 3 },
		"share=48: want 0 or a multiple of slice=32": func(r *SolverRecipe) { r.Law.Share = 48 },
		"precision=float32: want float64":            func(r *SolverRecipe) { r.Solver.Method = lista.HyperLISTA },
		"init=lista: want ista for hyperlista":       func(r *SolverRecipe) { *r = hyper(); r.Init = "lista" },
		"share=64: want 0 for hyperlista":            func(r *SolverRecipe) { *r = hyper(); r.Law.Share = 64 },
		"slice=64: want 32 for hyperlista":           func(r *SolverRecipe) { *r = hyper(); r.Slice = 64 },
		"warmup=10: want 20 for hyperlista":          func(r *SolverRecipe) { *r = hyper(); r.Warmup = 10 },
		"clip=1: want 10 for hyperlista":             func(r *SolverRecipe) { *r = hyper(); r.Clip = 1 },
		"emphasis=2: want 0 for hyperlista":          func(r *SolverRecipe) { *r = hyper(); r.Emphasis = 2 },
		"decibel=false: want true for hyperlista":    func(r *SolverRecipe) { *r = hyper(); r.Decibel = false },
		"every=10: want 80 for hyperlista":           func(r *SolverRecipe) { *r = hyper(); r.Every = 10 },
		"clip=+Inf":                                  func(r *SolverRecipe) { r.Clip = math.Inf(1) },
		"emphasis=+Inf":                              func(r *SolverRecipe) { r.Emphasis = math.Inf(1) },
	} {
		r := alista()
		change(&r)
		if _, err := r.Resolve(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one that starts with %q", err, want)
		}
	}
}

// A search that was told to stop has saved nothing, and says so.
func TestStoppedSearch(t *testing.T) {
	r, path := small(t, hyper(), nil), t.TempDir()
	dir, err := OpenFolder(path, r, false)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err = RunSolver(ctx, r, dir, watch(nil))
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "saved") || !strings.Contains(err.Error(), "the same command starts it again") {
		t.Errorf("error %v", err)
	}
}

// LISTA-CP begins where an ALISTA ended, and with no other method's weights but those.
func TestCoupledBeginsAtALISTA(t *testing.T) {
	first := t.TempDir()
	alista, _ := solve(t, t.Context(), small(t, alistaPlain(), nil), first, watch(nil))
	r := small(t, cp(), func(r *SolverRecipe) { r.Init = filepath.Join(first, bestName) })
	if s, _ := solve(t, t.Context(), r, t.TempDir(), watch(nil)); math.Abs(s.History[0].Validation-alista.Best) > 1e-5*alista.Best {
		t.Errorf("it begins at %g, ALISTA ended at %g", s.History[0].Validation, alista.Best)
	}
	r = small(t, ada(), func(r *SolverRecipe) { r.Init = filepath.Join(first, bestName) })
	dir, err := OpenFolder(t.TempDir(), r, false)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := RunSolver(t.Context(), r, dir, watch(nil)); err == nil || !strings.Contains(err.Error(), "ada-lista cannot start at the weights of alista") {
		t.Errorf("error %v", err)
	}
}
