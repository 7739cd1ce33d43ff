//go:build !purego

package kernel

import "unsafe"

//go:generate go -C _avo run . -out ../kernel_amd64.s

// This file is what the assembly looks like from Go. The generator reads it for the
// signatures, and tile for the offsets of its fields; go vet compares the two.

//go:noescape
func tile32AVX512(a, b, c unsafe.Pointer, t *tile)

//go:noescape
func tile32AVX2(a, b, c unsafe.Pointer, t *tile)

//go:noescape
func tile64AVX512(a, b, c unsafe.Pointer, t *tile)

//go:noescape
func tile64AVX2(a, b, c unsafe.Pointer, t *tile)

// turn32 writes four rows of k ≥ 8 elements as columns, step bytes from one row of dst to
// the next:
//
//	for p := range k { for i := range 4 { dst[p][i] = rows[i][p] } }
//
//go:noescape
func turn32(dst unsafe.Pointer, step int, r0, r1, r2, r3 unsafe.Pointer, k int)

// turn64 is turn32 for k ≥ 4 elements of 8 bytes.
//
//go:noescape
func turn64(dst unsafe.Pointer, step int, r0, r1, r2, r3 unsafe.Pointer, k int)

// combineBB adds α·Σ v[i]·rows[at[i]] to dst, n bytes long, whole lines of 64, with ld
// bytes from one row to the next.

//go:noescape
func combine32AVX512(dst, rows, v, at unsafe.Pointer, count, ld, n int, alpha float32)

//go:noescape
func combine32AVX2(dst, rows, v, at unsafe.Pointer, count, ld, n int, alpha float32)

//go:noescape
func combine64AVX512(dst, rows, v, at unsafe.Pointer, count, ld, n int, alpha float64)

//go:noescape
func combine64AVX2(dst, rows, v, at unsafe.Pointer, count, ld, n int, alpha float64)

// The elementwise loops, as in the doc comments of the functions of the same names, for
// n ≥ 1. Arguments that begin with minus are negated; c1 and c2 are 1−β₁ and 1−β₂. The
// running sums of a reduction are 128 bytes at sums, which the call reads, brings up to
// date and folds into its result; where another call follows, n is a multiple of them.

//go:noescape
func axpy32(y, x unsafe.Pointer, n int, alpha float32)

//go:noescape
func axpy64(y, x unsafe.Pointer, n int, alpha float64)

//go:noescape
func add32(dst, x, y unsafe.Pointer, n int)

//go:noescape
func add64(dst, x, y unsafe.Pointer, n int)

//go:noescape
func scale32(dst, x unsafe.Pointer, n int, alpha float32)

//go:noescape
func scale64(dst, x unsafe.Pointer, n int, alpha float64)

//go:noescape
func soft32(dst, x unsafe.Pointer, n int, theta, minusTheta float32)

//go:noescape
func soft64(dst, x unsafe.Pointer, n int, theta, minusTheta float64)

//go:noescape
func softGrad32(dx, dy, x, sums unsafe.Pointer, n int, theta, minusTheta float32) float32

//go:noescape
func softGrad64(dx, dy, x, sums unsafe.Pointer, n int, theta, minusTheta float64) float64

//go:noescape
func proxStep32(dst, x, grad unsafe.Pointer, n int, minusTau, theta, minusTheta float32)

//go:noescape
func proxStep64(dst, x, grad unsafe.Pointer, n int, minusTau, theta, minusTheta float64)

//go:noescape
func relu32(dst, x unsafe.Pointer, n int)

//go:noescape
func relu64(dst, x unsafe.Pointer, n int)

//go:noescape
func reluGrad32(dx, dy, x unsafe.Pointer, n int)

//go:noescape
func reluGrad64(dx, dy, x unsafe.Pointer, n int)

//go:noescape
func adam32(w, m, v, grad unsafe.Pointer, n int, beta1, c1, beta2, c2, minusDecay, minusRate, eps float32)

//go:noescape
func adam64(w, m, v, grad unsafe.Pointer, n int, beta1, c1, beta2, c2, minusDecay, minusRate, eps float64)

//go:noescape
func dot32(x, y, sums unsafe.Pointer, n int) float32

//go:noescape
func dot64(x, y, sums unsafe.Pointer, n int) float64

//go:noescape
func sum32(x, sums unsafe.Pointer, n int) float32

//go:noescape
func sum64(x, sums unsafe.Pointer, n int) float64

// inner32 adds to the 3×4 elements at dst, step bytes from one row to the next, the inner
// products of three vectors with four, of which it takes n ≥ 1 elements that begin at a
// distance in bytes; x and y are where their slices lie one after the other.
//
//go:noescape
func inner32(dst unsafe.Pointer, step int, x, y unsafe.Pointer, from, n int)

//go:noescape
func inner64(dst unsafe.Pointer, step int, x, y unsafe.Pointer, from, n int)

// The passes of Butterfly, of each radix, on vectors of s and m as there; root is root3 or root8.

//go:noescape
func butterfly2AVX512(y, x, w unsafe.Pointer, m, s int)

//go:noescape
func butterfly2AVX2(y, x, w unsafe.Pointer, m, s int)

//go:noescape
func butterfly3AVX512(y, x, w unsafe.Pointer, m, s int, root, half float64)

//go:noescape
func butterfly3AVX2(y, x, w unsafe.Pointer, m, s int, root, half float64)

//go:noescape
func butterfly4AVX512(y, x, w unsafe.Pointer, m, s int)

//go:noescape
func butterfly4AVX2(y, x, w unsafe.Pointer, m, s int)

//go:noescape
func butterfly8AVX512(y, x, w unsafe.Pointer, m, s int, root float64)

//go:noescape
func butterfly8AVX2(y, x, w unsafe.Pointer, m, s int, root float64)

// split and join are SplitSpectra and JoinSpectra, step in vectors; there is the last of z. multiplyConj is MulConj of n vectors.

//go:noescape
func split(u, v unsafe.Pointer, step int, z, there unsafe.Pointer, blocks int)

//go:noescape
func join(u, v unsafe.Pointer, step int, z, there unsafe.Pointer, blocks int)

//go:noescape
func multiplyConj(x, y unsafe.Pointer, n int, sign float64)
