package denoise

import (
	"fmt"
	"math"
	"math/rand/v2"

	"unroll/checkpoints"
)

// Config fixes a denoiser's shape.
type Config struct {
	Channels  int     `yaml:"channels" json:"channels" help:"of an image: 1 or 3"`
	Layers    int     `yaml:"layers" json:"layers" help:"steps of the denoiser"`
	Filters   int     `yaml:"filters" json:"filters" help:"of a layer"`
	Size      int     `yaml:"size" json:"size" help:"pixels across a filter, odd"`
	Cap       float64 `yaml:"cap" json:"cap" help:"largest squared norm of a layer's filters, at most 2; 0: free, and the denoiser may expand"`
	Precision string  `yaml:"precision" json:"precision" help:"float32 or float64 weights and training"`
}

// The precisions of Config.
const (
	Float32 = "float32"
	Float64 = "float64"
)

// A ConfigError names the field that has no meaning, its value and what is allowed.
type ConfigError struct {
	Field, Value, Want string
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s=%s: want %s", e.Field, e.Value, e.Want)
}

const (
	maxLayers = 999 // what the names of parameters have room for
	maxSize   = 15
)

// Validate returns a *ConfigError for the first field that has no meaning.
func (c Config) Validate() error {
	for _, r := range []struct {
		ok    bool
		field string
		value any
		want  string
	}{
		{c.Channels == 1 || c.Channels == 3, "channels", c.Channels, "1 or 3"},
		{c.Layers >= 1 && c.Layers <= maxLayers, "layers", c.Layers, fmt.Sprintf("1 to %d", maxLayers)},
		{c.Filters >= 1 && c.Filters <= 1<<16, "filters", c.Filters, "1 to 65536"},
		{c.Size >= 1 && c.Size <= maxSize && c.Size%2 == 1, "size", c.Size, fmt.Sprintf("an odd number from 1 to %d", maxSize)},
		{c.Cap >= 0 && c.Cap <= 2, "cap", c.Cap, "0 (free) to 2"},
		{c.Precision == Float32 || c.Precision == Float64, "precision", c.Precision, "float32 or float64"},
	} {
		if !r.ok {
			return &ConfigError{r.field, fmt.Sprint(r.value), r.want}
		}
	}
	return nil
}

// The parameters of layer k stand in the order of their names: logtheta (2, F), the powers p and then the offsets a, and w (F, C, Size, Size).
func (c Config) params() (params []checkpoints.Param) {
	for k := range c.Layers {
		params = append(params,
			checkpoints.Param{Name: fmt.Sprintf("layer%03d/logtheta", k), Shape: []int{2, c.Filters}},
			checkpoints.Param{Name: fmt.Sprintf("layer%03d/w", k), Shape: []int{c.Filters, c.Channels, c.Size, c.Size}})
	}
	return params
}

// taps is the length of a layer's filters, layer that of all its parameters.
func (c Config) taps() int  { return c.Filters * c.Channels * c.Size * c.Size }
func (c Config) layer() int { return 2*c.Filters + c.taps() }

// Weights is the length of all parameters in one flat vector, those of the layers one behind the other in the order of their names.
func (c Config) Weights() int { return c.Layers * c.layer() }

// of returns the parts of layer k of a flat vector: powers p (F), offsets a (F), filters w (F, C, Size, Size).
func (c Config) of(k int, weights []float64) (p, a, w []float64) {
	v := weights[k*c.layer():][:c.layer()]
	return v[:c.Filters], v[c.Filters:][:c.Filters], v[2*c.Filters:]
}

// Init returns the weights that training with this seed starts from, in the order of their names: Gaussian filters of equal squared norms that
// add up to at most Cap (1 where it is free), and bounds in proportion to σ, from a twentieth to once of it. It panics on a config that
// Validate refuses.
func (c Config) Init(seed uint64) []checkpoints.Param {
	if err := c.Validate(); err != nil {
		panic("denoise: Init: " + err.Error())
	}
	r := rand.New(rand.NewPCG(seed, 0xd3))
	weights := make([]float64, c.Weights())
	capped := c
	if c.Cap == 0 {
		capped.Cap = 1
	}
	for k := range c.Layers {
		p, a, w := c.of(k, weights)
		for f := range p {
			p[f], a[f] = 1, -3
			if c.Filters > 1 {
				a[f] += 3 * float64(f) / float64(c.Filters-1)
			}
		}
		for i := range w {
			w[i] = r.NormFloat64()
		}
	}
	capped.Project(weights)
	return c.Params(weights)
}

// Params returns a flat vector of weights as parameters by name, in the config's precision.
func (c Config) Params(weights []float64) []checkpoints.Param {
	params := c.params()
	for i, p := range params {
		v := weights[:p.Len():p.Len()]
		weights = weights[p.Len():]
		if c.Precision == Float64 {
			params[i].F64 = append([]float64(nil), v...)
			continue
		}
		for _, x := range v {
			params[i].F32 = append(params[i].F32, float32(x))
		}
	}
	return params
}

// Project scales the filters of every layer whose squared norm may be above Cap down to it; with a Cap of 0 it does nothing.
func (c Config) Project(weights []float64) {
	for k := range c.Layers {
		_, _, w := c.of(k, weights)
		c.ProjectFilters(w)
	}
}

// ProjectFilters is Project for the filters w (F, C, Size, Size) of one layer.
func (c Config) ProjectFilters(w []float64) {
	if c.Cap == 0 {
		return
	}
	if s := c.squaredNorm(w); s > c.Cap {
		scale := math.Sqrt(c.Cap / s)
		for i := range w {
			w[i] *= scale
		}
	}
}
