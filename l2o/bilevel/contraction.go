package bilevel

import (
	"math"
	"math/rand/v2"
)

const (
	powerSteps = 20
	powerTol   = 1e-4 // of the relative growth of the estimate in one step
)

// Contraction returns ‖J‖, J the Jacobian of Φ_K at u, by power iteration on JᵀJ from one fixed pseudo-random start,
//
//	v ← Jᵀ J v / ‖Jᵀ J v‖,    ‖J‖ ≥ ‖J v‖ → ‖J‖,
//
// for 20 steps at most. It is what q^K stands for in the bounds of this package: the factor of the whole block, at this point. The estimate
// is from below; [unroll/l2o/linop.Norm] of a [Jacobian] is its certain twin.
func Contraction(s Step, theta, u []float64, K int) float64 {
	j := NewJacobian(s, theta, u, K)
	rng := rand.New(rand.NewPCG(1, 3))
	v, image := make([]float64, len(u)), make([]float64, len(u))
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	q := 0.0
	for range powerSteps {
		scale(v, 1/norm(v))
		j.Apply(image, v)
		last := q
		q = norm(image)
		if q == 0 || q-q != 0 || q-last <= powerTol*q {
			break
		}
		j.Adjoint(v, image)
	}
	return q
}

// BiasBound returns q/(1−q) for the contraction factor q = ‖J‖ of a block: ‖(I−J)⁻¹ − I‖ is no more, and so the truncation of the gradient
// to one block is off by no more than this share of ‖∂_θΦ_K‖·‖∇ℓ‖ (Davy, Briceño-Arias and Pustelnik 2025). It is +Inf from q = 1 on.
func BiasBound(q float64) float64 {
	if !(q < 1) {
		return math.Inf(1)
	}
	return q / (1 - q)
}

// LayersFor returns the smallest K for which q^K/(1−q^K) ≤ bias, q < 1 the factor of one layer, and 0 where no K is enough: where
// q ≥ 1, and for a bias of 0 or less.
func LayersFor(q, bias float64) int {
	if !(q < 1) || !(bias > 0) {
		return 0
	}
	return max(1, int(math.Ceil(math.Log(bias/(1+bias))/math.Log(q)-1e-12)))
}

// RestartsFor returns the smallest T for which u_T is within distance of the equilibrium, ‖u_T − u*‖ ≤ q^T ‖u_1 − u_0‖/(1−q), where q < 1
// is the factor of a block that holds all the way and first = ‖u_1 − u_0‖ the length of its first move. It returns −1 where no T is
// enough: where q ≥ 1, and for a distance of 0 or less.
func RestartsFor(q, first, distance float64) int {
	if !(q < 1) || !(distance > 0) {
		return -1
	}
	if reach := first / (1 - q); reach > distance {
		return max(1, int(math.Ceil(math.Log(distance/reach)/math.Log(q)-1e-12))) // 1 also where q = 0
	}
	return 0
}

func scale(v []float64, by float64) {
	for i := range v {
		v[i] *= by
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func norm(v []float64) float64 { return math.Sqrt(dot(v, v)) }
