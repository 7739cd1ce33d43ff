package l2o

import (
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// Polish is [SolveFrom] from any vector, a learned network's for one, by the solver that closes the gap fastest: [CD] where A has columns
// at hand and the penalty splits over blocks, and [Restart] elsewhere.
func Polish(p *Problem, x []float64, stop Stop) (Solution, error) {
	_, columns := p.A.(linop.Columns)
	_, blocks := p.G.(prox.Separable)
	if columns && blocks {
		return SolveFrom(CD{}, p, x, stop)
	}
	return SolveFrom(Restart{}, p, x, stop)
}
