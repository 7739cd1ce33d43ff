package bilevel_test

import (
	"math/rand/v2"
	"testing"

	"unroll/l2o/bilevel"
	"unroll/l2o/denoise"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// plugged is plug-and-play: two channels of 8×8 pixels, half of them kept, wavelet shrinkage over three shifts with a strength for each channel
// and layer, relaxed and pulled towards what was observed.
func plugged(t testing.TB, seed uint64, K int) (in bilevel.Instance, theta []float64) {
	t.Helper()
	shape := linop.Shape{C: 2, H: 8, W: 8}
	rng := rand.New(rand.NewPCG(seed, 17))
	mask, err := linop.Bernoulli(shape, 0.5, rng)
	if err != nil {
		t.Fatal(err)
	}
	group := make([]int, shape.Len())
	for j := range group {
		if group[j] = j / (shape.H * shape.W); j%(shape.H*shape.W) < 4 { // the approximation
			group[j] = -1
		}
	}
	spun := newSpun(t, shape, group, []int{0, 1, 3})
	star, y := make([]float64, shape.Len()), make([]float64, shape.Len())
	for j := range star {
		star[j] = float64(j/8%8+j%8)/14 + 0.05*rng.NormFloat64()
	}
	mask.Apply(y, star)
	layout := bilevel.NewLayout(K, 4).Step(0.9, false)
	layout.Factor("sigma", []float64{0.1, 0.15, 0.7, 0.2}, func(_, b int) int { return b }).PerLayer("step", 0.9)
	step, err := bilevel.NewForwardBackward(mask, y, 0.2, bilevel.NewPulled(bilevel.NewRelaxed(spun, shape.Len()), y), layout)
	if err != nil {
		t.Fatal(err)
	}
	theta = layout.Start()
	for i := range theta {
		theta[i] += 0.05 * rng.NormFloat64()
	}
	return bilevel.Instance{Step: step, Start: y, Star: star}, theta
}

// blocks is a penalty of the norms of three unknowns each, of two scales, on the testbed's law.
func blocks(t testing.TB, seed uint64, K int) (in bilevel.Instance, theta []float64) {
	t.Helper()
	in, _ = testbed(t, seed, K, true)
	f := in.Step.(*bilevel.ForwardBackward)
	groups, scale := [][]int{}, []int{}
	for j := 0; j < 18; j += 3 {
		groups, scale = append(groups, []int{j, j + 1, j + 2}), append(scale, j%2)
	}
	groups, scale = append(groups, []int{18, 19}), append(scale, 0)
	back := bilevel.NewTuned(func(w []float64) prox.Tunable { return prox.Group{Lambda: 1, Groups: groups, Weights: w} }, scale)
	layout := bilevel.NewLayout(K, 2).Step(0.3, true).PerGroup("scale", 0.2)
	step, err := bilevel.NewForwardBackward(f.A, f.Y, f.Ridge, back, layout)
	if err != nil {
		t.Fatal(err)
	}
	return bilevel.Instance{Step: step, Start: in.Start, Star: in.Star}, layout.Start()
}

// elastic is a norm with a ridge for each of four groups on the testbed's law, some unknowns in none, with errors in units of their own.
func elastic(t testing.TB, seed uint64, K int) (in bilevel.Instance, theta []float64) {
	t.Helper()
	in, _ = testbed(t, seed, K, true)
	f := in.Step.(*bilevel.ForwardBackward)
	group, weight := make([]int, len(in.Star)), make([]float64, len(in.Star))
	for j := range group {
		group[j], weight[j] = j%5-1, 0.5+float64(j%3)
	}
	if _, err := bilevel.NewElastic(group, f.Y[:1:1]); err == nil {
		t.Fatal("a centre of another length was taken")
	}
	back, err := bilevel.NewElastic(group, weight)
	if err != nil {
		t.Fatal(err)
	}
	layout := bilevel.NewLayout(K, 12).Step(0.2, true).
		Factor("lambda", []float64{0.1, 0.2, 0.3, 0.1, 0.05, 0.1, 0.2, 0.4, 0.3, 0.1, 0.2, 0.5}, func(_, b int) int { return b })
	step, err := bilevel.NewForwardBackward(f.A, f.Y, f.Ridge, back, layout)
	if err != nil {
		t.Fatal(err)
	}
	return bilevel.Instance{Step: step, Start: in.Start, Star: in.Star, Weight: weight}, layout.Start()
}

// The prox of a penalty is where its value and half the squared distance, which are convex and separable, have their sum least.
func TestElasticIsAProx(t *testing.T) {
	for _, centre := range [][]float64{nil, {1, -3, 0.2, 2, -1, 0.5}} {
		back, err := bilevel.NewElastic([]int{0, 1, -1, 0, 1, 0}, centre)
		if err != nil {
			t.Fatal(err)
		}
		v, u := []float64{1.5, -2, 0.7, 0.2, 0.9, -1.1}, make([]float64, 6)
		s := []float64{0.4, 1, 0.3, 0.8, 0.7, 0.2}[:back.Groups()]
		back.Apply(u, v, s, nil)
		value := func() float64 {
			sum := back.Value(u, s)
			for j, x := range u {
				sum += (x - v[j]) * (x - v[j]) / 2
			}
			return sum
		}
		least := value()
		for j, x := range u {
			for _, by := range []float64{-1e-4, 1e-4} {
				u[j] = x + by
				if value() < least {
					t.Errorf("centre %v: moving coordinate %d by %g improves the objective", centre, j, by)
				}
				u[j] = x
			}
		}
	}
}

// network is plug-and-play with all weights of a small convolutional denoiser, in the layers as they are.
func network(t testing.TB, seed uint64, K int) (in bilevel.Instance, theta []float64) {
	t.Helper()
	const h, w = 5, 6
	config := denoise.Config{Channels: 1, Layers: 2, Filters: 2, Size: 3, Cap: 1.5, Precision: denoise.Float64}
	var weights []float64
	for _, p := range config.Init(seed) {
		weights = append(weights, p.F64...)
	}
	rng := rand.New(rand.NewPCG(seed, 19))
	mask, err := linop.Bernoulli(linop.Shape{C: 1, H: h, W: w}, 0.6, rng)
	if err != nil {
		t.Fatal(err)
	}
	star, y := make([]float64, h*w), make([]float64, h*w)
	for j := range star {
		star[j] = rng.Float64()
	}
	mask.Apply(y, star)
	layout := bilevel.NewLayout(K, 1).Step(0.9, false).Lambda("sigma", 0.2).PerLayer("level", 1.1).Weights(weights)
	step, err := bilevel.NewForwardBackward(mask, y, 0.2, config.On(h, w), layout)
	if err != nil {
		t.Fatal(err)
	}
	return bilevel.Instance{Step: step, Start: y, Star: star}, layout.Start()
}

func newSpun(t testing.TB, shape linop.Shape, group, shifts []int) *bilevel.Spun {
	t.Helper()
	w, err := linop.NewWavelet(shape, 2)
	if err != nil {
		t.Fatal(err)
	}
	shrink, err := bilevel.NewShrink(group)
	if err != nil {
		t.Fatal(err)
	}
	spun, err := bilevel.NewSpun(shape, w, shrink, shifts)
	if err != nil {
		t.Fatal(err)
	}
	return spun
}

// A denoiser that averages over all shifts of the dyadic grid moves with the image, and does nothing at strength 0 up to rounding.
func TestSpun(t *testing.T) {
	shape := linop.Shape{C: 1, H: 8, W: 8}
	spun := newSpun(t, shape, make([]int, 64), []int{0, 1, 2, 3})
	rng := rand.New(rand.NewPCG(1, 1))
	v, moved, out, outMoved := make([]float64, 64), make([]float64, 64), make([]float64, 64), make([]float64, 64)
	for j := range v {
		v[j] = rng.NormFloat64()
	}
	for j := range v {
		moved[(j/8+1)%8*8+(j+1)%8] = v[j]
	}
	spun.Apply(out, v, []float64{0.5}, nil)
	spun.Apply(outMoved, moved, []float64{0.5}, nil)
	back := make([]float64, 64)
	for j := range back {
		back[j] = outMoved[(j/8+1)%8*8+(j+1)%8]
	}
	if d := relative(back, out); !(d <= 1e-13) {
		t.Errorf("the denoiser of the moved image is off by %.1e", d)
	}
	if !(size(out) < 0.9*size(v)) {
		t.Errorf("norm %g of %g after denoising", size(out), size(v))
	}
	spun.Apply(out, v, []float64{0}, nil)
	if d := relative(out, v); !(d <= 1e-10) {
		t.Errorf("at strength 0 the image changes by %.1e", d)
	}
	w, _ := linop.NewWavelet(shape, 1)
	shrink, _ := bilevel.NewShrink(make([]int, 64))
	if _, err := bilevel.NewSpun(shape, w, shrink, nil); err == nil {
		t.Error("no shifts are accepted")
	}
}
