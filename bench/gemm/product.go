package main

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"unroll/bench/internal/peer"
	"unroll/engine/kernel"
)

// A product is C (m, n) = A (m, k) B (k, n), or A Bᵀ with B stored as (n, k).
type product struct {
	m, k, n    int
	transposed bool
}

// project are the square product that everybody quotes, and those of this project's models and solvers.
var project = []product{
	{512, 512, 512, false},
	{21, 42, 42, false}, {21, 42, 42, true}, {2688, 42, 42, false}, {101, 42, 101, false}, {101, 101, 42, false},
	{250, 500, 1024, false},
}

// tiny are products in which the call itself counts.
var tiny = []product{
	{2, 2, 2, false}, {3, 3, 3, false}, {4, 4, 4, false}, {5, 5, 5, false}, {6, 6, 6, false}, {8, 8, 8, false}, {8, 8, 8, true},
	{12, 12, 12, false}, {16, 16, 16, false}, {24, 24, 24, false}, {32, 32, 32, false},
}

func (p product) String() string {
	s := fmt.Sprintf("%dx%dx%d", p.m, p.k, p.n)
	if p.transposed {
		s += "T"
	}
	return s
}

func (p product) gflops() float64 { return 2 * float64(p.m) * float64(p.k) * float64(p.n) / 1e9 }

// stack is how many products one call makes: two million operations, as far as 64 products give them.
func (p product) stack() int { return int(min(max(2e-3/p.gflops(), 1), 64)) }

// A measurement holds the times of one product, and the rate of the processor's peak between them.
type measurement struct {
	ours, openBLAS, gonum micro
	peak                  float64 // GFLOP/s
}

// micro are seconds of one product, printed in microseconds.
type micro struct{ peer.Times }

func (t micro) String() string { return fmt.Sprintf("%.4g\t%.4g", 1e6*t.Min(), 1e6*t.Median()) }

const shortest = 20e-3 // seconds of one contender in one round: several calls, the first of which finds what others left in the caches

// measure runs one product in all three, after their checksums agreed.
func measure[F kernel.Float](p *peer.Process, s product, precision string, rounds int) (m measurement, err error) {
	o := newOperands[F](s)
	var want float64
	if err := p.Ask(&want, "load", s.stack(), s.m, s.n, s.k, s.transposed, precision); err != nil {
		return m, err
	}
	for name, multiply := range map[string]func(){"unroll/engine/kernel": o.kernel, "gonum": o.gonum} {
		clear(o.c)
		if multiply(); o.checksum() != want {
			return m, fmt.Errorf("%v: the checksum of %s is %g, that of OpenBLAS %g", s, name, o.checksum(), want)
		}
	}
	flops := 0.0
	times, err := peer.Interleave(rounds, shortest,
		peer.Ours(1, o.kernel), p.Contender("run"), peer.Ours(1, o.gonum), peer.Ours(1, func() { flops = peer.Peak() }))
	if err != nil {
		return m, err
	}
	for _, t := range times[:3] {
		for i := range t {
			t[i] /= float64(s.stack())
		}
	}
	m = measurement{micro{times[0]}, micro{times[1]}, micro{times[2]}, flops / times[3].Min() / 1e9}
	if precision == "float64" {
		m.peak /= 2
	}
	return m, nil
}

// operands are a stack of matrices A (stack, m, k) and C (stack, m, n), and one B.
type operands[F kernel.Float] struct {
	product
	a, b, c []F
	ldb     int
}

func newOperands[F kernel.Float](s product) *operands[F] {
	o := &operands[F]{s, make([]F, s.stack()*s.m*s.k), make([]F, s.k*s.n), make([]F, s.stack()*s.m*s.n), s.n}
	if s.transposed {
		o.ldb = s.k
	}
	for _, v := range [][]F{o.a, o.b} {
		for i := range v {
			v[i] = F(i*7%13 - 6)
		}
	}
	return o
}

func (o *operands[F]) each(multiply func(a, c []F)) {
	for i := range o.stack() {
		multiply(o.a[i*o.m*o.k:(i+1)*o.m*o.k], o.c[i*o.m*o.n:(i+1)*o.m*o.n])
	}
}

func (o *operands[F]) kernel() {
	o.each(func(a, c []F) {
		kernel.Gemm(false, o.transposed, o.m, o.n, o.k, 1, a, o.k, o.b, o.ldb, false, c, o.n)
	})
}

func (o *operands[F]) gonum() {
	transposed := blas.NoTrans
	if o.transposed {
		transposed = blas.Trans
	}
	o.each(func(a, c []F) {
		switch a := any(a).(type) {
		case []float32:
			gonum.Implementation{}.Sgemm(blas.NoTrans, transposed, o.m, o.n, o.k, 1, a, o.k, any(o.b).([]float32), o.ldb, 0, any(c).([]float32), o.n)
		case []float64:
			gonum.Implementation{}.Dgemm(blas.NoTrans, transposed, o.m, o.n, o.k, 1, a, o.k, any(o.b).([]float64), o.ldb, 0, any(c).([]float64), o.n)
		}
	})
}

// checksum is the sum of C's entries times 1, 2, …, 11, 1, 2, …; whole numbers are exact in it.
func (o *operands[F]) checksum() (sum float64) {
	for i, v := range o.c {
		sum += float64(v) * float64(1+i%11)
	}
	return sum
}
