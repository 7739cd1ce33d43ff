package lista

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"unroll/checkpoints"
	"unroll/l2o/linop"
)

// An array is one kind of parameter of a method: one for all layers, or one a layer.
type array struct {
	name   string
	shape  []axis
	shared bool // in every config; in one that is Shared, all matrices are
	later  bool // the first layer has none: it multiplies the x₀ = 0
}

// An axis is a dimension of an array.
type axis int

const (
	one    axis = iota // a single number
	rows               // m
	cols               // n
	traces             // two numbers
)

func (c Config) size(a axis) int { return []int{1, c.M, c.N, 2}[a] }

// values are the values of a method's arrays by name.
type values map[string][]float64

// fixed begins the names of the arrays that are computed from A once and are not trained.
const fixed = "fixed/"

// Learned reports whether training may change the parameter of this name.
func Learned(name string) bool { return !strings.HasPrefix(name, fixed) }

// Layer returns the layer (from 0) that a parameter belongs to, or −1 where all layers share it.
func Layer(name string) int {
	k := -1
	if _, err := fmt.Sscanf(name, "layer%03d/", &k); err != nil {
		return -1
	}
	return k
}

// params lists the names and shapes of c's parameters, in the order of their names.
func (c Config) params() (params []checkpoints.Param) {
	for _, a := range c.method().arrays {
		var shape []int
		for _, x := range a.shape {
			shape = append(shape, c.size(x))
		}
		if a.shared || c.Shared && len(shape) > 1 {
			params = append(params, checkpoints.Param{Name: a.name, Shape: shape})
			continue
		}
		for k := range c.K {
			if k > 0 || !a.later {
				params = append(params, checkpoints.Param{Name: inLayer(k, a.name), Shape: shape})
			}
		}
	}
	slices.SortFunc(params, func(p, q checkpoints.Param) int { return strings.Compare(p.Name, q.Name) })
	return params
}

func inLayer(k int, name string) string { return fmt.Sprintf("layer%03d/%s", k, name) }

// Init returns the weights that training starts from, for the dictionary a (m, n), row-major, in the order of their names: those at which the
// method is ISTA with step 1/‖A‖², or those with the analytic matrix where that is asked for or the method itself. It panics on a config that Validate refuses and on an a
// of another size.
func (c Config) Init(a []float64) []checkpoints.Param {
	if err := c.Validate(); err != nil {
		panic("lista: Init: " + err.Error())
	}
	if len(a) != c.M*c.N {
		panic(fmt.Sprintf("lista: Init: a dictionary of %d numbers, want %d×%d", len(a), c.M, c.N))
	}
	params, start := c.params(), c.method().start(c, &linop.Dense{M: c.M, N: c.N, Data: scaled(c.Scale(a), a)})
	for i, p := range params {
		name := p.Name
		if k := Layer(name); k >= 0 {
			name = strings.TrimPrefix(name, inLayer(k, ""))
		}
		params[i] = c.holding(p, start[name])
	}
	return params
}

// holding returns p with a copy of values in c's precision.
func (c Config) holding(p checkpoints.Param, values []float64) checkpoints.Param {
	if c.Precision == Float64 {
		p.F64 = slices.Clone(values)
	} else {
		p.F32 = narrow(values)
	}
	return p
}

func narrow(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// step returns ISTA's 1/L.
func step(a *linop.Dense) float64 {
	norm := linop.Norm(a)
	return 1 / (norm * norm)
}

// first returns the matrix that a layer without a step starts with: A/L, or the analytic one.
func (c Config) first(a *linop.Dense) []float64 {
	if c.Analytic {
		return Analytic(a)
	}
	return scaled(step(a), a.Data)
}

// log returns the parameter of a positive number.
func log(v float64) []float64 { return []float64{math.Log(v)} }

// scaled returns f·a.
func scaled(f float64, a []float64) []float64 {
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = f * v
	}
	return out
}

// identity returns f·I (n, n).
func identity(n int, f float64) []float64 {
	out := make([]float64, n*n)
	for i := range n {
		out[i*n+i] = f
	}
	return out
}

// weights are the parameters by name, in float64.
type weights map[string]checkpoints.Param

// at returns layer k's parameter of a name, or the one that all layers share.
func (w weights) at(k int, name string) checkpoints.Param {
	if p, own := w[inLayer(k, name)]; own {
		return p
	}
	return w[name]
}

// matrix returns a parameter as an operator u ↦ u W, which is its Adjoint.
func (w weights) matrix(k int, name string) *linop.Dense {
	p := w.at(k, name)
	return &linop.Dense{M: p.Shape[0], N: p.Shape[1], Data: p.F64}
}

// positive returns the exp of a scalar.
func (w weights) positive(k int, name string) float64 { return math.Exp(w.at(k, name).F64[0]) }
