package linop

import "fmt"

// A CSC is a sparse m×n matrix in compressed columns: column j has the numbers Value[k] in the rows Row[k], for Start[j] ≤ k < Start[j+1].
// Where a row stands twice in a column the numbers add up. *CSC is a [Columns] whose every operation costs what its nonzeros cost.
type CSC struct {
	M, N  int
	Start []int     // (N + 1)
	Row   []int     // (nonzeros)
	Value []float64 // (nonzeros)
}

// A SparsityError says where a [CSC] is no matrix.
type SparsityError struct {
	What string // what is wrong: a length, or an entry of Start or Row
	Have int
	Want string
}

func (e *SparsityError) Error() string {
	return fmt.Sprintf("linop: %s of a sparse matrix is %d, want %s", e.What, e.Have, e.Want)
}

// Check returns nil, or a *[SparsityError]. The methods assume that it returned nil.
func (a *CSC) Check() error {
	if a.M < 0 || a.N < 0 {
		return &SparsityError{"Dims", min(a.M, a.N), "at least 0"}
	}
	if len(a.Start) != a.N+1 {
		return &SparsityError{"len(Start)", len(a.Start), fmt.Sprintf("%d, one more than columns", a.N+1)}
	}
	if len(a.Row) != len(a.Value) {
		return &SparsityError{"len(Row)", len(a.Row), fmt.Sprintf("%d, as many as values", len(a.Value))}
	}
	for j, k := range a.Start {
		switch {
		case j == 0 && k != 0:
			return &SparsityError{"Start[0]", k, "0"}
		case j > 0 && k < a.Start[j-1]:
			return &SparsityError{fmt.Sprintf("Start[%d]", j), k, fmt.Sprintf("at least Start[%d] = %d", j-1, a.Start[j-1])}
		case j == a.N && k != len(a.Row):
			return &SparsityError{fmt.Sprintf("Start[%d]", j), k, fmt.Sprintf("%d, the number of nonzeros", len(a.Row))}
		}
	}
	for k, i := range a.Row {
		if i < 0 || i >= a.M {
			return &SparsityError{fmt.Sprintf("Row[%d]", k), i, fmt.Sprintf("a row from 0 to %d", a.M-1)}
		}
	}
	return nil
}

// Dims returns the number of rows and of columns.
func (a *CSC) Dims() (m, n int) { return a.M, a.N }

// Apply sets dst = A x, adding columns from the left to the right and leaving out those at which x is 0.
func (a *CSC) Apply(dst, x []float64) {
	checkLengths("Apply", a.M, a.N, len(dst), len(x))
	clear(dst)
	for j, v := range x {
		if v != 0 {
			a.add(dst, v, j)
		}
	}
}

// Adjoint sets dst = Aᵀ y.
func (a *CSC) Adjoint(dst, y []float64) {
	checkLengths("Adjoint", a.M, a.N, len(y), len(dst))
	for j := range dst {
		dst[j] = a.dot(j, y)
	}
}

// Column sets dst = A_j.
func (a *CSC) Column(dst []float64, j int) {
	checkColumn("Column", a.M, a.N, len(dst), j)
	clear(dst)
	a.add(dst, 1, j)
}

// DotColumn returns ⟨A_j, r⟩.
func (a *CSC) DotColumn(j int, r []float64) float64 {
	checkColumn("DotColumn", a.M, a.N, len(r), j)
	return a.dot(j, r)
}

// AddColumn adds v·A_j to r.
func (a *CSC) AddColumn(r []float64, v float64, j int) {
	checkColumn("AddColumn", a.M, a.N, len(r), j)
	a.add(r, v, j)
}

func (a *CSC) column(j int) (row []int, value []float64) {
	return a.Row[a.Start[j]:a.Start[j+1]], a.Value[a.Start[j]:a.Start[j+1]]
}

func (a *CSC) dot(j int, r []float64) float64 {
	row, value := a.column(j)
	s := 0.0
	for k, i := range row {
		s += value[k] * r[i]
	}
	return s
}

func (a *CSC) add(r []float64, v float64, j int) {
	row, value := a.column(j)
	for k, i := range row {
		r[i] += v * value[k]
	}
}
