package train

import (
	"unroll/data"
	"unroll/l2o/lista"
)

// SolverRecipes lists the runs of learned solvers that cmd/train knows by name: each method on the setting of the LISTA papers.
func SolverRecipes() []SolverRecipe {
	return []SolverRecipe{alista(), hyper(), tista(), cpss(), cp(), plain(), tilista(), ada(), vm()}
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

func hyper() SolverRecipe {
	r := unrolled(lista.HyperLISTA, "three numbers, searched for")
	r.Solver.Precision = lista.Float64
	r.Steps, r.LR, r.Batch, r.Every = 80, 1, 128, 80
	r.Law.Share = 0
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
	r := unrolled(lista.LISTACP, "a coupled matrix a layer")
	r.Solver.Analytic = true // what the first thousand steps from ISTA's would look for
	r.Steps, r.LR = 800, 2e-2
	r.Emphasis = 8 // the last layers are what counts: without selection the early ones trade against them
	return r
}

func plain() SolverRecipe {
	r := unrolled(lista.LISTA, "two matrices a layer, not shared")
	r.Solver.Analytic = true // what the first thousand steps from ISTA's would look for
	r.Steps, r.LR, r.Every = 400, 2e-2, 50
	return r
}

func tilista() SolverRecipe {
	r := unrolled(lista.TiLISTA, "one learned matrix for all layers").selecting()
	r.Solver.Analytic = true // what the first thousand steps from ISTA's would look for
	r.Steps, r.LR = 1200, 2e-2
	return r
}

func ada() SolverRecipe {
	r := unrolled(lista.AdaLISTA, "weights that multiply A, trained on a fresh one every 32 signals").selecting()
	r.Law.Share, r.Steps, r.LR, r.Every, r.Validate = 32, 150, 3e-2, 50, 128 // a second a step: it forms n×n products of each A
	return r
}

func vm() SolverRecipe {
	r := unrolled(lista.LISTAVM, "a preconditioner a layer, trained on a fresh A every 32 signals").selecting()
	r.Law.Share, r.Steps, r.LR, r.Every, r.Validate = 32, 60, 3e-2, 30, 64 // two seconds a step
	return r
}
