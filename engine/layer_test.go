package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
)

// randomLayer adds a layer of a shape drawn from seed on random inputs. One layer in four is long enough to go through several chunks.
func randomLayer(t testing.TB, seed uint64) (s engine.LayerShape, p *program) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	s = engine.LayerShape{Batch: 1 + r.IntN(5), Tokens: 1 + r.IntN(6), Fixed: r.IntN(4), Hidden: 1 + r.IntN(9), Heads: 1 + r.IntN(3),
		ReLU: seed%2 == 1, Saturate: []float64{0, 0.7}[seed/2%2], Data: seed%5 == 4}
	switch { // ReLU layers have a kink for every score: few of them, so that few directions cross one
	case s.ReLU && seed%8 == 3:
		s.Batch, s.Tokens, s.Heads, s.Hidden = 1, 17+r.IntN(4), 1, 3
	case seed%4 == 2:
		s.Tokens = 20 + r.IntN(30)
	}
	s.Queries = s.Tokens
	if seed%3 == 2 {
		s.Queries = 1 + r.IntN(s.Tokens)
	}
	s.Width = s.Fixed + 1 + r.IntN(5)
	g := gorgonia.NewGraph()
	in := layerInputs(g, s, r)
	out, err := engine.TransformerLayer(s, randomSights(s.Tokens, r), in[0], in[1], in[2], in[3], in[4], in[5], in[6])
	if err != nil {
		t.Fatal(err)
	}
	if s.Data {
		in = in[1:]
	}
	return s, compile(t, g, out, in...)
}

// randomSights are causal, or show all queries the same keys with one weight, or grow as chance has it.
func randomSights(tokens int, r *rand.Rand) []engine.Sight {
	sights, kind, keys, weight := make([]engine.Sight, tokens), r.IntN(3), r.IntN(tokens+1), 0.0
	for j := range sights {
		switch kind {
		case 0:
			keys = j + 1
		case 2:
			keys = min(tokens, keys+r.IntN(3))
		}
		if j == 0 || kind != 1 {
			weight = (0.5 + r.Float64()) / float64(1+keys)
		}
		sights[j] = engine.Sight{Keys: keys, Weight: weight}
	}
	return sights
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

// The layer's gradient in the tokens' writable slots and all weights, for 40 shapes. In the fixed slots it is zero, as they are data.
func TestLayerGradient(t *testing.T) {
	for seed := range uint64(40) {
		s, p := randomLayer(t, seed)
		if !s.Data {
			_, _, grads := p.run(t)
			for i, v := range grads[0] {
				if i%s.Width < s.Fixed && v != 0 {
					t.Fatalf("%+v: the gradient in number %d of the tokens, which is data, is %g", s, i, v)
				}
			}
			p.hold(func(i, j int) bool { return i == 0 && j%s.Width < s.Fixed })
		}
		if stats := p.checkGrad(t, func() uint64 { return engine.Kinks(p.out) }); t.Failed() {
			t.Fatalf("%+v: %+v", s, stats)
		}
	}
}

// The gradient in tokens that are data is refused.
func TestDataHasNoGradient(t *testing.T) {
	s := engine.LayerShape{Batch: 1, Tokens: 2, Queries: 2, Width: 3, Fixed: 1, Hidden: 2, Heads: 1, Data: true}
	g := gorgonia.NewGraph()
	in := layerInputs(g, s, rand.New(rand.NewPCG(1, 1)))
	out, err := engine.TransformerLayer(s, make([]engine.Sight, 2), in[0], in[1], in[2], in[3], in[4], in[5], in[6])
	if err != nil {
		t.Fatal(err)
	}
	cost := gorgonia.Must(gorgonia.Sum(out))
	if _, err := gorgonia.Grad(cost, in[0]); err == nil {
		t.Error("a gradient in data was handed out")
	}
	if _, err := gorgonia.Grad(cost, in[1:]...); err != nil {
		t.Error(err)
	}
}

// The last queries alone are those of the whole layer, in values and in every gradient, when nothing reads the others.
func TestQueriesAreTheLastTokens(t *testing.T) {
	for _, relu := range []bool{false, true} {
		whole := engine.LayerShape{Batch: 3, Tokens: 37, Queries: 37, Width: 9, Fixed: 3, Hidden: 5, Heads: 2, ReLU: relu, Saturate: 0.7}
		few := whole
		few.Queries = 3
		weight := gaussian(rand.New(rand.NewPCG(5, 5)), 3*3*9, 1)
		out := func(s engine.LayerShape) [][]float64 {
			g, r := gorgonia.NewGraph(), rand.New(rand.NewPCG(4, 4))
			in := layerInputs(g, s, r)
			n, err := engine.TransformerLayer(s, randomSights(s.Tokens, r), in[0], in[1], in[2], in[3], in[4], in[5], in[6])
			if err != nil {
				t.Fatal(err)
			}
			padded := make([]float64, s.Batch*s.Queries*s.Width)
			for b := range 3 {
				copy(padded[((b+1)*s.Queries-3)*s.Width:], weight[b*27:(b+1)*27])
			}
			w := input(g, "weight", padded, s.Batch, s.Queries, s.Width)
			grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(w, n)))), in...)
			if err != nil {
				t.Fatal(err)
			}
			m, err := engine.NewMachine(g, append(gorgonia.Nodes{n}, grads...)...)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if err := m.Run(); err != nil {
				t.Fatal(err)
			}
			var values [][]float64
			for i := range 8 {
				values = append(values, slices.Clone(m.Value(i).Data().([]float64)))
			}
			return values
		}
		all, last := out(whole), out(few)
		for b := range 3 {
			if want, got := all[0][((b+1)*37-3)*9:(b+1)*37*9], last[0][b*27:(b+1)*27]; apart(got, want) > 1e-13 {
				t.Errorf("ReLU %t, prompt %d: the last tokens are %v, want %v", relu, b, got, want)
			}
		}
		for i := 1; i < 8; i++ {
			if off := apart(last[i], all[i]); off > 1e-13 {
				t.Errorf("ReLU %t: the gradient in input %d differs by %g", relu, i-1, off)
			}
		}
	}
}

