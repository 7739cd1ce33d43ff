package lista

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

// Bound is a learned solver with its weights: an [l2o.Solver] whose iterates x₀ = 0, x₁, …, x_K are its layers. It takes any operator of the
// shape that it was trained for, and reads no penalty. It is safe for concurrent use.
type Bound struct {
	Config  Config
	weights weights
}

// Bind makes a checkpoint's solver ready to run. The checkpoint's config holds it under "lista".
func Bind(f *checkpoints.File) (*Bound, error) {
	var config struct {
		Lista *Config `json:"lista"`
	}
	if err := json.Unmarshal(f.Config, &config); err != nil {
		return nil, fmt.Errorf("the checkpoint holds no learned solver that can be read: its config: %w", err)
	}
	if config.Lista == nil {
		return nil, fmt.Errorf("the checkpoint holds no learned solver: its config has no \"lista\"")
	}
	params := slices.DeleteFunc(slices.Clone(f.Params), func(p checkpoints.Param) bool { return strings.HasPrefix(p.Name, "adam.") })
	return New(*config.Lista, params)
}

// New binds weights, in the order of their names, to a config. An error names the first parameter that is missing, superfluous or of
// another shape or precision, or holds a number that is not finite.
func New(c Config, params []checkpoints.Param) (*Bound, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	b, want := &Bound{Config: c, weights: weights{}}, c.params()
	for i, p := range params {
		if i >= len(want) || p.Name < want[i].Name {
			return nil, fmt.Errorf("parameter %q is none of %s", p.Name, c.Method)
		}
		if p.Name > want[i].Name {
			return nil, fmt.Errorf("parameter %q of %s is missing", want[i].Name, c.Method)
		}
		if err := p.Validate(); err != nil {
			return nil, err
		}
		if !slices.Equal(p.Shape, want[i].Shape) {
			return nil, fmt.Errorf("parameter %q has shape %v, that of %s has %v", p.Name, p.Shape, c.Method, want[i].Shape)
		}
		if (p.F64 != nil) != (c.Precision == Float64) {
			return nil, fmt.Errorf("parameter %q is not %s", p.Name, c.Precision)
		}
		if p.F64 == nil {
			p.F64 = widen(p.F32)
		}
		if slices.ContainsFunc(p.F64, func(v float64) bool { return !finite(v) }) {
			return nil, fmt.Errorf("parameter %q holds a number that is not finite", p.Name)
		}
		b.weights[p.Name] = p
	}
	if len(params) < len(want) {
		return nil, fmt.Errorf("parameter %q of %s is missing", want[len(params)].Name, c.Method)
	}
	return b, nil
}

func widen(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// Parameters is the number of trained numbers.
func (b *Bound) Parameters() (total int) {
	for name, p := range b.weights {
		if Learned(name) {
			total += p.Len()
		}
	}
	return total
}

// Check refuses an A of another shape than the solver was trained for, and another loss than the squared one.
func (b *Bound) Check(p *l2o.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	if _, squared := p.Loss.(l2o.Squared); p.Loss != nil && !squared {
		return &l2o.UnsupportedError{Solver: b.Config.Method, Loss: fmt.Sprintf("%T", p.Loss), Penalty: fmt.Sprintf("%T", p.G),
			Want: "loss l2o.Squared with any penalty"}
	}
	m, n := p.A.Dims()
	c := b.Config
	if n != c.N || m != c.M && !c.method().anyRows {
		want := fmt.Sprintf("%d×%d, the shape that %s was trained for", c.M, c.N, c.Method)
		if c.method().anyRows {
			want = fmt.Sprintf("%d columns, those that %s was trained for", c.N, c.Method)
		}
		return &l2o.InputError{Arg: "A", Value: fmt.Sprintf("%d×%d", m, n), Want: want}
	}
	return nil
}

// Iterates yields (0, 0), (1, x₁), …, (K, x_K).
func (b *Bound) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] {
	if err := b.Check(p); err != nil {
		panic("lista: " + err.Error())
	}
	return func(yield func(int, []float64) bool) { b.run(newBatch(p.A, p.Y), yield) }
}

// Estimates yields the same for the measurements y (B, m) of B signals by one a (m, n), all row-major and of sizes that are the caller's to get
// right: x_k is (B, n). A batch takes a fraction of the time of its signals one by one.
func (b *Bound) Estimates(a, y []float64, yield func(k int, x []float64) bool) {
	b.run(newBatch(&linop.Dense{M: len(a) / b.Config.N, N: b.Config.N, Data: a}, y), yield)
}

func (b *Bound) run(p batch, yield func(int, []float64) bool) {
	x := make([]float64, p.size*b.Config.N)
	next := b.Config.method().layers(b.Config, b.weights, b.Config.normalised(p))
	for k := range b.Config.K {
		if !yield(k, x) {
			return
		}
		next(k, x)
	}
	yield(b.Config.K, x)
}
