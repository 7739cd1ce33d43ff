package dln_test

import (
	"fmt"
	"math"
	"slices"

	"unroll/model/dln"
)

// tolerance is that of every condition below, relative to the scale of what it compares.
const tolerance = 1e-10

// certify returns an error unless the path is what the algorithm prescribes from the dual s at time 0. It works from X, y and the
// definition alone: the gradient in plain sums, the dual by adding up time × gradient.
//
//	every saddle   |s| ≤ 1, s_i = sign β_i on the support, where ∇L = 0; s_i∇L_i ≥ 0 on the rest of the boundary
//	every jump     the dual moves from the last saddle to this one without leaving [−1, 1] and ends on the boundary at Hit, which moved
//	the last       ∇L = 0
func certify(in instance, p *dln.Path, s []float64) error {
	s = slices.Clone(s)
	scale := largest(gradient(in, make([]float64, p.D)))
	beta := make([]float64, p.D)
	var g []float64
	for k, saddle := range p.Saddles {
		if k > 0 {
			if err := arrive(s, g, saddle, saddle.Time-p.Saddles[k-1].Time); err != nil {
				return fmt.Errorf("jump %d: %w", k, err)
			}
		}
		saddle.Vector(beta)
		g = gradient(in, beta)
		for i, v := range s {
			boundary := math.Abs(v) >= 1-tolerance
			switch {
			case math.Abs(v) > 1+tolerance:
				return fmt.Errorf("saddle %d: s[%d] = %g", k, i, v)
			case beta[i] != 0 && !(boundary && beta[i]*v > 0):
				return fmt.Errorf("saddle %d: β[%d] = %g where s = %g", k, i, beta[i], v)
			case beta[i] != 0 && math.Abs(g[i]) > tolerance*scale:
				return fmt.Errorf("saddle %d: ∇L[%d] = %g on the support", k, i, g[i])
			case beta[i] == 0 && boundary && v*g[i] < -tolerance*scale:
				return fmt.Errorf("saddle %d: ∇L[%d] = %g lets a coordinate with s = %g enter", k, i, g[i], v)
			}
		}
	}
	if worst := largest(g); worst > tolerance*scale {
		return fmt.Errorf("the path ends with |∇L| = %g", worst)
	}
	return nil
}

// arrive moves s along a plateau and checks the hit at its end. Where a coordinate leaves [−1, 1], certify sees it at the saddle.
func arrive(s, g []float64, to dln.Saddle, width float64) error {
	if !(width > 0) {
		return fmt.Errorf("after a plateau of width %g", width)
	}
	for i := range s {
		s[i] -= width * g[i]
	}
	for _, i := range to.Hit {
		if math.Abs(math.Abs(s[i])-1) > tolerance || math.Abs(width*g[i]) < tolerance || s[i]*g[i] > 0 {
			return fmt.Errorf("coordinate %d does not hit: s = %g after %g", i, s[i], s[i]+width*g[i])
		}
	}
	if len(to.Hit) == 0 {
		return fmt.Errorf("nothing hits")
	}
	return nil
}

// gradient returns ∇L(β) = Xᵀ(Xβ−y)/n, (d).
func gradient(in instance, beta []float64) []float64 {
	n, d := in.x.Dims()
	g := make([]float64, d)
	for i := range n {
		r := -in.y[i]
		for j, v := range in.x.Data[i*d : (i+1)*d] {
			r += v * beta[j]
		}
		for j, v := range in.x.Data[i*d : (i+1)*d] {
			g[j] += v * r / float64(n)
		}
	}
	return g
}

// switchedOff counts the coordinates that a jump takes out of the support.
func switchedOff(p *dln.Path) int {
	off := 0
	for k := 1; k < len(p.Saddles); k++ {
		for _, i := range p.Saddles[k-1].Support {
			if !slices.Contains(p.Saddles[k].Support, i) {
				off++
			}
		}
	}
	return off
}

func largest(v []float64) float64 {
	top := 0.0
	for _, t := range v {
		top = max(top, math.Abs(t))
	}
	return top
}

// gap returns ‖a − b‖∞.
func gap(a, b []float64) float64 {
	top := 0.0
	for i, v := range a {
		top = max(top, math.Abs(v-b[i]))
	}
	return top
}

func sumAbs(v []float64) float64 {
	s := 0.0
	for _, t := range v {
		s += math.Abs(t)
	}
	return s
}
