//go:build !amd64

package peer

import "unroll/engine/kernel"

const side = 128

var a, b, c [side * side]float32

// Peak multiplies matrices that stay in the nearest cache and returns the number of operations: the best rate of our own kernel stands
// for the processor's, for which no loop is written.
func Peak() (flops float64) {
	kernel.Gemm(false, false, side, side, side, 1, a[:], side, b[:], side, false, c[:], side)
	return 2 * side * side * side
}
