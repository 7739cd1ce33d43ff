package linop

import "unroll/engine/kernel"

// A ColMajor is an m×n matrix, column by column: A[i,j] = Data[j*M+i]. *ColMajor is a [Columns] whose columns are contiguous, so that one
// costs what reading it costs.
type ColMajor struct {
	M, N int
	Data []float64 // (N, M)
}

// NewColMajor copies A, column by column.
func NewColMajor(a Columns) *ColMajor {
	m, n := a.Dims()
	c := &ColMajor{M: m, N: n, Data: make([]float64, m*n)}
	if dense, ok := a.(*Dense); ok {
		checkHeld(m, n, len(dense.Data))
		c.transpose(dense)
		return c
	}
	for j := range n {
		a.Column(c.column(j), j)
	}
	return c
}

// tile is the side of the squares in which a matrix is transposed, so that rows a power of two apart, which share their place in the cache,
// stay in it until all their numbers are read.
const tile = 16

func (a *ColMajor) transpose(from *Dense) {
	m, n := a.M, a.N
	for top := 0; top < m; top += tile {
		bottom := min(top+tile, m)
		for left := 0; left < n; left += tile {
			for j := left; j < min(left+tile, n); j++ {
				column, at := a.column(j)[top:bottom], top*n+j
				for i := range column {
					column[i] = from.Data[at]
					at += n
				}
			}
		}
	}
}

// Dims returns the number of rows and of columns.
func (a *ColMajor) Dims() (m, n int) { return a.M, a.N }

// Apply sets dst = A x, adding columns from the left to the right and leaving out those at which x is 0.
func (a *ColMajor) Apply(dst, x []float64) {
	checkLengths("Apply", a.M, a.N, len(dst), len(x))
	checkHeld(a.M, a.N, len(a.Data))
	clear(dst)
	for j, v := range x {
		if v != 0 {
			kernel.Axpy(v, a.column(j), dst)
		}
	}
}

// Adjoint sets dst = Aᵀ y.
func (a *ColMajor) Adjoint(dst, y []float64) {
	checkLengths("Adjoint", a.M, a.N, len(y), len(dst))
	checkHeld(a.M, a.N, len(a.Data))
	for j := range dst {
		dst[j] = kernel.Dot(a.column(j), y)
	}
}

// Column sets dst = A_j.
func (a *ColMajor) Column(dst []float64, j int) {
	checkColumn("Column", a.M, a.N, len(dst), j)
	copy(dst, a.column(j))
}

// DotColumn returns ⟨A_j, r⟩.
func (a *ColMajor) DotColumn(j int, r []float64) float64 {
	checkColumn("DotColumn", a.M, a.N, len(r), j)
	return kernel.Dot(a.column(j), r)
}

// AddColumn adds v·A_j to r.
func (a *ColMajor) AddColumn(r []float64, v float64, j int) {
	checkColumn("AddColumn", a.M, a.N, len(r), j)
	kernel.Axpy(v, a.column(j), r)
}

func (a *ColMajor) column(j int) []float64 { return a.Data[j*a.M : (j+1)*a.M] }
