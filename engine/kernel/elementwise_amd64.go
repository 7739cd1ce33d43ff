//go:build !purego

package kernel

import "unsafe"

// Each function below is the exported one of the same name in assembly; it reports false
// where there is none to use. AVX2 serves both levels: memory sets the pace here.

// inPieces runs f on consecutive parts of n elements, each some ten microseconds' work at
// most: the scheduler cannot interrupt assembly.
func inPieces(n int, f func(i, n int)) bool {
	const most = 1 << 13 // a multiple of the running sums of a reduction
	if level == portable {
		return false
	}
	for i := 0; i < n; i += most {
		f(i, min(most, n-i))
	}
	return true
}

// at is the address of an element.
func at[F Float](x []F, i int) unsafe.Pointer { return unsafe.Pointer(&x[i]) }

// single reports whether F is float32; the compiler knows.
func single[F Float]() bool { return unsafe.Sizeof(F(0)) == 4 }

func axpy[F Float](alpha F, x, y []F) bool {
	return inPieces(len(y), func(i, n int) {
		if single[F]() {
			axpy32(at(y, i), at(x, i), n, float32(alpha))
		} else {
			axpy64(at(y, i), at(x, i), n, float64(alpha))
		}
	})
}

func add[F Float](dst, x, y []F) bool {
	return inPieces(len(dst), func(i, n int) {
		if single[F]() {
			add32(at(dst, i), at(x, i), at(y, i), n)
		} else {
			add64(at(dst, i), at(x, i), at(y, i), n)
		}
	})
}

func scale[F Float](dst []F, alpha F, x []F) bool {
	return inPieces(len(dst), func(i, n int) {
		if single[F]() {
			scale32(at(dst, i), at(x, i), n, float32(alpha))
		} else {
			scale64(at(dst, i), at(x, i), n, float64(alpha))
		}
	})
}

func soft[F Float](dst, x []F, theta F) bool {
	return inPieces(len(dst), func(i, n int) {
		if single[F]() {
			soft32(at(dst, i), at(x, i), n, float32(theta), float32(-theta))
		} else {
			soft64(at(dst, i), at(x, i), n, float64(theta), float64(-theta))
		}
	})
}

func softGrad[F Float](dx, dy, x []F, theta F) (total F, ok bool) {
	var sums lanes[F]
	ok = inPieces(len(dx), func(i, n int) {
		if single[F]() {
			total = F(softGrad32(at(dx, i), at(dy, i), at(x, i), unsafe.Pointer(&sums), n, float32(theta), float32(-theta)))
		} else {
			total = F(softGrad64(at(dx, i), at(dy, i), at(x, i), unsafe.Pointer(&sums), n, float64(theta), float64(-theta)))
		}
	})
	return total, ok
}

func proxStep[F Float](dst, x, g []F, tau, theta F) bool {
	return inPieces(len(dst), func(i, n int) {
		if single[F]() {
			proxStep32(at(dst, i), at(x, i), at(g, i), n, float32(-tau), float32(theta), float32(-theta))
		} else {
			proxStep64(at(dst, i), at(x, i), at(g, i), n, float64(-tau), float64(theta), float64(-theta))
		}
	})
}

func relu[F Float](dst, x []F) bool {
	return inPieces(len(dst), func(i, n int) {
		if single[F]() {
			relu32(at(dst, i), at(x, i), n)
		} else {
			relu64(at(dst, i), at(x, i), n)
		}
	})
}

func reluGrad[F Float](dx, dy, x []F) bool {
	return inPieces(len(dx), func(i, n int) {
		if single[F]() {
			reluGrad32(at(dx, i), at(dy, i), at(x, i), n)
		} else {
			reluGrad64(at(dx, i), at(dy, i), at(x, i), n)
		}
	})
}

func adam[F Float](w, m, v, g []F, s AdamStep[F]) bool {
	return inPieces(len(w), func(i, n int) {
		if single[F]() {
			adam32(at(w, i), at(m, i), at(v, i), at(g, i), n, float32(s.Beta1), float32(1-s.Beta1), float32(s.Beta2), float32(1-s.Beta2), float32(-s.Decay), float32(-s.Rate), float32(s.Eps))
		} else {
			adam64(at(w, i), at(m, i), at(v, i), at(g, i), n, float64(s.Beta1), float64(1-s.Beta1), float64(s.Beta2), float64(1-s.Beta2), float64(-s.Decay), float64(-s.Rate), float64(s.Eps))
		}
	})
}

func dot[F Float](x, y []F) (total F, ok bool) {
	var sums lanes[F]
	ok = inPieces(len(x), func(i, n int) {
		if single[F]() {
			total = F(dot32(at(x, i), at(y, i), unsafe.Pointer(&sums), n))
		} else {
			total = F(dot64(at(x, i), at(y, i), unsafe.Pointer(&sums), n))
		}
	})
	return total, ok
}

// dotSquares takes parts of x that stay in the first cache until both sums have them.
func dotSquares[F Float](x, y []F) (xy, xx F, ok bool) {
	const most = 1 << 10 // a multiple of the running sums
	if level == portable {
		return 0, 0, false
	}
	var sums [2]lanes[F]
	for i := 0; i < len(x); i += most {
		n := min(most, len(x)-i)
		if single[F]() {
			xy = F(dot32(at(x, i), at(y, i), unsafe.Pointer(&sums[0]), n))
			xx = F(dot32(at(x, i), at(x, i), unsafe.Pointer(&sums[1]), n))
		} else {
			xy = F(dot64(at(x, i), at(y, i), unsafe.Pointer(&sums[0]), n))
			xx = F(dot64(at(x, i), at(x, i), unsafe.Pointer(&sums[1]), n))
		}
	}
	return xy, xx, true
}

func sum[F Float](x []F) (total F, ok bool) {
	var sums lanes[F]
	ok = inPieces(len(x), func(i, n int) {
		if single[F]() {
			total = F(sum32(at(x, i), unsafe.Pointer(&sums), n))
		} else {
			total = F(sum64(at(x, i), unsafe.Pointer(&sums), n))
		}
	})
	return total, ok
}
