package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A float is an element type.
type float struct{ size int }

var single, double = float{4}, float{8}

// An isa is an instruction set and the largest blocks that fit its registers: rows[v-1]
// rows of v vectors of C. Beside r·v sums a block needs v vectors of B and one of A.
type isa struct {
	name  string
	bytes int // of a vector
	rows  []int
}

var (
	avx512 = isa{"AVX512", 64, []int{12, 8, 8, 6}}
	avx2   = isa{"AVX2", 32, []int{8, 6}}
)

func (g *generator) wide() bool { return g.bytes == 64 }

// vec is the i-th vector register.
func (g *generator) vec(i int) reg.VecPhysical { return g.registers()[i] }

// low is the lower half of it, or itself: what clears that clears all of it.
func (g *generator) low(i int) reg.VecPhysical { return avx2.registers()[i] }

// registers are those that hold a vector.
func (s isa) registers() []reg.VecPhysical {
	if s.bytes == 64 {
		return []reg.VecPhysical{
			reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
			reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
			reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
			reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
		}
	}
	return []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	}
}

// pick is the form of an instruction for the element type.
func pick[T any](f float, ps, pd T) T {
	if f == double {
		return pd
	}
	return ps
}

// fma: sum += x·y, rounded once; x may be in memory.
func (g *generator) fma(x, y, sum operand.Op) {
	pick(g.float, g.VFMADD231PS, g.VFMADD231PD)(x, y, sum)
}

// broadcast fills a vector with one element from memory.
func (g *generator) broadcast(from, to operand.Op) {
	pick(g.float, g.VBROADCASTSS, g.VBROADCASTSD)(from, to)
}
