package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
)

// randomLayer adds a layer of a shape drawn from seed on random inputs.
func randomLayer(t testing.TB, seed uint64) (s engine.LayerShape, p *program) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	s = engine.LayerShape{Batch: 1 + r.IntN(5), Tokens: 1 + r.IntN(6), Fixed: r.IntN(4), Hidden: 1 + r.IntN(9), Heads: 1 + r.IntN(3),
		ReLU: seed%2 == 1, Saturate: []float64{0, 0.7}[seed/2%2]}
	s.Width = s.Fixed + 1 + r.IntN(5)
	g := gorgonia.NewGraph()
	inputs := layerInputs(g, s, r)
	mask := gaussian(r, s.Tokens*s.Tokens, 1)
	for i := range mask {
		mask[i] = max(mask[i], 0) // masked out about half the time
	}
	out, err := engine.TransformerLayer(s, mask, inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5], inputs[6])
	if err != nil {
		t.Fatal(err)
	}
	return s, compile(t, g, out, inputs...)
}

func layerInputs(g *gorgonia.ExprGraph, s engine.LayerShape, r *rand.Rand) (inputs gorgonia.Nodes) {
	free := s.Width - s.Fixed
	for _, in := range []struct {
		name  string
		shape []int
	}{
		{"h", []int{s.Batch, s.Tokens, s.Width}}, {"k", []int{s.Heads, s.Width, s.Width}}, {"o", []int{s.Heads, s.Width, free}},
		{"q", []int{s.Heads, s.Width, s.Width}}, {"v", []int{s.Heads, s.Width, s.Width}}, {"w1", []int{s.Width, s.Hidden}}, {"w2", []int{s.Hidden, free}},
	} {
		inputs = append(inputs, input(g, in.name, gaussian(r, tensor.Shape(in.shape).TotalSize(), 0.6), in.shape...))
	}
	return inputs
}

// The layer's gradient in the tokens and all weights, for 24 shapes.
func TestLayerGradient(t *testing.T) {
	for seed := range uint64(24) {
		s, p := randomLayer(t, seed)
		if stats := p.checkGrad(t, func() uint64 { return engine.Kinks(p.out) }); t.Failed() {
			t.Fatalf("%+v: %+v", s, stats)
		}
	}
}

// A layer refuses weights of another shape, and says which and what it wants.
func TestLayerRefusesShapes(t *testing.T) {
	s := engine.LayerShape{Batch: 2, Tokens: 3, Width: 5, Fixed: 2, Hidden: 4, Heads: 2}
	for i := range 7 {
		other := s
		if other.Heads++; i == 0 || i > 4 { // heads are no dimension of h, w1 and w2
			other.Width++
		}
		g := gorgonia.NewGraph()
		in := layerInputs(g, s, rand.New(rand.NewPCG(1, 1)))
		in[i] = layerInputs(gorgonia.NewGraph(), other, rand.New(rand.NewPCG(1, 1)))[i]
		in[i] = input(g, "other", in[i].Value().Data().([]float64), in[i].Shape()...)
		_, err := engine.TransformerLayer(s, make([]float64, 9), in[0], in[1], in[2], in[3], in[4], in[5], in[6])
		if err == nil || !strings.Contains(err.Error(), fmt.Sprint(in[i].Shape())) {
			t.Errorf("input %d of shape %v: error %v", i, in[i].Shape(), err)
		}
	}
}

// A shape that no layer has is a programmer's mistake.
func TestImpossibleLayerPanics(t *testing.T) {
	good := engine.LayerShape{Batch: 1, Tokens: 2, Width: 3, Fixed: 2, Hidden: 1, Heads: 1}
	for name, change := range map[string]func(s *engine.LayerShape) (mask int){
		"no prompts":         func(s *engine.LayerShape) int { s.Batch = 0; return 4 },
		"no tokens":          func(s *engine.LayerShape) int { s.Tokens = 0; return 0 },
		"no heads":           func(s *engine.LayerShape) int { s.Heads = 0; return 4 },
		"no units":           func(s *engine.LayerShape) int { s.Hidden = 0; return 4 },
		"no writable slot":   func(s *engine.LayerShape) int { s.Fixed = 3; return 4 },
		"negative slots":     func(s *engine.LayerShape) int { s.Fixed = -1; return 4 },
		"a mask of 3 tokens": func(s *engine.LayerShape) int { return 9 },
	} {
		s := good
		mask := make([]float64, change(&s))
		if message := layerPanics(s, mask); !strings.HasPrefix(message, "engine: impossible layer") {
			t.Errorf("%s: panic %q", name, message)
		}
	}
}

func layerPanics(s engine.LayerShape, mask []float64) (message string) {
	defer func() { message, _ = recover().(string) }()
	in := layerInputs(gorgonia.NewGraph(), engine.LayerShape{Batch: 1, Tokens: 2, Width: 3, Fixed: 2, Hidden: 1, Heads: 1}, rand.New(rand.NewPCG(1, 1)))
	_, _ = engine.TransformerLayer(s, mask, in[0], in[1], in[2], in[3], in[4], in[5], in[6])
	return ""
}

// Two layers of one shape on the same inputs stay two, each with its own mask and buffers.
func TestLayersAreNeverMerged(t *testing.T) {
	s := engine.LayerShape{Batch: 1, Tokens: 2, Width: 3, Fixed: 1, Hidden: 2, Heads: 1}
	g := gorgonia.NewGraph()
	in := layerInputs(g, s, rand.New(rand.NewPCG(1, 1)))
	layer := func(mask ...float64) *gorgonia.Node {
		n, err := engine.TransformerLayer(s, mask, in[0], in[1], in[2], in[3], in[4], in[5], in[6])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if a, b := layer(1, 1, 1, 1), layer(1, 1, 1, 0); a == b || a.Hashcode() == b.Hashcode() {
		t.Error("two layers with different masks are one node")
	}
}

// A run depends on the inputs alone: run again after another one in between, the same inputs give the same bits.
func TestRunsRepeat(t *testing.T) {
	for seed := range uint64(8) {
		s, p := randomLayer(t, seed)
		start := slices.Concat(p.inputs...)
		bits := func() []float64 {
			out, cost, grads := p.run(t)
			return slices.Concat(out, []float64{cost}, slices.Concat(grads...))
		}
		first := bits()
		if !slices.Equal(start, slices.Concat(p.inputs...)) {
			t.Errorf("%+v: a run wrote to its inputs", s)
		}
		for _, v := range p.inputs {
			v[0]++
		}
		if slices.Equal(first, bits()) {
			t.Errorf("%+v: other inputs, same outputs", s)
		}
		scatter(p.inputs, start)
		if !slices.Equal(first, bits()) {
			t.Errorf("%+v: a second run gives other bits", s)
		}
	}
}
