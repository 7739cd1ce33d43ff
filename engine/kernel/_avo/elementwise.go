package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The loop bodies, as the doc comments of package kernel have them. In Go's assembly an
// operation on x and y reads op(y, x, result).

func (g *generator) elementwiseLoops() {
	g.elementwise("axpy", func(v lane) {
		y := v.load("y")
		v.fma(v.load("x"), v.number("alpha"), y)
		v.store("y", y)
	})
	g.elementwise("add", func(v lane) {
		x := v.load("x")
		v.add(v.load("y"), x, x)
		v.store("dst", x)
	})
	g.elementwise("scale", func(v lane) {
		x := v.load("x")
		v.mul(v.number("alpha"), x, x)
		v.store("dst", x)
	})
	g.elementwise("soft", func(v lane) { v.store("dst", v.soft(v.load("x"))) })
	g.elementwise("proxStep", func(v lane) {
		x := v.load("x")
		v.fma(v.load("grad"), v.number("minusTau"), x)
		v.store("dst", v.soft(x))
	})
	g.elementwise("softGrad", lane.softGrad)
	g.elementwise("relu", func(v lane) {
		x := v.load("x")
		v.max(x, v.zero(), x) // 0 > x ? 0 : x
		v.store("dst", x)
	})
	g.elementwise("reluGrad", func(v lane) {
		x := v.load("x")
		v.less(x, v.zero(), x)
		v.VANDPS(v.load("dy"), x, x)
		v.store("dx", x)
	})
	g.elementwise("adam", lane.adam)
	g.elementwise("dot", func(v lane) { v.fma(v.load("x"), v.load("y"), v.sum()) })
	g.elementwise("sum", func(v lane) { v.add(v.load("x"), v.sum(), v.sum()) })
}

// soft is x − clip(x, θ). MAX and MIN return their second operand unless the first is
// greater or less: that is clip's order, and sends a NaN to θ and x − θ back to a NaN.
func (v lane) soft(x reg.VecVirtual) reg.VecVirtual {
	c := v.YMM()
	v.max(v.number("minusTheta"), x, c)
	pick(v.float, v.VMINPS, v.VMINPD)(v.number("theta"), c, c)
	pick(v.float, v.VSUBPS, v.VSUBPD)(c, x, c)
	return c
}

func (v lane) softGrad() {
	x, d, above, sign := v.load("x"), v.load("dy"), v.YMM(), v.YMM()
	v.less(x, v.number("theta"), above)
	v.less(v.number("minusTheta"), x, sign)
	v.VORPS(sign, above, above)
	v.VANDPS(above, d, d)
	v.store("dx", d)
	// −d where not x < 0.
	v.less(v.zero(), x, above)
	v.VPCMPEQD(sign, sign, sign)
	pick(v.float, v.VPSLLD, v.VPSLLQ)(operand.U8(8*v.size-1), sign, sign)
	v.VANDNPS(sign, above, sign)
	v.VXORPS(sign, d, d)
	if v.mask != nil { // beyond the end even the sign of zero counts
		v.VANDPS(v.mask, d, d)
	}
	v.add(d, v.sum(), v.sum())
}

func (v lane) adam() {
	grad, m, w, t := v.load("grad"), v.load("m"), v.load("w"), v.YMM()
	v.mul(v.number("c1"), grad, t)
	v.fma(v.number("beta1"), m, t)
	v.store("m", t)

	v.mul(v.number("c2"), grad, m)
	u := v.load("v")
	v.mul(v.number("beta2"), u, u)
	v.fma(m, grad, u)
	v.store("v", u)

	pick(v.float, v.VSQRTPS, v.VSQRTPD)(u, u)
	v.add(v.number("eps"), u, u)
	pick(v.float, v.VDIVPS, v.VDIVPD)(u, t, t)
	v.VMOVAPS(w, m)
	v.fma(v.number("minusDecay"), w, m)
	v.fma(v.number("minusRate"), t, m)
	v.store("w", m)
}

func (v lane) zero() reg.VecVirtual {
	z := v.YMM()
	v.VXORPS(z, z, z)
	return z
}

// less is a mask of y < x, false for NaN.
func (v lane) less(x, y, to operand.Op) {
	const lessThanOrderedQuiet = 0x11
	pick(v.float, v.VCMPPS, v.VCMPPD)(operand.U8(lessThanOrderedQuiet), x, y, to)
}

func (v lane) add(y, x, to operand.Op) { pick(v.float, v.VADDPS, v.VADDPD)(y, x, to) }
func (v lane) mul(y, x, to operand.Op) { pick(v.float, v.VMULPS, v.VMULPD)(y, x, to) }

// max is x > y ? x : y.
func (v lane) max(y, x, to operand.Op) { pick(v.float, v.VMAXPS, v.VMAXPD)(y, x, to) }
