package eval

import (
	"math"
	"strings"
	"sync"

	"unroll/l2o/bilevel"
	"unroll/l2o/denoise"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// An imagingFamily is a way to solve a task: what the layer is and which of its parameters are learned.
type imagingFamily struct {
	Name, About string
	grid        string // the parameters that a grid search moves begin with this
	layout      func(t imagingTask, K int, w *linop.Wavelet, units []float64) (*bilevel.Layout, error)
	backward    func(s linop.Shape, w *linop.Wavelet, observed []float64) (bilevel.Backward, error) // observed as [imagingTask.centred] says
	rate        float64                                                                             // of its training: where few parameters decide everything, or weights are trained already, steps are small
	exact       bool                                                                                // learned with the exact gradient too, which takes hundreds of layers for one of ReTune's
	transformed bool                                                                                // the state is the image's wavelet coefficients, and not the image
	perBand     bool                                                                                // each band has a weight of its own, and may so have a unit of its own
}

// levels is how often the wavelet transform halves an image.
const levels = 4

// imagingFamilies are A, weights of a norm of wavelet coefficients; B, plug-and-play with a fixed denoiser; and C, with all weights of the
// denoiser.
var imagingFamilies = []imagingFamily{
	{
		Name: "A", grid: "lambda", rate: 0.2, exact: true, transformed: true, perBand: true,
		About: "the step τ, λ, one λ_j for each scale and one weight for each band of each channel, of a weighted ℓ1 norm of db4 wavelet coefficients, four levels, " +
			"and one ridge for each band, which makes the penalty strongly convex, around zero or, where a blur leaves the image in sight, around a learned share of what was " +
			"observed; τ is learned by truncated unrolling alone, as no equilibrium depends on it",
		layout: func(t imagingTask, K int, w *linop.Wavelet, units []float64) (*bilevel.Layout, error) {
			bands := w.Bands()
			of := func(kind int, at func(b int) int) func(int, int) int { // the norm's strengths, then the ridges', then the centres'
				return func(_, b int) int {
					if b/len(bands) != kind {
						return -1
					}
					return at(b % len(bands))
				}
			}
			own := func(b int) int { return b }
			ridges := make([]float64, len(bands))
			for b := range ridges {
				ridges[b] = firstRidge * scaleWeights()[scaleOf(bands[b])]
			}
			kinds := 2
			if t.centred() {
				kinds = 3
			}
			l := bilevel.NewLayout(K, kinds*len(bands)).Step(t.firstStep(), true).
				Factor("lambda", []float64{mean(t.Sigma)}, of(0, func(int) int { return 0 })).
				Factor("scale", scaleWeights(), of(0, func(b int) int { return scaleOf(bands[b]) })).
				Factor("weight", units, of(0, own)).Factor("ridge", ridges, of(1, own))
			if t.centred() {
				l.Factor("centre", ridges, of(2, own))
			}
			return l, nil
		},
		backward: func(_ linop.Shape, w *linop.Wavelet, observed []float64) (bilevel.Backward, error) {
			return bilevel.NewElastic(byBand(w, func(i int, _ linop.Band) int { return i }), observed)
		},
	},
	{
		Name: "A12", grid: "lambda", rate: 0.2, transformed: true,
		About: "τ as in A, λ and one λ_j for each scale of the ℓ1,2 norm of db4 wavelet coefficients, ℓ2 over the channels",
		layout: func(t imagingTask, K int, _ *linop.Wavelet, _ []float64) (*bilevel.Layout, error) {
			return bilevel.NewLayout(K, levels+1).Step(t.firstStep(), true).Lambda("lambda", mean(t.Sigma)).
				Factor("scale", scaleWeights(), func(_, b int) int { return b }), nil
		},
		backward: func(_ linop.Shape, w *linop.Wavelet, _ []float64) (bilevel.Backward, error) {
			groups, scale := w.Tied(true, false)
			return bilevel.NewTuned(func(weights []float64) prox.Tunable { return prox.Group{Lambda: 1, Groups: groups, Weights: weights} }, scale), nil
		},
	},
	{
		Name: "B", grid: "sigma", rate: 0.05,
		About: "plug-and-play: the step τ, the strength σ in each channel of a fixed denoiser, shrinkage of wavelet details averaged over two shifts of the " +
			"image, how far each layer goes towards the image that it makes and, for a blur, how far from there towards what was observed",
		layout: func(t imagingTask, K int, _ *linop.Wavelet, _ []float64) (*bilevel.Layout, error) {
			return plugged(t, K, channels), nil
		},
		backward: func(s linop.Shape, w *linop.Wavelet, observed []float64) (bilevel.Backward, error) {
			shrink, err := bilevel.NewShrink(byBand(w, func(_ int, b linop.Band) int {
				if scaleOf(b) == 0 {
					return -1
				}
				return b.Channel
			}))
			if err != nil {
				return nil, err
			}
			spun, err := bilevel.NewSpun(s, w, shrink, []int{0, 1})
			if err != nil {
				return nil, err
			}
			return pulled(bilevel.NewRelaxed(spun, s.Len()), observed), nil
		},
	},
	{
		Name: "B-tv", grid: "sigma", rate: 0.05,
		About: "the same with one strength of the prox of total variation for the denoiser",
		layout: func(t imagingTask, K int, _ *linop.Wavelet, _ []float64) (*bilevel.Layout, error) {
			return plugged(t, K, 1), nil
		},
		backward: func(s linop.Shape, _ *linop.Wavelet, observed []float64) (bilevel.Backward, error) {
			tv := func(w []float64) prox.Tunable { return prox.TV{Lambda: w[0], Shape: s} }
			return pulled(bilevel.NewRelaxed(bilevel.NewTuned(tv, []int{0}), s.Len()), observed), nil
		},
	},
	{
		Name: "B-net", grid: "sigma", rate: 0.05,
		About: "the same with the embedded convolutional denoiser",
		layout: func(t imagingTask, K int, _ *linop.Wavelet, _ []float64) (*bilevel.Layout, error) {
			return plugged(t, K, 1), nil
		},
		backward: func(s linop.Shape, _ *linop.Wavelet, observed []float64) (bilevel.Backward, error) {
			net, err := denoiser()
			if err != nil {
				return nil, err
			}
			return pulled(bilevel.NewRelaxed(net.On(s.H, s.W), s.Len()), observed), nil
		},
	},
	{
		Name: "C", grid: "sigma", rate: 2e-4,
		About: "τ, σ and all weights of the embedded convolutional denoiser, inside the layers",
		layout: func(t imagingTask, K int, _ *linop.Wavelet, _ []float64) (*bilevel.Layout, error) {
			net, err := denoiser()
			if err != nil {
				return nil, err
			}
			return plugged(t, K, 1).Weights(net.Weights), nil
		},
		backward: func(s linop.Shape, _ *linop.Wavelet, observed []float64) (bilevel.Backward, error) {
			net, err := denoiser()
			if err != nil {
				return nil, err
			}
			return pulled(bilevel.NewRelaxed(net.Config.On(s.H, s.W), s.Len()), observed), nil
		},
	},
}

// firstRidge is ρ of a band's ½ρ‖u − c‖² where learning starts, for details, and of the pull of plug-and-play.
const firstRidge = 0.04

// scaleWeights are those of the approximation, which is not sparse, and of the scales.
func scaleWeights() []float64 { return append([]float64{0.01}, ones(levels)...) }

// plugged is the layout of plug-and-play with so many strengths, the share of the way that a layer goes, and where it is centred the pull.
func plugged(t imagingTask, K, strengths int) *bilevel.Layout {
	only := func(first, n int) func(int, int) int {
		return func(_, b int) int {
			if b < first || b >= first+n {
				return -1
			}
			return b - first
		}
	}
	sigma := make([]float64, strengths)
	for i := range sigma {
		sigma[i] = mean(t.Sigma)
	}
	groups := strengths + 1
	if t.centred() {
		groups++
	}
	l := bilevel.NewLayout(K, groups).Step(t.firstStep(), false).Factor("sigma", sigma, only(0, strengths)).Factor("relax", []float64{1}, only(strengths, 1))
	if t.centred() {
		l.Factor("pull", []float64{firstRidge}, only(strengths+1, 1))
	}
	return l
}

// pulled draws what a denoiser makes towards what was observed, if that is given.
func pulled(d *bilevel.Relaxed, observed []float64) bilevel.Backward {
	if observed == nil {
		return d
	}
	return bilevel.NewPulled(d, observed)
}

// denoiser is the embedded one.
var denoiser = sync.OnceValues(func() (*denoise.Bound, error) { return denoise.Open("denoiser") })

// channels of an image of this study.
const channels = 3

// scaleOf is a band's scale, 0 for the approximation.
func scaleOf(b linop.Band) int {
	if b.Orientation == linop.Approximation {
		return 0
	}
	return b.Scale
}

// byBand gives every coefficient the group of its band.
func byBand(w *linop.Wavelet, group func(i int, b linop.Band) int) []int {
	var all []int
	for i, b := range w.Bands() {
		for range b.Len() {
			all = append(all, group(i, b))
		}
	}
	return all
}

// instance makes the layer for one image, in these units of the bands. Losses are those of the image, for the transform is orthonormal.
func (f imagingFamily) instance(t imagingTask, in spoiled, l *bilevel.Layout, units []float64) (bilevel.Instance, error) {
	w, err := linop.NewWavelet(in.shape, levels)
	if err != nil {
		return bilevel.Instance{}, err
	}
	a, out := in.a, bilevel.Instance{Start: in.y, Star: in.truth}
	if f.transformed {
		if a, err = synthesis(in.a, w, units); err != nil {
			return bilevel.Instance{}, err
		}
		out.Start, out.Star, out.Weight = applied(w, in.y), applied(w, in.truth), everyBand(units, w)
		for j, c := range out.Weight {
			out.Start[j] /= c
			out.Star[j] /= c
			out.Weight[j] = c * c
		}
	}
	var observed []float64
	if t.centred() {
		observed = out.Start
	}
	back, err := f.backward(in.shape, w, observed)
	if err != nil {
		return bilevel.Instance{}, err
	}
	out.Step, err = bilevel.NewForwardBackward(a, in.y, 0, back, l)
	return out, err
}

// image is the one of a state of an instance.
func (f imagingFamily) image(u []float64, in bilevel.Instance, s linop.Shape) []float64 {
	if !f.transformed {
		return u
	}
	w, err := linop.NewWavelet(s, levels)
	if err != nil {
		panic("eval: " + err.Error()) // it has made the state
	}
	coefficients := make([]float64, len(u))
	for j, t := range u {
		coefficients[j] = t * math.Sqrt(in.Weight[j])
	}
	return applied(linop.Transposed{A: w}, coefficients)
}

func applied(a linop.Operator, x []float64) []float64 {
	m, _ := a.Dims()
	dst := make([]float64, m)
	a.Apply(dst, x)
	return dst
}

// prepare makes the layout of a family for a task, and the instances of images.
func (s Retune) prepare(t imagingTask, f imagingFamily, images []spoiled) (*bilevel.Layout, []bilevel.Instance, error) {
	w, err := linop.NewWavelet(images[0].shape, levels)
	if err != nil {
		return nil, nil, err
	}
	units, err := f.units(t, w)
	if err != nil {
		return nil, nil, err
	}
	l, err := f.layout(t, s.K, w, units)
	if err != nil {
		return nil, nil, err
	}
	var all []bilevel.Instance
	for _, in := range images {
		one, err := f.instance(t, in, l, units)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, one)
	}
	return l, all, nil
}

// moved adds by to the parameters that a grid search moves.
func (f imagingFamily) moved(l *bilevel.Layout, by float64) []float64 {
	theta := l.Start()
	for i, name := range l.Names {
		if strings.HasPrefix(name, f.grid) {
			theta[i] += by
		}
	}
	return theta
}

func ones(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = 1
	}
	return v
}
