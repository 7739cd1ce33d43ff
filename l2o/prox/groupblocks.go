package prox

import "math"

// Blocks returns the number of groups.
func (g Group) Blocks(int) int { return len(g.Groups) }

// Block returns the coordinates of group b.
func (g Group) Block(b int) []int { return g.Groups[b] }

// ProxBlock is block soft thresholding at τλω_b.
func (g Group) ProxBlock(b int, x []float64, tau float64) {
	c := shrink(norm(x), tau*g.weight(b))
	for i := range x {
		x[i] *= c
	}
}

// DistanceBlock is Distance in one group.
func (g Group) DistanceBlock(b int, w, x []float64) float64 {
	nx := norm(x)
	if nx == 0 {
		return max(norm(w)-g.weight(b), 0)
	}
	s := 0.0
	for i, t := range x {
		d := w[i] - g.weight(b)*(t/nx)
		s += d * d
	}
	return math.Sqrt(s)
}

// Slack returns λω_b − ‖w‖.
func (g Group) Slack(b int, w []float64) float64 { return slackL1(norm(w), g.weight(b)) }

// LambdaMax returns max ‖w_b‖/ω_b over the groups with ω_b > 0.
func (g Group) LambdaMax(w []float64) float64 {
	top := 0.0
	for b, group := range g.Groups {
		if omega := g.WithLambda(1).(Group).weight(b); omega > 0 {
			top = max(top, normAt(w, group, 1)/omega)
		}
	}
	return top
}

// WithLambda returns the penalty with the same groups and weights at another λ.
func (g Group) WithLambda(lambda float64) Func {
	return Group{Lambda: lambda, Groups: g.Groups, Weights: g.Weights}
}

func norm(v []float64) float64 {
	s := 0.0
	for _, t := range v {
		s += t * t
	}
	return math.Sqrt(s)
}
