package prox_test

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
	"unroll/l2o/prox"
)

func gaussian(rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

func TestTVConformance(t *testing.T) {
	for _, s := range []linop.Shape{{C: 1, H: 1, W: 1}, {C: 3, H: 2, W: 1}, {C: 1, H: 1, W: 7}, {C: 2, H: 2, W: 3}} {
		t.Run(s.String(), func(t *testing.T) {
			l2otest.Tunable(t, func(theta []float64) prox.Tunable {
				return prox.TV{Lambda: 0.3 * factor(theta, 0), Shape: s, Tol: 1e-15, Most: 2000}
			}, l2otest.TunableOptions{N: []int{s.Len()}, Step: 1e-5})
		})
	}
}

// Two pixels, of two channels: differences (3, 4) of norm 5 shrink by 2τλ/5 of themselves; with 2τλ ≥ 5 both are the mean.
func TestTVByHand(t *testing.T) {
	v := []float64{1, 4, -2, 2} // (2, 1, 2)
	for _, c := range []struct {
		lambda float64
		want   []float64
		value  float64
	}{
		{0, v, 0},
		{1.25, []float64{1.75, 3.25, -1, 1}, 1.25 * 2.5},
		{2.5, []float64{2.5, 2.5, 0, 0}, 0},
		{9, []float64{2.5, 2.5, 0, 0}, 0},
	} {
		g := prox.TV{Lambda: c.lambda, Shape: linop.Shape{C: 2, H: 1, W: 2}, Tol: 1e-9}
		x := make([]float64, 4)
		g.Prox(x, v, 1)
		for j, want := range c.want {
			if !(math.Abs(x[j]-want) <= 1e-8) {
				t.Errorf("λ = %v: pixel %d is %v, want %v", c.lambda, j, x[j], want)
			}
		}
		if got := g.Value(x); !(math.Abs(got-c.value) <= 1e-7) {
			t.Errorf("λ = %v: g(x) = %v, want %v", c.lambda, got, c.value)
		}
	}
}

// An image of three colours with edges and noise.
func picture(rng *rand.Rand, s linop.Shape) []float64 {
	v := gaussian(rng, s.Len())
	for i := range v {
		v[i] = 0.1*v[i] + map[bool]float64{true: 1, false: 0.2}[i%s.W > s.W/3 && i/s.W%s.H > s.H/2]
	}
	return v
}

// What a certificate says holds: the distance to a point computed far longer is no more than it states, and it is not far more than that.
func TestTVCertificate(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	s := linop.Shape{C: 3, H: 9, W: 12}
	for range 2 {
		v := picture(rng, s)
		size := math.Sqrt(sumSquares(v))
		sharp, x := make([]float64, len(v)), make([]float64, len(v))
		end := prox.TV{Lambda: 0.2, Shape: s, Tol: 1e-8, Most: 20_000}.ProxCertified(sharp, v, 0.7)
		if !end.Reached || end.Distance > 1e-8*size {
			t.Errorf("the long run ends with %+v", end)
		}
		for _, tol := range []float64{1e-2, 1e-3, 1e-4, 1e-5} {
			c := prox.TV{Lambda: 0.2, Shape: s, Tol: tol, Most: 20_000}.ProxCertified(x, v, 0.7)
			off := 0.0
			for j, w := range sharp {
				off += (x[j] - w) * (x[j] - w)
			}
			off = math.Sqrt(off)
			if !c.Reached || c.Distance > tol*size || off > c.Distance+end.Distance {
				t.Errorf("Tol %v: %+v, distance %v", tol, c, off)
			}
			t.Logf("Tol %.0e: %d iterations, stated %.1e, true %.1e", tol, c.Iterations, c.Distance/size, off/size)
		}
		if c := (prox.TV{Lambda: 0.2, Shape: s, Most: 3}).ProxCertified(x, v, 0.7); c.Reached || c.Iterations != 3 {
			t.Errorf("after the 3 iterations allowed: %+v", c)
		}
	}
}

// The derivatives of a linear function of the proximal point of a picture, in the picture and in log λ, against differences.
func TestTVDerivatives(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	s := linop.Shape{C: 2, H: 6, W: 7}
	v, w := picture(rng, s), gaussian(rng, s.Len())
	at := func(theta []float64) prox.TV {
		return prox.TV{Lambda: 0.1 * math.Exp(theta[s.Len()]), Shape: s, Tol: 1e-13, Most: 2000}
	}
	stats := l2otest.CheckGrad(t, func(theta []float64) (float64, []float64, uint64) {
		g, x, slope := at(theta), make([]float64, s.Len()), make([]float64, s.Len()+1)
		g.Prox(x, theta[:s.Len()], 0.8)
		g.Jacobian(slope[:s.Len()], theta[:s.Len()], 0.8, w)
		g.WeightAdjoint(slope[s.Len():], theta[:s.Len()], 0.8, w)
		value := 0.0
		for j, u := range x {
			value += w[j] * u
		}
		return value, slope, flat(s, x)
	}, append(slices.Clone(v), 0), l2otest.GradOptions{Step: 1e-6, Tol: 1e-6})
	t.Logf("%+v", stats)
}

// flat returns a hash of the pixels whose differences are 0.
func flat(s linop.Shape, x []float64) (hash uint64) {
	d := make([]float64, 2*len(x))
	gradient, err := linop.NewGradient(s)
	if err != nil {
		panic(err)
	}
	gradient.Apply(d, x)
	for i := range s.H * s.W {
		size := 0.0
		for j := i; j < len(d); j += s.H * s.W {
			size += math.Abs(d[j])
		}
		hash *= 3
		if size > 1e-9 {
			hash++
		}
	}
	return hash
}

func sumSquares(v []float64) (s float64) {
	for _, x := range v {
		s += x * x
	}
	return s
}

// The same point asked again, in turn with others and by several goroutines, gives the same bits.
func TestTVShared(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	s := linop.Shape{C: 2, H: 6, W: 5}
	all := []prox.TV{{Lambda: 0.1, Shape: s}, {Lambda: 0.3, Shape: s}, {Lambda: 0.3, Shape: s, Tol: 1e-2}, {Lambda: 0.3, Shape: linop.Shape{C: 1, H: 12, W: 5}}}
	v, w := picture(rng, s), gaussian(rng, s.Len())
	answer := func(g prox.TV, turn int) []float64 {
		out := make([]float64, 3*s.Len()+1)
		calls := []func(){
			func() { g.Prox(out[:s.Len()], v, 1) },
			func() { g.Jacobian(out[s.Len():2*s.Len()], v, 1, w) },
			func() { g.WeightJacobian(out[2*s.Len():3*s.Len()], v, 1, []float64{2}) },
			func() { g.WeightAdjoint(out[3*s.Len():], v, 1, w) },
		}
		for k := range calls {
			calls[(k+turn)%4]()
		}
		return out
	}
	var want [][]float64
	for _, g := range all {
		want = append(want, answer(g, 0))
	}
	var running sync.WaitGroup
	for turn := range 4 {
		running.Go(func() {
			for k := range 12 {
				i := (k + turn) % len(all)
				if !slices.Equal(answer(all[i], turn), want[i]) {
					t.Errorf("%+v: another answer the second time", all[i])
				}
			}
		})
	}
	running.Wait()
}

func TestTVCheck(t *testing.T) {
	s := linop.Shape{C: 1, H: 2, W: 3}
	if err := (prox.TV{Lambda: 1, Shape: s}).Check(6); err != nil {
		t.Error(err)
	}
	for want, g := range map[string]prox.TV{
		"prox: Lambda is -1, want a finite number ≥ 0":                    {Lambda: -1, Shape: s},
		"prox: Shape is 1×3×3, want 6 numbers":                            {Shape: linop.Shape{C: 1, H: 3, W: 3}},
		"prox: Shape is 0×0×0, want at least one channel, row and column": {},
		"prox: Tol is NaN, want a finite number ≥ 0":                      {Shape: s, Tol: math.NaN()},
		fmt.Sprintf("prox: Most is %d, want a number ≥ 0", -1):            {Shape: s, Most: -1},
	} {
		if e, ok := errors.AsType[*prox.ParamError](g.Check(6)); !ok || e.Error() != want {
			t.Errorf("error %v, want %s", e, want)
		}
	}
}
