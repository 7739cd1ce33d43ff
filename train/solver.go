package train

import (
	"context"
	"fmt"

	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/lista"
	"unroll/l2o/lista/graph"
)

// A SolverRecipe is the training run of a solver of package lista: which signals, which method, which steps. It decides every bit of the
// result; Workers alone does not matter.
type SolverRecipe struct {
	Name string `yaml:"-" json:"recipe"`
	Why  string `yaml:"-" json:"-"` // one line for -list

	Law    data.Dictionary `yaml:",inline" json:"law"`
	Solver lista.Config    `yaml:",inline" json:"lista"`
	Plan   `yaml:",inline" json:"plan"`

	Workers int `yaml:"workers" json:"-" help:"goroutines; 0: one for each processor. Never changes a bit of the result"`
}

// Ista is the Init of a SolverRecipe that starts where its method does.
const Ista = "ista"

// Resolve fills in what one part of a recipe takes from another and what 0 leaves open, and checks the whole. Its error names the first key
// without a meaning, its value and what is allowed.
func (r SolverRecipe) Resolve() (SolverRecipe, error) {
	if err := r.Law.Validate(); err != nil {
		return r, err
	}
	r.Solver.M, r.Solver.N, r.Solver.Density, r.Solver.Sigma = r.Law.M, r.Law.N, r.Law.Density, r.Law.Sigma()
	if r.Slice == 0 {
		r.Slice = sliceOf(r.Batch)
	}
	if err := r.Plan.check(0, r.Workers); err != nil {
		return r, err
	}
	if err := r.Solver.Validate(); err != nil {
		return r, err
	}
	if !graph.Trains(r.Solver.Method) {
		if err := r.checkSearch(); err != nil {
			return r, err
		}
	}
	if r.Law.Share%r.Slice != 0 {
		return r, fmt.Errorf("share=%d: want 0 or a multiple of slice=%d, the signals that share one graph", r.Law.Share, r.Slice)
	}
	return r, nil
}

// RunSolver trains a recipe's solver, as [Run] does.
func RunSolver(ctx context.Context, r SolverRecipe, dir *Folder, watch Watch) error {
	if !graph.Trains(r.Solver.Method) {
		return searchSolver(ctx, r, dir, watch)
	}
	from := r.Init
	if from == Ista {
		from = ""
	}
	return r.job().run(ctx, from, dir, watch)
}

func (r SolverRecipe) job() job {
	return job{Plan: r.Plan, task: newSignals(r), workers: r.Workers, precision: r.Solver.Precision, config: r}
}

// signals is the task of a SolverRecipe. Its inputs are y (B, m) and A (m, n).
type signals struct {
	law    data.Dictionary
	solver lista.Config
	seed   uint64
	a      []float64 // the matrix of the first instance, and where all share one that of all
	start            // for it
}

func newSignals(r SolverRecipe) signals {
	a := r.Law.Matrix(r.Seed, data.Train, 0)
	return signals{r.Law, r.Solver, r.Seed, a, r.Solver.Init(a)}
}

// from takes the weights of a checkpoint of the same method, or those that make a coupled solver take the steps of another method's.
func (s signals) from(f *checkpoints.File, params []checkpoints.Param) error {
	b, err := lista.Bind(f)
	if err != nil {
		return err
	}
	if b.Config.Method == s.solver.Method {
		return weightsFrom(f, params)
	}
	start, err := s.solver.Coupled(b)
	copy(params, start)
	return err
}

func (s signals) learned(name string) bool { return lista.Learned(name) }

func (s signals) constrain(checkpoints.Param) {}

func (s signals) pairs(data.Split, uint64) int { return 0 }

func (s signals) shapes(size, _ int) (in [][]int, target []int) {
	return [][]int{{size, s.law.M}, {s.law.M, s.law.N}}, []int{size, s.law.N}
}

func (s signals) draw(split data.Split, first uint64, size, _ int, in [][]float64, target []float64) {
	a := s.a
	if s.law.Share > 0 {
		a = s.law.Matrix(s.seed, split, first)
	}
	b := s.law.Draw(s.seed, split, first, size, a)
	copy(in[0], b.Y)
	copy(in[1], b.A)
	copy(target, b.X)
}

func (s signals) graph(w, in gorgonia.Nodes, _ int) (gorgonia.Nodes, error) {
	return graph.Layers(s.solver, w, in[0], in[1])
}
