package model

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"unroll/checkpoints"
	"unroll/l2o"
	"unroll/l2o/linop"
)

// Bound is a network with its weights: an [l2o.Solver] whose iterates x₀, …, x_K are what the query token's β-slot holds after each
// layer. It takes any dense A with d columns and reads no penalty: thresholds are its own. It is safe for concurrent use.
type Bound struct {
	Config Config
	params []checkpoints.Param
	f32    *network[float32] // exactly one of the two is set
	f64    *network[float64]
}

// Bind makes a checkpoint's network ready to run. The checkpoint's config holds the model under "model", and under "data" the N
// of the longest prompts that it was trained on. Adam's moments, which training keeps beside the weights, are left alone.
func Bind(f *checkpoints.File) (*Bound, error) {
	var config struct {
		Model *Config         `json:"model"`
		Data  struct{ N int } `json:"data"`
	}
	if err := json.Unmarshal(f.Config, &config); err != nil {
		return nil, fmt.Errorf("the checkpoint holds no transformer that can be read: its config: %w", err)
	}
	if config.Model == nil {
		return nil, fmt.Errorf("the checkpoint holds no transformer: its config has no \"model\"")
	}
	params := slices.DeleteFunc(slices.Clone(f.Params), func(p checkpoints.Param) bool { return strings.HasPrefix(p.Name, "adam.") })
	config.Model.Longest = max(0, config.Data.N)
	return New(*config.Model, params)
}

// New binds weights, in the order of their names, to a config. An error names the first parameter that is missing, superfluous or of
// another shape or precision.
func New(c Config, params []checkpoints.Param) (*Bound, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	want := c.names()
	for i, p := range params {
		if i >= len(want) || p.Name < want[i].Name {
			return nil, fmt.Errorf("parameter %q is not the model's", p.Name)
		}
		if p.Name > want[i].Name {
			return nil, fmt.Errorf("parameter %q of the model is missing", want[i].Name)
		}
		if err := p.Validate(); err != nil {
			return nil, err
		}
		if !slices.Equal(p.Shape, want[i].Shape) {
			return nil, fmt.Errorf("parameter %q has shape %v, the model's has %v", p.Name, p.Shape, want[i].Shape)
		}
		if (p.F64 != nil) != (c.Precision == Float64) {
			return nil, fmt.Errorf("parameter %q is not %s, the model's precision", p.Name, c.Precision)
		}
	}
	if len(params) < len(want) {
		return nil, fmt.Errorf("parameter %q of the model is missing", want[len(params)].Name)
	}
	b := &Bound{Config: c, params: params}
	if c.Precision == Float64 {
		b.f64 = newNetwork(c, arrays(params, func(p checkpoints.Param) []float64 { return p.F64 }))
	} else {
		b.f32 = newNetwork(c, arrays(params, func(p checkpoints.Param) []float32 { return p.F32 }))
	}
	return b, nil
}

// Parameters is the number of trained numbers.
func (b *Bound) Parameters() int {
	total := 0
	for _, p := range b.params {
		total += p.Len()
	}
	return total
}

// Check refuses an A that is not dense or has another number of columns than the network was built for.
func (b *Bound) Check(p *l2o.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	a, ok := p.A.(*linop.Dense)
	if !ok {
		return &l2o.InputError{Arg: "A", Value: fmt.Sprintf("%T", p.A), Want: "*linop.Dense: a prompt shows its rows"}
	}
	if a.N != b.Config.D {
		return &l2o.InputError{Arg: "A", Value: fmt.Sprintf("%d×%d", a.M, a.N), Want: fmt.Sprintf("%d columns, those of the training prompts", b.Config.D)}
	}
	return nil
}

// Iterates yields (0, 0), (1, x₁), …, (K, x_K). The problem's rows and labels are the prompt; its query row is zero.
func (b *Bound) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] {
	if err := b.Check(p); err != nil {
		panic("model: " + err.Error())
	}
	return func(yield func(int, []float64) bool) {
		b.Estimates(p.A.(*linop.Dense).Data, p.Y, nil, yield)
	}
}

// Estimates runs one prompt, x (N, d) and y (N) with its query row (d) or nil, and yields the query token's estimate (d) after
// 0, 1, …, K layers; it is valid until the next one.
func (b *Bound) Estimates(x, y, query []float64, yield func(k int, beta []float64) bool) {
	b.EstimatesAt(b.Config.Tokens(len(y))-1, x, y, query, yield)
}

// EstimatesAt is Estimates read at another token. Where the embedding is causal, token 2n has seen the first n pairs (from 0).
func (b *Bound) EstimatesAt(token int, x, y, query []float64, yield func(k int, beta []float64) bool) {
	if b.f64 != nil {
		b.f64.run(b.f64.newWorkspace(len(y)), x, y, query, token, yield)
		return
	}
	b.f32.run(b.f32.newWorkspace(len(y)), x, y, query, token, yield)
}

// A Workspace is the memory of Estimate for prompts of n demonstration pairs. One goroutine at a time may use it.
type Workspace struct {
	f32 *workspace[float32] // the one of the network's precision is set
	f64 *workspace[float64]
}

// NewWorkspace allocates all that Estimate needs.
func (b *Bound) NewWorkspace(n int) *Workspace {
	if b.f64 != nil {
		return &Workspace{f64: b.f64.newWorkspace(n)}
	}
	return &Workspace{f32: b.f32.newWorkspace(n)}
}

// Estimate writes the estimates of the last layer for one prompt or several, x (B, n, d) and y (B, n) with their query rows (B, d) or nil,
// into dst (B, d). From the second call on it allocates nothing.
func (b *Bound) Estimate(ws *Workspace, dst, x, y, query []float64) {
	if b.f64 != nil {
		b.f64.estimate(ws.f64, dst, x, y, query)
		return
	}
	b.f32.estimate(ws.f32, dst, x, y, query)
}
