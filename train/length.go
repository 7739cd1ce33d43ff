package train

import (
	"math"

	"unroll/data"
)

// length is the number of pairs in every prompt of batch i of a split: N, or log-uniform between Shortest and N, so that the prompts in which
// few rows decide are as frequent as the long ones. It depends on the seed and i alone.
func (p Plan) length(d data.SparseRecovery, split data.Split, i uint64) int {
	if p.Shortest == 0 {
		return d.N
	}
	lo, hi := math.Log(float64(p.Shortest)-0.5), math.Log(float64(d.N)+0.5)
	n := int(math.Round(math.Exp(lo + data.Uniform(p.Seed, split, i)*(hi-lo))))
	return min(max(n, p.Shortest), d.N)
}
