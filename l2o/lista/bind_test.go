package lista_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/lista"
)

// Bind reads the config under "lista" and leaves alone what training keeps beside the weights.
func TestBind(t *testing.T) {
	p, a := random(1, 6, 9)
	for method, count := range map[string]int{
		lista.LISTA: 3*(54+81+1) - 81, lista.LISTACP: 3 * 55, lista.LISTACPSS: 3 * 55, lista.TISTA: 3, lista.TiLISTA: 54 + 6, lista.ALISTA: 6,
		lista.HyperLISTA: 3, lista.AdaLISTA: 72 + 6, lista.LISTAVM: 3 * 82,
	} {
		c := config(method, 3, a)
		raw, err := json.Marshal(map[string]any{"lista": c, "seed": 1})
		if err != nil {
			t.Fatal(err)
		}
		params := append([]checkpoints.Param{{Name: "adam.m/W", Shape: []int{1}, F64: []float64{1}}}, c.Init(a.Data)...)
		b, err := lista.Bind(&checkpoints.File{Config: raw, Params: params})
		if err != nil {
			t.Errorf("%s: %v", method, err)
			continue
		}
		if b.Config != c || b.Parameters() != count {
			t.Errorf("%s: bound %+v with %d parameters, want %+v with %d", method, b.Config, b.Parameters(), c, count)
		}
		if !slices.Equal(last(b, p), last(bind(t, c, c.Init(a.Data)), p)) {
			t.Errorf("%s: the checkpoint's solver is another", method)
		}
	}
	c := config(lista.LISTA, 3, a)
	c.Shared = true
	if got, want := bind(t, c, c.Init(a.Data)).Parameters(), 54+81+3; got != want {
		t.Errorf("LISTA with shared matrices has %d parameters, want %d", got, want)
	}
	for _, raw := range []string{``, `{}`, `{"lista": null}`, `{"lista": 3}`, `[`} {
		if _, err := lista.Bind(&checkpoints.File{Config: json.RawMessage(raw)}); err == nil || !strings.Contains(err.Error(), "no learned solver") {
			t.Errorf("config %q: error %v", raw, err)
		}
	}
}

// New names the parameter that is wrong.
func TestNewRefuses(t *testing.T) {
	_, a := random(1, 6, 9)
	c := config(lista.LISTACP, 2, a)
	for want, change := range map[string]func(params []checkpoints.Param) []checkpoints.Param{
		`"layer001/logtheta" of lista-cp is missing`: func(p []checkpoints.Param) []checkpoints.Param { return p[:3] },
		`"layer000/W" of lista-cp is missing`:        func(p []checkpoints.Param) []checkpoints.Param { return p[1:] },
		`"more" is none of lista-cp`: func(p []checkpoints.Param) []checkpoints.Param {
			return append(p, checkpoints.Param{Name: "more", Shape: []int{1}, F64: []float64{1}})
		},
		`"layer000/W" has shape [9 6]`: func(p []checkpoints.Param) []checkpoints.Param { p[0].Shape = []int{9, 6}; return p },
		`"layer000/logtheta" is not float64`: func(p []checkpoints.Param) []checkpoints.Param {
			p[1] = checkpoints.Param{Name: p[1].Name, Shape: p[1].Shape, F32: []float32{0}}
			return p
		},
		`"layer001/W" holds a number that is not finite`:        func(p []checkpoints.Param) []checkpoints.Param { p[2].F64[7] = math.NaN(); return p },
		`"layer001/logtheta" holds a number that is not finite`: func(p []checkpoints.Param) []checkpoints.Param { p[3].F64[0] = math.Inf(-1); return p },
	} {
		if _, err := lista.New(c, change(c.Init(a.Data))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
}

// A solver refuses a matrix of another shape in one line that names both.
func TestCheckRefuses(t *testing.T) {
	_, a := random(1, 6, 9)
	for _, method := range lista.Methods() {
		c := config(method, 2, a)
		b := bind(t, c, c.Init(a.Data))
		taller, _ := random(2, 7, 9)
		wider, _ := random(2, 6, 10)
		for _, p := range []*l2o.Problem{taller, wider} {
			m, n := p.A.Dims()
			err := b.Check(p)
			if method == lista.LISTAVM && n == 9 {
				if err != nil {
					t.Errorf("%s: refuses other rows: %v", method, err)
				}
				continue
			}
			bad, ok := errors.AsType[*l2o.InputError](err)
			if !ok || bad.Arg != "A" || !strings.Contains(err.Error(), fmt.Sprintf("%d×%d", m, n)) || !strings.Contains(bad.Want, "9") {
				t.Errorf("%s: error %v for a %d×%d matrix", method, err, m, n)
			}
		}
		logistic, _ := random(1, 6, 9)
		logistic.Loss, logistic.Y = l2o.Logistic{}, []float64{1, 1, -1, 1, -1, 1}
		if _, ok := errors.AsType[*l2o.UnsupportedError](b.Check(logistic)); !ok {
			t.Errorf("%s: error %v for the logistic loss", method, b.Check(logistic))
		}
	}
}

func TestValidate(t *testing.T) {
	a := &linop.Dense{M: 4, N: 6}
	for _, method := range lista.Methods() {
		if err := config(method, 3, a).Validate(); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	for want, change := range map[string]func(c *lista.Config){
		"method=alist: want lista, lista-cp":     func(c *lista.Config) { c.Method = "alist" },
		"K=0":                                    func(c *lista.Config) { c.K = 0 },
		"K=1000":                                 func(c *lista.Config) { c.K = 1000 },
		"m=0":                                    func(c *lista.Config) { c.M = 0 },
		"m=7: want at most n=6":                  func(c *lista.Config) { c.M = 7 },
		"m=8: want at most n=6":                  func(c *lista.Config) { c.M, c.Method, c.Analytic = 8, lista.LISTA, true },
		"n=0":                                    func(c *lista.Config) { c.N, c.Method = 0, lista.LISTA },
		"lambda=0":                               func(c *lista.Config) { c.Lambda = 0 },
		"lambda=NaN":                             func(c *lista.Config) { c.Lambda = math.NaN() },
		"pass=-0.1":                              func(c *lista.Config) { c.Pass = -.1 },
		"max_pass=1.1":                           func(c *lista.Config) { c.MaxPass = 1.1 },
		"pass=0.1: want 0 for tista":             func(c *lista.Config) { c.Pass = .1 },
		"max_pass=0.1: want 0 for tista":         func(c *lista.Config) { c.MaxPass = .1 },
		"analytic=true: want false for ada":      func(c *lista.Config) { c.Analytic, c.Method = true, lista.AdaLISTA },
		"analytic=true: want false for lista-vm": func(c *lista.Config) { c.Analytic, c.Method = true, lista.LISTAVM },
		"density=0":                              func(c *lista.Config) { c.Density = 0 },
		"sigma=-1":                               func(c *lista.Config) { c.Sigma = -1 },
		"precision=float16":                      func(c *lista.Config) { c.Precision = "float16" },
	} {
		c := config(lista.TISTA, 3, a)
		change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one that starts with %q", err, want)
		}
	}
}

func TestInitPanics(t *testing.T) {
	defer func() {
		if message, _ := recover().(string); !strings.HasPrefix(message, "lista: Init: a dictionary of 24 numbers, want 4×7") {
			t.Errorf("panic %q", message)
		}
	}()
	a := &linop.Dense{M: 4, N: 6, Data: make([]float64, 24)}
	c := config(lista.LISTA, 1, a)
	c.N = 7
	c.Init(a.Data)
}
