package denoise

import (
	"fmt"
	"math"

	"unroll/engine/kernel"
)

// Net is D_σ(v) on images of one size, as a function of the image v (C, H, W), of σ > 0 and of all weights, with its derivatives: a backward step
// of l2o/bilevel. It keeps memory of its own: one goroutine at a time may use it. Slices must not overlap.
type Net struct {
	Config
	H, W int

	conv   kernel.Conv
	states [][]float64 // x_0 … x_K (C, H, W)
	z      [][]float64 // the responses of each layer (F, H, W)
	theta  [][]float64 // their bounds (F)
	u, du  []float64   // (F, H, W)
	cols   []float64
}

// On returns the denoiser for images of h×w pixels. It panics on a config that Validate refuses and on sizes below 1.
func (c Config) On(h, w int) *Net {
	if err := c.Validate(); err != nil {
		panic("denoise: On: " + err.Error())
	}
	if h < 1 || w < 1 {
		panic(fmt.Sprintf("denoise: On: images of %d×%d pixels", h, w))
	}
	n := &Net{Config: c, H: h, W: w, conv: kernel.Conv{In: c.Channels, Out: c.Filters, Size: c.Size, H: h, W: w}}
	n.states = append(n.states, make([]float64, c.Channels*h*w))
	for range c.Layers {
		n.states = append(n.states, make([]float64, c.Channels*h*w))
		n.z, n.theta = append(n.z, make([]float64, c.Filters*h*w)), append(n.theta, make([]float64, c.Filters))
	}
	n.u, n.du, n.cols = make([]float64, c.Filters*h*w), make([]float64, c.Filters*h*w), make([]float64, n.conv.Scratch())
	return n
}

// Groups is 1: the strength is σ.
func (n *Net) Groups() int { return 1 }

// Apply sets dst = D_σ(v) for s = (σ).
func (n *Net) Apply(dst, v, s, weights []float64) {
	n.forward(v, s, weights)
	copy(dst, n.states[n.Layers])
}

// forward fills states, responses and bounds.
func (n *Net) forward(v, s, weights []float64) {
	if len(v) != len(n.states[0]) || len(s) != 1 || len(weights) != n.Weights() {
		panic(fmt.Sprintf("denoise: an image of %d numbers, %d strengths and %d weights, want %d, 1 and %d",
			len(v), len(s), len(weights), len(n.states[0]), n.Weights()))
	}
	copy(n.states[0], v)
	level := math.Log(s[0])
	for k := range n.Layers {
		p, a, w := n.of(k, weights)
		x, next, z := n.states[k], n.states[k+1], n.z[k]
		kernel.Convolve(n.conv, w, x, false, z, n.cols) // (F, H, W)
		for f := range p {
			n.theta[k][f] = math.Exp(p[f]*level + a[f])
		}
		n.clip(k)
		copy(next, x)
		kernel.ConvolveAdjoint(n.conv, w, n.u, true, next, n.cols) // (C, H, W)
	}
}

// clip sets u to −clip(z, θ) of layer k.
func (n *Net) clip(k int) {
	for f, t := range n.theta[k] {
		z, u := n.feature(n.z[k], f), n.feature(n.u, f)
		for i, v := range z {
			u[i] = -min(max(v, -t), t)
		}
	}
}

func (n *Net) feature(v []float64, f int) []float64 { return v[f*n.H*n.W : (f+1)*n.H*n.W] }

// Tangent sets dst = ∂_vD_σ(v) t. A response on its bound counts as inside.
func (n *Net) Tangent(dst, v, s, weights, t []float64) {
	n.forward(v, s, weights)
	copy(dst, t)
	for k := range n.Layers {
		_, _, w := n.of(k, weights)
		kernel.Convolve(n.conv, w, dst, false, n.du, n.cols)
		n.inside(k, nil)
		kernel.ConvolveAdjoint(n.conv, w, n.du, true, dst, n.cols)
	}
}

// inside turns du, what comes back to clip(z, θ) of layer k, into −du where |z| ≤ θ and 0 elsewhere, and adds to dTheta, unless that is nil, what
// goes to the bounds with the sign that −clip has.
func (n *Net) inside(k int, dTheta []float64) {
	for f, t := range n.theta[k] {
		z, du, sum := n.feature(n.z[k], f), n.feature(n.du, f), 0.0
		for i, v := range z {
			switch {
			case v > t:
				sum -= du[i]
				du[i] = 0
			case v < -t:
				sum += du[i]
				du[i] = 0
			default:
				du[i] = -du[i]
			}
		}
		if dTheta != nil {
			dTheta[f] = sum
		}
	}
}

// Adjoint sets dst = ∂_vD_σ(v)ᵀ w and ds = ∂_σD_σ(v)ᵀ w (1), and adds ∂_θD_σ(v)ᵀ w to dWeights. Both may be nil, where they are not asked for.
func (n *Net) Adjoint(dst, ds, dWeights, v, s, weights, w []float64) {
	n.forward(v, s, weights)
	copy(dst, w)
	if ds != nil {
		ds[0] = 0
	}
	dTheta, level := make([]float64, n.Filters), math.Log(s[0])
	for k := n.Layers - 1; k >= 0; k-- {
		p, _, filters := n.of(k, weights)
		if dWeights != nil {
			_, _, dw := n.of(k, dWeights)
			n.clip(k)
			kernel.ConvolveWeights(n.conv, dst, n.u, dw, n.cols)
		}
		kernel.Convolve(n.conv, filters, dst, false, n.du, n.cols)
		n.inside(k, dTheta)
		if dWeights != nil {
			dp, da, dw := n.of(k, dWeights)
			kernel.ConvolveWeights(n.conv, n.states[k], n.du, dw, n.cols)
			for f, d := range dTheta {
				dp[f] += d * n.theta[k][f] * level
				da[f] += d * n.theta[k][f]
			}
		}
		for f, d := range dTheta {
			if ds != nil {
				ds[0] += d * n.theta[k][f] * p[f] / s[0]
			}
		}
		kernel.ConvolveAdjoint(n.conv, filters, n.du, true, dst, n.cols)
	}
}
