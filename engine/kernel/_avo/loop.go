package main

import (
	"fmt"
	"go/types"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectorsPerRound of AVX2 are 128 bytes: the running sums of a reduction.
const vectorsPerRound = 4

// A lane is one vector of a round of an elementwise loop. Its methods address the
// parameters of the function by name.
type lane struct {
	*generator
	*loop
	at   int            // byte offset in the round
	mask reg.VecVirtual // of a vector that is not full, or nil
}

// A loop is what the lanes of a function share.
type loop struct {
	arrays  map[string]reg.GPVirtual
	walked  []reg.GPVirtual // the arrays in the order of the parameters
	numbers map[string]reg.VecVirtual
	sums    []reg.VecVirtual // of a reduction
	sumsAt  reg.GPVirtual
}

// elementwise writes a function whose declaration names its arrays, their length n and
// its numbers: whole rounds, then a last one with all vectors masked, to which the
// missing elements are zeros.
func (g *generator) elementwise(name string, body func(v lane)) {
	l := g.parameters(g.function(fmt.Sprintf("%s%d", name, 8*g.size)))
	left := g.GP64()
	g.arg("n", left)
	round := vectorsPerRound * g.bytes / g.size

	g.CMPQ(left, operand.U32(round))
	g.JL(operand.LabelRef("tail"))
	g.Label("round")
	for j := range vectorsPerRound {
		body(lane{g, l, j * g.bytes, nil})
	}
	for _, p := range l.walked {
		g.ADDQ(operand.U32(vectorsPerRound*g.bytes), p)
	}
	g.SUBQ(operand.U32(round), left)
	g.CMPQ(left, operand.U32(round))
	g.JGE(operand.LabelRef("round"))

	g.Label("tail")
	g.TESTQ(left, left)
	g.JZ(operand.LabelRef("done"))
	for j := range vectorsPerRound {
		body(lane{g, l, j * g.bytes, g.below(left)})
		g.SUBQ(operand.U8(g.bytes/g.size), left)
	}
	g.Label("done")
	g.fold(l)
	g.VZEROUPPER()
	g.RET()
}

// parameters loads pointers and sums, and spreads numbers over vectors.
func (g *generator) parameters(sig *types.Signature) *loop {
	l := &loop{arrays: map[string]reg.GPVirtual{}, numbers: map[string]reg.VecVirtual{}}
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		switch p.Type().(*types.Basic).Kind() {
		case types.UnsafePointer:
			r := g.GP64()
			g.arg(p.Name(), r)
			if p.Name() == "sums" {
				l.loadSums(g, r)
				continue
			}
			l.arrays[p.Name()] = r
			l.walked = append(l.walked, r)
		case types.Float32, types.Float64:
			l.numbers[p.Name()] = g.YMM()
			g.broadcast(g.address(g.Param(p.Name())), l.numbers[p.Name()])
		}
	}
	return l
}

// loadSums continues running sums.
func (l *loop) loadSums(g *generator, from reg.GPVirtual) {
	l.sumsAt = from
	for j := range vectorsPerRound {
		s := g.YMM()
		g.VMOVUPS(operand.Mem{Base: from, Disp: j * g.bytes}, s)
		l.sums = append(l.sums, s)
	}
}

// below is the mask of the first n lanes.
func (g *generator) below(n reg.Register) reg.VecVirtual {
	m := g.YMM()
	if g.float == single {
		g.VMOVD(n.(reg.GPVirtual).As32(), m.AsX())
		g.VPBROADCASTD(m.AsX(), m)
	} else {
		g.VMOVQ(n, m.AsX())
		g.VPBROADCASTQ(m.AsX(), m)
	}
	pick(g.float, g.VPCMPGTD, g.VPCMPGTQ)(g.columns(), m, m)
	return m
}

// fold leaves the running sums in memory, halves them, upper half onto lower, until one is
// left, and returns it.
func (g *generator) fold(l *loop) {
	if l.sums == nil {
		return
	}
	s, add := l.sums, pick(g.float, g.VADDPS, g.VADDPD)
	for j := range s {
		g.VMOVUPS(s[j], operand.Mem{Base: l.sumsAt, Disp: j * g.bytes})
	}
	add(s[2], s[0], s[0])
	add(s[3], s[1], s[1])
	add(s[1], s[0], s[0])
	x, t := s[0].AsX(), g.XMM()
	g.VEXTRACTF128(operand.U8(1), s[0], t)
	add(t, x, x)
	g.VUNPCKHPD(x, x, t)
	add(t, x, x)
	if g.float == single {
		g.VMOVSHDUP(x, t)
		add(t, x, x)
	}
	pick(g.float, g.VMOVSS, g.VMOVSD)(x, g.address(g.ReturnIndex(0)))
}

// load is a vector of an array.
func (v lane) load(array string) reg.VecVirtual {
	y, from := v.YMM(), operand.Mem{Base: v.arrays[array], Disp: v.at}
	if v.mask == nil {
		v.VMOVUPS(from, y)
	} else {
		pick(v.float, v.VMASKMOVPS, v.VMASKMOVPD)(from, v.mask, y)
	}
	return y
}

func (v lane) store(array string, y operand.Op) {
	to := operand.Mem{Base: v.arrays[array], Disp: v.at}
	if v.mask == nil {
		v.VMOVUPS(y, to)
	} else {
		pick(v.float, v.VMASKMOVPS, v.VMASKMOVPD)(y, v.mask, to)
	}
}

// number is a parameter in every lane, sum the running sum of this lane.
func (v lane) number(name string) reg.VecVirtual { return v.numbers[name] }
func (v lane) sum() reg.VecVirtual               { return v.sums[v.at/v.bytes] }
