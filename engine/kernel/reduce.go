package kernel

import "unsafe"

// Dot is the inner product in a fixed order: w = 32 running sums for float32, 16 for
// float64 (128 bytes), the i-th product going to the i mod w-th of them, a last
// incomplete round filled up with zeros, then halved until one is left.
//
//	for i := range x { s[i%w] = fma(x[i], y[i], s[i%w]) }
//	for h := w/2; h > 0; h /= 2 {
//		for l := range h { s[l] += s[l+h] }
//	}
//	return s[0]
func Dot[F Float](x, y []F) F {
	same("Dot", len(x), len(y))
	if s, ok := dot(x, y); ok {
		return s
	}
	var s lanes[F]
	w := s.width()
	for i := range x {
		s[i%w] = fma(x[i], y[i], s[i%w])
	}
	return s.total(len(x))
}

// Sum is the sum of x in the order of Dot.
//
//	for i := range x { s[i%w] += x[i] }
func Sum[F Float](x []F) F {
	if s, ok := sum(x); ok {
		return s
	}
	var s lanes[F]
	for i := range x {
		s.add(i, x[i])
	}
	return s.total(len(x))
}

// SumSquares is the squared Euclidean norm of x.
//
//	return Dot(x, x)
func SumSquares[F Float](x []F) F { return Dot(x, x) }

// DotSquares is Dot(x, y) and SumSquares(x), reading x from memory once.
func DotSquares[F Float](x, y []F) (xy, xx F) {
	same("DotSquares", len(x), len(y))
	if xy, xx, ok := dotSquares(x, y); ok {
		return xy, xx
	}
	return Dot(x, y), SumSquares(x)
}

// lanes are the running sums of a reduction; float64 uses the first half.
type lanes[F Float] [32]F

func (s *lanes[F]) width() int { return int(128 / unsafe.Sizeof(s[0])) }

func (s *lanes[F]) add(i int, x F) { s[i%s.width()] += x }

// total folds the lanes after n terms. The zeros of the last round matter to a lane that
// holds −0 only.
func (s *lanes[F]) total(n int) F {
	w := s.width()
	if n%w != 0 {
		for l := n % w; l < w; l++ {
			s[l] += 0
		}
	}
	for h := w / 2; h > 0; h /= 2 {
		for l := range h {
			s[l] += s[l+h]
		}
	}
	return s[0]
}
