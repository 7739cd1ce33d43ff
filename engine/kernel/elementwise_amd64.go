//go:build !purego

package kernel

import "unsafe"

// Each function below is the exported one of the same name in assembly; it reports false
// where there is none to use. AVX2 serves both levels: memory sets the pace here.

func first[F Float](x []F) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }

// single reports whether F is float32; the compiler knows.
func single[F Float]() bool { return unsafe.Sizeof(F(0)) == 4 }

func assembly(n int) bool { return level != portable && n > 0 }

func axpy[F Float](alpha F, x, y []F) bool {
	switch {
	case !assembly(len(y)):
		return false
	case single[F]():
		axpy32(first(y), first(x), len(y), float32(alpha))
	default:
		axpy64(first(y), first(x), len(y), float64(alpha))
	}
	return true
}

func add[F Float](dst, x, y []F) bool {
	switch {
	case !assembly(len(dst)):
		return false
	case single[F]():
		add32(first(dst), first(x), first(y), len(dst))
	default:
		add64(first(dst), first(x), first(y), len(dst))
	}
	return true
}

func scale[F Float](dst []F, alpha F, x []F) bool {
	switch {
	case !assembly(len(dst)):
		return false
	case single[F]():
		scale32(first(dst), first(x), len(dst), float32(alpha))
	default:
		scale64(first(dst), first(x), len(dst), float64(alpha))
	}
	return true
}

func soft[F Float](dst, x []F, theta F) bool {
	switch {
	case !assembly(len(dst)):
		return false
	case single[F]():
		soft32(first(dst), first(x), len(dst), float32(theta), float32(-theta))
	default:
		soft64(first(dst), first(x), len(dst), float64(theta), float64(-theta))
	}
	return true
}

func softGrad[F Float](dx, dy, x []F, theta F) (F, bool) {
	switch {
	case !assembly(len(dx)):
		return 0, false
	case single[F]():
		return F(softGrad32(first(dx), first(dy), first(x), len(dx), float32(theta), float32(-theta))), true
	default:
		return F(softGrad64(first(dx), first(dy), first(x), len(dx), float64(theta), float64(-theta))), true
	}
}

func proxStep[F Float](dst, x, g []F, tau, theta F) bool {
	switch {
	case !assembly(len(dst)):
		return false
	case single[F]():
		proxStep32(first(dst), first(x), first(g), len(dst), float32(-tau), float32(theta), float32(-theta))
	default:
		proxStep64(first(dst), first(x), first(g), len(dst), float64(-tau), float64(theta), float64(-theta))
	}
	return true
}

func relu[F Float](dst, x []F) bool {
	switch {
	case !assembly(len(dst)):
		return false
	case single[F]():
		relu32(first(dst), first(x), len(dst))
	default:
		relu64(first(dst), first(x), len(dst))
	}
	return true
}

func reluGrad[F Float](dx, dy, x []F) bool {
	switch {
	case !assembly(len(dx)):
		return false
	case single[F]():
		reluGrad32(first(dx), first(dy), first(x), len(dx))
	default:
		reluGrad64(first(dx), first(dy), first(x), len(dx))
	}
	return true
}

func adam[F Float](w, m, v, g []F, s AdamStep[F]) bool {
	switch {
	case !assembly(len(w)):
		return false
	case single[F]():
		adam32(first(w), first(m), first(v), first(g), len(w), float32(s.Beta1), float32(1-s.Beta1),
			float32(s.Beta2), float32(1-s.Beta2), float32(-s.Decay), float32(-s.Rate), float32(s.Eps))
	default:
		adam64(first(w), first(m), first(v), first(g), len(w), float64(s.Beta1), float64(1-s.Beta1),
			float64(s.Beta2), float64(1-s.Beta2), float64(-s.Decay), float64(-s.Rate), float64(s.Eps))
	}
	return true
}

func dot[F Float](x, y []F) (F, bool) {
	switch {
	case !assembly(len(x)):
		return 0, false
	case single[F]():
		return F(dot32(first(x), first(y), len(x))), true
	default:
		return F(dot64(first(x), first(y), len(x))), true
	}
}

func sum[F Float](x []F) (F, bool) {
	switch {
	case !assembly(len(x)):
		return 0, false
	case single[F]():
		return F(sum32(first(x), len(x))), true
	default:
		return F(sum64(first(x), len(x))), true
	}
}
