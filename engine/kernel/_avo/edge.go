package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The mask of the columns of the last vector: an opmask in AVX-512 tiles, the last vector
// register in AVX2 tiles.
var (
	lastK = reg.K1
	lastY = reg.Y15
)

// mask prepares what keeps loads and stores inside the strip.
func (g *generator) mask(columns operand.Mem) {
	if g.wide() {
		g.MOVQ(columns, tmp)
		g.MOVQ(operand.I32(-1), terms)
		g.BZHIQ(tmp, terms, terms)
		g.KMOVW(terms.As32(), lastK)
		return
	}
	pick(g.float, g.VPBROADCASTD, g.VPBROADCASTQ)(columns, lastY)
	pick(g.float, g.VPCMPGTD, g.VPCMPGTQ)(g.columns(), lastY, lastY)
}

// columns is a constant, the numbers of the lanes of an AVX2 vector.
func (g *generator) columns() operand.Mem {
	if m, ok := g.constants[g.size]; ok {
		return m
	}
	m := g.StaticGlobal(pick(g.float, "columns32", "columns64"))
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range avx2.bytes / g.size {
		g.AddDatum(i*g.size, pick[operand.Constant](g.float, operand.U32(i), operand.U64(i)))
	}
	g.constants[g.size] = m
	return m
}

// part is what the j-th vector of a block has of a register.
func (g *generator) part(k block, j int, v reg.VecPhysical) reg.VecPhysical {
	if g.wide() && k.ragged && j == k.v-1 {
		return v.AsY().(reg.VecPhysical)
	}
	return v
}

// full reports whether the j-th vector of a block needs no mask.
func (g *generator) full(k block, j int) bool { return j < k.v-1 || !g.wide() && !k.ragged }

// load fills the j-th vector of a row of B or C, zeros beyond the last column.
func (g *generator) load(k block, j int, from operand.Mem, to operand.Op) {
	switch {
	case g.full(k, j):
		g.VMOVUPS(from, to)
	case g.wide():
		pick(g.float, g.VMOVUPS_Z, g.VMOVUPD_Z)(from, lastK, to)
	default:
		pick(g.float, g.VMASKMOVPS, g.VMASKMOVPD)(from, lastY, to)
	}
}

// store writes the j-th vector of a row of C.
func (g *generator) store(k block, j int, from operand.Op, to operand.Mem) {
	switch {
	case g.full(k, j):
		g.VMOVUPS(from, to)
	case g.wide():
		pick(g.float, g.VMOVUPS, g.VMOVUPD)(from, lastK, to)
	default:
		pick(g.float, g.VMASKMOVPS, g.VMASKMOVPD)(from, lastY, to)
	}
}

// each visits the vectors of a block of C, whose rows it walks with a pointer.
func (g *generator) each(k block, row reg.GPPhysical, visit func(i, j int, at operand.Mem)) {
	for i := range k.r {
		for j := range k.v {
			visit(i, j, operand.Mem{Base: row, Disp: j * g.bytes})
		}
		g.ADDQ(cStep, row)
	}
}

// begin sets the sums: start ? C : 0.
func (g *generator) begin(k block, arg func(string) operand.Mem) {
	for n := range k.r * k.v {
		g.zero(g.vec(n))
	}
	g.CMPQ(arg("start"), operand.U8(0))
	g.JEQ(operand.LabelRef(k.label("terms")))
	g.MOVQ(arg("ci"), cStep)
	g.MOVQ(c, b)
	g.each(k, b, func(i, j int, at operand.Mem) { g.load(k, j, at, g.sum(k, i, j)) })
	g.Label(k.label("terms"))
}

// finish writes C = fma(α, sum, acc ? C : 0) and leaves c at the next block. No load
// follows a store: it would wait for one that ends in the same 64 bytes.
func (g *generator) finish(k block, arg func(string) operand.Mem) {
	alpha, old := g.vec(13), g.vec(14) // free even in AVX2 tiles, which hold 12 sums
	if g.wide() {
		alpha, old = g.vec(30), g.vec(31)
	}
	fma := pick(g.float, g.VFMADD213PS, g.VFMADD213PD)
	g.broadcast(arg("alpha"), alpha)
	g.MOVQ(arg("ci"), cStep)
	g.CMPQ(arg("acc"), operand.U8(0))
	g.JEQ(operand.LabelRef(k.label("write")))

	g.MOVQ(c, b)
	g.each(k, b, func(i, j int, at operand.Mem) {
		g.load(k, j, at, g.part(k, j, old))
		fma(g.part(k, j, old), g.part(k, j, alpha), g.sum(k, i, j))
	})
	g.JMP(operand.LabelRef(k.label("store")))

	g.Label(k.label("write"))
	g.zero(old)
	for n := range k.r * k.v {
		fma(old, alpha, g.vec(n))
	}
	g.Label(k.label("store"))
	g.each(k, c, func(i, j int, at operand.Mem) { g.store(k, j, g.sum(k, i, j), at) })
}

// zero clears a register.
func (g *generator) zero(v reg.VecPhysical) {
	if g.wide() {
		g.VPXORD(v, v, v)
		return
	}
	g.VXORPS(v, v, v)
}
