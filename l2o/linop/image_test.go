package linop_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
)

// must returns an operator that its maker does not refuse.
func must[A any](a A, err error) A {
	if err != nil {
		panic(err)
	}
	return a
}

// imageOperators is the table of the conformance test: a new operator on images is one more row.
func imageOperators(rng *rand.Rand) map[string]linop.Operator {
	s := linop.Shape{C: 3, H: 12, W: 8}
	wavelet := must(linop.NewWavelet(s, 2))
	blur := must(linop.NewConv2D(s, linop.Reflect, linop.Lines(5)...))
	return map[string]linop.Operator{
		"mask":                  must(linop.Bernoulli(s, 0.5, rng)),
		"mask of channels":      must(linop.NewMask(s, gaussian(rng, s.Len()))),
		"mix to one channel":    must(linop.NewMix(s, random(rng, 1, 3))),
		"mix to five":           must(linop.NewMix(s, random(rng, 5, 3))),
		"gradient":              must(linop.NewGradient(s)),
		"gradient of a row":     must(linop.NewGradient(linop.Shape{C: 1, H: 1, W: 7})),
		"gradient of a column":  must(linop.NewGradient(linop.Shape{C: 2, H: 7, W: 1})),
		"gradient of a pixel":   must(linop.NewGradient(linop.Shape{C: 2, H: 1, W: 1})),
		"wavelet":               wavelet,
		"wavelet of 2×2":        must(linop.NewWavelet(linop.Shape{C: 1, H: 2, W: 2}, 1)),
		"wavelet of 64×32":      must(linop.NewWavelet(linop.Shape{C: 2, H: 64, W: 32}, 5)),
		"lines, reflect":        blur,
		"lines, periodic":       must(linop.NewConv2D(s, linop.Periodic, linop.Lines(7)...)),
		"full kernel, reflect":  must(linop.NewConv2D(s, linop.Reflect, kernelOf(rng, 3, 4))),
		"full kernel, periodic": must(linop.NewConv2D(s, linop.Periodic, kernelOf(rng, 12, 8))),
		"largest, reflect":      must(linop.NewConv2D(s, linop.Reflect, kernelOf(rng, 12, 8))),
		"composition":           must(linop.Compose(must(linop.Bernoulli(s, 0.5, rng)), blur, linop.Transposed{A: wavelet})),
		"composition of one":    must(linop.Compose(blur)),
		"transposed":            linop.Transposed{A: must(linop.NewGradient(s))},
	}
}

func kernelOf(rng *rand.Rand, h, w int) linop.Kernel {
	return linop.Kernel{H: h, W: w, Data: gaussian(rng, h*w)}
}

func gaussian(rng *rand.Rand, n int) []float64 { return random(rng, 1, n).Data }

func TestImageOperatorsConformance(t *testing.T) {
	for name, a := range imageOperators(rand.New(rand.NewPCG(1, 0))) {
		t.Run(name, func(t *testing.T) {
			l2otest.Operator(t, a)
			if _, n := a.Dims(); n < 500 {
				adjointIsTranspose(t, a)
			}
		})
	}
}

// adjointIsTranspose compares every entry of the matrix of Apply with that of Adjoint, which random vectors may miss at the edges.
func adjointIsTranspose(t *testing.T, a linop.Operator) {
	t.Helper()
	m, n := a.Dims()
	forward, backward := matrixOf(a.Apply, m, n), matrixOf(a.Adjoint, n, m)
	for i := range m {
		for j := range n {
			if !(math.Abs(forward[j][i]-backward[i][j]) <= 1e-14*(1+math.Abs(forward[j][i]))) {
				t.Fatalf("entry (%d, %d) is %v of A and %v of Aᵀ", i, j, forward[j][i], backward[i][j])
			}
		}
	}
}

// matrixOf returns the columns of a map.
func matrixOf(apply func(dst, x []float64), rows, columns int) [][]float64 {
	all, unit := make([][]float64, columns), make([]float64, columns)
	for j := range all {
		all[j], unit[j] = make([]float64, rows), 1
		apply(all[j], unit)
		unit[j] = 0
	}
	return all
}

