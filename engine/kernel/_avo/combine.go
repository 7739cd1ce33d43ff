package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lineBytes divide the bytes of a row of Combine.
const lineBytes = 64

// combine writes the function that sums multiples of rows: blocks of as many vectors as
// the registers hold beside the number and the addend, then lines.
func (g *generator) combine() {
	g.function(fmt.Sprintf("combine%d%s", 8*g.size, g.name))
	dst, rows, v, at := reg.RDX, reg.RSI, reg.R8, reg.R9
	count, ld, left := reg.RCX, reg.R10, reg.R11
	for _, p := range []struct {
		name string
		to   reg.Register
	}{{"dst", dst}, {"rows", rows}, {"v", v}, {"at", at}, {"count", count}, {"ld", ld}, {"n", left}} {
		g.arg(p.name, p.to)
	}
	number, alpha := g.vec(len(g.registers())-1), g.vec(len(g.registers())-2)
	g.broadcast(g.address(g.Param("alpha")), alpha)

	line := lineBytes / g.bytes
	for _, vectors := range []int{len(g.registers()) / 2, 2 * line, line} {
		bytes := vectors * g.bytes
		label := func(name string) string { return fmt.Sprintf("%s%d", name, vectors) }
		g.Label(label("block"))
		g.SUBQ(operand.U32(bytes), left)
		g.JL(operand.LabelRef(label("narrower")))
		for i := range vectors {
			g.VXORPS(g.low(i), g.low(i), g.low(i))
		}
		i, row := reg.RAX, reg.RBX
		g.XORQ(i, i)
		g.CMPQ(i, count)
		g.JGE(operand.LabelRef(label("store")))
		g.Label(label("row"))
		g.MOVLQSX(operand.Mem{Base: at, Index: i, Scale: 4}, row)
		g.IMULQ(ld, row)
		g.ADDQ(rows, row)
		g.broadcast(operand.Mem{Base: v, Index: i, Scale: uint8(g.size)}, number)
		for k := range vectors {
			g.fma(operand.Mem{Base: row, Disp: k * g.bytes}, number, g.vec(k))
		}
		g.INCQ(i)
		g.CMPQ(i, count)
		g.JL(operand.LabelRef(label("row")))
		g.Label(label("store"))
		for k := range vectors {
			to := operand.Mem{Base: dst, Disp: k * g.bytes}
			g.VMOVUPS(to, number)
			g.fma(g.vec(k), alpha, number)
			g.VMOVUPS(number, to)
		}
		g.ADDQ(operand.U32(bytes), dst)
		g.ADDQ(operand.U32(bytes), rows)
		g.JMP(operand.LabelRef(label("block")))
		g.Label(label("narrower"))
		g.ADDQ(operand.U32(bytes), left)
	}
	g.VZEROUPPER()
	g.RET()
}
