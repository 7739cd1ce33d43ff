package bilevel

import (
	"fmt"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// Spun is a denoiser of images: shrinkage of wavelet coefficients, averaged over shifts of the image, so that it hardly matters where the dyadic
// grid lies (Coifman and Donoho, "Translation-invariant de-noising", 1995),
//
//	D_s(v) = 1/|S| Σ_{i∈S} S₋ᵢ Wᵀ shrink_s(W Sᵢ v),    Sᵢ a shift by i pixels along both axes, around the edge.
//
// As a mean of proxes it is firmly nonexpansive, and no prox of a penalty that is known.
type Spun struct {
	shape   linop.Shape
	wavelet *linop.Wavelet
	shrink  *Shrink
	shifts  []int

	image, v, w, t []float64
	ds             []float64
}

// NewSpun returns the denoiser with a strength for each group of wavelet coefficients, on which shrink works, and the shifts.
func NewSpun(s linop.Shape, w *linop.Wavelet, shrink *Shrink, shifts []int) (*Spun, error) {
	_, n := w.Dims()
	if n != s.Len() || len(shrink.group) != n {
		return nil, &l2o.InputError{Arg: "shrink", Value: fmt.Sprintf("of %d coordinates", len(shrink.group)), Want: fmt.Sprintf("%d, those of the image", s.Len())}
	}
	if len(shifts) == 0 {
		return nil, &l2o.InputError{Arg: "shifts", Value: "empty", Want: "at least one"}
	}
	buffer := func() []float64 { return make([]float64, n) }
	return &Spun{s, w, shrink, shifts, buffer(), buffer(), buffer(), buffer(), make([]float64, shrink.groups)}, nil
}

// Groups returns those of the shrinkage.
func (p *Spun) Groups() int { return p.shrink.groups }

// Weights returns 0.
func (p *Spun) Weights() int { return 0 }

// Apply sets dst = D_s(v).
func (p *Spun) Apply(dst, v, s, _ []float64) {
	clear(dst)
	for _, i := range p.shifts {
		p.analyse(p.v, v, i)
		p.shrink.Apply(p.t, p.v, s, nil)
		p.synthesise(dst, i)
	}
}

// Tangent sets dst = ∂D t.
func (p *Spun) Tangent(dst, v, s, _, t []float64) { p.Adjoint(dst, nil, nil, v, s, nil, t) }

// Adjoint is Tangent, for ∂D is symmetric.
func (p *Spun) Adjoint(dst, ds, _, v, s, _, w []float64) {
	part := p.ds
	if ds == nil {
		part = nil
	}
	clear(ds)
	clear(dst)
	for _, i := range p.shifts {
		p.analyse(p.v, v, i)
		p.analyse(p.w, w, i)
		p.shrink.Adjoint(p.t, part, nil, p.v, s, nil, p.w)
		for b, d := range part {
			ds[b] += d / float64(len(p.shifts))
		}
		p.synthesise(dst, i)
	}
}

// analyse sets dst = W Sᵢ x.
func (p *Spun) analyse(dst, x []float64, i int) {
	p.shift(p.image, x, i, false)
	p.wavelet.Apply(dst, p.image)
}

// synthesise adds S₋ᵢ Wᵀ t/|S| to dst.
func (p *Spun) synthesise(dst []float64, i int) {
	p.wavelet.Adjoint(p.image, p.t)
	scale(p.image, 1/float64(len(p.shifts)))
	p.shift(dst, p.image, p.shape.H*p.shape.W-i, true)
}

// shift sets dst to x, or adds it, moved by i rows and columns around the edges.
func (p *Spun) shift(dst, x []float64, i int, add bool) {
	h, w := p.shape.H, p.shape.W
	for row := range p.shape.C * h {
		from := x[row*w : (row+1)*w]
		to := dst[(row/h*h+(row+i)%h)*w:][:w]
		for j, t := range from {
			k := (j + i) % w
			if add {
				to[k] += t
			} else {
				to[k] = t
			}
		}
	}
}

// Relaxed goes a learned part of the way, v + α(D_s(v) − v), α > 0: one more strength, behind those of the denoiser. It is the regularisation
// level of plug-and-play: the fixed points with a smaller α fit the data better.
type Relaxed struct {
	Backward
	d, back []float64
}

// NewRelaxed wraps a denoiser of n pixels.
func NewRelaxed(d Backward, n int) *Relaxed {
	return &Relaxed{Backward: d, d: make([]float64, n), back: make([]float64, n)}
}

// Groups returns those of the denoiser and one.
func (p *Relaxed) Groups() int { return p.Backward.Groups() + 1 }

// Apply sets dst = v + α(D(v) − v).
func (p *Relaxed) Apply(dst, v, s, weights []float64) {
	g := p.Backward.Groups()
	p.Backward.Apply(dst, v, s[:g], weights)
	p.mix(dst, v, s[g])
}

// Tangent sets dst = t + α(∂D t − t).
func (p *Relaxed) Tangent(dst, v, s, weights, t []float64) {
	g := p.Backward.Groups()
	p.Backward.Tangent(dst, v, s[:g], weights, t)
	p.mix(dst, t, s[g])
}

// Adjoint sets dst = w + α(∂Dᵀw − w); ∂/∂α = D(v) − v.
func (p *Relaxed) Adjoint(dst, ds, dWeights, v, s, weights, w []float64) {
	g := p.Backward.Groups()
	alpha := s[g]
	if ds == nil {
		p.Backward.Adjoint(dst, nil, nil, v, s[:g], weights, w)
		p.mix(dst, w, alpha)
		return
	}
	p.Backward.Apply(p.d, v, s[:g], weights)
	ds[g] = dot(p.d, w) - dot(v, w)
	for j, t := range w { // what goes through D
		p.back[j] = alpha * t
	}
	p.Backward.Adjoint(dst, ds[:g], dWeights, v, s[:g], weights, p.back)
	for j, t := range w {
		dst[j] += (1 - alpha) * t
	}
}

// mix sets dst = x + α(dst − x).
func (p *Relaxed) mix(dst, x []float64, alpha float64) {
	for j, t := range x {
		dst[j] = t + alpha*(dst[j]-t)
	}
}

// Pulled draws what a denoiser makes towards a centre c,
//
//	(D_s(v) + ρ c)/(1 + ρ),
//
// the prox of ½ρ‖u − c‖² after it, with ρ > 0 behind the denoiser's strengths. It contracts by 1/(1+ρ) where D is nonexpansive.
type Pulled struct {
	Backward
	centre, d []float64
}

// NewPulled wraps a denoiser of images like the centre.
func NewPulled(d Backward, centre []float64) *Pulled {
	return &Pulled{d, centre, make([]float64, len(centre))}
}

// Groups returns those of the denoiser and one.
func (p *Pulled) Groups() int { return p.Backward.Groups() + 1 }

// Apply sets dst = (D(v) + ρc)/(1 + ρ).
func (p *Pulled) Apply(dst, v, s, weights []float64) {
	g := p.Backward.Groups()
	p.Backward.Apply(dst, v, s[:g], weights)
	for j, c := range p.centre {
		dst[j] = (dst[j] + s[g]*c) / (1 + s[g])
	}
}

// Tangent sets dst = ∂D t/(1 + ρ).
func (p *Pulled) Tangent(dst, v, s, weights, t []float64) {
	g := p.Backward.Groups()
	p.Backward.Tangent(dst, v, s[:g], weights, t)
	scale(dst, 1/(1+s[g]))
}

// Adjoint sets dst = ∂Dᵀw/(1 + ρ); ∂/∂ρ = (c − D(v))/(1 + ρ)².
func (p *Pulled) Adjoint(dst, ds, dWeights, v, s, weights, w []float64) {
	g := p.Backward.Groups()
	if ds != nil {
		p.Backward.Apply(p.d, v, s[:g], weights)
		ds[g] = (dot(p.centre, w) - dot(p.d, w)) / ((1 + s[g]) * (1 + s[g]))
		ds = ds[:g]
	}
	for j, t := range w {
		p.d[j] = t / (1 + s[g])
	}
	p.Backward.Adjoint(dst, ds, dWeights, v, s[:g], weights, p.d)
}
