package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const extra = 14 // the first vector of a function's own numbers

const (
	partBytes    = 64 // the real or the imaginary parts of a Complex8
	complexBytes = 2 * partBytes
)

// fourier writes the functions of the Fourier transform.
func (g *generator) fourier() {
	g.float = double
	for _, set := range []isa{avx512, avx2} {
		g.isa = set
		g.butterfly(2, (*pass).two)
		g.butterfly(3, (*pass).three)
		g.butterfly(4, (*pass).four)
		g.butterfly(8, (*pass).eight)
	}
	g.spectra("split", (*corner).split)
	g.spectra("join", (*corner).join)
	g.multiplyConj()
}

// A pass is one of Butterfly, as far as a part of a vector that fills a register is concerned.
type pass struct {
	*generator
	x, y, w reg.GPVirtual
	legs, s apart
	at      int         // byte offset of the part
	stack   operand.Mem // for what finds no register
}

// An apart holds odd multiples of a distance.
type apart map[int]reg.GPVirtual

// from is the address k distances behind a base.
func (a apart) from(base reg.GPVirtual, k, disp int) operand.Mem {
	m := operand.Mem{Base: base, Disp: disp}
	if k > 0 {
		scale := k & -k // a power of two
		m.Index, m.Scale = a[k/scale], uint8(scale)
	}
	return m
}

func (g *generator) multiples(distance reg.GPVirtual, radix int) apart {
	a := apart{1: distance}
	for k := 3; k < radix; k += 2 {
		a[k] = g.GP64()
		g.LEAQ(operand.Mem{Base: a[k-2], Index: distance, Scale: 2}, a[k])
	}
	return a
}

// butterfly writes a pass: for every p all q, which share their factors.
func (g *generator) butterfly(radix int, body func(*pass)) {
	sig := g.function(fmt.Sprintf("butterfly%d%s", radix, g.name))
	k := &pass{generator: g, x: g.GP64(), y: g.GP64(), w: g.GP64()}
	if radix == 8 && !g.wide() {
		k.stack = g.AllocLocal(8 * g.bytes)
	}
	m, s, leg, left := g.GP64(), g.GP64(), g.GP64(), g.GP64()
	for _, p := range []struct {
		name string
		to   reg.GPVirtual
	}{{"x", k.x}, {"y", k.y}, {"w", k.w}, {"m", m}, {"s", s}} {
		g.arg(p.name, p.to)
	}
	for i := 5; i < sig.Params().Len(); i++ {
		g.broadcast(g.address(g.Param(sig.Params().At(i).Name())), g.vec(extra+i-5))
	}
	g.SHLQ(operand.U8(7), s)
	g.MOVQ(s, leg)
	g.IMULQ(m, leg)
	k.legs, k.s = g.multiples(leg, radix), g.multiples(s, radix)

	g.Label("p")
	g.MOVQ(s, left)
	g.Label("q")
	for k.at = 0; k.at < partBytes; k.at += g.bytes {
		body(k)
	}
	g.ADDQ(operand.U32(complexBytes), k.x)
	g.ADDQ(operand.U32(complexBytes), k.y)
	g.SUBQ(operand.U32(complexBytes), left)
	g.JNZ(operand.LabelRef("q"))
	for range radix - 1 {
		g.ADDQ(s, k.y)
	}
	g.ADDQ(operand.U32(16*(radix-1)), k.w)
	g.DECQ(m)
	g.JNZ(operand.LabelRef("p"))
	g.VZEROUPPER()
	g.RET()
}

// Vectors 0 to 9 hold numbers, 10 and 11 a factor, 12 and 13 a product, 14 and 15 what a radix has beside these.

// A number is a complex one, each part in a register or in memory.
type number struct{ re, im operand.Op }

// pair is a number in vectors i and i + 1.
func (g *generator) pair(i int) number { return number{g.vec(i), g.vec(i + 1)} }

func (k *pass) element(i int) number {
	return number{k.legs.from(k.x, i, k.at), k.legs.from(k.x, i, k.at+partBytes)}
}

func (k *pass) move(from, to number) {
	k.VMOVUPD(from.re, to.re)
	k.VMOVUPD(from.im, to.im)
}

// plus sets z to a + b and minus to a − b; b may be in memory.
func (k *pass) plus(b, a, z number) {
	k.VADDPD(b.re, a.re, z.re)
	k.VADDPD(b.im, a.im, z.im)
}

func (k *pass) minus(b, a, z number) {
	k.VSUBPD(b.re, a.re, z.re)
	k.VSUBPD(b.im, a.im, z.im)
}

