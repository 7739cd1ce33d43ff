package linop_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/l2o/linop"
)

// beyond walks from pixel i back into 0 … n−1: it turns round at an edge, or goes on at the other one.
func beyond(i, n int, edges linop.Edges) int {
	for i < 0 || i >= n {
		switch {
		case edges == linop.Periodic && i < 0:
			i += n
		case edges == linop.Periodic:
			i -= n
		case i < 0:
			i = -i
		default:
			i = 2*(n-1) - i
		}
	}
	return i
}

// convolve is the definition, pixel by pixel.
func convolve(s linop.Shape, edges linop.Edges, kernels []linop.Kernel, x []float64) []float64 {
	y := make([]float64, s.Len())
	for c := range s.C {
		k := kernels[c%len(kernels)]
		for i := range s.H {
			for j := range s.W {
				sum := 0.0
				for a := range k.H {
					for b := range k.W {
						u, v := beyond(i+k.H/2-a, s.H, edges), beyond(j+k.W/2-b, s.W, edges)
						sum += k.Data[a*k.W+b] * x[(c*s.H+u)*s.W+v]
					}
				}
				y[(c*s.H+i)*s.W+j] = sum
			}
		}
	}
	return y
}

// Sums over taps and products of transforms, of every radix, with a margin and without.
func TestConv2DIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	worst := 0.0
	for _, s := range []linop.Shape{
		{C: 1, H: 1, W: 1}, {C: 3, H: 9, W: 14}, {C: 3, H: 25, W: 31}, {C: 1, H: 2, W: 40}, {C: 1, H: 27, W: 54}, {C: 2, H: 32, W: 12}, {C: 1, H: 64, W: 36}, {C: 1, H: 16, W: 27}, {C: 1, H: 81, W: 18},
	} {
		for _, edges := range []linop.Edges{linop.Reflect, linop.Periodic} {
			all := [][]linop.Kernel{{kernelOf(rng, s.H, s.W)}, {kernelOf(rng, 1, s.W)}, {kernelOf(rng, (s.H+1)/2, (s.W+2)/3)}}
			if s.C == 3 {
				all = append(all, linop.Lines(9), []linop.Kernel{kernelOf(rng, 9, 13), kernelOf(rng, 3, 2), kernelOf(rng, 1, 1)})
			}
			for i, kernels := range all {
				x, y := gaussian(rng, s.Len()), make([]float64, s.Len())
				must(linop.NewConv2D(s, edges, kernels...)).Apply(y, x)
				if off := apart(y, convolve(s, edges, kernels, x)); !(off <= 1e-12) {
					t.Errorf("%v, edges %d, kernels %d: %.1e off", s, edges, i, off)
				} else {
					worst = max(worst, off)
				}
			}
		}
	}
	t.Logf("at most %.1e off", worst)
}

// An operator's memory is used again; what an earlier image left there, not finite or huge, is in no later result. The transform is of 18
// columns, of which the second part of 16 has two.
func TestConv2DRemembersNothing(t *testing.T) {
	s, rng := linop.Shape{C: 1, H: 20, W: 10}, rand.New(rand.NewPCG(6, 0))
	a, x, want, got := must(linop.NewConv2D(s, linop.Reflect, kernelOf(rng, 9, 9))), gaussian(rng, s.Len()), make([]float64, s.Len()), make([]float64, s.Len())
	for name, apply := range map[string]func(dst, x []float64){"Apply": a.Apply, "Adjoint": a.Adjoint} {
		apply(want, x)
		for _, bad := range []float64{math.NaN(), 1e200} {
			apply(got, slices.Repeat([]float64{bad}, s.Len()))
			if apply(got, x); !slices.Equal(got, want) {
				t.Errorf("%s: another result after an image of %v", name, bad)
			}
		}
	}
}

// apart returns the largest difference, relative to the largest number.
func apart(got, want []float64) (off float64) {
	size := 0.0
	for i, v := range want {
		off, size = max(off, math.Abs(got[i]-v)), max(size, math.Abs(v))
	}
	return off / size
}

// With the kernel (1 2 4) a pixel gets 4 times its left neighbour and once its right one: convolution turns the kernel round.
func TestConv2DByHand(t *testing.T) {
	row := linop.Kernel{H: 1, W: 3, Data: []float64{1, 2, 4}}
	for _, c := range []struct {
		edges linop.Edges
		want  []float64
	}{
		{linop.Reflect, []float64{4*10 + 2*1 + 10, 4*1 + 20 + 100, 40 + 200 + 1000, 400 + 2000 + 100}},
		{linop.Periodic, []float64{4*1000 + 2*1 + 10, 4*1 + 20 + 100, 40 + 200 + 1000, 400 + 2000 + 1}},
	} {
		y := make([]float64, 4)
		if must(linop.NewConv2D(linop.Shape{C: 1, H: 1, W: 4}, c.edges, row)).Apply(y, []float64{1, 10, 100, 1000}); !slices.Equal(y, c.want) {
			t.Errorf("edges %d: %v, want %v", c.edges, y, c.want)
		}
	}
}

func TestLines(t *testing.T) {
	for c, want := range [][]float64{{0, 1, 0, 0, 1, 0, 0, 1, 0}, {0, 0, 0, 1, 1, 1, 0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}} {
		for i, v := range linop.Lines(3)[c].Data {
			if v != want[i]/3 {
				t.Errorf("line %d: number %d is %v, want %v", c, i, v, want[i]/3)
			}
		}
	}
}

// Photographs, and crops as the study of blurred images has them.
func BenchmarkConv2D(b *testing.B) {
	for _, side := range []int{512, 96, 48} {
		s := linop.Shape{C: 3, H: side, W: side}
		rng := rand.New(rand.NewPCG(1, 0))
		x, y := gaussian(rng, s.Len()), make([]float64, s.Len())
		for _, c := range []struct {
			name string
			a    linop.Operator
		}{
			{"lines", must(linop.NewConv2D(s, linop.Reflect, linop.Lines(25)...))},
			{"periodic", must(linop.NewConv2D(s, linop.Periodic, kernelOf(rng, 25, 25)))},
			{"reflect", must(linop.NewConv2D(s, linop.Reflect, kernelOf(rng, 25, 25)))},
		} {
			b.Run(fmt.Sprintf("%d/%s/Apply", side, c.name), func(b *testing.B) {
				for b.Loop() {
					c.a.Apply(y, x)
				}
			})
			b.Run(fmt.Sprintf("%d/%s/Adjoint", side, c.name), func(b *testing.B) {
				for b.Loop() {
					c.a.Adjoint(x, y)
				}
			})
		}
	}
}
