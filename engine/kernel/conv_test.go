package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A convCase has operands of a shape, all random.
type convCase[F Float] struct {
	Conv
	w, x, y, scratch []F
}

func newConvCase[F Float](s Conv) convCase[F] {
	r := rand.New(rand.NewPCG(uint64(s.In+10*s.Out), uint64(s.H*s.W*s.Size)))
	random := func(n int) []F {
		v := make([]F, n)
		for i := range v {
			v[i] = F(r.NormFloat64())
		}
		return v
	}
	scratch := make([]F, s.Scratch())
	for i := range scratch {
		scratch[i] = F(math.NaN()) // what it holds must not matter
	}
	return convCase[F]{s, random(s.Out * s.taps()), random(s.In * s.H * s.W), random(s.Out * s.H * s.W), scratch}
}

// The shapes have one strip, several, and a last one that is cut; images thinner than the kernel; one and many channels.
var convShapes = []Conv{
	{1, 1, 1, 1, 1}, {1, 1, 3, 1, 1}, {2, 3, 3, 4, 5}, {3, 2, 5, 7, 2}, {2, 2, 7, 3, 9}, {3, 4, 3, 50, 41}, {1, 2, 5, 3, 1500}, {4, 3, 3, 1030, 1}, {3, 8, 5, 26, 100},
}

// each calls f for every product w·x of the definition.
func (s Conv) each(f func(w, x, y int)) {
	for o := range s.Out {
		for i := range s.H {
			for j := range s.W {
				for tap := range s.taps() {
					c, a, b := tap/(s.Size*s.Size), tap/s.Size%s.Size, tap%s.Size
					if u, v := i+a-s.Size/2, j+b-s.Size/2; 0 <= u && u < s.H && 0 <= v && v < s.W {
						f(o*s.taps()+tap, (c*s.H+u)*s.W+v, (o*s.H+i)*s.W+j)
					}
				}
			}
		}
	}
}

// All three products against the definition, with and without what was there before, on every instruction set.
func TestConv(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		for _, s := range convShapes {
			t.Run(fmt.Sprint(s), func(t *testing.T) {
				againstDefinition[float64](t, s, 1e-12)
				againstDefinition[float32](t, s, 2e-4)
			})
		}
	})
}

func againstDefinition[F Float](t *testing.T, s Conv, tol float64) {
	for _, acc := range []bool{false, true} {
		k := newConvCase[F](s)
		y, x, dw := slices.Clone(k.y), slices.Clone(k.x), slices.Clone(k.w)
		wantY, wantX, wantW := make([]float64, len(y)), make([]float64, len(x)), convert(dw)
		if acc {
			wantY, wantX = convert(y), convert(x)
		}
		s.each(func(w, x, y int) {
			wantY[y] += float64(k.w[w]) * float64(k.x[x])
			wantX[x] += float64(k.w[w]) * float64(k.y[y])
			wantW[w] += float64(k.y[y]) * float64(k.x[x])
		})
		Convolve(s, k.w, k.x, acc, y, k.scratch)
		ConvolveAdjoint(s, k.w, k.y, acc, x, k.scratch)
		ConvolveWeights(s, k.x, k.y, dw, k.scratch)
		for name, pair := range map[string][2][]float64{"Convolve": {convert(y), wantY}, "ConvolveAdjoint": {convert(x), wantX}, "ConvolveWeights": {convert(dw), wantW}} {
			if off := farthest(pair[0], pair[1]); !(off <= tol) {
				t.Errorf("%s, acc %t: %g from the definition", name, acc, off)
			}
		}
	}
}

func convert[F Float](v []F) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// farthest is the largest distance, relative to the largest entry or 1.
func farthest(got, want []float64) (off float64) {
	top := 1.0
	for _, v := range want {
		top = max(top, math.Abs(v))
	}
	for i, v := range want {
		if d := math.Abs(got[i] - v); !(d <= off) {
			off = d
		}
	}
	return off / top
}

// Operands that do not fit the shape, and a shape that is none, panic.
func TestConvRefusals(t *testing.T) {
	s := Conv{2, 3, 3, 4, 5}
	for name, f := range map[string]func(k convCase[float64]){
		"w":       func(k convCase[float64]) { Convolve(k.Conv, k.w[1:], k.x, false, k.y, k.scratch) },
		"x":       func(k convCase[float64]) { ConvolveAdjoint(k.Conv, k.w, k.y, false, k.x[1:], k.scratch) },
		"y":       func(k convCase[float64]) { ConvolveWeights(k.Conv, k.x, k.y[1:], k.w, k.scratch) },
		"scratch": func(k convCase[float64]) { Convolve(k.Conv, k.w, k.x, false, k.y, k.scratch[1:]) },
		"even":    func(k convCase[float64]) { Convolve(Conv{2, 3, 2, 4, 5}, k.w, k.x, false, k.y, k.scratch) },
		"none":    func(k convCase[float64]) { Convolve(Conv{0, 3, 3, 4, 5}, nil, nil, false, k.y, k.scratch) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f(newConvCase[float64](s))
		}()
	}
}

func BenchmarkConvolve(b *testing.B) {
	k := newConvCase[float32](Conv{3, 24, 5, 40, 40})
	for name, f := range map[string]func(){
		"forward": func() { Convolve(k.Conv, k.w, k.x, false, k.y, k.scratch) },
		"adjoint": func() { ConvolveAdjoint(k.Conv, k.w, k.y, false, k.x, k.scratch) },
		"weights": func() { ConvolveWeights(k.Conv, k.x, k.y, k.w, k.scratch) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(2*float64(k.Out*k.taps()*k.H*k.W)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