// Several goroutines that use one operator get what one alone gets.
func TestImageOperatorsShared(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for name, a := range imageOperators(rng) {
		m, n := a.Dims()
		x, y := gaussian(rng, n), gaussian(rng, m)
		ax, aty := make([]float64, m), make([]float64, n)
		a.Apply(ax, x)
		a.Adjoint(aty, y)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				u, v := make([]float64, m), make([]float64, n)
				for range 5 {
					a.Apply(u, x)
					a.Adjoint(v, y)
					if !slices.Equal(u, ax) || !slices.Equal(v, aty) {
						t.Errorf("%s: another result beside other goroutines", name)
						return
					}
				}
			})
		}
		all.Wait()
	}
}

// What is not finite in an operator shows in its adjoint at 0.
func TestImageOperatorsShowWhatIsNotFinite(t *testing.T) {
	s := linop.Shape{C: 1, H: 4, W: 4}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		spoilt := linop.Kernel{H: 3, W: 3, Data: make([]float64, 9)}
		spoilt.Data[4] = bad
		for name, a := range map[string]linop.Operator{
			"mask":        must(linop.NewMask(s, slices.Repeat([]float64{bad}, 16))),
			"mix":         must(linop.NewMix(s, &linop.Dense{M: 1, N: 1, Data: []float64{bad}})),
			"convolution": must(linop.NewConv2D(s, linop.Reflect, spoilt)),
		} {
			m, n := a.Dims()
			x := make([]float64, n)
			if a.Adjoint(x, make([]float64, m)); x[5]-x[5] == 0 {
				t.Errorf("%s with %v: Aᵀ0 is %v", name, bad, x)
			}
		}
	}
}

