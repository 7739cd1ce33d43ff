package eval

import (
	"math"

	"unroll/l2o/bilevel"
)

// project keeps parameters where a layer contracts: the step below 2/‖A‖², and a denoiser's own weights where it is nonexpansive. What is
// learned at the equilibrium of a penalty leaves τ where it starts: the equilibrium does not depend on it, and Adam makes steps of full length
// of what bias and rounding leave of a slope of 0. Truncated unrolling learns it.
func (f imagingFamily) project(t imagingTask, l *bilevel.Layout, way string) func(theta []float64) {
	return func(theta []float64) {
		for i, name := range l.Names {
			if name == "tau" {
				theta[i] = min(theta[i], math.Log(t.mostStep()))
				if f.transformed && way != byTruncated {
					theta[i] = math.Log(t.firstStep())
				}
			}
		}
		if weights := theta[len(l.Names):]; len(weights) > 0 {
			net, err := denoiser()
			if err != nil {
				panic("eval: " + err.Error()) // the layout has its weights
			}
			net.Config.Project(weights)
		}
	}
}
