package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A loop under test changes the four vectors it is given and may return a number. It is
// compared with the exported function at the portable level, which is its definition.
type loop[F Float] struct {
	name string
	run  func(v [][]F) F
}

func loops[F Float]() []loop[F] {
	return []loop[F]{
		{"Axpy", func(v [][]F) F { Axpy(0.7, v[0], v[1]); return 0 }},
		{"Add", func(v [][]F) F { Add(v[0], v[1], v[2]); return 0 }},
		{"Scale", func(v [][]F) F { Scale(v[0], -0.3, v[1]); return 0 }},
		{"Soft", func(v [][]F) F { Soft(v[0], v[1], 0.4); return 0 }},
		{"Soft at 0", func(v [][]F) F { Soft(v[0], v[1], 0); return 0 }},
		{"SoftGrad", func(v [][]F) F { return SoftGrad(v[0], v[1], v[2], 0.4) }},
		{"SoftGrad at 0", func(v [][]F) F { return SoftGrad(v[0], v[1], v[2], 0) }},
		{"ProxStep", func(v [][]F) F { ProxStep(v[0], v[1], v[2], 0.6, 0.3); return 0 }},
		{"ReLU", func(v [][]F) F { ReLU(v[0], v[1]); return 0 }},
		{"ReLUGrad", func(v [][]F) F { ReLUGrad(v[0], v[1], v[2]); return 0 }},
		{"Adam", func(v [][]F) F {
			Adam(v[0], v[1], v[2], v[3], AdamStep[F]{Beta1: 0.9, Beta2: 0.999, Rate: 1e-3, Eps: 1e-8, Decay: 1e-5})
			return 0
		}},
		{"Dot", func(v [][]F) F { return Dot(v[0], v[1]) }},
		{"DotSquares", func(v [][]F) F { xy, xx := DotSquares(v[0], v[1]); return xy - 3*xx }},
		{"Sum", func(v [][]F) F { return Sum(v[0]) }},
		{"SumSquares", func(v [][]F) F { return SumSquares(v[0]) }},
		{"all in place", func(v [][]F) F {
			Add(v[0], v[0], v[0])
			Scale(v[1], 3, v[1])
			Soft(v[2], v[2], 1)
			ProxStep(v[3], v[0], v[3], 1, 1)
			ReLU(v[0], v[0])
			ReLUGrad(v[1], v[1], v[0])
			return SoftGrad(v[2], v[2], v[1], 0.1)
		}},
	}
}

// guard surrounds the vectors of a loop under test.
const guard = 12345

// compare runs claim and definition on the same vectors of n elements.
func compare[F Float](rng *rand.Rand, n int, claim, definition func(v [][]F) F) error {
	const edge = 40
	var all, in, want [][]F
	for range 4 {
		x := vector[F](rng, n+2*edge, n%3 == 0)
		for i := range edge {
			x[i], x[n+edge+i] = guard, guard
		}
		all, in = append(all, x), append(in, x[edge:edge+n:edge+n])
		want = append(want, append([]F(nil), x[edge:edge+n]...))
	}
	s := claim(in)
	here := level
	level = portable
	w := definition(want)
	level = here
	if bitsOf(s) != bitsOf(w) {
		return fmt.Errorf("%d %T: returned %v, want %v", n, s, s, w)
	}
	for a := range in {
		for i := range in[a] {
			if bitsOf(in[a][i]) != bitsOf(want[a][i]) {
				return fmt.Errorf("%d %T: vector %d, element %d is %v, want %v", n, s, a, i, in[a][i], want[a][i])
			}
		}
		for i := range edge {
			if all[a][i] != guard || all[a][n+edge+i] != guard {
				return fmt.Errorf("%d %T: vector %d was left", n, s, a)
			}
		}
	}
	return nil
}

// lengths are all of the first few rounds, and one beyond a single call.
var lengths = func() (n []int) {
	for i := range 200 {
		n = append(n, i)
	}
	return append(n, 20_000)
}()

func testLoops[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, l := range loops[F]() {
		for _, n := range lengths {
			if err := compare(rng, n, l.run, l.run); err != nil {
				t.Fatalf("%s of %v", l.name, err)
			}
		}
	}
}

func TestLoopsAgreeAtEveryLevel(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testLoops[float32](t)
		testLoops[float64](t)
	})
}

// each makes a loop of a function of one element.
func each[F Float](f func(dst, x, y F) F) func(v [][]F) F {
	return func(v [][]F) F {
		for i := range v[0] {
			v[0][i] = f(v[0][i], v[1][i], v[2][i])
		}
		return 0
	}
}

