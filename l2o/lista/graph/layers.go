package graph

import (
	"gorgonia.org/gorgonia"

	"unroll/engine"
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
	return func(k int, x *gorgonia.Node) *gorgonia.Node {
		return must(s.unrolled(k).Coupled(x, s.y, s.a, s.at(k, "W"), s.theta(k)))
	}
}

// tied is TiLISTA and, with a W that is data, ALISTA: x⁺ = S_θ(x + γ (y − x Aᵀ) W).
func (s *solver) tied() func(k int, x *gorgonia.Node) *gorgonia.Node {
	name, product := "W", engine.Linear{}
	if s.Method == lista.ALISTA {
		name, product.Constant = "fixed/W", true
	}
	w := s.shared(name)
	return func(k int, x *gorgonia.Node) *gorgonia.Node {
		return s.shrunk(k, x, times(s.gamma(k), must(product.Apply(s.residual(x), w))))
	}
}

// vm is LISTA-VM: x⁺ = S_θ(x + (y − x Aᵀ) A M). The products are of the batch, not of A and M, which are larger.
func (s *solver) vm() func(k int, x *gorgonia.Node) *gorgonia.Node {
	return func(k int, x *gorgonia.Node) *gorgonia.Node {
		return s.shrunk(k, x, linear(s.correlated(s.residual(x)), s.at(k, "M"), false))
	}
}

// ada is Ada-LISTA: x⁺ = S_θ(x + γ (y W₁ − x Aᵀ W₂ᵀW₂) A).
func (s *solver) ada() func(k int, x *gorgonia.Node) *gorgonia.Node {
	fromY, w2 := linear(s.y, s.shared("W1"), false), s.shared("W2") // (B, m)
	return func(k int, x *gorgonia.Node) *gorgonia.Node {
		r := fromY
		if x != nil {
			r = must(gorgonia.Sub(fromY, linear(linear(s.measured(x), w2, true), w2, false))) // (B, m)
		}
		return s.shrunk(k, x, times(s.gamma(k), s.correlated(r)))
	}
}

// shrunk is S_θ(x + d) in layer k, for the direction d (B, n).
func (s *solver) shrunk(k int, x, d *gorgonia.Node) *gorgonia.Node {
	if x != nil {
		d = must(gorgonia.Add(x, d))
	}
	return must(engine.SoftThreshold(d, s.theta(k), lista.PassFraction(s.Config, k)))
}

// residual is y − x Aᵀ (B, m).
func (s *solver) residual(x *gorgonia.Node) *gorgonia.Node {
	if x == nil {
		return s.y
	}
	return must(gorgonia.Sub(s.y, s.measured(x)))
}

// measured is x Aᵀ (B, m), and correlated r A (B, n).
func (s *solver) measured(x *gorgonia.Node) *gorgonia.Node {
	return must(engine.Linear{Transpose: true, Constant: true}.Apply(x, s.a))
}

func (s *solver) correlated(r *gorgonia.Node) *gorgonia.Node {
	return must(engine.Linear{Constant: true}.Apply(r, s.a))
}

// linear is x W, or x Wᵀ.
func linear(x, w *gorgonia.Node, transpose bool) *gorgonia.Node {
	return must(engine.Linear{Transpose: transpose}.Apply(x, w))
}
