package train

import (
	"unroll/data"
	"unroll/model"
)

// Recipes lists the runs that cmd/train knows by name, the default first.
func Recipes() []Recipe { return []Recipe{icl(), random(), smoke()} }

// icl is the README's run: the setting of Liu et al. (2024) as far as it is known (d=20, S=3, N=10, K=12, noiseless, a fresh Gaussian X
// for every prompt), trained for about two minutes on two cores.
func icl() Recipe {
	return Recipe{
		Name: "icl",
		Why:  "the transformer of Liu et al. (2024), from an accelerated construction: two minutes on two cores",
		Data: data.SparseRecovery{D: 20, S: 3, N: 10, Values: data.Gaussian, Design: data.Gaussian},
		Model: model.Config{K: 12, Heads: 1, Width: 64, Hidden: 160, Embedding: model.Paired, Attention: model.Linear,
			Normalise: true, Saturate: 4, Tau: 1, Theta: 0.04, Momentum: true, Precision: model.Float32},
		Plan: Plan{Init: model.Construction, Seed: 1, Steps: 1000, Batch: 128, Slice: 32, LR: 1e-3, Warmup: 50, Clip: 1,
			Emphasis: 2, Every: 100, Validate: 1024},
	}
}

// random starts from noise alone.
func random() Recipe {
	r := icl()
	r.Name, r.Why = "random", "from random weights, on small prompts: what training finds without being told"
	r.Data.D, r.Data.S, r.Data.N = 8, 2, 6
	r.Model.K, r.Model.Width, r.Model.Hidden, r.Model.Momentum = 8, 32, 64, false
	r.Init = model.Random
	return r
}

// smoke ends within seconds and saves often: for tests of everything around the training.
func smoke() Recipe {
	r := random()
	r.Name, r.Why = "smoke", "a run of seconds that saves often, to try the commands"
	return r
}
