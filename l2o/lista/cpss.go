package lista

import (
	"math"
	"slices"

	"unroll/engine/kernel"
)

// LISTA-CPSS is LISTA-CP with support selection: of the entries of v the fraction p_k that is largest in size passes unshrunk where it is above
// the threshold, which takes the bias off the entries that are surely right.
//
//	S^{ss}_{θ,p}(v)_j = v_j                  |v_j| > θ and among the p·n largest
//	                    S_θ(v_j)             otherwise
//	p_k = min(k·p, p_max)                    k = 1 … K
//
// Any method of this package whose config has p > 0 selects supports so, but for TISTA, which has no threshold, and HyperLISTA, whose p_k follows
// from the instance. Reference: Chen et al. 2018, §3.

// passing returns the number of entries that layer k (from 0) lets through.
func (c Config) passing(k int) int {
	return int(math.Round(PassFraction(c, k) * float64(c.N)))
}

// PassFraction returns p_{k+1}.
func PassFraction(c Config, k int) float64 { return min(float64(k+1)*c.Pass, c.MaxPass) }

// shrink sets x = S^{ss}_{θ}(v) of layer k for rows of x and v (B, n).
func (c Config) shrink(k int, x, v []float64, theta float64) {
	for i := 0; i < len(x); i += c.N {
		shrink(x[i:i+c.N], v[i:i+c.N], theta, c.passing(k))
	}
}

// shrink sets x = S^{ss}_{θ}(v) where pass entries may pass; entries of equal size pass together.
func shrink(x, v []float64, theta float64, pass int) {
	kernel.Soft(x, v, theta)
	if pass == 0 {
		return
	}
	sizes := make([]float64, len(v))
	for j, t := range v {
		sizes[j] = math.Abs(t)
	}
	slices.Sort(sizes)
	least := sizes[len(sizes)-pass]
	for j, t := range v {
		if size := math.Abs(t); size >= least && size > theta {
			x[j] = t
		}
	}
}
