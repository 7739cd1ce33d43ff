package eval

import "math/rand/v2"

// resamples is the number of bootstrap replicates: the ends of a 95 % interval are then about the 25th smallest and largest.
const resamples = 1000

// A bootstrap draws prompts with replacement (Efron 1979). Replicate r draws the same prompts whatever matrix it is given, so that
// methods are paired: the interval of a difference sees only what differs.
type bootstrap struct {
	Seed    uint64
	Workers int
}

// means returns the column means of every replicate of a matrix with one row per prompt.
func (b bootstrap) means(m matrix) matrix {
	out := newMatrix(resamples, m.Cols) // (R, cols)
	split(b.Workers, resamples, func(lo, hi int) {
		c := make([]uint16, m.Rows)
		for r := lo; r < hi; r++ {
			b.counts(r, c)
			m.weighted(out.Row(r), c)
		}
	})
	return out
}

// counts fills c with how often replicate r draws each of len(c) prompts, from a generator keyed by (seed, r).
func (b bootstrap) counts(r int, c []uint16) {
	clear(c)
	g := rand.New(rand.NewPCG(b.Seed, uint64(r)))
	for range c {
		c[g.IntN(len(c))]++
	}
}
