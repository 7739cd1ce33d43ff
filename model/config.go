// Package model is the K-layer linear-attention transformer of in-context sparse recovery (Liu, Zhou, Shen and Yang 2024): its
// configuration, the embedding of a prompt, the construction that makes every layer one step of LISTA-VM, and the forward pass in plain
// loops. The same network on Gorgonia's computation graph, to train it, is in model/graph; this package links no Gorgonia.
//
// A network is a sequence of estimates: after every layer the β-slot of the query token is read, and a bound network is an l2o.Solver
// that nothing can tell from ISTA. Labels reads the label of the query off its tokens; a Gate says how far one estimate is to be trusted.
package model

import (
	"fmt"
	"slices"
	"strings"
)

// Config fixes a network's shape. A layer is one attention and one MLP with residuals, and nothing else:
//
//	A  = Σ_h (act(H Q_h (H K_h)ᵀ) ∘ mask) H V_h O_h        // (T, W)
//	H' = H + [0 | A]                                       // (T, D)
//	H  ← [H'_fixed | sat(H'_free + ReLU(H' W₁) W₂)]        // (T, D)
//
// H holds T tokens of D slots: the input slots x, y, 1 (and the indicator t) that no layer writes to, then W writable ones: the estimate
// β and free memory. Every entry of Q, K, V, O (D×D, D×W) and W₁, W₂ is trained.
type Config struct {
	D           int     `yaml:"-" json:"d"` // signal dimension d of a prompt
	K           int     `yaml:"K" json:"K" help:"layers"`
	Heads       int     `yaml:"heads" json:"heads" help:"attention heads of a layer"`
	Width       int     `yaml:"width" json:"width" help:"slots of a token, those beyond the embedding free memory; 0: chosen from d"`
	Hidden      int     `yaml:"hidden" json:"hidden" help:"ReLU units of a layer's MLP; 0: chosen from d"`
	Embedding   string  `yaml:"embedding" json:"embedding" help:"paired (N+1 tokens [x y 1 β]) or interleaved (2N+1 tokens, causal)"`
	Attention   string  `yaml:"attention" json:"attention" help:"linear or relu scores, never a softmax"`
	Shared      bool    `yaml:"shared" json:"shared" help:"one set of weights for all layers"`
	Normalise   bool    `yaml:"normalise" json:"normalise" help:"divide a prompt's X and y by ‖X‖₂ when embedding it"`
	Level       float64 `yaml:"level" json:"level,omitempty" help:"y is read at this root mean square, and estimates are brought back: a prompt's size then does not matter; 0: as it is"`
	Longest     int     `yaml:"-" json:"-"` // pairs of the longest prompts that it was trained on, as Bind finds it; a longer one is read as so many, see Embed; 0: any
	Saturate    float64 `yaml:"saturate" json:"saturate" help:"writable slots pass unchanged within ± this and are bounded by 1.5 times it; 0: unbounded"`
	Equivariant bool    `yaml:"equivariant" json:"equivariant,omitempty" help:"weights, at the start and at every step, that commute with signed permutations of the coordinates"`
	Support     int     `yaml:"-" json:"support,omitempty"` // the law tells the first so many coordinates from the rest; 0: it treats all alike
	Start       string  `yaml:"-" json:"start"`             // construction or random: what Init returns
	Tau         float64 `yaml:"tau" json:"tau" help:"gradient step of the construction, M = tau·I"`
	Theta       float64 `yaml:"theta" json:"theta" help:"threshold of the construction"`
	Momentum    bool    `yaml:"momentum" json:"momentum" help:"the construction keeps FISTA's extrapolated point in d free slots"`
	Precision   string  `yaml:"precision" json:"precision" help:"float32 or float64 weights and arithmetic"`
}

// The values of Config's named choices.
const (
	Paired       = "paired"       // N+1 tokens [x_i; y_i; 1; β], the query masked out of the keys (von Oswald 2023, Ahn 2023)
	Interleaved  = "interleaved"  // 2N+1 tokens [x; y; 1; t; β], causal with weight 1/j (Liu et al. 2024, eq. 4.2)
	Linear       = "linear"       // act(s) = s
	ReLU         = "relu"         // act(s) = max(s, 0)
	Construction = "construction" // Init starts at Construct
	Random       = "random"       // Init draws every weight
	Float32      = "float32"
	Float64      = "float64"
)

// A ConfigError names the field that has no meaning, its value and what is allowed.
type ConfigError struct {
	Field, Value, Want string
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s=%s: want %s", e.Field, e.Value, e.Want)
}

// Fixed is the number of input slots, which no layer writes to: x, y, 1 and, interleaved, the indicator t.
func (c Config) Fixed() int {
	if c.Embedding == Interleaved {
		return c.D + 3
	}
	return c.D + 2
}

// Writable is the number W of slots that a layer writes: β first, then the free ones.
func (c Config) Writable() int { return c.Width - c.Fixed() }

// Tokens is the number T of tokens of a prompt with n demonstration pairs.
func (c Config) Tokens(n int) int {
	if c.Embedding == Interleaved {
		return 2*n + 1
	}
	return n + 1
}

// slots of a token beside x, which starts at 0.
func (c Config) ySlot() int    { return c.D }
func (c Config) oneSlot() int  { return c.D + 1 }
func (c Config) tSlot() int    { return c.D + 2 } // interleaved only
func (c Config) betaSlot() int { return c.Fixed() }

// Validate returns a *ConfigError for the first field that has no meaning.
func (c Config) Validate() error {
	oneOf := func(field, value string, allowed ...string) error {
		if slices.Contains(allowed, value) {
			return nil
		}
		return &ConfigError{field, value, strings.Join(allowed, " or ")}
	}
	for _, err := range []error{
		oneOf("embedding", c.Embedding, Paired, Interleaved),
		oneOf("attention", c.Attention, Linear, ReLU),
		oneOf("precision", c.Precision, Float32, Float64),
		oneOf("init", c.Start, Construction, Random),
	} {
		if err != nil {
			return err
		}
	}
	for _, r := range []struct {
		ok    bool
		field string
		value any
		want  string
	}{
		{c.D >= 1, "d", c.D, "at least 1"},
		{c.K >= 1 && c.K <= maxLayers, "K", c.K, fmt.Sprintf("1 to %d", maxLayers)},
		{c.Heads >= 1, "heads", c.Heads, "at least 1"},
		{c.Width >= c.Fixed()+c.D, "width", c.Width, fmt.Sprintf("at least %d, the slots of the %s embedding", c.Fixed()+c.D, c.Embedding)},
		{c.Hidden >= 1, "hidden", c.Hidden, "at least 1"},
		{c.Saturate >= 0, "saturate", c.Saturate, "0 (unbounded) or more"},
		{c.Level >= 0, "level", c.Level, "0 (as it is) or more"},
		{c.Theta >= 0, "theta", c.Theta, "0 or more"},
		{c.Tau > 0, "tau", c.Tau, "more than 0"},
		{c.Support >= 0 && c.Support <= c.D, "support", c.Support, fmt.Sprintf("0 (all) to d=%d", c.D)},
	} {
		if !r.ok {
			return &ConfigError{r.field, fmt.Sprint(r.value), r.want}
		}
	}
	if c.Start == Construction {
		return c.canConstruct()
	}
	return nil
}

// maxLayers keeps layer numbers at three digits in parameter names.
const maxLayers = 999
