package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// A library is BLAS, gonum's own or something that claims to be one.
type library interface {
	blas.Float32
	blas.Float64
}

// narrowed is the single precision of a library in the place of its double precision, for
// tests that gonum has of that alone. Their numbers are exact in float32.
type narrowed struct{ library }

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		y[i] = float32(x[i])
	}
	return y
}

func widen(dst []float64, x []float32) {
	for i := range x {
		dst[i] = float64(x[i])
	}
}

func (s narrowed) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	c32 := narrow(c)
	s.Sgemm(tA, tB, m, n, k, float32(alpha), narrow(a), lda, narrow(b), ldb, float32(beta), c32, ldc)
	widen(c, c32)
}

func (s narrowed) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	y32 := narrow(y)
	s.Saxpy(n, float32(alpha), narrow(x), incX, y32, incY)
	widen(y, y32)
}

func (s narrowed) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	return float64(s.Sdot(n, narrow(x), incX, narrow(y), incY))
}

// A blasCase is a product to compare with gonum's, with elements between rows.
type blasCase struct {
	tA, tB      blas.Transpose
	m, n, k     int
	alpha, beta float64
	pad         int
}

func randomBLASCase(rng *rand.Rand) blasCase {
	op := func() blas.Transpose { return []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans}[rng.IntN(3)] }
	factor := func() float64 { return []float64{0, 1, -1, 0.75}[rng.IntN(4)] }
	size := func() int { return rng.IntN([]int{4, 20, 70, 200}[rng.IntN(4)]) }
	return blasCase{op(), op(), size(), size(), size(), factor(), factor(), rng.IntN(2) * rng.IntN(9)}
}

// multiply is C after the case has run on operands that seed draws; every number of it is
// made positive first if magnitudes is set.
func (g blasCase) multiply(seed uint64, s library, magnitudes bool) (c []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	ra, ca, rb, cb := g.m, g.k, g.k, g.n
	if g.tA != blas.NoTrans {
		ra, ca = g.k, g.m
	}
	if g.tB != blas.NoTrans {
		rb, cb = g.n, g.k
	}
	lda, ldb, ldc := max(1, ca)+g.pad, max(1, cb)+g.pad/2, max(1, g.n)+g.pad/3
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			if x[i] = float64(float32(rng.NormFloat64())); magnitudes {
				x[i] = math.Abs(x[i])
			}
		}
		return x
	}
	if magnitudes {
		g.alpha, g.beta = math.Abs(g.alpha), math.Abs(g.beta)
	}
	a, b, c := draw(ra*lda), draw(rb*ldb), draw(g.m*ldc)
	s.Dgemm(g.tA, g.tB, g.m, g.n, g.k, g.alpha, a, lda, b, ldb, g.beta, c, ldc)
	return c
}

// compareBLAS compares a library with gonum's on one case. Two orders of a sum of k + 1
// products, and a scaling of each, differ by at most 2(k+3)ε times the sum of their
// magnitudes, to first order in ε (Higham, Accuracy and stability of numerical algorithms,
// 2002, section 3.1).
func compareBLAS(g blasCase, seed uint64, s library, eps float64) error {
	own := gonum.Implementation{}
	got, want, size := g.multiply(seed, s, false), g.multiply(seed, own, false), g.multiply(seed, own, true)
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 2*eps*float64(g.k+3)*size[i]) {
			return fmt.Errorf("%+v: element %d is %v, want %v", g, i, got[i], want[i])
		}
	}
	return nil
}

// compareVectors does the same for Axpy and Dot.
func compareVectors(rng *rand.Rand, s library, eps float64) error {
	n, incX, incY := rng.IntN(3*long), 1+rng.IntN(2), 1+rng.IntN(2)
	if rng.IntN(3) > 0 {
		incX, incY = 1, 1
	}
	x, y := make([]float64, 2*n+1), make([]float64, 2*n+1)
	for i := range x {
		x[i], y[i] = float64(float32(rng.NormFloat64())), float64(float32(rng.NormFloat64()))
	}
	var own gonum.Implementation
	got, want := s.Ddot(n, x, incX, y, incY), own.Ddot(n, x, incX, y, incY)
	if size := own.Dnrm2(n, x, incX) * own.Dnrm2(n, y, incY); !(math.Abs(got-want) <= 2*eps*float64(n)*size) {
		return fmt.Errorf("dot of %d: %v, want %v", n, got, want)
	}
	z := append([]float64(nil), y...)
	s.Daxpy(n, 0.75, x, incX, y, incY)
	own.Daxpy(n, 0.75, x, incX, z, incY)
	for i := range z {
		if !(math.Abs(y[i]-z[i]) <= 16*eps) {
			return fmt.Errorf("axpy of %d: element %d is %v, want %v", n, i, y[i], z[i])
		}
	}
	return nil
}

// compareAll is the suite that a library has to pass, in one precision.
func compareAll(s library, eps float64) error {
	rng := rand.New(rand.NewPCG(15, 16))
	for i := range uint64(150) {
		if err := compareBLAS(randomBLASCase(rng), i, s, eps); err != nil {
			return err
		}
		if err := compareVectors(rng, s, eps); err != nil {
			return err
		}
	}
	return nil
}

const eps32, eps64 = 0x1p-24, 0x1p-53

func TestBLASAgreesWithGonum(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		if err := compareAll(BLAS{}, eps64); err != nil {
			t.Error(err)
		}
		if err := compareAll(narrowed{BLAS{}}, eps32); err != nil {
			t.Error(err)
		}
	})
}

// A brokenBLAS makes one mistake.
type brokenBLAS struct {
	BLAS
	mistake string
}

func (s brokenBLAS) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	switch s.mistake {
	case "forgets α":
		alpha = 1
	case "takes β for 0 or 1":
		if beta != 0 {
			beta = 1
		}
	case "does not know ConjTrans":
		if tB == blas.ConjTrans {
			tB = blas.NoTrans
			ldb = max(ldb, n)
			b = append(append([]float64(nil), b...), make([]float64, k*ldb)...)
		}
	case "scales the gaps of C":
		for i := n; i < ldc && m > 0; i++ {
			c[i] *= 2
		}
	}
	s.BLAS.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func (s brokenBLAS) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	if s.mistake == "forgets increments" {
		incX = 1
	}
	s.BLAS.Daxpy(n, alpha, x, incX, y, incY)
}

func (s brokenBLAS) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	if s.mistake == "stops early" {
		n = max(0, n-1)
	}
	return s.BLAS.Ddot(n, x, incX, y, incY)
}

func TestBLASTestsRefuseMistakes(t *testing.T) {
	for _, mistake := range []string{"forgets α", "takes β for 0 or 1", "does not know ConjTrans", "scales the gaps of C", "forgets increments", "stops early"} {
		if compareAll(brokenBLAS{mistake: mistake}, eps64) == nil {
			t.Errorf("a library that %s passes", mistake)
		}
	}
}
