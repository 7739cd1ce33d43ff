package train

import "unroll/model"

// The flagships are the runs behind the embedded networks icl-*. All are equivariant: a batch of 128 then teaches what dense weights learn
// from forty times as many steps, and nothing is lost, because no coordinate of the law is special. And all read y at one level: without it
// a prompt with a large signal leaves the sizes that were trained on and diverges, at N=40 one in a thousand, which own the mean error.

// flagship is what they have in common.
func flagship(name, why string) Recipe {
	r := icl()
	r.Name, r.Why = name, why
	r.LR, r.Warmup = 3e-3, 300 // ten times what dense weights bear: their noise is averaged out
	r.Every = 250
	return r
}

// anyLength lets the prompts have any length up to 40.
func (r Recipe) anyLength() Recipe {
	r.Data.N, r.Shortest = 40, 6
	r.Decibel = true // every length has the same say, although the errors of long prompts are a thousandth of the short ones'
	r.Validate = 2048
	return r
}

func iclConstruction() Recipe {
	r := flagship("icl-construction", "the flagship at N=10, from an accelerated construction")
	r.Steps, r.Warmup, r.Every = 30000, 100, 500
	r.Emphasis = 6 // the last layers are what counts, and the others follow
	return r
}

func iclLinear() Recipe {
	r := flagship("icl-linear", "the flagship from random weights, for prompts of 6 to 40 pairs").anyLength()
	r.Model.Momentum, r.Init = false, model.Random
	r.Steps, r.LR = 9000, 2e-3
	return r
}

// iclReLU has the paper's attention.
func iclReLU() Recipe {
	r := iclLinear()
	r.Name, r.Why = "icl-relu", "icl-linear with ReLU scores"
	r.Model.Attention = model.ReLU
	r.Steps = 4000
	return r
}

// iclInterleaved has the paper's embedding: 2N+1 causal tokens, which cost twice as much.
func iclInterleaved() Recipe {
	r := iclReLU()
	r.Name, r.Why = "icl-interleaved", "icl-relu on interleaved prompts, causal"
	r.Model.Embedding = model.Interleaved
	r.Data.N, r.Shortest = 20, 6
	r.Steps = 2500
	return r
}

// iclPrior learns where the nonzeros may fall; the network that it starts from knows all else.
func iclPrior() Recipe {
	r := iclConstruction()
	r.Name, r.Why = "icl-prior", "icl-construction taught that nonzeros fall among the first 10 coordinates"
	r.Data.Support = 10
	r.Init = "icl-construction"
	r.Steps, r.LR = 2000, 1e-3
	return r
}
