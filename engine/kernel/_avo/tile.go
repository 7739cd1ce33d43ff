package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Registers of a tile. The A pointers serve rows 0–3, 4–7 and 8–11 of a block, each with
// offsets 0, 1, 2 and 3 rows.
var (
	args       = reg.RDI
	aBlock     = reg.RSI
	aRows      = []reg.GPPhysical{reg.R8, reg.R9, reg.R10}
	aStep      = reg.RCX
	row, row3  = reg.RAX, reg.RBX
	b, bStep   = reg.RDX, reg.R11
	c, cStep   = reg.R13, reg.R11
	terms, tmp = reg.R12, reg.R8
)

// A block is r rows of v vectors of C.
type block struct {
	v, r   int
	ragged bool // AVX2: the last vector is masked; AVX-512, where it always is: it is half a vector, which takes half the time where units are narrow
}

// code is what code in package kernel returns.
func (k block) code() int {
	code := k.v<<8 | k.r<<1
	if k.ragged {
		code |= 1
	}
	return code
}

func (k block) label(what string) string { return fmt.Sprintf("%s%d", what, k.code()) }

// tiles writes the function of one element type and instruction set.
func (g *generator) tiles() {
	g.function(fmt.Sprintf("tile%d%s", 8*g.size, g.name))
	arg := g.fields("tile", args)
	g.arg("t", args)
	g.arg("a", aBlock)
	g.arg("c", c)
	g.MOVQ(arg("ai"), row)
	g.LEAQ(operand.Mem{Base: row, Index: row, Scale: 2}, row3)
	g.MOVQ(arg("ap"), aStep)
	g.mask(arg("last"))

	var blocks []block
	for v := 1; v <= len(g.rows); v++ {
		for r := 1; r <= g.rows[v-1]; r++ {
			blocks = append(blocks, block{v, r, false}, block{v, r, true})
		}
	}
	g.MOVQ(arg("shape"), terms)
	g.choose(blocks)
	for _, k := range blocks {
		g.block(k, arg)
	}
}

// choose jumps to the block with the code in terms by bisection.
func (g *generator) choose(blocks []block) {
	if len(blocks) == 1 {
		g.JMP(operand.LabelRef(blocks[0].label("block")))
		return
	}
	half := len(blocks) / 2
	upper := blocks[half].label("from")
	g.CMPQ(terms, operand.U32(blocks[half].code()))
	g.JGE(operand.LabelRef(upper))
	g.choose(blocks[:half])
	g.Label(upper)
	g.choose(blocks[half:])
}

// block writes the loop over blocks of one shape, and in it the loop over terms, which is
// where the time goes: r broadcasts and v loads feed r·v products.
func (g *generator) block(k block, arg func(string) operand.Mem) {
	g.Label(k.label("block"))
	g.MOVQ(aBlock, aRows[0])
	if k.r > 4 {
		g.LEAQ(operand.Mem{Base: aBlock, Index: row, Scale: 4}, aRows[1])
	}
	if k.r > 8 {
		g.LEAQ(operand.Mem{Base: aBlock, Index: row, Scale: 8}, aRows[2])
	}
	g.begin(k, arg)
	g.arg("b", b)
	g.MOVQ(arg("bp"), bStep)
	g.MOVQ(arg("k"), terms)
	g.Label(k.label("term"))
	g.term(k)
	g.DECQ(terms)
	g.JNZ(operand.LabelRef(k.label("term")))
	g.finish(k, arg)
	g.IMUL3Q(operand.U8(k.r), row, tmp)
	g.ADDQ(tmp, aBlock)
	g.DECQ(arg("blocks"))
	g.JNZ(operand.LabelRef(k.label("block")))
	g.VZEROUPPER()
	g.RET()
}

// term adds one product to every sum.
func (g *generator) term(k block) {
	for j := range k.v {
		g.load(k, j, operand.Mem{Base: b, Disp: j * g.bytes}, g.bVec(k, j))
	}
	g.ADDQ(bStep, b)
	for i := range k.r {
		at := operand.Mem{Base: aRows[i/4]}
		switch i % 4 {
		case 1, 2:
			at.Index, at.Scale = row, uint8(i%4)
		case 3:
			at.Index, at.Scale = row3, 1
		}
		g.broadcast(at, g.aVec())
		for j := range k.v {
			g.fma(g.part(k, j, g.aVec()), g.bVec(k, j), g.sum(k, i, j))
		}
	}
	for i := 0; i < k.r; i += 4 {
		g.ADDQ(aStep, aRows[i/4])
	}
}

// Sums come first, then the vectors of B. The register of A is the last one that is not
// the mask.
func (g *generator) sum(k block, i, j int) reg.VecPhysical { return g.part(k, j, g.vec(i*k.v+j)) }
func (g *generator) bVec(k block, j int) reg.VecPhysical   { return g.part(k, j, g.vec(k.r*k.v+j)) }
func (g *generator) aVec() reg.VecPhysical {
	if g.wide() {
		return g.vec(31)
	}
	return g.vec(14)
}