// store writes element j of y, which is z times its factor.
func (k *pass) store(j int, z number) {
	to := number{k.s.from(k.y, j, k.at), k.s.from(k.y, j, k.at+partBytes)}
	if j == 0 {
		k.move(z, to)
		return
	}
	w, t := k.pair(10), k.pair(12)
	k.broadcast(operand.Mem{Base: k.w, Disp: 16 * (j - 1)}, w.re)
	k.broadcast(operand.Mem{Base: k.w, Disp: 16*(j-1) + 8}, w.im)
	k.VMULPD(z.im, w.im, t.re)
	k.VFMSUB231PD(z.re, w.re, t.re)
	k.VMULPD(z.im, w.re, t.im)
	k.VFMADD231PD(z.re, w.im, t.im)
	k.move(t, to)
}

func (k *pass) two() {
	a, b := k.pair(0), k.pair(2)
	k.move(k.element(0), a)
	k.minus(k.element(1), a, b)
	k.plus(k.element(1), a, a)
	k.store(0, a)
	k.store(1, b)
}

func (k *pass) three() {
	a, b, c, s, d := k.pair(0), k.pair(2), k.element(2), k.pair(4), k.pair(6)
	k.move(k.element(1), b)
	k.plus(c, b, s)
	k.VSUBPD(c.im, b.im, d.re)
	k.VMOVUPD(c.re, d.im)
	k.VSUBPD(b.re, d.im, d.im)
	k.move(k.element(0), a)
	k.plus(s, a, b)
	k.store(0, b)
	half := k.vec(extra + 1)
	k.VFNMADD231PD(s.re, half, a.re)
	k.VFNMADD231PD(s.im, half, a.im)
	k.sides(d, a, b, false)
	k.store(1, a)
	k.store(2, b)
}

// sides sets b to a − root·d and a to a + root·d; conjugate takes that of d.
func (k *pass) sides(d, a, b number, conjugate bool) {
	root := k.vec(extra)
	k.move(a, b)
	k.VFMADD231PD(d.re, root, a.re)
	k.VFNMADD231PD(d.re, root, b.re)
	if conjugate {
		a, b = b, a
	}
	k.VFMADD231PD(d.im, root, a.im)
	k.VFNMADD231PD(d.im, root, b.im)
}

// fourth is the function of that name of package kernel on the elements i, i + step, …; its results are where they are returned.
func (k *pass) fourth(i, step int) (e [4]number) {
	a, t, b, v, e2 := k.pair(0), k.pair(2), k.pair(4), k.pair(6), k.pair(8)
	k.move(k.element(i), a)
	k.minus(k.element(i+2*step), a, t)
	k.plus(k.element(i+2*step), a, a)
	k.move(k.element(i+step), b)
	k.minus(k.element(i+3*step), b, v)
	k.plus(k.element(i+3*step), b, b)
	k.minus(b, a, e2)
	k.plus(b, a, a)
	k.VADDPD(v.im, t.re, b.re)
	k.VSUBPD(v.re, t.im, b.im)
	k.VSUBPD(v.im, t.re, t.re)
	k.VADDPD(v.re, t.im, t.im)
	return [4]number{a, b, e2, t}
}

func (k *pass) four() {
	for j, e := range k.fourth(0, 1) {
		k.store(j, e)
	}
}

func (k *pass) eight() {
	odd := k.fourth(1, 2)
	free := k.pair(6)
	var o [4]number
	keep := func(j int, z number) { o[j] = k.spare(j); k.move(z, o[j]) }
	keep(0, odd[0])
	keep(2, number{odd[2].im, odd[2].re})
	k.VADDPD(odd[1].im, odd[1].re, free.re)
	k.VSUBPD(odd[1].re, odd[1].im, free.im)
	keep(1, free)
	k.VSUBPD(odd[3].re, odd[3].im, free.re)
	k.VADDPD(odd[3].re, odd[3].im, free.im)
	keep(3, free)

	e := k.fourth(0, 2)
	k.minus(o[0], e[0], free)
	k.plus(o[0], e[0], e[0])
	k.store(0, e[0])
	k.store(4, free)
	k.sides(o[1], e[1], free, false)
	k.store(1, e[1])
	k.store(5, free)
	k.VSUBPD(o[2].re, e[2].re, free.re)
	k.VADDPD(o[2].im, e[2].im, free.im)
	k.VADDPD(o[2].re, e[2].re, e[2].re)
	k.VSUBPD(o[2].im, e[2].im, e[2].im)
	k.store(2, e[2])
	k.store(6, free)
	k.sides(o[3], e[3], free, true)
	k.store(3, e[3])
	k.store(7, free)
}

// spare is a place for a number beyond the sixteen vectors: AVX2 has none, and keeps it in memory.
func (k *pass) spare(j int) number {
	if k.wide() {
		return k.pair(16 + 2*j)
	}
	at := func(i int) operand.Mem { return k.stack.Offset(k.bytes * i) }
	return number{at(2 * j), at(2*j + 1)}
}
