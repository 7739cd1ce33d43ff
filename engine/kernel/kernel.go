// Package kernel holds the dense arithmetic everything else stands on: matrix
// products and fused elementwise loops over float32 and float64 slices.
//
// Every function is defined by the loop in its doc comment, down to the order of
// additions and the place of every rounding; fma(a, b, c) in those loops is a·b + c
// rounded once (IEEE 754-2019, 5.4.1). The assembly computes exactly that loop, so
// AVX-512, AVX2, NEON and the portable Go code give the same bits, NaN payloads aside.
// NEON has the products only. Building with -tags purego leaves only the portable code.
// The generator of the assembly for amd64 is the module in _avo; go generate runs it.
//
// Slices of wrong length and impossible strides are the caller's mistake and panic.
// Nothing is read or written outside the elements a call names, nothing is allocated
// in the steady state, and calls on distinct destinations may run concurrently.
package kernel

// Float is the element type of every kernel.
type Float interface{ float32 | float64 }

// Level names the instruction set in use: "avx512", "avx2", "neon" or "go".
// It is chosen once, at start, from what the processor offers.
func Level() string { return level.String() }

// instructions is an instruction set of the architecture, in order of preference.
type instructions int

const portable instructions = 0

func (l instructions) String() string { return names[l] }

// level is the instruction set in use. Tests lower it; nothing else writes it.
var level = best
