package graph

import (
	"gorgonia.org/gorgonia"

	"unroll/l2o/lista"
)

// free is LISTA: x⁺ = S_θ(y W₁ + x W₂).
func (s *solver) free() func(k int, x *gorgonia.Node) *gorgonia.Node {
	return func(k int, x *gorgonia.Node) *gorgonia.Node {
		if k == 0 {
			return must(s.unrolled(k).Free(nil, s.y, s.at(k, "W1"), nil, s.theta(k)))
		}
		return must(s.unrolled(k).Free(x, s.y, s.at(k, "W1"), s.at(k, "W2"), s.theta(k)))
	}
}

// coupled is LISTA-CP, with support selection LISTA-CPSS: x⁺ = S_θ(x + (y − x Aᵀ) W).
func (s *solver) coupled() func(k int, x *gorgonia.Node) *gorgonia.Node {
	return func(k int, x *gorgonia.Node) *gorgonia.Node { return s.step(k, x, s.at(k, "W")) }
}

// tied is TiLISTA and, with a W that is data, ALISTA: x⁺ = S_θ(x + (y − x Aᵀ) γW).
func (s *solver) tied() func(k int, x *gorgonia.Node) *gorgonia.Node {
	name := "W"
	if s.Method == lista.ALISTA {
		name = "fixed/W"
	}
	w := s.shared(name)
	return func(k int, x *gorgonia.Node) *gorgonia.Node { return s.step(k, x, times(s.gamma(k), w)) }
}

// vm is LISTA-VM: x⁺ = S_θ(x + (y − x Aᵀ) A M).
func (s *solver) vm() func(k int, x *gorgonia.Node) *gorgonia.Node {
	return func(k int, x *gorgonia.Node) *gorgonia.Node { return s.step(k, x, mul(s.a, s.at(k, "M"))) }
}

func (s *solver) step(k int, x, w *gorgonia.Node) *gorgonia.Node {
	return must(s.unrolled(k).Coupled(x, s.y, s.a, w, s.theta(k)))
}

// ada is Ada-LISTA as a LISTA whose weights are formed from A: x⁺ = S_θ(y γW₁A + x (I − γ AᵀW₂ᵀW₂A)).
func (s *solver) ada() func(k int, x *gorgonia.Node) *gorgonia.Node {
	first := mul(s.shared("W1"), s.a)                                               // (m, n)
	half := mul(s.shared("W2"), s.a)                                                // W₂A (m, n)
	second := must(gorgonia.BatchedMatMul(s.lift(half), s.lift(half), true, false)) // AᵀW₂ᵀW₂A (1, n, n)
	second = reshape(second, s.N, s.N)
	identity := make([]float64, s.N*s.N)
	for j := range s.N {
		identity[j*s.N+j] = 1
	}
	eye := s.data("identity", identity, s.N, s.N)
	return func(k int, x *gorgonia.Node) *gorgonia.Node {
		gamma := s.gamma(k)
		w2 := must(gorgonia.Sub(eye, times(gamma, second))) // (n, n)
		return must(s.unrolled(k).Free(x, s.y, times(gamma, first), w2, s.theta(k)))
	}
}

// lift is a matrix as a batch of one.
func (s *solver) lift(w *gorgonia.Node) *gorgonia.Node {
	return reshape(w, 1, w.Shape()[0], w.Shape()[1])
}
