package model

import (
	"fmt"
	"math"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// Embed writes the tokens of one prompt: x (N, d), y (N) and the query row (d), nil for a prompt that asks for no label, into
// dst (T, D), with zeros in every writable slot.
//
//	paired       x_1 … x_N x_{N+1}            interleaved   x_1 x_1 … x_N x_N x_{N+1}      slots 0 … d−1
//	             y_1 … y_N 0                                0   y_1 … 0   y_N 0            slot d
//	             1   … 1   1                                1   1   … 1   1   1            slot d+1
//	                                                        0   1   … 0   1   0            slot d+2, the indicator t
//
// Interleaved, it is eq. 4.2 of Liu et al. (2024) with its rows in another order. A normalised prompt has x and y divided by ‖X‖₂,
// which leaves β alone and makes 1 a safe gradient step whatever the design. With a Level, y and so β are in the prompt's own Unit.
//
// A normalised paired prompt of N pairs, more than Longest, has x and y multiplied by √(N/Longest) besides, and its keys weigh Longest/N: a
// gradient step is the same, and tokens and sums over tokens keep the sizes that the network was trained on.
func Embed[F kernel.Float](c Config, dst []F, x, y, query []float64) {
	embed(c, dst, x, y, query, new(spectral))
}

// Unit is what a prompt's y, its β and its estimates are divided by inside the network, so that y has root mean square Level there. The
// network as a whole is then homogeneous, as the problem is: y ↦ cy takes every estimate x̂ to cx̂. It is 1 where y = 0 or Level is 0.
func (c Config) Unit(y []float64) float64 {
	if c.Level == 0 {
		return 1
	}
	if square := kernel.SumSquares(y); square >= leastNormal && !math.IsInf(square, 1) {
		return math.Sqrt(square/float64(len(y))) / c.Level
	}
	norm := 0.0 // without the squares, which overflow or vanish
	for _, v := range y {
		norm = math.Hypot(norm, v)
	}
	if norm > 0 && !math.IsInf(norm, 1) {
		return norm / math.Sqrt(float64(len(y))) / c.Level
	}
	return 1
}

// leastNormal is the smallest number that a float64 holds with all its digits.
const leastNormal = 0x1p-1022

// spectral takes ‖X‖₂ of prompts without allocating for each.
type spectral struct {
	matrix  linop.Dense
	lanczos linop.Lanczos
}

func (s *spectral) norm(n, d int, x []float64) float64 {
	s.matrix = linop.Dense{M: n, N: d, Data: x}
	return s.lanczos.Norm(&s.matrix)
}

func embed[F kernel.Float](c Config, dst []F, x, y, query []float64, s *spectral) {
	n := len(y)
	if len(x) != n*c.D || len(dst) != c.Tokens(n)*c.Width || query != nil && len(query) != c.D {
		panic(fmt.Sprintf("model: Embed: %d numbers for X, %d for y, %d for the query, %d for the tokens with d=%d, width=%d",
			len(x), n, len(query), len(dst), c.D, c.Width))
	}
	scale := 1.0
	if c.Normalise {
		if norm := s.norm(n, c.D, x); norm > 0 {
			scale = math.Sqrt(c.crowd(n)) / norm
		}
	}
	unit := c.Unit(y)
	clear(dst)
	for t := range c.Tokens(n) {
		token := dst[t*c.Width : (t+1)*c.Width]
		token[c.oneSlot()] = 1
		i, labelled := t, t < n
		if c.Embedding == Interleaved {
			i, labelled = t/2, t%2 == 1
			if labelled {
				token[c.tSlot()] = 1
			}
		}
		row := query
		if i < n {
			row = x[i*c.D : (i+1)*c.D]
		}
		for j, v := range row {
			token[j] = F(v * scale)
		}
		if labelled {
			token[c.ySlot()] = F(y[i] / unit * scale)
		}
	}
}

// crowd is N over Longest where a prompt is longer, else 1.
func (c Config) crowd(n int) float64 {
	if c.Longest == 0 || n <= c.Longest || c.Embedding != Paired || !c.Normalise {
		return 1
	}
	return float64(n) / float64(c.Longest)
}

// Attends returns what the token of a prompt of n pairs attends to as a query: the first so many tokens, each with the same weight.
//
//	paired       all but the query token, 1/N, or 1 for a normalised prompt (Longest/N if that is less)
//	interleaved  itself and those before it, 1/j, tokens counted from 1
func Attends(c Config, token, n int) (keys int, weight float64) {
	switch {
	case c.Embedding == Interleaved:
		return token + 1, 1 / float64(token+1)
	case c.Normalise:
		return n, 1 / c.crowd(n)
	}
	return n, 1 / float64(n)
}

// Mask writes the weight of key i for query j, or 0 where it does not attend to it, into dst (T, T), row j.
func Mask[F kernel.Float](c Config, dst []F, n int) {
	tokens := c.Tokens(n)
	if len(dst) != tokens*tokens {
		panic(fmt.Sprintf("model: Mask: %d numbers for %d tokens", len(dst), tokens))
	}
	clear(dst)
	for j := range tokens {
		keys, weight := Attends(c, j, n)
		for i := range keys {
			dst[j*tokens+i] = F(weight)
		}
	}
}
