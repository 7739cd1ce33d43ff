package prox

import "math"

// A coordinatewise penalty g(x) = Σ_j g_j(x_j) is given by what it does to one coordinate.
type coordinatewise interface {
	value(j int, x float64) float64
	prox(j int, v, tau float64) float64
	slope(j int, v, tau float64) float64  // of prox at v
	gap(j int, x, w float64) float64      // g_j(x) + g_j*(w) − xw
	distance(j int, w, x float64) float64 // of w to ∂g_j(x)
}

func valueOf[G coordinatewise](g G, x []float64) float64 {
	s := 0.0
	for j, t := range x {
		s += g.value(j, t)
	}
	return s
}

func proxOf[G coordinatewise](g G, dst, v []float64, tau float64) {
	checkPair("Prox", dst, v)
	for j, t := range v {
		dst[j] = g.prox(j, t, tau)
	}
}

func jacobianOf[G coordinatewise](g G, dst, v []float64, tau float64, t []float64) {
	checkPair("Jacobian", dst, v)
	checkPair("Jacobian", v, t)
	for j, d := range t {
		dst[j] = g.slope(j, v[j], tau) * d
	}
}

func fenchelYoungOf[G coordinatewise](g G, x, w []float64) float64 {
	checkPair("FenchelYoung", x, w)
	s := 0.0
	for j, t := range x {
		s += g.gap(j, t, w[j])
	}
	return s
}

func distanceOf[G coordinatewise](g G, w, x []float64) float64 {
	checkPair("Distance", w, x)
	s := 0.0
	for j, t := range x {
		d := g.distance(j, w[j], t)
		s += d * d
	}
	return math.Sqrt(s)
}

// soft is soft thresholding, v − min(max(v, −θ), θ).
func soft(v, theta float64) float64 { return v - min(max(v, -theta), theta) }

// softSlope is the derivative of soft at v, 0 at its kinks.
func softSlope(v, theta float64) float64 {
	if math.Abs(v) > theta {
		return 1
	}
	return 0
}

// gapL1 is the Fenchel–Young gap of θ|x|, |x| (θ − sign(x) w): 0 + +Inf outside |w| ≤ θ.
func gapL1(x, w, theta float64) float64 {
	if math.Abs(w) > theta {
		return math.Inf(1)
	}
	return math.Abs(x) * (theta - math.Copysign(1, x)*w)
}

// distanceL1 is the distance of w to ∂(θ|·|)(x), which is {θ sign(x)} where x ≠ 0 and [−θ, θ] at 0.
func distanceL1(w, x, theta float64) float64 {
	if x == 0 {
		return max(math.Abs(w)-theta, 0)
	}
	return math.Abs(w - math.Copysign(theta, x))
}

// slackL1 is the slack of θ|x|: without a weight [−θ, θ] has no interior.
func slackL1(w, theta float64) float64 {
	if theta == 0 {
		return math.Inf(-1)
	}
	return theta - math.Abs(w)
}

// shrunk returns the largest scale, no more than s, for which its product with size ≥ 0, as rounded, is no more than bound.
func shrunk(s, size, bound float64) float64 {
	if s*size <= bound {
		return s
	}
	s = bound / size
	for s*size > bound {
		s = math.Nextafter(s, 0)
	}
	return s
}

func largest(w []float64) float64 {
	top := 0.0
	for _, v := range w {
		top = max(top, math.Abs(v))
	}
	return top
}

// every returns 0, …, n−1 if all is true, and nil otherwise.
func every(n int, all bool) []int {
	if !all {
		return nil
	}
	free := make([]int, n)
	for j := range free {
		free[j] = j
	}
	return free
}
