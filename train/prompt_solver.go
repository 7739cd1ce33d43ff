package train

import (
	"context"
	"fmt"

	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/engine/kernel"
	"unroll/l2o/lista"
	"unroll/l2o/lista/graph"
)

// A PromptSolverRecipe is the training run of a solver of package lista on the prompts of in-context sparse recovery: on those of one matrix
// (fixed_x), which a solver of the LISTA family is then bound to, or on a fresh matrix for every slice of a batch.
type PromptSolverRecipe struct {
	Name string `yaml:"-" json:"recipe"`
	Why  string `yaml:"-" json:"-"` // one line for -list

	Data   data.SparseRecovery `yaml:",inline" json:"data"`
	Solver lista.Config        `yaml:",inline" json:"lista"`
	Plan   `yaml:",inline" json:"plan"`

	Workers int `yaml:"workers" json:"-" help:"goroutines; 0: one for each processor. Never changes a bit of the result"`
}

// Resolve fills in what one part of a recipe takes from another and what 0 leaves open, and checks the whole. Its error names the first key
// without a meaning, its value and what is allowed.
func (r PromptSolverRecipe) Resolve() (PromptSolverRecipe, error) {
	if err := r.Data.Validate(); err != nil {
		return r, err
	}
	r.Solver.M, r.Solver.N = r.Data.N, r.Data.D
	if r.Slice == 0 {
		r.Slice = sliceOf(r.Batch)
	}
	if err := r.Plan.check(r.Data.N, r.Workers); err != nil {
		return r, err
	}
	if err := r.Solver.Validate(); err != nil {
		return r, err
	}
	if !graph.Trains(r.Solver.Method) {
		return r, fmt.Errorf("method=%s: want one that is trained on a graph", r.Solver.Method)
	}
	if r.Shortest > 0 && r.Solver.Method != lista.LISTAVM {
		return r, fmt.Errorf("shortest=%d: want 0 for %s, whose matrices have N=%d rows", r.Shortest, r.Solver.Method, r.Data.N)
	}
	return r, nil
}

// RunPromptSolver trains a recipe's solver, as [Run] does.
func RunPromptSolver(ctx context.Context, r PromptSolverRecipe, dir *Folder, watch Watch) error {
	from := r.Init
	if from == Ista {
		from = ""
	}
	return r.job().run(ctx, from, dir, watch)
}

func (r PromptSolverRecipe) job() job {
	t := promptSolver{law: r.Data, solver: r.Solver, plan: r.Plan}
	t.start = r.Solver.Init(t.prompts(data.Train, 0, 1, r.Data.N).X)
	return job{Plan: r.Plan, task: t, workers: r.Workers, precision: r.Solver.Precision, config: r}
}

// promptSolver is the task of a PromptSolverRecipe. Its inputs are y (B, n) and the X (n, d) of all its prompts.
type promptSolver struct {
	law    data.SparseRecovery
	solver lista.Config
	plan   Plan
	start
}

func (t promptSolver) from(f *checkpoints.File, params []checkpoints.Param) error {
	return weightsFrom(f, params)
}

func (t promptSolver) learned(name string) bool { return lista.Learned(name) }

func (t promptSolver) constrain(checkpoints.Param) {}

func (t promptSolver) pairs(s data.Split, i uint64) int { return t.plan.length(t.law, s, i) }

func (t promptSolver) shapes(size, n int) (in [][]int, target []int) {
	return [][]int{{size, n}, {n, t.law.D}}, []int{size, t.law.D}
}

// prompts draws prompts that share a matrix: the law's, or a fresh one for every first prompt, which is the fixed one of another seed.
func (t promptSolver) prompts(split data.Split, first uint64, size, n int) data.Batch {
	law, seed := t.law, t.plan.Seed
	law.N = n
	if !law.FixedX {
		law.FixedX = true
		seed += (1 + first) << 2
		seed += uint64(split) << 60
	}
	return law.Draw(seed, split, first, size)
}

func (t promptSolver) draw(split data.Split, first uint64, size, n int, in [][]float64, target []float64) {
	b := t.prompts(split, first, size, n)
	f := t.solver.Scale(b.At(0).X)
	copy(in[0], b.Y)
	copy(in[1], b.At(0).X)
	for _, v := range in {
		kernel.Scale(v, f, v)
	}
	copy(target, b.Beta)
}

func (t promptSolver) graph(w, in gorgonia.Nodes, _ int) (gorgonia.Nodes, error) {
	return graph.Layers(t.solver, w, in[0], in[1])
}
