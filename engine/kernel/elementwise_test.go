package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// An elementwise function under test: it changes the vectors it is given and may return
// a number. The definition is the exported function at the portable level.
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
		{"Soft 0", func(v [][]F) F { Soft(v[0], v[1], 0); return 0 }},
		{"SoftGrad", func(v [][]F) F { return SoftGrad(v[0], v[1], v[2], 0.4) }},
		{"SoftGrad 0", func(v [][]F) F { return SoftGrad(v[0], v[1], v[2], 0) }},
		{"ProxStep", func(v [][]F) F { ProxStep(v[0], v[1], v[2], 0.6, 0.3); return 0 }},
		{"ReLU", func(v [][]F) F { ReLU(v[0], v[1]); return 0 }},
		{"ReLUGrad", func(v [][]F) F { ReLUGrad(v[0], v[1], v[2]); return 0 }},
		{"Adam", func(v [][]F) F {
			Adam(v[0], v[1], v[2], v[3], AdamStep[F]{Beta1: 0.9, Beta2: 0.999, Rate: 1e-3, Eps: 1e-8, Decay: 1e-5})
			return 0
		}},
		{"Dot", func(v [][]F) F { return Dot(v[0], v[1]) }},
		{"Sum", func(v [][]F) F { return Sum(v[0]) }},
		{"SumSquares", func(v [][]F) F { return SumSquares(v[0]) }},
		{"in place", func(v [][]F) F {
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

// odd values: everything a loop might treat in its own way.
func oddValue[F Float](rng *rand.Rand) F {
	tiny := F(math.Ldexp(1, -1070))
	if tiny == 0 {
		tiny = F(math.Ldexp(1, -149))
	}
	huge := F(1e38)
	return []F{0, F(math.Copysign(0, -1)), F(math.NaN()), F(math.Inf(1)), F(math.Inf(-1)), tiny, -tiny, huge, -huge, 0.4, -0.4}[rng.IntN(11)]
}

func testLoops[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, l := range loops[F]() {
		for n := range 200 {
			var in, want [][]F
			var out []guarded[F]
			for range 4 {
				g := newGuarded[F](rng, n)
				for i := range g.in {
					if n%3 == 0 && rng.IntN(4) == 0 {
						g.in[i] = oddValue[F](rng)
					}
				}
				out, in = append(out, g), append(in, g.in)
				want = append(want, append([]F(nil), g.in...))
			}
			here := level
			level = portable
			ws := l.run(want)
			level = here
			s := l.run(in)
			name := fmt.Sprintf("%s of %d %T", l.name, n, s)
			if bitsOf(s) != bitsOf(ws) {
				t.Fatalf("%s returns %v, want %v", name, s, ws)
			}
			for a := range in {
				out[a].check(t, name)
				for i := range in[a] {
					if bitsOf(in[a][i]) != bitsOf(want[a][i]) {
						t.Fatalf("%s: vector %d, element %d is %v, want %v", name, a, i, in[a][i], want[a][i])
					}
				}
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
