package eval

import (
	"fmt"
	"slices"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Weight is a penalty weight λ that a classical method may be given: one number for every prompt, or a fraction of each prompt's λ_max.
type Weight struct {
	Value    float64
	Relative bool
}

// String is the weight as reports print it.
func (w Weight) String() string {
	if w.Relative {
		return fmt.Sprintf("%g·λ_max", w.Value)
	}
	return fmt.Sprintf("%g", w.Value)
}

// weights are the candidates of ISTA and FISTA. A dozen iterations want a large weight, whose threshold does the selecting that they have no
// time for; near its best the error moves by a few per cent from one candidate to the next.
func weights() []Weight {
	var ws []Weight
	for _, v := range []float64{0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4} {
		ws = append(ws, Weight{Value: v})
	}
	for _, v := range []float64{0.02, 0.05, 0.1, 0.15, 0.2, 0.3} {
		ws = append(ws, Weight{Value: v, Relative: true})
	}
	return ws
}

// A classical method takes a step 1/‖X‖² and a weight.
type classical struct {
	Name   string
	Solver func(step float64) l2o.Solver
}

var (
	ista  = classical{"ISTA", func(step float64) l2o.Solver { return l2o.ISTA{Step: step} }}
	fista = classical{"FISTA", func(step float64) l2o.Solver { return l2o.FISTA{Step: step} }}
)

// squaredErrors runs every weight on every prompt of b: column w·(K+1)+k is ‖x_k−x*‖² at weight w.
func (c classical) squaredErrors(b data.Batch, ws []Weight, layers, workers int) matrix {
	m := newMatrix(b.Size, len(ws)*(layers+1))
	eachPrompt(b, workers, func(i int, p *l2o.Problem, star []float64) {
		norm, top := linop.Norm(p.A), l2o.LambdaMax(p.A, p.Y)
		solver := c.Solver(1 / (norm * norm))
		for w, weight := range ws {
			lambda := weight.Value
			if weight.Relative {
				lambda *= top
			}
			p.G = prox.L1{Lambda: lambda}
			if err := follow(solver, p, star, m.Row(i)[w*(layers+1):][:layers+1], func([]float64) {}); err != nil {
				panic(fmt.Sprintf("eval: %s at weight %v on prompt %d: %v", c.Name, weight, i, err))
			}
		}
	})
	return m
}

// tune returns for every layer k the weight with the smallest mean error of x_k, the first of equals.
func tune(m matrix, ws []Weight) []Weight {
	layers := m.Cols / len(ws)
	sums := make([]float64, m.Cols)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			sums[j] += v
		}
	}
	best := make([]Weight, layers)
	for k := range best {
		at := 0
		for w := range ws {
			if sums[w*layers+k] < sums[at*layers+k] {
				at = w
			}
		}
		best[k] = ws[at]
	}
	return best
}

// atBest returns the errors (P, K+1) whose layer k is the k-th iterate at the weight chosen for that depth.
func (c classical) atBest(b data.Batch, best []Weight, workers int) matrix {
	var ws []Weight
	for _, w := range best {
		if !slices.Contains(ws, w) {
			ws = append(ws, w)
		}
	}
	all := c.squaredErrors(b, ws, len(best)-1, workers)
	m := newMatrix(b.Size, len(best))
	for i := range m.Rows {
		for k, w := range best {
			m.Row(i)[k] = all.Row(i)[slices.Index(ws, w)*len(best)+k]
		}
	}
	return m
}
