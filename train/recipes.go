package train

import (
	"unroll/data"
	"unroll/model"
)

// Recipes lists the runs that cmd/train knows by name, the default first.
func Recipes() []Recipe {
	return []Recipe{icl(), random(), smoke(), iclConstruction(), iclLinear(), iclReLU(), iclInterleaved(), iclPrior()}
}

// icl is the README's run: the setting of Liu et al. (2024) as far as it is known (d=20, S=3, N=10, K=12, noiseless, a fresh Gaussian X
// for every prompt), trained for two minutes on two cores.
func icl() Recipe {
	return Recipe{
		Name: "icl",
		Why:  "the transformer of Liu et al. (2024) from an accelerated construction, two minutes on two cores",
		Data: data.SparseRecovery{D: 20, S: 3, N: 10, Values: data.Gaussian, Design: data.Gaussian},
		Model: model.Config{
			K: 12, Embedding: model.Paired, Attention: model.Linear,
			Heads: 2, Width: 63, Hidden: 120, // a second head instead of a wider MLP: 2 MB of float32
			Normalise: true, // one step size then fits every X: the start is stable
			Saturate:  4,    // above nearly every |β*_i|, so that the construction is exact, and a diverging prompt is still bounded
			Tau:       1,    // 1/‖X‖² of a normalised prompt
			Theta:     0.04, // FISTA's best λ = 2 over a typical ‖X‖² = 50
			Momentum:  true, // starts at FISTA's error instead of ISTA's
			Precision: model.Float32,

			Equivariant: true, // one step then teaches what forty do
			Level:       1.7,  // the root mean square of y: the size of a signal does not matter
		},
		Plan: Plan{
			Init: model.Construction, Seed: 1,
			Steps: 3000, Batch: 128, // two minutes on two cores
			LR: 1.5e-3, Warmup: 50, // dense weights bear a fifth of it; at 3e-3 one prompt in a thousand diverges at the end
			Clip:     1, // a few prompts own the gradient of a batch that holds them
			Emphasis: 2, // late layers are the result, early ones keep the sequence an algorithm
			Every:    200, Validate: 1024,
		},
	}
}

// random starts from noise alone, on prompts small enough to see it through.
func random() Recipe {
	r := icl()
	r.Name, r.Why = "random", "from random weights on small prompts: what training finds without being told"
	r.Data.D, r.Data.S, r.Data.N = 8, 2, 6
	r.Model.K, r.Model.Momentum = 8, false
	r.Model.Heads, r.Model.Width, r.Model.Hidden = 1, 0, 0
	r.Model.Equivariant, r.Model.Level = false, 0 // nothing told
	r.Init = model.Random
	r.Steps, r.LR, r.Warmup, r.Every = 6000, 3e-3, 100, 500 // noise has no construction to lose: it learns faster at a higher rate
	return r
}

// smoke ends within seconds and saves many times a second: for trying the commands, and for tests that kill it.
func smoke() Recipe {
	r := random()
	r.Name, r.Why = "smoke", "a run of six seconds that saves many times a second, to try the commands"
	r.Model.K = 4
	r.Steps, r.Batch, r.Warmup, r.Every, r.Validate = 4500, 32, 20, 50, 128
	return r
}
