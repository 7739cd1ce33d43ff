package lista

import (
	"fmt"
	"slices"
	"strings"

	"unroll/l2o/linop"
)

// Config fixes a learned solver's shape.
type Config struct {
	Method    string  `yaml:"method" json:"method" help:"learned solver"`
	K         int     `yaml:"K" json:"K" help:"layers"`
	M         int     `yaml:"-" json:"m"`
	N         int     `yaml:"-" json:"n"`
	Lambda    float64 `yaml:"lambda" json:"lambda" help:"the thresholds start at lambda/L, those of ISTA"`
	Analytic  bool    `yaml:"analytic" json:"analytic,omitempty" help:"learned matrices start at the analytic one of ALISTA instead of at that of ISTA"`
	Shared    bool    `yaml:"shared" json:"shared,omitempty" help:"all layers have the same matrices, and each its own thresholds and steps"`
	Pass      float64 `yaml:"pass" json:"pass" help:"support selection: layer k lets the fraction k·pass of the entries through unshrunk; 0: none"`
	MaxPass   float64 `yaml:"max_pass" json:"max_pass" help:"and at most this fraction"`
	Density   float64 `yaml:"-" json:"density"` // of the nonzeros, N(0, 1): the prior of TISTA
	Sigma     float64 `yaml:"-" json:"sigma"`   // noise of an entry of y, which TISTA is told
	Normalise bool    `yaml:"normalise" json:"normalise,omitempty" help:"divide A and y by ‖A‖₂ before the first layer"`
	Precision string  `yaml:"precision" json:"precision" help:"float32 or float64 weights and training"`
}

// The precisions of Config.
const (
	Float32 = "float32"
	Float64 = "float64"
)

// A method is one learned solver: the row that a new one adds.
type method struct {
	name   string
	arrays []array
	// start returns the values of the arrays, the same in every layer, that training starts from for the dictionary a.
	start func(c Config, a *linop.Dense) values
	// layers makes the layers of one run on p.
	layers func(c Config, w weights, p batch) layer
	// anyRows is true where A may have another number of rows than in training.
	anyRows bool
}

var methods = []method{
	{name: LISTA, arrays: listaArrays, start: listaStart, layers: listaLayers},
	{name: LISTACP, arrays: coupledArrays, start: coupledStart, layers: coupledLayers},
	{name: LISTACPSS, arrays: coupledArrays, start: coupledStart, layers: coupledLayers},
	{name: TISTA, arrays: tistaArrays, start: tistaStart, layers: tistaLayers},
	{name: TiLISTA, arrays: tilistaArrays, start: tilistaStart, layers: tilistaLayers},
	{name: ALISTA, arrays: alistaArrays, start: alistaStart, layers: alistaLayers},
	{name: HyperLISTA, arrays: hyperArrays, start: hyperStart, layers: hyperLayers},
	{name: AdaLISTA, arrays: adaArrays, start: adaStart, layers: adaLayers},
	{name: LISTAVM, arrays: vmArrays, start: vmStart, layers: vmLayers, anyRows: true},
}

// The names of the methods.
const (
	LISTA      = "lista"
	LISTACP    = "lista-cp"
	LISTACPSS  = "lista-cpss"
	TISTA      = "tista"
	TiLISTA    = "tilista"
	ALISTA     = "alista"
	HyperLISTA = "hyperlista"
	AdaLISTA   = "ada-lista"
	LISTAVM    = "lista-vm"
)

// Methods lists the names of the learned solvers.
func Methods() (names []string) {
	for _, m := range methods {
		names = append(names, m.name)
	}
	return names
}

// method returns the row of a valid config.
func (c Config) method() method {
	return methods[slices.IndexFunc(methods, func(m method) bool { return m.name == c.Method })]
}

// A ConfigError names the field that has no meaning, its value and what is allowed.
type ConfigError struct {
	Field, Value, Want string
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s=%s: want %s", e.Field, e.Value, e.Want)
}

// analytic are the methods whose matrix is computed from A.
var analytic = []string{TISTA, ALISTA, HyperLISTA}

// byProblem are the methods whose learned matrices multiply the A of the problem, and start at multiples of the identity.
var byProblem = []string{AdaLISTA, LISTAVM}

// maxLayers is what the names of parameters have room for.
const maxLayers = 999

// Validate returns a *ConfigError for the first field that has no meaning.
func (c Config) Validate() error {
	for _, r := range []struct {
		ok    bool
		field string
		value any
		want  string
	}{
		{slices.Contains(Methods(), c.Method), "method", c.Method, strings.Join(Methods(), ", ")},
		{c.K >= 1 && c.K <= maxLayers, "K", c.K, fmt.Sprintf("1 to %d", maxLayers)},
		{c.M >= 1, "m", c.M, "at least 1"},
		{c.N >= 1, "n", c.N, "at least 1"},
		{!(c.Analytic || slices.Contains(analytic, c.Method)) || c.M <= c.N, "m", c.M, fmt.Sprintf("at most n=%d, as AAᵀ is inverted", c.N)},
		{c.Lambda > 0 && finite(c.Lambda), "lambda", c.Lambda, "a finite number > 0"},
		{c.Pass >= 0 && c.Pass <= 1, "pass", c.Pass, "0 to 1"},
		{c.MaxPass >= 0 && c.MaxPass <= 1, "max_pass", c.MaxPass, "0 to 1"},
		{c.Method != TISTA || c.Pass == 0, "pass", c.Pass, "0 for tista, which has no threshold"},
		{c.Method != TISTA || c.MaxPass == 0, "max_pass", c.MaxPass, "0 for tista, which has no threshold"},
		{!c.Analytic || !slices.Contains(byProblem, c.Method), "analytic", c.Analytic, "false for " + c.Method + ", whose layers take their matrix from the problem's A"},
		{c.Method != TISTA || c.Density > 0 && c.Density < 1, "density", c.Density, "0 < density < 1, the prior of tista"},
		{c.Sigma >= 0 && finite(c.Sigma), "sigma", c.Sigma, "a finite number ≥ 0"},
		{c.Precision == Float32 || c.Precision == Float64, "precision", c.Precision, "float32 or float64"},
	} {
		if !r.ok {
			return &ConfigError{r.field, fmt.Sprint(r.value), r.want}
		}
	}
	return nil
}

func finite(v float64) bool { return v-v == 0 }
