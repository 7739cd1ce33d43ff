package graph_test

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/checkpoints"
	"unroll/engine"
	"unroll/l2o/denoise"
	"unroll/l2o/denoise/graph"
)

const batch, height, width = 2, 6, 5

type float interface{ float32 | float64 }

func config(precision string) denoise.Config {
	return denoise.Config{Channels: 3, Layers: 3, Filters: 4, Size: 3, Cap: 1.9, Precision: precision}
}

func random(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 5))
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

func node[F float](g *gorgonia.ExprGraph, name string, values []float64, shape ...int) *gorgonia.Node {
	var backing []F
	for _, v := range values {
		backing = append(backing, F(v))
	}
	v := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
	return gorgonia.NewTensor(g, v.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v))
}

// weights are off their start.
func weights(c denoise.Config, seed uint64) []float64 {
	b, err := denoise.New(c, c.Init(seed))
	if err != nil {
		panic(err)
	}
	for i, v := range random(seed, len(b.Weights)) {
		b.Weights[i] += 0.1 * v
	}
	return b.Weights
}

// widened returns the weights of params in float64.
func widened(params []checkpoints.Param) (all []float64) {
	for _, p := range params {
		all = append(all, p.F64...)
		for _, v := range p.F32 {
			all = append(all, float64(v))
		}
	}
	return all
}

// run returns the last layer on the graph and the gradients of Σ g·D in the weights.
func run[F float](t *testing.T, c denoise.Config, flat, v, sigma, g []float64) (out []F, grad []F) {
	t.Helper()
	at := gorgonia.NewGraph()
	var w gorgonia.Nodes
	rest := flat
	for _, p := range c.Params(flat) {
		w, rest = append(w, node[F](at, p.Name, rest[:p.Len()], p.Shape...)), rest[p.Len():]
	}
	var level []float64
	for _, s := range sigma {
		level = append(level, math.Log(s), 1)
	}
	layers, err := graph.Denoiser(c, w, node[F](at, "v", v, batch, 3, height, width), node[F](at, "level", level, batch, 2))
	if err != nil {
		t.Fatal(err)
	}
	last := layers[len(layers)-1]
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(last, node[F](at, "g", g, batch, 3, height, width)))))
	grads, err := gorgonia.Grad(cost, w...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.NewMachine(at, append(gorgonia.Nodes{last}, grads...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	if err := m.Run(); err != nil {
		t.Fatal(err)
	}
	for i := range grads {
		grad = append(grad, m.Value(1+i).Data().([]F)...)
	}
	return m.Value(0).Data().([]F), grad
}

// The graph and the plain loops give the same images and the same gradients in all weights: to 1e-12 in float64.
func TestGraphIsPlain(t *testing.T) {
	for seed := range uint64(5) {
		fromPlain[float64](t, seed, denoise.Float64, 1e-12)
		fromPlain[float32](t, seed, denoise.Float32, 1e-4)
	}
}

func fromPlain[F float](t *testing.T, seed uint64, precision string, tol float64) {
	c := config(precision)
	flat := widened(c.Params(weights(c, seed)))
	v, g, sigma := random(seed+10, batch*3*height*width), random(seed+20, batch*3*height*width), []float64{0.3, 1.1}
	out, grad := run[F](t, c, flat, v, sigma, g)
	net, n := c.On(height, width), 3*height*width
	want, slope, scratch := make([]float64, n), make([]float64, len(flat)), make([]float64, n)
	for b, s := range sigma {
		net.Apply(want, v[b*n:(b+1)*n], []float64{s}, flat)
		net.Adjoint(scratch, nil, slope, v[b*n:(b+1)*n], []float64{s}, flat, g[b*n:(b+1)*n])
		if d := apart(out[b*n:(b+1)*n], want); !(d <= tol) {
			t.Errorf("seed %d, %s: images %g apart", seed, precision, d)
		}
	}
	if d := apart(grad, slope); !(d <= 10*tol) {
		t.Errorf("seed %d, %s: gradients %g apart", seed, precision, d)
	}
}

// apart is the largest distance, relative to the largest entry or 1.
func apart[F float](got []F, want []float64) (d float64) {
	top := 1.0
	for i, v := range want {
		top, d = max(top, math.Abs(v)), max(d, math.Abs(float64(got[i])-v))
	}
	return d / top
}

// Weights that do not fit are an error in one line, and equal inputs give equal bits.
func TestRefusals(t *testing.T) {
	c := config(denoise.Float64)
	g := gorgonia.NewGraph()
	v, level := node[float64](g, "v", make([]float64, 90*batch), batch, 3, height, width), node[float64](g, "level", make([]float64, 2*batch), batch, 2)
	var w gorgonia.Nodes
	for _, p := range c.Init(1) {
		w = append(w, node[float64](g, p.Name, p.F64, p.Shape...))
	}
	for want, w := range map[string]gorgonia.Nodes{
		"5 weights":         w[:5],
		"layer 0":           {w[0], node[float64](g, "w", make([]float64, 16), 4, 1, 2, 2), w[2], w[3], w[4], w[5]},
		"bounds of layer 1": {w[0], w[1], node[float64](g, "theta", make([]float64, 12), 3, 4), w[3], w[4], w[5]},
	} {
		if _, err := graph.Denoiser(c, w, v, level); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", want, err)
		}
	}
	hash := func() uint64 {
		out, _ := run[float64](t, c, weights(c, 1), random(1, 90*batch), []float64{1, 2}, random(2, 90*batch))
		h := fnv.New64a()
		for _, x := range out {
			h.Write([]byte{byte(math.Float64bits(x)), byte(math.Float64bits(x) >> 8)})
		}
		return h.Sum64()
	}
	if first := hash(); hash() != first {
		t.Error("two runs differ")
	}
}
