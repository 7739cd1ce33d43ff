package eval

import (
	"math"
	"strings"

	"unroll/l2o/bilevel"
)

// project keeps parameters where a layer contracts: the step below 2/‖A‖², ridges at their least, and a denoiser's own weights where it is
// nonexpansive. What is learned at the equilibrium of a penalty leaves τ where it starts: the equilibrium does not depend on it, and Adam makes
// steps of full length of what bias and rounding leave of a slope of 0. Truncated unrolling learns it.
func (f imagingFamily) project(t imagingTask, l *bilevel.Layout, way string) func(theta []float64) {
	least := l.Start()
	for i, name := range l.Names {
		least[i] = math.Inf(-1)
		if strings.HasPrefix(name, "ridge") {
			least[i] = l.Start()[i] + math.Log(leastRidge/firstRidge)
		}
	}
	return func(theta []float64) {
		for i, name := range l.Names {
			theta[i] = max(theta[i], least[i])
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
