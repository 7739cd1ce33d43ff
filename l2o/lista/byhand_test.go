package lista_test

import (
	"math"
	"slices"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/lista"
)

// A handCase is a method with weights for the problem A = (0.6 0.8), y = 2, and its first iterates worked by hand.
type handCase struct {
	change  func(c *lista.Config)
	weights map[string][]float64 // by name without its layer; logs are taken of those whose name asks for it
	want    [][]float64          // x₁, x₂, …
}

// θ = 0.5 everywhere but in HyperLISTA and TISTA.
var handCases = map[string]handCase{
	// x₁ = S(2·(1, .5));  x₂ = S((2, 1) + 1.5·(.5, .25) + .5·(−1, 1)) = S(2.25, 1.875)
	lista.LISTA: {weights: map[string][]float64{"W1": {1, .5}, "W2": {.5, .25, -1, 1}}, want: [][]float64{{1.5, .5}, {1.75, 1.375}}},
	// x₁ = S(2·(1, .5));  y − A x₁ = 2 − .9 − .4 = .7, x₂ = S((1.5, .5) + .7·(1, .5)) = S(2.2, .85)
	lista.LISTACP: {weights: map[string][]float64{"W": {1, .5}}, want: [][]float64{{1.5, .5}, {1.7, .35}}},
	// one of the two entries passes: x₁ = (2, .5);  y − A x₁ = .4, v = (2.4, .7)
	lista.LISTACPSS: {change: func(c *lista.Config) { c.Pass, c.MaxPass = .5, .5 }, weights: map[string][]float64{"W": {1, .5}},
		want: [][]float64{{2, .5}, {2.4, .2}}},
	// x₁ = S(2·2·(1, .5)) = (3.5, 1.5);  y − A x₁ = −1.3, x₂ = S((3.5, 1.5) − 2·1.3·(1, .5)) = S(.9, .2)
	lista.TiLISTA: {weights: map[string][]float64{"W": {1, .5}, "loggamma": {2}}, want: [][]float64{{3.5, 1.5}, {.4, 0}}},
	// AAᵀ = 1, W = (1/.6, 1/.8): x₁ = S(.6·2·W) = S(2, 1.5);  y − A x₁ = .3, x₂ = S((1.5, 1) + .18·W) = S(1.8, 1.225)
	lista.ALISTA: {weights: map[string][]float64{"loggamma": {.6}}, want: [][]float64{{1.5, 1}, {1.3, .725}}},
	// A⁺y = (1.2, 1.6), θ₀ = .5·2.8: x₁ = S(10/3, 2.5) = (29/15, 1.1).  y − A x₁ = −.04, A⁺ of it −(.024, .032): θ₁ = .5·.056 = .028,
	// β₁ = .1·2, p₁ = .1·log 50 = .39: one passes. v = x₁ − .04·(1/.6, 1/.8) + .2·x₁ = (2.32 − 1/15, 1.27)
	// y − A x₂ = −.3456: θ₂ = .5·.48384, p₂ = .1·log 5.79: none. v = x₂ − .3456·(1/.6, 1/.8) + .2·(x₂ − x₁) = (5.224/3, .8384)
	lista.HyperLISTA: {weights: map[string][]float64{"logc1": {.5}, "logc2": {.1}, "logc3": {.1}},
		want: [][]float64{{29. / 15, 1.1}, {2.32 - 1./15, 1.242}, {5.224/3 - .24192, .59648}}},
	// x₁ = S(.5·(2·2)·A) = S(1.2, 1.6);  A x₁ = 1.3, 4 − 3·3·1.3 = −7.7, x₂ = S((.7, 1.1) − 3.85·A) = S(−1.61, −1.98)
	lista.AdaLISTA: {weights: map[string][]float64{"W1": {2}, "W2": {3}, "loggamma": {.5}}, want: [][]float64{{.7, 1.1}, {-1.11, -1.48}}},
	// x₁ = S((1.2, 1.6) M) = S(1.2, 3.8);  y − A x₁ = −1.06, x₂ = S((.7, 3.3) − (.636, .848) M) = S(.064, 1.286)
	lista.LISTAVM: {weights: map[string][]float64{"M": {1, .5, 0, 2}}, want: [][]float64{{.7, 3.3}, {0, .786}}},
	// r = 2·A⁺ = (1.2, 1.6); v² = (4 − .36)/1 = 3.64, τ² = 1.82·(2 − 1) + .36/2·1 = 2; with q = ½ the odds of zero are √1.5·e^{−r²/12},
	// 1.0862512 and .9894552, and x₁ = r/3/(1 + odds)
	lista.TISTA: {change: func(c *lista.Config) { c.Sigma, c.Density = .6, .5 }, weights: map[string][]float64{"loggamma": {1}},
		want: [][]float64{{.191731457, .268080091}}},
}

func TestByHand(t *testing.T) {
	a := &linop.Dense{M: 1, N: 2, Data: []float64{.6, .8}}
	for _, method := range lista.Methods() {
		hand, ok := handCases[method]
		if !ok {
			t.Errorf("%s: no iterate was worked by hand", method)
			continue
		}
		c := config(method, 3, a)
		if hand.change != nil {
			hand.change(&c)
		}
		params := c.Init(a.Data)
		hand.set(params)
		for k, x := range bind(t, c, params).Iterates(&l2o.Problem{A: a, Y: []float64{2}}) {
			if k > 0 && k <= len(hand.want) && apart(x, hand.want[k-1]) > 5e-9 {
				t.Errorf("%s: x_%d = %.9v, want %v", method, k, x, hand.want[k-1])
			}
		}
	}
}

func (h handCase) set(params []checkpoints.Param) {
	for _, p := range params {
		name := p.Name
		if lista.Layer(name) >= 0 {
			name = name[len("layer000/"):]
		}
		if name == "logtheta" {
			p.F64[0] = math.Log(.5)
		}
		copy(p.F64, h.weights[name])
		if _, given := h.weights[name]; given && len(name) > 3 && name[:3] == "log" {
			p.F64[0] = math.Log(p.F64[0])
		}
	}
}

// config is a method's for the dictionary a, without support selection.
func config(method string, layers int, a *linop.Dense) lista.Config {
	return lista.Config{Method: method, K: layers, M: a.M, N: a.N, Lambda: .1, Density: .1, Precision: lista.Float64}
}

// selecting is c with support selection, but for TISTA, which has no threshold.
func selecting(c lista.Config, pass, most float64) lista.Config {
	if c.Method != lista.TISTA {
		c.Pass, c.MaxPass = pass, most
	}
	return c
}

func bind(t testing.TB, c lista.Config, params []checkpoints.Param) *lista.Bound {
	t.Helper()
	b, err := lista.New(c, params)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// apart is ‖a − b‖∞.
func apart(a, b []float64) (worst float64) {
	for j, v := range a {
		worst = math.Max(worst, math.Abs(v-b[j]))
	}
	if slices.ContainsFunc(a, math.IsNaN) {
		return math.Inf(1)
	}
	return worst
}
