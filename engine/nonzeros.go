package engine

import "unroll/engine/kernel"

// nonzeros lists those of a matrix (B, n), row by row: what a soft threshold leaves is few. A product with the matrix then takes as many
// terms, in the order in which kernel.Gemm adds them, so that it has Gemm's bits up to the sign of a zero. An infinity or NaN of the other
// factor that meets only zeros is not seen.
type nonzeros[F kernel.Float] struct {
	rows, n int
	from    []int // where each row begins, and the end, (B+1)
	v       []F
	at      []int32 // the column of each

	byColumn *nonzeros[F] // the same of the transposed matrix; nil in that one
}

func newNonzeros[F kernel.Float](rows, n int) *nonzeros[F] {
	list := func(rows, n int) *nonzeros[F] {
		return &nonzeros[F]{rows: rows, n: n, from: make([]int, rows+1), v: make([]F, rows*n), at: make([]int32, rows*n)}
	}
	z := list(rows, n)
	z.byColumn = list(n, rows)
	return z
}

// find lists the nonzeros of x (B, n) and reports whether they are few enough to be worth it.
func (z *nonzeros[F]) find(x []F) (few bool) {
	count := 0
	for r := range z.rows {
		v, at := z.v[count:], z.at[count:]
		k := 0
		for j, value := range x[r*z.n : (r+1)*z.n] {
			v[k], at[k] = value, int32(j)
			if value != 0 {
				k++
			}
		}
		count += k
		z.from[r+1] = count
	}
	return worthwhile*count <= z.rows*z.n
}

// worthwhile is how many entries there must be for each nonzero: a sum of rows that lie anywhere takes about twice as long for each term as
// a product of matrices.
const worthwhile = 3

// turn lists them column by column.
func (z *nonzeros[F]) turn() *nonzeros[F] {
	c := z.byColumn
	clear(c.from)
	count := z.from[z.rows]
	for _, j := range z.at[:count] {
		c.from[j+1]++
	}
	for j := range z.n {
		c.from[j+1] += c.from[j]
	}
	for r := range z.rows {
		for i := z.from[r]; i < z.from[r+1]; i++ {
			to := &c.from[z.at[i]]
			c.v[*to], c.at[*to] = z.v[i], int32(r)
			*to++
		}
	}
	copy(c.from[1:], c.from[:z.n]) // each now stands at the end of its column
	c.from[0] = 0
	return c
}

// addTo adds α times the product with a matrix of so many columns, whole lines of them, to the rows of dst.
func (z *nonzeros[F]) addTo(dst []F, alpha F, matrix []F, columns int) {
	for r := range z.rows {
		i, end := z.from[r], z.from[r+1]
		kernel.Combine(dst[r*columns:(r+1)*columns], alpha, z.v[i:end], z.at[i:end], matrix, columns)
	}
}

// wholeLines is the least number of elements in whole lines of kernel.Combine that hold n.
func wholeLines[F kernel.Float](n int) int {
	line := kernel.LineOf[F]()
	return (n + line - 1) / line * line
}
