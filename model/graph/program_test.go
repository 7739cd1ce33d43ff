package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/checkpoints"
	"unroll/engine"
	"unroll/engine/kernel"
	"unroll/model"
	"unroll/model/graph"
)

// config is a small network with two free slots beside β.
func config(embedding, attention string, heads int, shared bool) model.Config {
	c := model.Config{D: 3, K: 2, Heads: heads, Hidden: 7, Embedding: embedding, Attention: attention, Shared: shared,
		Start: model.Random, Tau: 1, Precision: model.Float64}
	c.Width = c.Fixed() + c.D + 2
	return c
}

// amplified is the random start in float64 with every weight times gain: the loud network that saturation is there for.
func amplified(c model.Config, seed uint64, gain float64) []checkpoints.Param {
	params := c.Init(seed)
	for _, p := range params {
		for i := range p.F64 {
			p.F64[i] *= gain
		}
	}
	return params
}

// prompts are batch prompts of n pairs: x (B, n, d), y (B, n) and query (B, d).
type prompts struct {
	batch, n, d int
	x, y, query []float64
}

func draw(seed uint64, batch, n, d int) prompts {
	r := rand.New(rand.NewPCG(seed, 1))
	return prompts{batch, n, d, gaussian(r, batch*n*d), gaussian(r, batch*n), gaussian(r, batch*d)}
}

func (p prompts) at(b int) (x, y, query []float64) {
	return p.x[b*p.n*p.d : (b+1)*p.n*p.d], p.y[b*p.n : (b+1)*p.n], p.query[b*p.d : (b+1)*p.d]
}

func gaussian(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

type build func(t graph.Transformer, w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error)

// A program is the whole model on a graph with the loss Σ_k k·‖β_k − target‖² and its gradient; weights may be written between runs.
type program[F kernel.Float] struct {
	machine *engine.Machine
	weights [][]F
	layers  int
}

func compile[F kernel.Float](t testing.TB, c model.Config, params []checkpoints.Param, p prompts, f build) *program[F] {
	t.Helper()
	g := gorgonia.NewGraph()
	w, weights := weightNodes[F](g, params)
	layers, err := f(graph.Transformer{Config: c}, w, tokenNode[F](g, c, p), p.n)
	if err != nil {
		t.Fatal(err)
	}
	target := gaussian(rand.New(rand.NewPCG(3, 4)), p.batch*c.D)
	cost := loss[F](layers, node(g, "target", convert[F](target), p.batch, c.D))
	grads, err := gorgonia.Grad(cost, w...)
	if err != nil {
		t.Fatal(err)
	}
	m := &program[F]{weights: weights, layers: c.K}
	if m.machine, err = engine.NewMachine(g, append(append(layers, grads...), cost)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.machine.Close() })
	return m
}

func node[F kernel.Float](g *gorgonia.ExprGraph, name string, values []F, shape ...int) *gorgonia.Node {
	v := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
	return gorgonia.NewTensor(g, v.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v))
}

func weightNodes[F kernel.Float](g *gorgonia.ExprGraph, params []checkpoints.Param) (w gorgonia.Nodes, backing [][]F) {
	for _, p := range params {
		values := append(convert[F](p.F64), convert[F](p.F32)...)
		w, backing = append(w, node(g, p.Name, values, p.Shape...)), append(backing, values)
	}
	return w, backing
}

func tokenNode[F kernel.Float](g *gorgonia.ExprGraph, c model.Config, p prompts) *gorgonia.Node {
	learner := graph.Transformer{Config: c}
	size := learner.InputSize(p.n)
	tokens := make([]float64, p.batch*size)
	for b := range p.batch {
		x, y, query := p.at(b)
		learner.Input(tokens[b*size:(b+1)*size], x, y, query)
	}
	return node(g, "in", convert[F](tokens), p.batch, size)
}

func loss[F kernel.Float](layers gorgonia.Nodes, target *gorgonia.Node) *gorgonia.Node {
	var cost *gorgonia.Node
	for k, beta := range layers {
		square := gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(beta, target))))
		part := gorgonia.Must(gorgonia.Mul(gorgonia.NewConstant(F(k+1)), gorgonia.Must(gorgonia.Sum(square))))
		if cost == nil {
			cost = part
		} else {
			cost = gorgonia.Must(gorgonia.Add(cost, part))
		}
	}
	return cost
}

// run returns the estimates of the layers (B, d), the gradients of the weights and the loss.
func (m *program[F]) run(t testing.TB) (layers, grads [][]F, cost float64) {
	t.Helper()
	if err := m.machine.Run(); err != nil {
		t.Fatal(err)
	}
	for i := range m.layers {
		layers = append(layers, m.machine.Value(i).Data().([]F))
	}
	for i := range m.weights {
		grads = append(grads, m.machine.Value(m.layers+i).Data().([]F))
	}
	return layers, grads, float64(m.machine.Value(m.layers + len(m.weights)).Data().(F))
}

// apart is the largest |a−b| over all entries relative to max(1, ‖b‖∞) of its array.
func apart[F kernel.Float](a, b [][]F) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range b {
		top, off := 1.0, 0.0
		for j, v := range b[i] {
			top = math.Max(top, math.Abs(float64(v)))
			off = math.Max(off, math.Abs(float64(a[i][j]-v)))
		}
		worst = math.Max(worst, off/top)
	}
	if math.IsNaN(worst) {
		return math.Inf(1)
	}
	return worst
}

func convert[F, G kernel.Float](v []G) []F {
	out := make([]F, len(v))
	for i, x := range v {
		out[i] = F(x)
	}
	return out
}

func each(run func(name string, c model.Config)) {
	for _, embedding := range []string{model.Paired, model.Interleaved} {
		for _, attention := range []string{model.Linear, model.ReLU} {
			for heads := 1; heads <= 3; heads++ {
				for _, shared := range []bool{false, true} {
					run(fmt.Sprintf("%s/%s/heads=%d/shared=%t", embedding, attention, heads, shared), config(embedding, attention, heads, shared))
				}
			}
		}
	}
}
