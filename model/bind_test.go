package model_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/model"
)

// random is a network of noise with free slots, loud enough that its saturation bites.
func random(embedding, attention string, normalise bool) model.Config {
	c := model.Config{D: 6, K: 4, Heads: 3, Hidden: 24, Embedding: embedding, Attention: attention, Normalise: normalise,
		Saturate: 0.5, Start: model.Random, Tau: 1, Precision: model.Float64}
	c.Width = c.Fixed() + 2*c.D
	return c
}

func bind(t *testing.T, c model.Config, params []checkpoints.Param) *model.Bound {
	t.Helper()
	b, err := model.New(c, params)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An error names the parameter that does not fit.
func TestNewRefuses(t *testing.T) {
	c := random(model.Paired, model.Linear, true)
	for _, bad := range []struct {
		change func(p []checkpoints.Param) []checkpoints.Param
		want   []string
	}{
		{func(p []checkpoints.Param) []checkpoints.Param { return p[:len(p)-1] }, []string{"layer003/W2", "missing"}},
		{func(p []checkpoints.Param) []checkpoints.Param { return p[1:] }, []string{"layer000/K", "missing"}},
		{func(p []checkpoints.Param) []checkpoints.Param { return slices.Delete(p, 7, 8) }, []string{"layer001/O", "missing"}},
		{func(p []checkpoints.Param) []checkpoints.Param { return nil }, []string{"layer000/K", "missing"}},
		{func(p []checkpoints.Param) []checkpoints.Param {
			return append(p, checkpoints.Param{Name: "layer004/K", Shape: []int{1}, F64: []float64{1}})
		}, []string{"layer004/K", "not the model's"}},
		{func(p []checkpoints.Param) []checkpoints.Param {
			return slices.Insert(p, 2, checkpoints.Param{Name: "layer000/P", Shape: []int{1}, F64: []float64{1}})
		}, []string{"layer000/P", "not the model's"}},
		{func(p []checkpoints.Param) []checkpoints.Param {
			p[4].Shape = []int{20, 20}
			return p
		}, []string{"layer000/W1"}},
		{func(p []checkpoints.Param) []checkpoints.Param {
			p[4].Shape = []int{p[4].Shape[1], p[4].Shape[0]}
			return p
		}, []string{"layer000/W1", "shape [24 20]"}},
		{func(p []checkpoints.Param) []checkpoints.Param {
			p[3].F64 = p[3].F64[1:]
			return p
		}, []string{"layer000/V", "values"}},
		{func(p []checkpoints.Param) []checkpoints.Param {
			p[0].F32, p[0].F64 = make([]float32, len(p[0].F64)), nil
			return p
		}, []string{"layer000/K", "float64"}},
	} {
		_, err := model.New(c, bad.change(c.Init(1)))
		for _, want := range bad.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v does not name %q", err, want)
			}
		}
	}
	c.K = 0
	if _, err := model.New(c, nil); err == nil || !strings.Contains(err.Error(), "K=0") {
		t.Errorf("error %v for K = 0", err)
	}
}

// Bind reads the config under "model" and the parameters, leaves alone Adam's moments and no other array, and says what it cannot read.
func TestBind(t *testing.T) {
	c := random(model.Paired, model.ReLU, true)
	config, err := json.Marshal(map[string]any{"model": c, "seed": 1})
	if err != nil {
		t.Fatal(err)
	}
	params := append([]checkpoints.Param{{Name: "adam.m/layer000/K", Shape: []int{1}, F64: []float64{1}}}, c.Init(3)...)
	bound, err := model.Bind(&checkpoints.File{Config: config, Params: params})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, p := range c.Init(3) {
		total += len(p.F64)
	}
	if bound.Config != c || bound.Parameters() != total {
		t.Errorf("bound %+v with %d parameters, want %+v with %d", bound.Config, bound.Parameters(), c, total)
	}
	for _, config := range []string{``, `{}`, `{"model": null}`, `{"model": 3}`, `[`} {
		if _, err := model.Bind(&checkpoints.File{Config: json.RawMessage(config)}); err == nil || !strings.Contains(err.Error(), "no transformer") {
			t.Errorf("config %q: error %v", config, err)
		}
	}
	for config, want := range map[string]string{
		`{"model": {"K": "four"}}`:              "model.K",
		`{"model": {}, "data": {"N": "long"}}`:  "data.N",
		`{"model": {"heads": 2.5}, "data": {}}`: "model.heads",
	} {
		if _, err := model.Bind(&checkpoints.File{Config: json.RawMessage(config)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("config %s: error %v, want one that names %s", config, err, want)
		}
	}
	for _, name := range []string{"bias", "layer", "zeta"} {
		more := append(slices.Clone(params), checkpoints.Param{Name: name, Shape: []int{1}, F64: []float64{1}})
		slices.SortFunc(more, func(a, b checkpoints.Param) int { return strings.Compare(a.Name, b.Name) })
		if _, err := model.Bind(&checkpoints.File{Config: config, Params: more}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("with an array %q: error %v", name, err)
		}
	}
}

// A bound network is a solver like any other, in both precisions.
func TestBoundIsASolver(t *testing.T) {
	for _, precision := range []string{model.Float32, model.Float64} {
		c := random(model.Interleaved, model.ReLU, true)
		c.Precision = precision
		p := l2otest.Random(rand.New(rand.NewPCG(1, 2)), 5, c.D, 0.1)
		bound := bind(t, c, c.Init(1))
		l2otest.Sequence(t, bound, p)
		layers := 0
		for k := range bound.Iterates(p) {
			layers = k
		}
		if layers != c.K {
			t.Errorf("the iterates end at %d, want %d", layers, c.K)
		}
	}
}

// The network was trained for d columns, and needs to see rows.
func TestCheckRefuses(t *testing.T) {
	c := random(model.Paired, model.Linear, true)
	bound := bind(t, c, c.Init(1))
	p := l2otest.Random(rand.New(rand.NewPCG(1, 2)), 5, c.D, 0.1)
	wide := l2otest.Random(rand.New(rand.NewPCG(1, 2)), 5, c.D+1, 0.1)
	for want, p := range map[string]*l2o.Problem{"6 columns": wide, "Dense": {A: hidden{p}, Y: p.Y}} {
		if err := bound.Check(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if message := panics(func() { bound.Iterates(p) }); !strings.HasPrefix(message, "model: ") {
			t.Errorf("Iterates of a problem without %s: panic %q", want, message)
		}
	}
}

// hidden is an operator that does not show its entries.
type hidden struct{ p *l2o.Problem }

func (h hidden) Dims() (m, n int)         { return h.p.A.Dims() }
func (h hidden) Apply(dst, x []float64)   { h.p.A.Apply(dst, x) }
func (h hidden) Adjoint(dst, y []float64) { h.p.A.Adjoint(dst, y) }
