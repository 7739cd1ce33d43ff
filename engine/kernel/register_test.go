package kernel

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/blas/testblas"
)

func TestBLASPassesGonumsTests(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		for _, s := range []library{BLAS{}, narrowed{BLAS{}}} {
			testblas.TestDgemm(t, s)
			testblas.DaxpyTest(t, s)
			testblas.DdotTest(t, s)
		}
	})
}

func TestRegister(t *testing.T) {
	defer blas32.Use(blas32.Implementation())
	defer blas64.Use(blas64.Implementation())
	Register()
	if (blas32.Implementation() != BLAS{}) || (blas64.Implementation() != BLAS{}) {
		t.Error("not in use")
	}
}

// What a factor of 0 stands before does not count, whatever it is.
func TestBLASFactorsOfZero(t *testing.T) {
	if level == portable {
		t.Skip("gonum's products are in use, which multiply by 0")
	}
	nan := math.NaN()
	bad, b, c := []float64{nan, nan, nan, nan, nan, nan}, []float64{1, 2, 3, 4, 5, 6}, []float64{1, 2, 3, 4}
	var s BLAS
	s.Dgemm(blas.NoTrans, blas.NoTrans, 2, 2, 3, 0, bad, 3, b, 2, 2, c, 2)
	if fmt.Sprint(c) != "[2 4 6 8]" {
		t.Error("α = 0: ", c)
	}
	s.Dgemm(blas.NoTrans, blas.NoTrans, 2, 2, 3, 1, b, 3, b, 2, 0, bad, 2)
	if fmt.Sprint(bad[:4]) != "[22 28 49 64]" {
		t.Error("β = 0: ", bad)
	}
	s.Dgemm(blas.NoTrans, blas.NoTrans, 2, 2, 0, math.Inf(1), b, 1, b, 2, 1, c, 2)
	if fmt.Sprint(c) != "[2 4 6 8]" {
		t.Error("k = 0: ", c)
	}
	x, y := make([]float64, long), make([]float64, long)
	x[0] = nan
	if s.Daxpy(long, 0, x, 1, y, 1); y[0] != 0 {
		t.Error("Axpy with α = 0: ", y[0])
	}
}

func TestBLASPanicsAsGonum(t *testing.T) {
	x, y := make([]float64, 600), make([]float32, 600)
	no, tr := blas.NoTrans, blas.Trans
	for i, call := range []func(s library){
		func(s library) { s.Dgemm('X', no, 9, 9, 9, 1, x, 9, x, 9, 1, x, 9) },
		func(s library) { s.Dgemm(no, 'X', 9, 9, 9, 1, x, 9, x, 9, 1, x, 9) },
		func(s library) { s.Dgemm(no, tr, -1, 9, 9, 1, x, 9, x, 9, 1, x, 9) },
		func(s library) { s.Dgemm(no, no, 9, -1, 9, 1, x, 9, x, 9, 1, x, 9) },
		func(s library) { s.Sgemm(tr, no, 9, 9, -1, 1, y, 9, y, 9, 1, y, 9) },
		func(s library) { s.Sgemm(no, no, 9, 9, 9, 1, y, 8, y, 9, 1, y, 9) },
		func(s library) { s.Dgemm(no, no, 9, 9, 9, 1, x, 9, x, 8, 1, x, 9) },
		func(s library) { s.Dgemm(no, no, 9, 9, 9, 1, x, 9, x, 9, 1, x, 8) },
		func(s library) { s.Sgemm(no, no, 9, 9, 9, 1, y[:80], 9, y, 9, 1, y, 9) },
		func(s library) { s.Dgemm(no, tr, 9, 9, 9, 1, x, 9, x[:80], 9, 1, x, 9) },
		func(s library) { s.Dgemm(no, no, 9, 9, 9, 0, x, 9, x, 9, 1, x[:80], 9) },
		func(s library) { s.Daxpy(-1, 1, x, 1, x, 1) },
		func(s library) { s.Daxpy(600, 1, x, 0, x, 1) },
		func(s library) { s.Saxpy(601, 1, y, 1, y, 1) },
		func(s library) { s.Sdot(600, y, 1, y[1:], 1) },
		func(s library) { s.Ddot(600, x, 1, x, 0) },
		func(s library) { s.Ddot(600, x[1:], 1, x, 1) },
	} {
		want := panicOf(func() { call(gonum.Implementation{}) })
		if got := panicOf(func() { call(BLAS{}) }); want == nil || got != want {
			t.Errorf("call %d: panic %v, want %v", i, got, want)
		}
	}
}

func panicOf(f func()) (r any) {
	defer func() { r = recover() }()
	f()
	return nil
}

func TestBLASBitsDoNotDependOnProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, g := range []blasCase{
		{blas.NoTrans, blas.NoTrans, 300, 170, 140, 1, 0.5, 3}, {blas.Trans, blas.NoTrans, 450, 60, 300, 1, 1, 3},
		{blas.NoTrans, blas.Trans, 170, 300, 140, 1, 0, 3}, {blas.Trans, blas.Trans, 3, 7000, 300, 2, 1, 0},
	} {
		runtime.GOMAXPROCS(1)
		want := g.multiply(1, BLAS{}, false)
		for _, processors := range []int{2, 3, 64} {
			runtime.GOMAXPROCS(processors)
			got := g.multiply(1, BLAS{}, false)
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%+v on %d processors: element %d is %v, want %v", g, processors, i, got[i], want[i])
				}
			}
		}
	}
}
