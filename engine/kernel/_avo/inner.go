package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A tile of Inner: sums 0 to 11, then three vectors of x and one of y.
const innerRows, innerColumns = 3, 4

const sliceBytes = 24

// inner writes the function that adds a tile of inner products, four or eight products of
// each sum at a time.
func (g *generator) inner() {
	g.function(fmt.Sprintf("inner%d", 8*g.size))
	x := []reg.GPPhysical{reg.R8, reg.R9, reg.R10}
	y := []reg.GPPhysical{reg.R11, reg.R12, reg.R13, reg.RDI}
	at, left, slices := reg.RAX, reg.RCX, reg.RSI
	sum := func(i, j int) reg.VecPhysical { return g.vec(innerColumns*i + j) }
	xVec, yVec := func(i int) reg.VecPhysical { return g.vec(12 + i) }, g.vec(15)

	g.arg("from", at)
	for _, v := range []struct {
		name string
		at   []reg.GPPhysical
	}{{"x", x}, {"y", y}} {
		g.arg(v.name, slices)
		for i, p := range v.at {
			g.MOVQ(operand.Mem{Base: slices, Disp: i * sliceBytes}, p)
		}
	}
	for i := range innerRows * innerColumns {
		g.VXORPS(g.vec(i), g.vec(i), g.vec(i))
	}
	g.arg("n", left)
	lanes := g.bytes / g.size
	g.SUBQ(operand.U8(lanes), left)
	g.JL(operand.LabelRef("tail"))

	g.Label("products")
	for i, p := range x {
		g.VMOVUPS(operand.Mem{Base: p, Index: at, Scale: 1}, xVec(i))
	}
	for j, p := range y {
		g.VMOVUPS(operand.Mem{Base: p, Index: at, Scale: 1}, yVec)
		for i := range x {
			g.fma(xVec(i), yVec, sum(i, j))
		}
	}
	g.ADDQ(operand.U8(g.bytes), at)
	g.SUBQ(operand.U8(lanes), left)
	g.JGE(operand.LabelRef("products"))

	g.Label("tail")
	g.ADDQ(operand.U8(lanes), left)
	g.JZ(operand.LabelRef("fold"))
	mask, xOne := g.vec(12), g.vec(13)
	g.spread(left, mask)
	for i, p := range x {
		g.masked(operand.Mem{Base: p, Index: at, Scale: 1}, mask, xOne)
		for j, p := range y {
			g.masked(operand.Mem{Base: p, Index: at, Scale: 1}, mask, yVec)
			g.fma(xOne, yVec, sum(i, j))
		}
	}

	g.Label("fold")
	dst, step := reg.RDX, reg.RBX
	g.arg("dst", dst)
	g.arg("step", step)
	for i := range innerRows {
		g.foldRow(func(j int) reg.VecPhysical { return sum(i, j) }, dst)
		g.ADDQ(step, dst)
	}
	g.VZEROUPPER()
	g.RET()
}

// masked loads the lanes of a mask.
func (g *generator) masked(from operand.Mem, mask, to reg.VecPhysical) {
	pick(g.float, g.VMASKMOVPS, g.VMASKMOVPD)(from, mask, to)
}

// spread makes the mask of the first n lanes.
func (g *generator) spread(n reg.GPPhysical, mask reg.VecPhysical) {
	if g.float == single {
		g.VMOVD(n.As32(), mask.AsX())
		g.VPBROADCASTD(mask.AsX(), mask)
	} else {
		g.VMOVQ(n, mask.AsX())
		g.VPBROADCASTQ(mask.AsX(), mask)
	}
	pick(g.float, g.VPCMPGTD, g.VPCMPGTQ)(g.columns(), mask, mask)
}

// foldRow halves four sums, upper half onto lower, until one of each is left, and adds
// those to memory.
func (g *generator) foldRow(sum func(j int) reg.VecPhysical, to reg.GPPhysical) {
	add, t := pick(g.float, g.VADDPS, g.VADDPD), g.vec(12)
	for j := range innerColumns {
		g.VEXTRACTF128(operand.U8(1), sum(j), t.AsX())
		add(t.AsX(), sum(j).AsX(), sum(j).AsX())
	}
	for j := 0; j < innerColumns; j += 2 {
		a, b := sum(j).AsX(), sum(j+1).AsX()
		if g.float == double {
			g.VHADDPD(b, a, a)
			g.VADDPD(operand.Mem{Base: to, Disp: j * g.size}, a, a)
			g.VMOVUPD(a, operand.Mem{Base: to, Disp: j * g.size})
			continue
		}
		g.VUNPCKLPD(b, a, t.AsX()) // a₀ a₁ b₀ b₁
		g.VUNPCKHPD(b, a, a)       // a₂ a₃ b₂ b₃
		g.VADDPS(a, t.AsX(), a)
	}
	if g.float == single {
		a := sum(0).AsX()
		g.VHADDPS(sum(2).AsX(), a, a)
		g.VADDPS(operand.Mem{Base: to}, a, a)
		g.VMOVUPS(a, operand.Mem{Base: to})
	}
}
