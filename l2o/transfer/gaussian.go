package transfer

import "math"

// thresholded holds moments of S_t(v) for v ~ N(μ, τ²), where S_t is soft thresholding at t.
type thresholded struct {
	mean   float64 // E S
	square float64 // E S²
	active float64 // P(S ≠ 0)
}

// soft returns S_t(v).
func soft(v, t float64) float64 { return v - min(max(v, -t), t) }

// threshold computes the moments from the two tails beyond t and −t. At τ = 0 they are those of one point.
func threshold(mu, tau, t float64) thresholded {
	if !(tau > 0) {
		s := soft(mu, t)
		if s == 0 {
			return thresholded{}
		}
		return thresholded{s, s * s, 1}
	}
	up, upSquare, upActive := tail(mu-t, tau)
	down, downSquare, downActive := tail(-mu-t, tau)
	return thresholded{up - down, upSquare + downSquare, upActive + downActive}
}

// tail returns E v⁺, E (v⁺)² and P(v > 0) for v ~ N(d, τ²). Beyond reach nothing is left.
func tail(d, tau float64) (mean, square, active float64) {
	z := d / tau
	if z < -reach {
		return 0, 0, 0
	}
	p, f := upper(-z), tau*density(z)
	return d*p + f, (d*d+tau*tau)*p + d*f, p
}

// upper returns P(z > v) for z ~ N(0, 1).
func upper(v float64) float64 { return 0.5 * math.Erfc(v/math.Sqrt2) }

// density returns that of N(0, 1).
func density(v float64) float64 { return math.Exp(-v*v/2) / math.Sqrt(2*math.Pi) }

// reach is where the tail of a normal law is cut, in standard deviations: 1e-22 of it lies beyond.
const reach = 9.8
