package kernel

import "fmt"

// Axpy adds a multiple of x to y.
//
//	for i := range y { y[i] = fma(α, x[i], y[i]) }
func Axpy[F Float](alpha F, x, y []F) {
	same("Axpy", len(y), len(x))
	if axpy(alpha, x, y) {
		return
	}
	for i := range y {
		y[i] = fma(alpha, x[i], y[i])
	}
}

// Add adds x and y; dst may be either.
//
//	for i := range dst { dst[i] = x[i] + y[i] }
func Add[F Float](dst, x, y []F) {
	same("Add", len(dst), len(x))
	same("Add", len(dst), len(y))
	if add(dst, x, y) {
		return
	}
	for i := range dst {
		dst[i] = x[i] + y[i]
	}
}

// Scale multiplies x by a number; dst may be x.
//
//	for i := range dst { dst[i] = α * x[i] }
func Scale[F Float](dst []F, alpha F, x []F) {
	same("Scale", len(dst), len(x))
	if scale(dst, alpha, x) {
		return
	}
	for i := range dst {
		dst[i] = alpha * x[i]
	}
}

// Soft is the soft threshold, the proximal map of θ‖·‖₁; dst may be x, θ ≥ 0.
//
//	for i := range dst { dst[i] = x[i] - clip(x[i], θ) }
//
// where clip(x, θ) is min(max(x, −θ), θ) with max(a, b) = a > b ? a : b and
// min(a, b) = a < b ? a : b. A NaN stays one.
func Soft[F Float](dst, x []F, theta F) {
	same("Soft", len(dst), len(x))
	if soft(dst, x, theta) {
		return
	}
	for i := range dst {
		dst[i] = x[i] - clip(x[i], theta)
	}
}

// SoftGrad carries dy, the derivative of a loss by Soft(x, θ), back to x and returns
// what it carries back to θ. The sum is taken in the order of Sum; dx may be dy.
//
//	for i := range dx {
//		dx[i] = |x[i]| > θ ? dy[i] : 0
//		t[i] = x[i] < 0 ? dx[i] : -dx[i]
//	}
//	return Sum(t)
func SoftGrad[F Float](dx, dy, x []F, theta F) F {
	same("SoftGrad", len(dx), len(dy))
	same("SoftGrad", len(dx), len(x))
	if dtheta, ok := softGrad(dx, dy, x, theta); ok {
		return dtheta
	}
	var s lanes[F]
	for i := range dx {
		var d, t F
		if max(x[i], -x[i]) > theta {
			d = dy[i]
		}
		if t = -d; x[i] < 0 {
			t = d
		}
		dx[i] = d
		s.add(i, t)
	}
	return s.total(len(dx))
}

// ProxStep is one proximal gradient step with step τ and threshold θ; dst may be x or g.
//
//	for i := range dst {
//		v := fma(-τ, g[i], x[i])
//		dst[i] = v - clip(v, θ)
//	}
//
// with clip as in Soft.
func ProxStep[F Float](dst, x, g []F, tau, theta F) {
	same("ProxStep", len(dst), len(x))
	same("ProxStep", len(dst), len(g))
	if proxStep(dst, x, g, tau, theta) {
		return
	}
	for i := range dst {
		v := fma(-tau, g[i], x[i])
		dst[i] = v - clip(v, theta)
	}
}

// ReLU keeps what is not negative, NaN included; dst may be x.
//
//	for i := range dst { dst[i] = x[i] < 0 ? 0 : x[i] }
func ReLU[F Float](dst, x []F) {
	same("ReLU", len(dst), len(x))
	if relu(dst, x) {
		return
	}
	for i := range dst {
		if v := x[i]; v < 0 {
			dst[i] = 0
		} else {
			dst[i] = v
		}
	}
}

// ReLUGrad carries dy, the derivative of a loss by ReLU(x), back to x; dx may be dy or x.
// ReLU(x) may stand for x.
//
//	for i := range dx { dx[i] = x[i] > 0 ? dy[i] : 0 }
func ReLUGrad[F Float](dx, dy, x []F) {
	same("ReLUGrad", len(dx), len(dy))
	same("ReLUGrad", len(dx), len(x))
	if reluGrad(dx, dy, x) {
		return
	}
	for i := range dx {
		if x[i] > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = 0
		}
	}
}

func clip[F Float](x, theta F) F {
	c := -theta
	if x > c {
		c = x
	}
	if c < theta {
		return c
	}
	return theta
}

// same panics unless two lengths agree.
func same(name string, want, have int) {
	if want != have {
		panic(fmt.Sprintf("kernel: %s: slices of %d and %d elements", name, want, have))
	}
}
