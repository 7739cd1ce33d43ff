package kernel

import "math"

// Saturate bounds v in place, c > 0: sat(v) = v for |v| ≤ c, and beyond that ±(c + ½c·tanh((|v|−c)/½c)), which is C¹ and does not exceed 1.5c. A NaN
// stays one.
func Saturate[F Float](v []F, c F) {
	for i, x := range v {
		if -c <= x && x <= c {
			continue
		}
		inside := min(max(x, -c), c)
		v[i] = inside + c/2*F(math.Tanh(float64((x-inside)/(c/2))))
	}
}