// apart is the largest |a−b| relative to max(1, ‖b‖∞).
func apart(a, b []float64) float64 {
	top, off := 1.0, 0.0
	for i, v := range b {
		top, off = max(top, math.Abs(v)), max(off, math.Abs(a[i]-v))
	}
	return off / top
}

// A layer refuses weights of another shape, and says which and what it wants.
func TestLayerRefusesShapes(t *testing.T) {
	s := engine.LayerShape{Batch: 2, Tokens: 3, Queries: 3, Width: 5, Fixed: 2, Hidden: 4, Heads: 2}
	for i := range 7 {
		other := s
		if other.Heads++; i == 0 || i > 4 { // heads are no dimension of h, w1 and w2
			other.Width++
		}
		g := gorgonia.NewGraph()
		in := layerInputs(g, s, rand.New(rand.NewPCG(1, 1)))
		in[i] = layerInputs(gorgonia.NewGraph(), other, rand.New(rand.NewPCG(1, 1)))[i]
		in[i] = input(g, "other", in[i].Value().Data().([]float64), in[i].Shape()...)
		_, err := engine.TransformerLayer(s, make([]engine.Sight, 3), in[0], in[1], in[2], in[3], in[4], in[5], in[6])
		if err == nil || !strings.Contains(err.Error(), fmt.Sprint(in[i].Shape())) {
			t.Errorf("input %d of shape %v: error %v", i, in[i].Shape(), err)
		}
	}
}

// A shape that no layer has is a programmer's mistake.
func TestImpossibleLayerPanics(t *testing.T) {
	for name, change := range map[string]func(s *engine.LayerShape, sights []engine.Sight) []engine.Sight{
		"no prompts":       func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { s.Batch = 0; return v },
		"no tokens":        func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { s.Tokens = 0; return nil },
		"no queries":       func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { s.Queries = 0; return v },
		"3 of 2 queries":   func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { s.Queries = 3; return v },
		"no heads":         func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { s.Heads = 0; return v },
		"no units":         func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { s.Hidden = 0; return v },
		"no writable slot": func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { s.Fixed = 3; return v },
		"negative slots":   func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { s.Fixed = -1; return v },
		"3 sights":         func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { return append(v, v[1]) },
		"3 of 2 keys":      func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { v[1].Keys = 3; return v },
		"negative keys":    func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { v[0].Keys = -1; return v },
		"fewer keys later": func(s *engine.LayerShape, v []engine.Sight) []engine.Sight { v[1].Keys = 0; return v },
	} {
		s := engine.LayerShape{Batch: 1, Tokens: 2, Queries: 2, Width: 3, Fixed: 2, Hidden: 1, Heads: 1}
		sights := change(&s, []engine.Sight{{Keys: 1, Weight: 1}, {Keys: 2, Weight: 1}})
		if message := layerPanics(s, sights); !strings.HasPrefix(message, "engine: impossible layer") {
			t.Errorf("%s: panic %q", name, message)
		}
	}
}

func layerPanics(s engine.LayerShape, sights []engine.Sight) (message string) {
	defer func() { message, _ = recover().(string) }()
	good := engine.LayerShape{Batch: 1, Tokens: 2, Queries: 2, Width: 3, Fixed: 2, Hidden: 1, Heads: 1}
	in := layerInputs(gorgonia.NewGraph(), good, rand.New(rand.NewPCG(1, 1)))
	_, _ = engine.TransformerLayer(s, sights, in[0], in[1], in[2], in[3], in[4], in[5], in[6])
	return ""
}

// Two layers of one shape on the same inputs stay two, each with its own sights and buffers.
func TestLayersAreNeverMerged(t *testing.T) {
	s := engine.LayerShape{Batch: 1, Tokens: 2, Queries: 2, Width: 3, Fixed: 1, Hidden: 2, Heads: 1}
	g := gorgonia.NewGraph()
	in := layerInputs(g, s, rand.New(rand.NewPCG(1, 1)))
	layer := func(sights ...engine.Sight) *gorgonia.Node {
		n, err := engine.TransformerLayer(s, sights, in[0], in[1], in[2], in[3], in[4], in[5], in[6])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if a, b := layer(engine.Sight{2, 1}, engine.Sight{2, 1}), layer(engine.Sight{1, 1}, engine.Sight{2, 1}); a == b || a.Hashcode() == b.Hashcode() {
		t.Error("two layers with different sights are one node")
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
