package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// turn writes the function that packs four rows as columns: a vector of each row at a
// time, transposed by unpacking pairs within 16 bytes and by exchanging those.
func (g *generator) turn() {
	g.function(fmt.Sprintf("turn%d", 8*g.size))
	n := g.bytes / g.size
	rows := []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11}
	dst, step, step3, left, back := reg.RDX, reg.RAX, reg.RBX, reg.RCX, reg.RSI

	g.arg("dst", dst)
	g.arg("step", step)
	g.arg("k", left)
	for i, r := range rows {
		g.arg(fmt.Sprintf("r%d", i), r)
	}
	g.LEAQ(operand.Mem{Base: step, Index: step, Scale: 2}, step3)

	g.Label("columns")
	for i, r := range rows {
		g.VMOVUPS(operand.Mem{Base: r}, g.vec(i))
		g.ADDQ(operand.U8(g.bytes), r)
	}
	g.transpose(func(p int, store func(to operand.Op)) {
		to := operand.Mem{Base: dst}
		switch p % 4 {
		case 1, 2:
			to.Index, to.Scale = step, uint8(p%4)
		case 3:
			to.Index, to.Scale = step3, 1
		}
		store(to)
		if p%4 == 3 {
			g.LEAQ(operand.Mem{Base: dst, Index: step, Scale: 4}, dst)
		}
	})
	g.SUBQ(operand.U8(n), left)
	g.JZ(operand.LabelRef("done"))
	g.CMPQ(left, operand.U8(n))
	g.JGE(operand.LabelRef("columns"))

	// Fewer are left than a vector holds: the last vector's worth is done again.
	g.MOVQ(operand.U32(n), back)
	g.SUBQ(left, back)
	g.MOVQ(operand.U32(n), left)
	for _, r := range rows {
		g.IMUL3Q(operand.U8(g.size), back, reg.RDI)
		g.SUBQ(reg.RDI, r)
	}
	g.IMULQ(step, back)
	g.SUBQ(back, dst)
	g.JMP(operand.LabelRef("columns"))
	g.Label("done")
	g.VZEROUPPER()
	g.RET()
}

// transpose turns vectors 0 to 3 into columns of four and hands them out in order.
func (g *generator) transpose(column func(p int, store func(to operand.Op))) {
	v := g.vec
	if g.float == double {
		for i := range 2 { // columns 0 and 2, then 1 and 3, of rows 2i and 2i+1
			g.VUNPCKLPD(v(2*i+1), v(2*i), v(4+2*i))
			g.VUNPCKHPD(v(2*i+1), v(2*i), v(5+2*i))
		}
		for p := range 4 {
			column(p, func(to operand.Op) {
				halves := operand.U8(0x20 + 0x11*(p/2)) // both lower or both upper
				g.VPERM2F128(halves, v(6+p%2), v(4+p%2), v(8+p))
				g.VMOVUPS(v(8+p), to)
			})
		}
		return
	}
	for i := range 2 { // of rows 2i and 2i+1 the columns 0, 1 and 4, 5, then 2, 3 and 6, 7
		g.VUNPCKLPS(v(2*i+1), v(2*i), v(4+2*i))
		g.VUNPCKHPS(v(2*i+1), v(2*i), v(5+2*i))
	}
	for i := range 2 {
		g.VUNPCKLPD(v(6+i), v(4+i), v(8+2*i))
		g.VUNPCKHPD(v(6+i), v(4+i), v(9+2*i))
	}
	for p := range 8 {
		column(p, func(to operand.Op) { g.VEXTRACTF128(operand.U8(p/4), v(8+p%4), to) })
	}
}
