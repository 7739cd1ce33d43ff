package train

import (
	"path/filepath"

	"unroll/data"
	"unroll/l2o/lista"
)

// SolverRecipes lists the runs of learned solvers that cmd/train knows by name: each method on the setting of the LISTA papers.
func SolverRecipes() []SolverRecipe {
	return []SolverRecipe{alista(), alistaPlain(), hyper(), tista(), cpss(), cp(), plain(), tilista(), ada(), vm()}
}

// unrolled is what the recipes have in common: a 250×500 Gaussian dictionary, one entry in ten of the signal nonzero, no noise and 16
// layers, as in Chen, Liu, Wang and Yin (2018).
func unrolled(method, why string) SolverRecipe {
	return SolverRecipe{
		Name: method, Why: why,
		Law:    data.Dictionary{M: 250, N: 500, Density: 0.1, Values: data.Gaussian, Design: data.Gaussian},
		Solver: lista.Config{Method: method, K: 16, Lambda: 0.4, Precision: lista.Float32},
		Plan: Plan{
			Init: Ista, Seed: 1,
			Batch: 64, Warmup: 20,
			Clip:    10,   // the logarithm's gradient is of order one; more is a batch that went astray
			Decibel: true, // each layer learns at its own level: the last errors are a millionth of the first
			Every:   100, Validate: 512,
		},
	}
}

// selecting lets 1.2 % more of the entries pass in each layer, up to 13 %, the published setting.
func (r SolverRecipe) selecting() SolverRecipe {
	r.Solver.Pass, r.Solver.MaxPass = 0.012, 0.13
	return r
}

func alista() SolverRecipe {
	r := unrolled(lista.ALISTA, "the analytic matrix, 32 numbers to learn").selecting()
	r.Steps, r.LR = 1200, 2e-2
	return r
}

// alistaPlain is where lista-cp starts. Without selection every layer shrinks what it is sure of, and the last ones learn steps of 1 to 3 in turn
// that make up for it; the way there is long and straight, and is found at twice the rate of the others alone.
func alistaPlain() SolverRecipe {
	r := unrolled(lista.ALISTA, "without support selection, all for the last layer: where lista-cp starts")
	r.Name = "alista-plain"
	r.Emphasis = 30 // at 8 the early layers hold the last one at −29 dB
	r.Steps, r.LR = 1500, 4e-2
	return r
}

func hyper() SolverRecipe {
	r := unrolled(lista.HyperLISTA, "three numbers, searched for")
	r.Solver.Precision = lista.Float64
	r.Steps, r.LR, r.Batch, r.Every = 80, 1, 128, 80
	return r
}

func tista() SolverRecipe {
	r := unrolled(lista.TISTA, "pseudo-inverse and posterior mean, 16 numbers to learn")
	r.Steps, r.LR, r.Every = 400, 2e-2, 50
	return r
}

func cpss() SolverRecipe {
	r := unrolled(lista.LISTACPSS, "a coupled matrix a layer, and support selection").selecting()
	r.Solver.Analytic = true // what the first thousand steps from ISTA's would look for
	r.Steps, r.LR = 2000, 2e-2
	return r
}

func cp() SolverRecipe {
	r := unrolled(lista.LISTACP, "a coupled matrix a layer, from alista-plain, which must have run")
	r.Init = filepath.Join("runs", "alista-plain", "best.gob") // from ISTA's matrices it is at −27 dB after 3,000 steps: see lista.Config.Coupled
	r.Emphasis, r.Slice = 30, 64
	r.Steps, r.LR = 200, 2e-3
	return r
}

func plain() SolverRecipe {
	r := unrolled(lista.LISTA, "two matrices, the same in all layers")
	r.Solver.Shared = true   // 1.5 MB instead of 24
	r.Solver.Analytic = true // what the first thousand steps from ISTA's would look for
	r.Steps, r.LR, r.Emphasis = 800, 2e-2, 8
	return r
}

func tilista() SolverRecipe {
	r := unrolled(lista.TiLISTA, "one learned matrix for all layers").selecting()
	r.Solver.Analytic = true // what the first thousand steps from ISTA's would look for
	r.Steps, r.LR = 1200, 2e-2
	return r
}

// ada has a whole batch for one matrix: drawing 125,000 normal numbers costs as much as a step.
func ada() SolverRecipe {
	r := unrolled(lista.AdaLISTA, "weights that multiply A, trained on a fresh one every 64 signals").selecting()
	r.Slice, r.Law.Share = 64, 64
	r.Steps, r.LR, r.Emphasis, r.Validate = 200, 3e-2, 2, 256
	return r
}

// vm is on a smaller law than the others: its 16 matrices of 500×500 would be 16 MB. Half the density makes up for the larger chance of a
// signal with too many nonzeros for its rows.
func vm() SolverRecipe {
	r := unrolled(lista.LISTAVM, "a preconditioner a layer, on 80×160, trained on a fresh A every 32 signals")
	r.Law.M, r.Law.N, r.Law.Density = 80, 160, 0.05
	r.Solver.Pass, r.Solver.MaxPass = 0.006, 0.07
	r.Slice, r.Law.Share = 32, 32
	r.Steps, r.LR, r.Emphasis, r.Every = 600, 3e-2, 2, 200
	return r
}
