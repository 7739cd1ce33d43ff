package kernel

import (
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// Register puts BLAS under gonum's blas32 and blas64, and so under what calls them in its mat
// and lapack, for the whole process. Call it from main, before another goroutine uses them.
func Register() {
	blas32.Use(BLAS{})
	blas64.Use(BLAS{})
}

// BLAS is gonum's implementation with Gemm, Axpy and Dot on the kernels of this package;
// arguments and panics are gonum's. Where gonum is faster the call is left to it: without
// assembly, for short or strided vectors, and for the smallest products with a transposed
// B. In all other products α = 0 leaves A and B out whatever they hold, a NaN in B shows
// also where it meets a zero of A, and the bits depend neither on the instruction set nor
// on the number of processors that a large product is spread over.
type BLAS struct{ gonum.Implementation }

// long is the length from which vectors are worth a call.
const long = 512

// Sgemm is C = α·op(A)·op(B) + β·C, with op(A) m×k and op(B) k×n.
func (s BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if stays(tA, tB, m, n, k) {
		s.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	s.Implementation.Sgemm(tA, tB, m, n, k, 0, a, lda, b, ldb, 1, c, ldc) // checks, and adds nothing
	product(tA != blas.NoTrans, tB != blas.NoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Dgemm is Sgemm in double precision.
func (s BLAS) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	if stays(tA, tB, m, n, k) {
		s.Implementation.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	s.Implementation.Dgemm(tA, tB, m, n, k, 0, a, lda, b, ldb, 1, c, ldc) // checks, and adds nothing
	product(tA != blas.NoTrans, tB != blas.NoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Saxpy is y = αx + y for n elements, incX and incY apart.
func (s BLAS) Saxpy(n int, alpha float32, x []float32, incX int, y []float32, incY int) {
	if alpha != 0 && dense(n, len(x), incX, len(y), incY) {
		Axpy(alpha, x[:n], y[:n])
		return
	}
	s.Implementation.Saxpy(n, alpha, x, incX, y, incY)
}

// Daxpy is Saxpy in double precision.
func (s BLAS) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	if alpha != 0 && dense(n, len(x), incX, len(y), incY) {
		Axpy(alpha, x[:n], y[:n])
		return
	}
	s.Implementation.Daxpy(n, alpha, x, incX, y, incY)
}

// Sdot is xᵀy, of n elements incX and incY apart.
func (s BLAS) Sdot(n int, x []float32, incX int, y []float32, incY int) float32 {
	if dense(n, len(x), incX, len(y), incY) {
		return Dot(x[:n], y[:n])
	}
	return s.Implementation.Sdot(n, x, incX, y, incY)
}

// Ddot is Sdot in double precision.
func (s BLAS) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	if dense(n, len(x), incX, len(y), incY) {
		return Dot(x[:n], y[:n])
	}
	return s.Implementation.Ddot(n, x, incX, y, incY)
}

// dense reports whether the arguments name two long vectors without gaps, and are valid.
func dense(n, lenX, incX, lenY, incY int) bool {
	return level != portable && n >= long && incX == 1 && incY == 1 && n <= lenX && n <= lenY
}

// stays reports whether a product is left to gonum: where there is no assembly to use,
// and where B is transposed and packing it takes longer than the few dot products, or the
// few Axpys, that gonum makes of it.
func stays(tA, tB blas.Transpose, m, n, k int) bool {
	switch {
	case level == portable:
		return true
	case tB == blas.NoTrans:
		return false
	case tA == blas.NoTrans:
		return m*n <= 16 || m == 1 || n == 1
	}
	return m*k <= 12
}

// product is Gemm with a factor for C, on checked arguments.
func product[F Float](tA, tB bool, m, n, k int, alpha F, a []F, lda int, b []F, ldb int, beta F, c []F, ldc int) {
	if m == 0 || n == 0 {
		return
	}
	if beta != 0 && beta != 1 {
		for i := range m {
			row := c[i*ldc:][:n]
			Scale(row, beta, row)
		}
	}
	if alpha == 0 || k == 0 { // neither counts then, infinite or not
		alpha, k = 0, 0
	}
	const worth = 1 << 21 // multiplications take some 50 µs, a goroutine one
	if parts := m * n * k / worth; parts > 1 {
		spread(min(parts, runtime.GOMAXPROCS(0)), tA, tB, m, n, k, alpha, a, lda, b, ldb, beta != 0, c, ldc)
		return
	}
	Gemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta != 0, c, ldc)
}

// spread is Gemm in parts: of the rows of C, or of its columns if there are more of them.
func spread[F Float](parts int, tA, tB bool, m, n, k int, alpha F, a []F, lda int, b []F, ldb int, acc bool, c []F, ldc int) {
	step := func(transposed bool, row, col int) int {
		if transposed {
			return col
		}
		return row
	}
	size, da, db, dc := m, step(tA, lda, 1), 0, ldc
	if n > m {
		size, da, db, dc = n, 0, step(tB, 1, ldb), 1
	}
	const block = 16 // rows or columns, not to cut inside a vector
	part := (size + parts*block - 1) / (parts * block) * block
	var wg sync.WaitGroup
	for from := 0; from < size; from += part {
		m, n := m, n
		if db == 0 {
			m = min(part, m-from)
		} else {
			n = min(part, n-from)
		}
		wg.Go(func() {
			Gemm(tA, tB, m, n, k, alpha, a[from*da:], lda, b[from*db:], ldb, acc, c[from*dc:], ldc)
		})
	}
	wg.Wait()
}