func TestLoopTestRefusesOthers(t *testing.T) {
	defined := map[string]loop[float32]{}
	for _, l := range loops[float32]() {
		defined[l.name] = l
	}
	for _, wrong := range []loop[float32]{
		{"Dot", func(v [][]float32) (s float32) {
			for i, x := range v[0] {
				s = fma(x, v[1][i], s)
			}
			return s
		}},
		{"Sum", func(v [][]float32) (s float32) {
			for _, x := range v[0] {
				s += x
			}
			return s
		}},
		{"Soft", each(func(_, x, _ float32) float32 {
			return float32(math.Copysign(math.Max(math.Abs(float64(x))-0.4, 0), float64(x)))
		})},
		{"ReLU", each(func(_, x, _ float32) float32 {
			if x > 0 {
				return x
			}
			return 0
		})},
		{"ReLUGrad", each(func(_, x, y float32) float32 {
			if y >= 0 {
				return x
			}
			return 0
		})},
		{"ProxStep", each(func(_, x, g float32) float32 {
			v := x - float32(float32(0.6)*g)
			return v - clip(v, 0.3)
		})},
		{"Scale", func(v [][]float32) float32 { Scale(v[0][:cap(v[0])], -0.3, v[1][:cap(v[0])]); v[0][0]++; return 0 }},
	} {
		rng, refused := rand.New(rand.NewPCG(7, 8)), false
		for n := 1; n < 200; n++ {
			refused = refused || compare(rng, n, wrong.run, defined[wrong.name].run) != nil
		}
		if !refused {
			t.Errorf("a wrong %s passes", wrong.name)
		}
	}
}

func TestLoopsByHand(t *testing.T) {
	x, dy, got := []float64{-2, -0.5, 0, 0.5, 2}, []float64{1, 2, 3, 4, 5}, make([]float64, 5)
	expect := func(name string, want ...float64) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	Soft(got, x, 1)
	expect("Soft", -1, 0, 0, 0, 1)
	if s := SoftGrad(got, dy, x, 1); s != 1-5 { // soft grows with θ at −2, falls at 2
		t.Errorf("SoftGrad returns %v", s)
	}
	expect("SoftGrad", 1, 0, 0, 0, 5)
	ProxStep(got, x, dy, 0.5, 1) // v = −2.5 −1.5 −1.5 −1.5 −0.5
	expect("ProxStep", -1.5, -0.5, -0.5, -0.5, 0)
	ReLU(got, x)
	expect("ReLU", 0, 0, 0, 0.5, 2)
	ReLUGrad(got, dy, x)
	expect("ReLUGrad", 0, 0, 0, 4, 5)
	if s := Dot(x, dy) + Sum(dy) + SumSquares(x); s != (-2-1+2+10)+15+8.5 {
		t.Errorf("reductions give %v", s)
	}
	// The first step of Adam is η·sign(g), whatever g, when its corrections are applied.
	w, m, v := []float64{1, 1}, make([]float64, 2), make([]float64, 2)
	fix := math.Sqrt(1 - 0.999)
	Adam(w, m, v, []float64{3, -0.01}, AdamStep[float64]{Beta1: 0.9, Beta2: 0.999, Rate: 0.1 * fix / (1 - 0.9)})
	if math.Abs(w[0]-0.9) > 1e-12 || math.Abs(w[1]-1.1) > 1e-12 {
		t.Errorf("the first step of Adam leads to %v", w)
	}
}

func TestSoftGradIsTheDerivativeOfSoft(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	const n, h = 50, 1e-6
	x, dy, dx, y := vector[float64](rng, n, false), vector[float64](rng, n, false), make([]float64, n), make([]float64, n)
	loss := func(theta float64) float64 { Soft(y, x, theta); return Dot(y, dy) }
	dtheta := SoftGrad(dx, dy, x, 0.5)
	if want := (loss(0.5+h) - loss(0.5-h)) / (2 * h); math.Abs(dtheta-want) > 1e-8 {
		t.Errorf("dθ = %v, difference quotient %v", dtheta, want)
	}
	for i := range x {
		old := x[i]
		x[i] = old + h
		up := loss(0.5)
		x[i] = old - h
		if want := (up - loss(0.5)) / (2 * h); math.Abs(dx[i]-want) > 1e-8 {
			t.Errorf("dx[%d] = %v, difference quotient %v", i, dx[i], want)
		}
		x[i] = old
	}
}
