package linop

import "fmt"

// A Columns is an operator whose single columns are at hand, as methods need that change one unknown at a time.
//
// A column is addressed by 0 ≤ j < n and vectors have length m; anything else panics. The rule of [Operator] holds for a column too: what
// is not finite in it shows in DotColumn, whatever r. Apply may leave out the columns at which x is 0.
type Columns interface {
	Operator
	Column(dst []float64, j int)             // dst = A_j, (m)
	DotColumn(j int, r []float64) float64    // ⟨A_j, r⟩
	AddColumn(r []float64, a float64, j int) // r += a·A_j
}

// checkLengths panics unless an m×n matrix may map between vectors of so many rows and columns.
func checkLengths(method string, m, n, rows, cols int) {
	if rows != m || cols != n {
		panic(fmt.Sprintf("linop: %s of a %d×%d matrix between vectors of length %d (rows) and %d (columns)", method, m, n, rows, cols))
	}
}

// checkColumn panics unless an m×n matrix has a column j, and a vector of so many rows fits it.
func checkColumn(method string, m, n, rows, j int) {
	if rows != m || uint(j) >= uint(n) {
		panic(fmt.Sprintf("linop: %s for column %d of a %d×%d matrix and a vector of length %d", method, j, m, n, rows))
	}
}

// checkHeld panics unless an m×n matrix holds as many numbers as it has entries.
func checkHeld(m, n, held int) {
	if held != m*n {
		panic(fmt.Sprintf("linop: a %d×%d matrix holds %d numbers", m, n, held))
	}
}
