package l2otest

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o/linop"
)

// Operator is the conformance suite of a [linop.Operator]: adjoint, linearity, and the manners of its contract.
func Operator(t TB, a linop.Operator) {
	t.Helper()
	m, n := a.Dims()
	rng := rand.New(rand.NewPCG(3, uint64(m)<<32+uint64(n)))
	for range 5 {
		checkAdjoint(t, a, gaussian(rng, n), gaussian(rng, m))
		checkMap(t, "Apply", m, a.Apply, gaussian(rng, n), gaussian(rng, n))
		checkMap(t, "Adjoint", n, a.Adjoint, gaussian(rng, m), gaussian(rng, m))
	}
	for _, wrong := range []struct {
		name string
		call func()
	}{
		{"Apply with dst too long", func() { a.Apply(make([]float64, m+1), make([]float64, n)) }},
		{"Apply with x too long", func() { a.Apply(make([]float64, m), make([]float64, n+1)) }},
		{"Adjoint with dst too long", func() { a.Adjoint(make([]float64, n+1), make([]float64, m)) }},
		{"Adjoint with y too long", func() { a.Adjoint(make([]float64, n), make([]float64, m+1)) }},
	} {
		if !panics(wrong.call) {
			t.Errorf("operator: %s does not panic", wrong.name)
		}
	}
}

// checkAdjoint is the dot test ⟨Ax, y⟩ = ⟨x, Aᵀy⟩.
func checkAdjoint(t TB, a linop.Operator, x, y []float64) {
	t.Helper()
	m, n := a.Dims()
	ax, aty := make([]float64, m), make([]float64, n)
	a.Apply(ax, x)
	a.Adjoint(aty, y)
	left, right := dot(ax, y), dot(x, aty)
	size := math.Sqrt(dot(ax, ax)*dot(y, y)) + math.Sqrt(dot(x, x)*dot(aty, aty))
	if !(math.Abs(left-right) <= 1e-13*size) {
		t.Errorf("operator: adjoint: ⟨Ax,y⟩ = %.17g but ⟨x,Aᵀy⟩ = %.17g", left, right)
	}
}

// checkMap tests one direction of an operator on two arguments.
func checkMap(t TB, name string, size int, apply func(dst, x []float64), x, z []float64) {
	t.Helper()
	image := func(x []float64) []float64 {
		dst := make([]float64, size)
		apply(dst, x)
		return dst
	}
	kept := slices.Clone(x)
	ax, az := image(x), image(z)
	if !slices.Equal(x, kept) {
		t.Errorf("operator: %s changes its argument", name)
	}
	dirty := slices.Repeat([]float64{math.NaN()}, size)
	if apply(dirty, x); !slices.Equal(dirty, ax) {
		t.Errorf("operator: %s does not overwrite dst, or depends on what it held", name)
	}
	const a, b = 0.3, -1.7
	sum := make([]float64, len(x))
	for j := range sum {
		sum[j] = a*x[j] + b*z[j]
	}
	asum := image(sum)
	norm := math.Sqrt(dot(ax, ax)) + math.Sqrt(dot(az, az))
	for i, v := range asum {
		if want := a*ax[i] + b*az[i]; !(math.Abs(v-want) <= 1e-13*norm) {
			t.Errorf("operator: %s is not linear: entry %d of the image of a·x + b·z is %.17g, want %.17g", name, i, v, want)
			return
		}
	}
	if got := image(scaled(x, 0x1p30)); !slices.Equal(got, scaled(ax, 0x1p30)) {
		t.Errorf("operator: %s does not scale exactly by a power of two", name)
	}
}

func scaled(v []float64, c float64) []float64 {
	w := make([]float64, len(v))
	for i, t := range v {
		w[i] = c * t
	}
	return w
}

func panics(call func()) (did bool) {
	defer func() { did = recover() != nil }()
	call()
	return false
}
