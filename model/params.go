package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"unroll/checkpoints"
)

// A Layer holds the six matrices of one layer.
type Layer struct {
	Q, K, V [][]float64 // per head (D, D)
	O       [][]float64 // per head (D, W)
	W1      []float64   // (D, F)
	W2      []float64   // (F, W)
}

// sets is the number of weight sets: one per layer, or one for all.
func (c Config) sets() int {
	if c.Shared {
		return 1
	}
	return c.K
}

// PerLayer is the number of parameters of one layer. A checkpoint sorts names, so the order of Params is that of the names.
const PerLayer = 6

var matrices = [PerLayer]string{"K", "O", "Q", "V", "W1", "W2"}

// Shapes returns the shapes of a layer's parameters K (H, D, D), O (H, D, W), Q, V (H, D, D), W1 (D, F) and W2 (F, W).
func (c Config) Shapes() [PerLayer][]int {
	square := []int{c.Heads, c.Width, c.Width}
	return [PerLayer][]int{square, {c.Heads, c.Width, c.Writable()}, square, square, {c.Width, c.Hidden}, {c.Hidden, c.Writable()}}
}

// Init returns the weights that training with this seed starts from: the construction (its entries that do not matter yet drawn from
// noise, so that they can be learned), or all of them noise.
func (c Config) Init(seed uint64) []checkpoints.Param {
	if err := c.Validate(); err != nil {
		panic("model: Init: " + err.Error())
	}
	rng := rand.New(rand.NewPCG(seed, initStream))
	if c.Start == Construction {
		return c.equivariant(c.Construct(c.steps(), rng), false)
	}
	layers := make([]Layer, c.sets())
	for l := range layers {
		layers[l] = c.noise(rng)
	}
	return c.equivariant(c.Params(layers), true)
}

// equivariant are the parameters as an equivariant network starts with them; they are noise through and through, or a construction.
func (c Config) equivariant(params []checkpoints.Param, noise bool) []checkpoints.Param {
	if c.Equivariant {
		for _, p := range params {
			project(c, p.Name, p.F32, noise)
			project(c, p.Name, p.F64, noise)
		}
	}
	return params
}

// noise draws a layer: entries N(0, 1/fan-in), and smaller by outputGain where a layer writes to the residual stream, so that K layers
// together start near the identity.
func (c Config) noise(rng *rand.Rand) Layer {
	l := c.zeros()
	for h := range c.Heads {
		fill(rng, l.Q[h], 1/math.Sqrt(float64(c.Width)))
		fill(rng, l.K[h], 1/math.Sqrt(float64(c.Width)))
		fill(rng, l.V[h], 1/math.Sqrt(float64(c.Width)))
		fill(rng, l.O[h], outputGain/math.Sqrt(float64(c.Width)))
	}
	fill(rng, l.W1, 1/math.Sqrt(float64(c.Width)))
	fill(rng, l.W2, outputGain/math.Sqrt(float64(c.Hidden)))
	return l
}

const (
	outputGain = 0.1
	initStream = 0x756e726f6c6c // keeps weights apart from any other use of the seed
)

func (c Config) zeros() Layer {
	heads := func(size int) [][]float64 {
		m := make([][]float64, c.Heads)
		for h := range m {
			m[h] = make([]float64, size)
		}
		return m
	}
	return Layer{
		Q: heads(c.Width * c.Width), K: heads(c.Width * c.Width), V: heads(c.Width * c.Width), O: heads(c.Width * c.Writable()),
		W1: make([]float64, c.Width*c.Hidden), W2: make([]float64, c.Hidden*c.Writable()),
	}
}

func fill(rng *rand.Rand, m []float64, sd float64) {
	for i := range m {
		m[i] = sd * rng.NormFloat64()
	}
}

// names lists the parameters' names and shapes: layer000/K, layer000/O, …, layer001/K, …
func (c Config) names() []checkpoints.Param {
	var params []checkpoints.Param
	for l := range c.sets() {
		for i, shape := range c.Shapes() {
			params = append(params, checkpoints.Param{Name: fmt.Sprintf("layer%03d/%s", l, matrices[i]), Shape: shape})
		}
	}
	return params
}

// Params lays layers out as named arrays in the config's precision, in the order of their names.
func (c Config) Params(layers []Layer) []checkpoints.Param {
	params := c.names()
	for l, layer := range layers {
		for i, m := range [PerLayer][]float64{slices.Concat(layer.K...), slices.Concat(layer.O...), slices.Concat(layer.Q...),
			slices.Concat(layer.V...), layer.W1, layer.W2} {
			p := &params[l*PerLayer+i]
			if c.Precision == Float64 {
				p.F64 = m
				continue
			}
			p.F32 = make([]float32, len(m))
			for j, v := range m {
				p.F32[j] = float32(v)
			}
		}
	}
	return params
}
