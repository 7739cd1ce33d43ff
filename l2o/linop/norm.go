package linop

import (
	"math"
	"math/rand/v2"
)

const (
	normTol   = 1e-12 // residual of the leading Ritz pair, relative to ‖A‖²
	normSteps = 1000  // Lanczos steps after which the bound of that moment is returned
)

// Norm returns the operator 2-norm ‖A‖, so that 1/Norm² is a safe step for ½‖Ax−y‖².
//
// It is the Lanczos iteration (Lanczos 1950; Golub & Van Loan, Matrix Computations, 4th ed., §10.1) on the
// smaller of AAᵀ and AᵀA, from one fixed pseudo-random start: with q₁, q₂, … of unit norm,
//
//	βₖ qₖ₊₁ = AAᵀ qₖ − αₖ qₖ − βₖ₋₁ qₖ₋₁,    αₖ = ⟨qₖ, AAᵀ qₖ⟩,    Tₖ = tridiag(β, α, β),
//	θ = the largest eigenvalue of Tₖ,    ρ = βₖ·|last entry of its unit eigenvector|.
//
// What holds: θ ≤ ‖A‖², and an eigenvalue of AAᵀ lies within ρ of θ; the result is √(θ+ρ), with ρ ≤ 1e-12·θ
// unless 1,000 steps did not suffice. So up to rounding it is never below the norm and at most 1e-12 above it,
// if that eigenvalue is the largest: only a matrix whose leading singular vector is orthogonal to the start
// makes it another. But for rounding it ends after at most min(m,n) steps, whatever the spectrum, where the
// power method stalls on two close singular values. Lost orthogonality of the qₖ is harmless here: it only
// repeats Ritz values that have converged (Paige 1980).
//
// Scaling A by a power of two scales the result exactly, as long as ‖A‖² is far above the smallest number: below about 1e-150 digits are lost,
// and then it is 0. Where A or its square is not finite, neither is the result.
func Norm(A Operator) float64 { return new(Lanczos).Norm(A) }

// A Lanczos is the memory of [Norm], for those who take many norms: it allocates for the first matrix of a size only. The zero value is
// ready; one goroutine at a time may use it.
type Lanczos struct {
	start, q, prev, w []float64 // (min(m, n))
	image             []float64 // (max(m, n))
	t                 tridiagonal
}

func (l *Lanczos) resize(small, large int) {
	if len(l.q) != small || len(l.image) != large {
		*l = Lanczos{start: startVector(small), q: make([]float64, small), prev: make([]float64, small), w: make([]float64, small),
			image: make([]float64, large)}
	}
	copy(l.q, l.start)
	clear(l.prev)
	l.t.alpha, l.t.beta = l.t.alpha[:0], l.t.beta[:0]
}

// Norm is the package's [Norm].
func (l *Lanczos) Norm(A Operator) float64 {
	m, n := A.Dims()
	if m == 0 || n == 0 {
		return 0
	}
	l.resize(min(m, n), max(m, n))
	q, prev, w, image, t := l.q, l.prev, l.w, l.image, &l.t
	unit := 0.0 // a power of two near ‖A‖², in units of which T is kept: its squares then neither overflow nor vanish
	theta, beta := 0.0, 0.0
	for {
		applyGram(A, w, q, image)
		if unit == 0 {
			size := math.Sqrt(dot(image, image))
			if size == 0 || size-size != 0 {
				return size
			}
			unit = math.Ldexp(1, 2*math.Ilogb(size))
		}
		for i := range w {
			w[i] /= unit
		}
		alpha := dot(q, w)
		for i := range w {
			w[i] -= alpha*q[i] + beta*prev[i]
		}
		t.push(alpha, beta)
		beta = math.Sqrt(dot(w, w))
		if s := alpha + beta; s-s != 0 {
			return s
		}
		theta = t.top(theta)
		rho := beta * t.last(theta)
		if rho <= normTol*theta || len(t.alpha) == normSteps {
			return math.Sqrt(theta+rho) * math.Sqrt(unit)
		}
		for i := range w {
			w[i] /= beta
		}
		prev, q, w = q, w, prev
	}
}

// applyGram sets dst = AAᵀq, or AᵀAq if A has more rows than columns, by way of image.
func applyGram(A Operator, dst, q, image []float64) {
	if m, n := A.Dims(); m <= n {
		A.Adjoint(image, q)
		A.Apply(dst, image)
	} else {
		A.Apply(image, q)
		A.Adjoint(dst, image)
	}
}

// A tridiagonal is the symmetric matrix T with diagonal alpha and, beside alpha[i], the entry beta[i] to alpha[i−1].
type tridiagonal struct{ alpha, beta []float64 } // beta[0] is unused

func (t *tridiagonal) push(alpha, beta float64) {
	t.alpha, t.beta = append(t.alpha, alpha), append(t.beta, beta)
}

// top returns the largest eigenvalue of T, which is at least low, rounded up, by bisection.
func (t *tridiagonal) top(low float64) float64 {
	high := low
	for i, a := range t.alpha {
		radius := t.beta[i] // of Gershgorin's disc
		if i+1 < len(t.beta) {
			radius += t.beta[i+1]
		}
		high = max(high, a+radius)
	}
	for {
		mid := low + (high-low)/2
		if mid <= low || mid >= high {
			return high
		}
		if t.below(mid) {
			high = mid
		} else {
			low = mid
		}
	}
}

// below reports whether the spectrum of T lies below θ, that is whether T − θI = LDLᵀ has negative pivots only.
func (t *tridiagonal) below(theta float64) bool {
	d := -1.0
	for i, a := range t.alpha {
		b := t.beta[i]
		d = a - theta - b*b/d
		if d >= 0 {
			return false
		}
	}
	return true
}

// last returns the absolute last entry of the unit eigenvector of T at its largest eigenvalue θ. The recurrence
// runs from the last entry to the first: that way the entries grow once θ has converged, so that it is stable.
func (t *tridiagonal) last(theta float64) float64 {
	s, after, squares := 1.0, 0.0, 1.0 // entries i and i+1, and ‖·‖² so far
	betaAfter := 0.0
	for i := len(t.alpha) - 1; i > 0; i-- {
		before := ((theta-t.alpha[i])*s - betaAfter*after) / t.beta[i]
		s, after, betaAfter = before, s, t.beta[i]
		squares += s * s
	}
	return 1 / math.Sqrt(squares)
}

func startVector(n int) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	norm := math.Sqrt(dot(v, v))
	for i := range v {
		v[i] /= norm
	}
	return v
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
