package train

import (
	"unroll/data"
	"unroll/l2o/lista"
)

// PromptSolverRecipes lists the runs that cmd/train knows by name of learned solvers on in-context prompts: what the transformers are compared
// with on the prompts of one matrix, and on fresh ones.
func PromptSolverRecipes() []PromptSolverRecipe {
	return []PromptSolverRecipe{promptLista(), promptCP(), promptVM()}
}

// onPrompts is what they have in common: the prompts of the recipe icl and as many layers, K=12.
func onPrompts(method, why string) PromptSolverRecipe {
	base := icl()
	return PromptSolverRecipe{
		Name: "icl-" + method, Why: why,
		Data:   data.SparseRecovery{D: base.Data.D, S: base.Data.S, N: base.Data.N, Values: data.Gaussian, Design: data.Gaussian},
		Solver: lista.Config{Method: method, K: base.Model.K, Lambda: base.Model.Theta, Normalise: true, Precision: lista.Float32},
		Plan: Plan{
			Init: Ista, Seed: 1,
			Batch: 256, Slice: 128, Warmup: 50,
			Clip:     1, // as for the transformers: a few prompts own the rest
			Emphasis: 2,
			Every:    500, Validate: 4096,
		},
	}
}

func promptLista() PromptSolverRecipe {
	r := onPrompts(lista.LISTA, "LISTA bound to the one matrix of its prompts, a minute")
	r.Data.FixedX = true
	r.Steps, r.LR = 20000, 1 // 0.1 ends two decibels higher, 0.03 four
	return r
}

func promptCP() PromptSolverRecipe {
	r := onPrompts(lista.LISTACP, "LISTA-CP bound to the one matrix of its prompts, a minute")
	r.Data.FixedX = true
	r.Steps, r.LR = 20000, 1 // 0.1 ends two decibels higher, 0.03 four
	return r
}

func promptVM() PromptSolverRecipe {
	r := onPrompts(lista.LISTAVM, "LISTA-VM on prompts of 6 to 40 pairs, each slice with a fresh matrix")
	r.Data.N, r.Shortest = 40, 6
	r.Batch, r.Slice = 128, 8                   // 16 matrices a step
	r.Steps, r.LR, r.Validate = 2000, 0.3, 2048 // 0.05 and 1 end higher
	return r
}
