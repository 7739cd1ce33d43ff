package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A corner is four frequencies of four sequences: four rows of z, as many that mirror them, and four columns of u and v.
type corner struct {
	*generator
	u, v, z, there reg.Register
	rows, columns  int // byte offsets of the first row in z and of the first column in u and v
	lanes, side    int // and of the lanes there
}

// spectra writes a function that goes through the blocks, two by two corners each.
func (g *generator) spectra(name string, body func(c *corner)) {
	g.function(name)
	c := corner{generator: g, u: reg.R8, v: reg.R9, z: reg.R10, there: reg.R11}
	step, blocks := reg.RAX, reg.RCX
	for _, p := range []struct {
		name string
		to   reg.Register
	}{{"u", c.u}, {"v", c.v}, {"step", step}, {"z", c.z}, {"there", c.there}, {"blocks", blocks}} {
		g.arg(p.name, p.to)
	}
	g.SHLQ(operand.U8(7), step)
	g.Label("block")
	for half := range 2 {
		for side := range 2 {
			c.rows, c.lanes = 4*half*complexBytes, half*g.bytes
			c.columns, c.side = 4*side*complexBytes, side*g.bytes
			body(&c)
		}
	}
	g.ADDQ(step, c.u)
	g.ADDQ(step, c.v)
	g.ADDQ(operand.U32(8*complexBytes), c.z)
	g.SUBQ(operand.U32(8*complexBytes), c.there)
	g.DECQ(blocks)
	g.JNZ(operand.LabelRef("block"))
	g.VZEROUPPER()
	g.RET()
}

// row is four sequences of frequency i, part 0 real and 1 imaginary; mirrored is its mirror image, column what u or v has of sequence i.
func (c *corner) row(i, part int) operand.Mem {
	return operand.Mem{Base: c.z, Disp: c.rows + i*complexBytes + c.side + part*partBytes}
}

func (c *corner) mirrored(i, part int) operand.Mem {
	return operand.Mem{Base: c.there, Disp: -c.rows - i*complexBytes + c.side + part*partBytes}
}

func (c *corner) column(base reg.Register, i, part int) operand.Mem {
	return operand.Mem{Base: base, Disp: c.columns + i*complexBytes + c.lanes + part*partBytes}
}

const re, im = 0, 1

// split makes four columns at a time.
func (c *corner) split() {
	for _, of := range []struct {
		to         reg.Register
		part, from int
		op         func(y, x, dst operand.Op)
		turned     bool // the mirror image comes first
	}{{c.u, re, re, c.plus, false}, {c.u, im, im, c.minus, false}, {c.v, re, im, c.plus, false}, {c.v, im, re, c.minus, true}} {
		for i := range 4 {
			first, second := c.row(i, of.from), c.mirrored(i, of.from)
			if of.turned {
				first, second = second, first
			}
			c.VMOVUPD(first, c.vec(i))
			of.op(second, c.vec(i), c.vec(i))
		}
		c.transpose(func(p int, store func(operand.Op)) { store(c.column(of.to, p, of.part)) })
	}
}

// join turns four columns of u and of v round, and stores all rows before their mirror images.
func (c *corner) join() {
	for _, part := range []int{re, im} {
		u, v, t := func(i int) reg.VecPhysical { return c.vec(12 + i) }, c.vec, c.vec(8)
		for i := range 4 {
			c.VMOVUPD(c.column(c.u, i, part), c.vec(i))
		}
		c.transpose(func(p int, store func(operand.Op)) { store(u(p)) })
		for i := range 4 {
			c.VMOVUPD(c.column(c.v, i, 1-part), c.vec(i))
		}
		c.transpose(func(p int, store func(operand.Op)) { store(v(p)) })
		for i := range 4 {
			if part == re {
				c.minus(v(i), u(i), t)
			} else {
				c.plus(v(i), u(i), t)
			}
			c.VMOVUPD(t, c.row(i, part))
		}
		for i := range 4 {
			if part == re {
				c.plus(v(i), u(i), t)
			} else {
				c.minus(u(i), v(i), t)
			}
			c.VMOVUPD(t, c.mirrored(i, part))
		}
	}
}

// plus and minus write x + y and x − y.
func (c *corner) plus(y, x, to operand.Op)  { c.VADDPD(y, x, to) }
func (c *corner) minus(y, x, to operand.Op) { c.VSUBPD(y, x, to) }

// multiplyConj writes the product of spectra.
func (g *generator) multiplyConj() {
	g.function("multiplyConj")
	x, with, left, sign := reg.RAX, reg.RBX, reg.RCX, g.vec(15)
	g.arg("x", x)
	g.arg("y", with)
	g.arg("n", left)
	g.broadcast(g.address(g.Param("sign")), sign)
	g.Label("vector")
	for at := 0; at < partBytes; at += g.bytes {
		xr, xi, gr, h, u, v := g.vec(0), g.vec(1), g.vec(2), g.vec(3), g.vec(4), g.vec(5)
		g.VMOVUPD(operand.Mem{Base: x, Disp: at}, xr)
		g.VMOVUPD(operand.Mem{Base: x, Disp: at + partBytes}, xi)
		g.VMOVUPD(operand.Mem{Base: with, Disp: at}, gr)
		g.VMULPD(operand.Mem{Base: with, Disp: at + partBytes}, sign, h)
		g.VMULPD(h, xi, u)
		g.VFMSUB231PD(gr, xr, u)
		g.VMULPD(gr, xi, v)
		g.VFNMSUB231PD(h, xr, v)
		g.VMOVUPD(u, operand.Mem{Base: x, Disp: at})
		g.VMOVUPD(v, operand.Mem{Base: x, Disp: at + partBytes})
	}
	g.ADDQ(operand.U32(complexBytes), x)
	g.ADDQ(operand.U32(complexBytes), with)
	g.DECQ(left)
	g.JNZ(operand.LabelRef("vector"))
	g.VZEROUPPER()
	g.RET()
}