// One line for every mistake, which names what does not fit.
func TestShapeErrors(t *testing.T) {
	s := linop.Shape{C: 3, H: 12, W: 8}
	rng := rand.New(rand.NewPCG(1, 0))
	refused := func(_ any, err error) error { return err }
	for want, err := range map[string]error{
		"linop: shape of the image is 0×2×2, want at least one channel, row and column":                                                    refused(linop.NewGradient(linop.Shape{H: 2, W: 2})),
		"linop: kernel is 13×2, want at most 12×8, the image":                                                                              refused(linop.NewConv2D(s, linop.Reflect, kernelOf(rng, 13, 2))),
		"linop: kernel is 2×9, want at most 12×8, the image":                                                                               refused(linop.NewConv2D(s, linop.Periodic, kernelOf(rng, 2, 9))),
		"linop: kernel is 0×1, want at least 1×1":                                                                                          refused(linop.NewConv2D(s, linop.Periodic, linop.Kernel{W: 1})),
		"linop: number of kernels is 2, want 1, or 3 for an image of 3×12×8":                                                               refused(linop.NewConv2D(s, linop.Reflect, linop.Lines(3)[:2]...)),
		"linop: mask is of 95 pixels, want 96 or 288 of them for an image of 3×12×8":                                                       refused(linop.NewMask(s, make([]float64, 95))),
		"linop: matrix that mixes channels is 1×4, want 3 columns for an image of 3×12×8":                                                  refused(linop.NewMix(s, random(rng, 1, 4))),
		"linop: number of levels of a wavelet transform is 3, want at most 2 for an image of 3×12×8, whose height and width it must halve": refused(linop.NewWavelet(s, 3)),
		"linop: number of levels of a wavelet transform is 0, want at least 1":                                                             refused(linop.NewWavelet(s, 0)),
		"linop: mask is of 48 pixels, want 96 or 288 of them for an image of 3×12×8":                                                       refused(linop.NewMask(s, make([]float64, 48))),
		"linop: matrix that mixes channels is 0×3, want 3 columns for an image of 3×12×8":                                                  refused(linop.NewMix(s, &linop.Dense{N: 3})),
		"linop: number of rows of operator 1 of a composition is 576, want 288, the columns of operator 0":                                 refused(linop.Compose(must(linop.NewWavelet(s, 1)), must(linop.NewGradient(s)))),
		"linop: number of operators to compose is 0, want at least 1":                                                                      refused(linop.Compose()),
		"linop: number of rows of operator 1 of a composition is 288, want 576, the columns of operator 0":                                 refused(linop.Compose(linop.Transposed{A: must(linop.NewGradient(s))}, must(linop.NewWavelet(s, 1)))),
	} {
		if _, ok := errors.AsType[*linop.ShapeError](err); !ok || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestProbabilityErrors(t *testing.T) {
	s := linop.Shape{C: 1, H: 2, W: 2}
	for want, keep := range map[string]float64{"1.5": 1.5, "-0.1": -0.1, "NaN": math.NaN()} {
		_, err := linop.Bernoulli(s, keep, rand.New(rand.NewPCG(1, 0)))
		if _, ok := errors.AsType[*linop.ProbabilityError](err); !ok || err.Error() != "linop: probability to keep a pixel is "+want+", want a number from 0 to 1" {
			t.Errorf("error %v", err)
		}
	}
}

// The norms that are known: at most √8 for differences, near it on a large image; 1 for a mask, an orthonormal transform and a periodic mean.
func TestNormsOfImageOperators(t *testing.T) {
	s := linop.Shape{C: 2, H: 32, W: 32}
	for name, c := range map[string]struct {
		a        linop.Operator
		from, to float64
	}{
		"gradient": {must(linop.NewGradient(s)), math.Sqrt(8) * math.Cos(math.Pi/64) * (1 - 1e-12), math.Sqrt(8) * math.Cos(math.Pi/64) * (1 + 1e-12)},
		"wavelet":  {must(linop.NewWavelet(s, 3)), 1 - 1e-13, 1 + 1e-12},
		"mask":     {must(linop.Bernoulli(s, 0.5, rand.New(rand.NewPCG(1, 1)))), 1 - 1e-13, 1 + 1e-12},
		"blur":     {must(linop.NewConv2D(s, linop.Periodic, linop.Lines(9)[:2]...)), 1 - 1e-13, 1 + 1e-12},
	} {
		if norm := linop.Norm(c.a); !(norm >= c.from && norm <= c.to) {
			t.Errorf("%s: norm %.17g, want %.17g to %.17g", name, norm, c.from, c.to)
		}
	}
}

func TestMixAndGradientByHand(t *testing.T) {
	s := linop.Shape{C: 2, H: 2, W: 3}
	x := []float64{1, 2, 4, 8, 16, 32, 0, 0, 5, 0, 0, 0}
	for name, c := range map[string]struct {
		a    linop.Operator
		want []float64
	}{
		"gradient": {must(linop.NewGradient(s)), []float64{7, 14, 28, 0, 0, 0, 1, 2, 0, 8, 16, 0, 0, 0, -5, 0, 0, 0, 0, 5, 0, 0, 0, 0}},
		"mix":      {must(linop.NewMix(s, &linop.Dense{M: 1, N: 2, Data: []float64{2, -1}})), []float64{2, 4, 3, 16, 32, 64}},
	} {
		got := make([]float64, len(c.want))
		if c.a.Apply(got, x); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestBernoulliKeepsPixelsInAllChannels(t *testing.T) {
	s := linop.Shape{C: 3, H: 100, W: 100}
	for _, keep := range []float64{0, 0.1, 0.5, 0.9, 1} {
		d := must(linop.Bernoulli(s, keep, rand.New(rand.NewPCG(3, 0)))).D
		kept := 0.0
		for i, v := range d {
			if v != d[i%10_000] || v != 0 && v != 1 {
				t.Fatalf("pixel %d is multiplied by %v, that of channel 0 by %v", i, v, d[i%10_000])
			}
			kept += v / float64(len(d))
		}
		if !(math.Abs(kept-keep) <= 4*math.Sqrt(keep*(1-keep)/10_000)+1e-9) {
			t.Errorf("a share of %v is kept, want %v", kept, keep)
		}
	}
}

func ExampleWavelet_Bands() {
	w, err := linop.NewWavelet(linop.Shape{C: 1, H: 8, W: 16}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range w.Bands() {
		fmt.Println(b.Scale, b.Orientation, b.Start, b.Start+b.Len())
	}
	// Output:
	// 2 0 0 8
	// 2 1 8 16
	// 2 2 16 24
	// 2 3 24 32
	// 1 1 32 64
	// 1 2 64 96
	// 1 3 96 128
}
