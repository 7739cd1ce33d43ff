//go:build (amd64 || arm64) && !purego

package kernel

// A tile is the strip of C that one call computes: blocks of rows, one below the other.
// Distances are in bytes.
//
//	for every block, row i of it and column j of the strip {
//		s := start ? C[i,j] : 0
//		for p := range k { s = fma(A[i,p], B[p,j], s) }
//		C[i,j] = fma(α, s, acc ? C[i,j] : 0)
//	}
type tile struct {
	ai, ap, bp, ci int    // from row to row of op(A), from column to column; row to row of B, of C
	k              int    // terms of a chain, at least 1
	shape          int    // of the blocks, see code
	blocks         int    // at least 1; the call may count it down
	last           int    // columns in the last vector, 1 … lanes
	start, acc     int    // 1 or 0
	alpha          uint64 // the bits of a float32 or a float64
}
