package denoise

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"unroll/checkpoints"
)

// Bound is a denoiser with its weights. It is safe for concurrent use; what On returns is not.
type Bound struct {
	Config  Config
	Weights []float64 // flat, as Config.Weights says
}

// Open reads the denoiser of a checkpoint, by its path or the name of a pretrained one, or of a .safetensors file whose arrays have the names and
// shapes of a denoiser; its Config is then told from these, with a Cap of 0. Networks of other architectures, DRUNet among them, have other
// arrays and are refused, with the first name that is not this denoiser's.
func Open(name string) (*Bound, error) {
	if filepath.Ext(name) == ".safetensors" {
		params, err := checkpoints.ReadSafetensors(name)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(params, func(p, q checkpoints.Param) int { return strings.Compare(p.Name, q.Name) })
		b, err := New(configOf(params), params)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return b, nil
	}
	f, err := checkpoints.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := Bind(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}

// configOf tells the config of params, sorted by name; New refuses what does not fit it.
func configOf(params []checkpoints.Param) Config {
	c := Config{Channels: 3, Layers: 1, Filters: 1, Size: 1, Precision: Float32}
	for _, p := range params {
		if strings.HasSuffix(p.Name, "/w") && len(p.Shape) == 4 {
			c.Layers, c.Filters, c.Channels, c.Size = max(1, min(maxLayers, len(params)/2)), p.Shape[0], p.Shape[1], p.Shape[2]
			if p.F64 != nil {
				c.Precision = Float64
			}
			break
		}
	}
	return c
}

// Bind makes a checkpoint's denoiser ready. The checkpoint's config holds it under "denoiser".
func Bind(f *checkpoints.File) (*Bound, error) {
	var config struct {
		Denoiser *Config `json:"denoiser"`
	}
	if err := json.Unmarshal(f.Config, &config); err != nil {
		return nil, fmt.Errorf("the checkpoint holds no denoiser that can be read: its config: %w", err)
	}
	if config.Denoiser == nil {
		return nil, fmt.Errorf("the checkpoint holds no denoiser: its config has no \"denoiser\"")
	}
	params := slices.DeleteFunc(slices.Clone(f.Params), func(p checkpoints.Param) bool { return strings.HasPrefix(p.Name, "adam.") })
	return New(*config.Denoiser, params)
}

// A ParamError is a parameter that is missing, superfluous, or of another shape or precision.
type ParamError struct {
	Name, Reason string
}

func (e *ParamError) Error() string { return fmt.Sprintf("parameter %q %s", e.Name, e.Reason) }

// New binds weights, in the order of their names, to a config. The error is a *ConfigError or a *ParamError.
func New(c Config, params []checkpoints.Param) (*Bound, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	b, want := &Bound{Config: c}, c.params()
	for i, p := range params {
		switch {
		case i >= len(want) || p.Name < want[i].Name:
			return nil, &ParamError{p.Name, "is none of this denoiser"}
		case p.Name > want[i].Name:
			return nil, &ParamError{want[i].Name, fmt.Sprintf("is missing, %q stands in its place", p.Name)}
		case !slices.Equal(p.Shape, want[i].Shape):
			return nil, &ParamError{p.Name, fmt.Sprintf("has shape %v, want %v", p.Shape, want[i].Shape)}
		case (p.F64 != nil) != (c.Precision == Float64):
			return nil, &ParamError{p.Name, "is not " + c.Precision}
		}
		if err := p.Validate(); err != nil {
			return nil, &ParamError{p.Name, err.Error()}
		}
		b.Weights = append(b.Weights, p.F64...)
		for _, x := range p.F32 {
			b.Weights = append(b.Weights, float64(x))
		}
	}
	if len(params) < len(want) {
		return nil, &ParamError{want[len(params)].Name, "is missing"}
	}
	for i, x := range b.Weights {
		if x-x != 0 {
			return nil, &ParamError{params[i/c.layer()*2].Name, "or the filters beside it hold a number that is not finite"}
		}
	}
	return b, nil
}

// Lipschitz is a certified bound of the Lipschitz constant of D_σ, for images of every size and every σ: 1 where all filters are within a Cap.
func (b *Bound) Lipschitz() float64 { return b.Config.lipschitz(b.Weights) }

// On returns the denoiser with its weights as they are, for images of h×w pixels.
func (b *Bound) On(h, w int) *Fixed { return &Fixed{b.Config.On(h, w), b.Weights} }

// Fixed is a Net whose weights are not parameters.
type Fixed struct {
	net     *Net
	weights []float64
}

// Groups is 1: the strength is σ.
func (f *Fixed) Groups() int { return 1 }

// Weights is 0.
func (f *Fixed) Weights() int { return 0 }

// Apply sets dst = D_σ(v) for s = (σ). The last argument is not read, as in the other methods that one.
func (f *Fixed) Apply(dst, v, s, _ []float64) { f.net.Apply(dst, v, s, f.weights) }

// Tangent sets dst = ∂_vD_σ(v) t.
func (f *Fixed) Tangent(dst, v, s, _, t []float64) { f.net.Tangent(dst, v, s, f.weights, t) }

// Adjoint sets dst = ∂_vD_σ(v)ᵀ w and, unless ds is nil, ds = ∂_σD_σ(v)ᵀ w.
func (f *Fixed) Adjoint(dst, ds, _, v, s, _, w []float64) {
	f.net.Adjoint(dst, ds, nil, v, s, f.weights, w)
}
