package graph_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/checkpoints"
	"unroll/engine"
	"unroll/l2o/l2otest"
	"unroll/l2o/lista"
	"unroll/l2o/lista/graph"
)

const batch = 3

type float interface{ float32 | float64 }

// An instance is a solver with its dictionary, measurements and targets.
type instance struct {
	lista.Config
	params       []checkpoints.Param
	a, y, target []float64 // (m, n), (B, m), (B, n)
}

// draw makes a small instance of a method whose weights are off their start, so that no symmetry of it hides a mistake.
func draw(seed uint64, method, precision string) instance {
	r := rand.New(rand.NewPCG(seed, 12))
	a := gaussian(r, 5*8)
	c := lista.Config{Method: method, K: 3, M: 5, N: 8, Lambda: .3, Density: .2, Sigma: .1, Precision: precision}
	if seed%2 == 1 && method != lista.TISTA {
		c.Pass, c.MaxPass = .2, .4
	}
	c.Shared = seed%3 == 2
	i := instance{Config: c, a: a, params: c.Init(a), y: gaussian(r, batch*c.M), target: gaussian(r, batch*c.N)}
	for _, p := range i.params {
		if !lista.Learned(p.Name) {
			continue
		}
		for j := range p.F64 {
			p.F64[j] += .05 * r.NormFloat64()
		}
		for j := range p.F32 {
			p.F32[j] += .05 * float32(r.NormFloat64())
		}
	}
	return i
}

func gaussian(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

// A program is the graph of an instance with the loss Σ_k k·‖x_k − target‖² and its gradient in the learned weights.
type program struct {
	machine *engine.Machine
	layers  int
	learned [][]float64
}

func node[F float](g *gorgonia.ExprGraph, name string, values []F, shape ...int) *gorgonia.Node {
	v := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
	return gorgonia.NewTensor(g, v.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v))
}

func compile[F float](t testing.TB, i instance) program {
	t.Helper()
	g := gorgonia.NewGraph()
	var w, wrt gorgonia.Nodes
	p := program{layers: i.K}
	for _, param := range i.params {
		n := node(g, param.Name, append(convert[F](param.F64), convert[F](param.F32)...), param.Shape...)
		if param.F64 != nil {
			n = node(g, param.Name, param.F64, param.Shape...)
		}
		if w = append(w, n); lista.Learned(param.Name) {
			wrt, p.learned = append(wrt, n), append(p.learned, param.F64)
		}
	}
	layers, err := graph.Layers(i.Config, w, node(g, "y", convert[F](i.y), batch, i.M), node(g, "a", convert[F](i.a), i.M, i.N))
	if err != nil {
		t.Fatal(err)
	}
	target := node(g, "target", convert[F](i.target), batch, i.N)
	errors := gorgonia.Must(engine.SquaredErrors(target, layers...))
	weights := make([]F, i.K)
	for k := range weights {
		weights[k] = F(k + 1)
	}
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(errors, node(g, "weights", weights, i.K)))))
	grads, err := gorgonia.Grad(cost, wrt...)
	if err != nil {
		t.Fatal(err)
	}
	if p.machine, err = engine.NewMachine(g, append(append(layers, cost), grads...)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.machine.Close() })
	return p
}

func (p program) run(t testing.TB) {
	t.Helper()
	if err := p.machine.Run(); err != nil {
		t.Fatal(err)
	}
}

func convert[F, G float](v []G) (out []F) {
	for _, x := range v {
		out = append(out, F(x))
	}
	return out
}

// bound are the estimates of package lista (K, B, n).
func (i instance) bound(t testing.TB) [][]float64 {
	t.Helper()
	b, err := lista.New(i.Config, i.params)
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]float64, i.K)
	b.Estimates(i.a, i.y, func(k int, x []float64) bool {
		if k > 0 {
			out[k-1] = append(out[k-1], x...)
		}
		return true
	})
	return out
}

