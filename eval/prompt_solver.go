package eval

import (
	"encoding/json"
	"fmt"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/lista"
	"unroll/l2o/prox"
)

// A PromptSolver is a learned solver of package lista with the law of the in-context prompts that it was trained on. One whose law has a
// fixed X is bound to that matrix, which is drawn from Seed.
type PromptSolver struct {
	Name   string
	Solver *lista.Bound
	Data   data.SparseRecovery
	Seed   uint64
}

// NewPromptSolver reads a solver from the checkpoint of its training.
func NewPromptSolver(name string, f *checkpoints.File) (PromptSolver, error) {
	var config struct {
		Data *data.SparseRecovery  `json:"data"`
		Plan struct{ Seed uint64 } `json:"plan"`
	}
	solver, err := lista.Bind(f)
	if err == nil {
		err = json.Unmarshal(f.Config, &config)
	}
	if err == nil && config.Data == nil {
		err = fmt.Errorf("it was not trained on prompts: its config has no \"data\"")
	}
	if err == nil {
		err = config.Data.Validate()
	}
	if err != nil {
		return PromptSolver{}, fmt.Errorf("%s: %w", name, err)
	}
	return PromptSolver{name, solver, *config.Data, config.Plan.Seed}, nil
}

// reads reports whether the solver takes prompts of dimension d with n pairs.
func (s PromptSolver) reads(d, n int) bool {
	empty := &l2o.Problem{A: &linop.Dense{M: n, N: d, Data: make([]float64, n*d)}, Y: make([]float64, n), G: prox.L1{}}
	return s.Solver.Check(empty) == nil
}

// contestants are the solvers that read prompts of a law to depth K and were told no more of its supports than holds.
func contestants(solvers []PromptSolver, law data.SparseRecovery, K int) (all []Contestant) {
	for _, s := range solvers {
		if s.reads(law.D, law.N) && s.Solver.Config.K >= K && fits(s.Data, law) {
			all = append(all, Contestant{s.Name, s.Solver})
		}
	}
	return all
}

// fits reports whether what was trained on one law may meet another: a support prior must hold there.
func fits(trained, law data.SparseRecovery) bool {
	return trained.Support == 0 || law.Support > 0 && law.Support <= trained.Support
}
