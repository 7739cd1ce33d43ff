package graph

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// tista is r = x + γ (y − x Aᵀ) W, τ² from the residual and the posterior mean, from stock ops: there are K numbers to learn, not many steps
// to take.
func (s *solver) tista() func(k int, x *gorgonia.Node) *gorgonia.Node {
	batch, m, n := s.y.Shape()[0], float64(s.M), float64(s.N)
	w, traces := s.shared("fixed/W"), s.shared("fixed/traces")
	ones, column := s.number(1, 1, s.N), s.number(1, batch, 1)
	rows := s.number(1, s.M, 1)
	each := reshape(traces, 1, 2)
	measure := mul(each, s.data("first of two", []float64{1, 0}, 2, 1))  // tr(AᵀA) (1, 1)
	inverse := mul(each, s.data("second of two", []float64{0, 1}, 2, 1)) // tr(A⁺A⁺ᵀ) (1, 1)
	return func(k int, x *gorgonia.Node) *gorgonia.Node {
		r, gamma := s.y, s.gamma(k)
		if x != nil {
			r = must(gorgonia.Sub(s.y, mul(x, must(gorgonia.Transpose(s.a))))) // (B, m)
		}
		point := mul(r, times(gamma, w)) // (B, n)
		if x != nil {
			point = must(gorgonia.Add(x, point))
		}
		noise := s.number(m*s.Sigma*s.Sigma, batch, 1)
		squares := must(gorgonia.Sub(mul(must(gorgonia.Square(r)), rows), noise))                  // (B, 1)
		spread := s.atLeast(must(gorgonia.HadamardDiv(squares, mul(column, measure))), leastError) // (B, 1)
		square := must(gorgonia.Square(gamma))
		bend := s.plus(s.scaled(must(gorgonia.Sub(square, s.scaled(gamma, 2))), m/n), 1)   // 1 + (γ² − 2γ)m/n (1, 1)
		shift := s.scaled(must(gorgonia.HadamardProd(square, inverse)), s.Sigma*s.Sigma/n) // (1, 1)
		variance := must(gorgonia.Add(mul(spread, bend), mul(column, shift)))              // (B, 1)
		return s.posteriorMean(point, mul(variance, ones))
	}
}

// leastError is lista's ε.
const leastError = 1e-9

// posteriorMean is lista.PosteriorMean of r (B, n) for variances of the same shape.
func (s *solver) posteriorMean(r, variance *gorgonia.Node) *gorgonia.Node {
	wide := s.plus(variance, 1)
	one := s.number(1, variance.Shape()...)
	precision := must(gorgonia.Sub(must(gorgonia.HadamardDiv(one, variance)), must(gorgonia.HadamardDiv(one, wide))))
	exponent := must(gorgonia.HadamardProd(must(gorgonia.Square(r)), s.scaled(precision, -.5)))
	widths := must(gorgonia.Sub(must(gorgonia.Log(wide)), must(gorgonia.Log(variance))))
	odds := must(gorgonia.Exp(s.plus(must(gorgonia.Add(exponent, s.scaled(widths, .5))), math.Log((1-s.Density)/s.Density))))
	return must(gorgonia.HadamardDiv(r, must(gorgonia.HadamardProd(wide, s.plus(odds, 1)))))
}

// atLeast is max(v, floor).
func (s *solver) atLeast(v *gorgonia.Node, floor float64) *gorgonia.Node {
	return s.plus(must(gorgonia.Rectify(s.plus(v, -floor))), floor)
}

func (s *solver) plus(v *gorgonia.Node, c float64) *gorgonia.Node {
	return must(gorgonia.Add(v, s.number(c, v.Shape()...)))
}

func (s *solver) scaled(v *gorgonia.Node, c float64) *gorgonia.Node {
	return must(gorgonia.HadamardProd(v, s.constant(c)))
}

// number is c in every entry.
func (s *solver) number(c float64, shape ...int) *gorgonia.Node {
	return s.data(fmt.Sprintf("%v times %v", shape, c), filled(tensor.Shape(shape).TotalSize(), c), shape...)
}

func (s *solver) constant(c float64) *gorgonia.Node {
	if s.y.Dtype() == tensor.Float32 {
		return gorgonia.NewConstant(float32(c))
	}
	return gorgonia.NewConstant(c)
}

func filled(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}