// The graph and the plain loops give the same estimates, in both precisions.
func TestGraphIsPlain(t *testing.T) {
	worst64, worst32 := 0.0, 0.0
	for _, method := range trained() {
		for seed := range uint64(10) {
			off64 := fromPlain[float64](t, draw(seed, method, lista.Float64))
			off32 := fromPlain[float32](t, draw(seed, method, lista.Float32))
			worst64, worst32 = max(worst64, off64), max(worst32, off32)
			if !(off64 <= 1e-12 && off32 <= 1e-4) {
				t.Errorf("%s, seed %d: %.2g apart in float64, %.2g in float32", method, seed, off64, off32)
			}
		}
	}
	t.Logf("at most %.2g apart in float64, %.2g in float32", worst64, worst32)
}

func trained() (methods []string) {
	for _, m := range lista.Methods() {
		if graph.Trains(m) {
			methods = append(methods, m)
		}
	}
	return methods
}

// fromPlain is the largest distance over the layers, relative to the largest entry where that is above 1.
func fromPlain[F float](t testing.TB, i instance) (worst float64) {
	p := compile[F](t, i)
	p.run(t)
	for k, want := range i.bound(t) {
		top := 1.0
		for _, v := range want {
			top = max(top, math.Abs(v))
		}
		for j, v := range p.machine.Value(k).Data().([]F) {
			worst = max(worst, math.Abs(float64(v)-want[j])/top)
		}
	}
	return worst
}

// The gradient in all learned weights at once against central differences of the plain loops.
func TestGradient(t *testing.T) {
	for _, method := range trained() {
		for _, seed := range []uint64{0, 1, 2, 5} { // none of them next to a kink
			i := draw(seed, method, lista.Float64)
			p := compile[float64](t, i)
			stats := l2otest.CheckGrad(t, func(w []float64) (value float64, grad []float64, kinks uint64) {
				scatter(p.learned, w)
				p.run(t)
				for g := range p.learned {
					grad = append(grad, p.machine.Value(i.K+1+g).Data().([]float64)...)
				}
				value, kinks = i.loss(t)
				return value, grad, kinks
			}, gather(p.learned), l2otest.GradOptions{Step: 3e-6})
			t.Logf("%s, seed %d: %+v", method, seed, stats)
		}
	}
}

// loss is Σ_k k·‖x_k − target‖² of the plain loops, with a hash of which entries are zero and which sides the others are on.
func (i instance) loss(t testing.TB) (s float64, kinks uint64) {
	hash := fnv.New64a()
	for k, x := range i.bound(t) {
		for j, v := range x {
			s += float64(k+1) * (v - i.target[j]) * (v - i.target[j])
			fmt.Fprint(hash, v > 0, v < 0)
		}
	}
	return s, hash.Sum64()
}

func gather(arrays [][]float64) (all []float64) {
	for _, v := range arrays {
		all = append(all, v...)
	}
	return all
}

func scatter(arrays [][]float64, all []float64) {
	for _, v := range arrays {
		all = all[copy(v, all):]
	}
}

// What does not fit is an error in one line.
func TestRefusals(t *testing.T) {
	i := draw(1, lista.LISTACP, lista.Float64)
	g := gorgonia.NewGraph()
	y, a := node(g, "y", i.y, batch, i.M), node(g, "a", i.a, i.M, i.N)
	for want, change := range map[string]func(c *lista.Config, w *gorgonia.Nodes){
		`the weight "layer000/W" is missing`: func(c *lista.Config, w *gorgonia.Nodes) { *w = nil },
		"hyperlista is not trained":          func(c *lista.Config, w *gorgonia.Nodes) { c.Method = lista.HyperLISTA },
		"shape": func(c *lista.Config, w *gorgonia.Nodes) {
			*w = gorgonia.Nodes{node(g, "layer000/W", make([]float64, 6), 2, 3), (*w)[1]}
		},
	} {
		c, w := i.Config, gorgonia.Nodes{}
		for _, p := range i.params {
			w = append(w, node(g, p.Name, p.F64, p.Shape...))
		}
		change(&c, &w)
		if _, err := graph.Layers(c, w, y, a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
