package graph_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
	"unroll/l2o/bilevel"
	"unroll/l2o/bilevel/graph"
	"unroll/l2o/denoise"
	"unroll/l2o/linop"
)

const batch, height, width = 2, 6, 5

var shape = linop.Shape{C: 3, H: height, W: width}

func plug(K, T int, precision string) graph.Plug {
	return graph.Plug{Denoiser: denoise.Config{Channels: 3, Layers: 2, Filters: 4, Size: 3, Cap: 1.9, Precision: precision}, K: K, T: T, Sigma: 0.3}
}

// An instance is the weights of a denoiser off their start, log α and log τ, pixels with noise, masks and what is sought.
type instance struct{ w, y, m, star [][]float64 }

func draw(p graph.Plug, seed uint64) (in instance) {
	r := rand.New(rand.NewPCG(seed, 9))
	for _, param := range p.Denoiser.Init(seed) {
		var v []float64
		for _, x := range param.F32 {
			v = append(v, float64(x))
		}
		v = append(v, param.F64...)
		for i := range v {
			v[i] = float64(float32(v[i] + 0.1*r.NormFloat64()))
		}
		in.w = append(in.w, v)
	}
	in.w = append(in.w, []float64{float64(float32(math.Log(0.9)))}, []float64{float64(float32(math.Log(1.4)))})
	for range batch {
		y, m, star := make([]float64, shape.Len()), make([]float64, shape.Len()), make([]float64, shape.Len())
		for i := range y {
			if star[i] = float64(float32(r.Float64())); r.Float64() < 0.6 {
				m[i], y[i] = 1, float64(float32(star[i]+0.3*r.NormFloat64()))
			}
		}
		in.y, in.m, in.star = append(in.y, y), append(in.m, m), append(in.star, star)
	}
	return in
}

func node(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, values []float64, shape ...int) *gorgonia.Node {
	v := tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
	for i, x := range values {
		if dt == tensor.Float64 {
			v.Float64s()[i] = x
		} else {
			v.Float32s()[i] = float32(x)
		}
	}
	return gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v))
}

func flat(v gorgonia.Value) (all []float64) {
	switch v := v.Data().(type) {
	case []float64:
		return v
	case []float32:
		for _, x := range v {
			all = append(all, float64(x))
		}
	}
	return all
}

// onGraph returns the states (B, n) and the gradients in all weights of ½ Σ ‖u − ū‖²/n.
func onGraph(t *testing.T, p graph.Plug, in instance) (u []float64, grads [][]float64) {
	t.Helper()
	g, dt := gorgonia.NewGraph(), tensor.Float32
	if p.Denoiser.Precision == denoise.Float64 {
		dt = tensor.Float64
	}
	join := func(v [][]float64) (all []float64) {
		for _, x := range v {
			all = append(all, x...)
		}
		return all
	}
	var w gorgonia.Nodes
	for i, param := range p.Denoiser.Init(1) {
		w = append(w, node(g, dt, param.Name, in.w[i], param.Shape...))
	}
	for i, name := range []string{"relax", "tau"} {
		w = append(w, node(g, dt, name, in.w[len(in.w)-2+i], 1))
	}
	y, m := node(g, dt, "y", join(in.y), batch, 3, height, width), node(g, dt, "m", join(in.m), batch, 3, height, width)
	out, err := p.Equilibrium(w, y, m)
	if err != nil {
		t.Fatal(err)
	}
	off := gorgonia.Must(gorgonia.Sub(out, node(g, dt, "star", join(in.star), batch, 3, height, width)))
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(off))))
	derivatives, err := gorgonia.Grad(cost, w...)
	if err != nil {
		t.Fatal(err)
	}
	machine, err := engine.NewMachine(g, append(gorgonia.Nodes{out}, derivatives...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { machine.Close() })
	for range 2 { // the second run must not see the first
		if err := machine.Run(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range w {
		slope := flat(machine.Value(1 + i))
		for j, v := range slope {
			slope[j] = v / (2 * float64(shape.Len()))
		}
		grads = append(grads, slope)
	}
	return flat(machine.Value(0)), grads
}

// The graph has the states and the gradients of ReTune's plain loops: to 1e-12 in float64.
func TestGraphIsReTune(t *testing.T) {
	for _, c := range []struct {
		K, T      int
		precision string
		tol       float64
	}{{1, 0, denoise.Float64, 1e-12}, {3, 0, denoise.Float64, 1e-12}, {3, 4, denoise.Float64, 1e-12}, {2, 3, denoise.Float32, 1e-4}} {
		p := plug(c.K, c.T, c.precision)
		for seed := range uint64(3) {
			in := draw(p, seed)
			u, grads := onGraph(t, p, in)
			theta := graph.Theta(in.w, p.Sigma)
			slope := make([]float64, len(theta))
			n := shape.Len()
			for b := range batch {
				net := p.Denoiser.On(height, width)
				step, err := bilevel.NewForwardBackward(&linop.Diagonal{D: in.m[b]}, in.y[b], 0, bilevel.NewRelaxed(net, n), p.Layout(1, 1, make([]float64, net.Weights())))
				if err != nil {
					t.Fatal(err)
				}
				g := bilevel.ReTune{K: c.K, T: c.T}.Gradient(bilevel.Instance{Step: step, Start: in.y[b], Star: in.star[b]}, theta)
				if d := apart(u[b*n:(b+1)*n], g.U); !(d <= c.tol) {
					t.Errorf("%+v, seed %d: states %g apart", c, seed, d)
				}
				for j, v := range g.Slope {
					slope[j] += v
				}
			}
			got := graph.Theta(grads, 1)
			got[1] = slope[1] // σ stays
			if d := apart(got, slope); !(d <= 10*c.tol) {
				t.Errorf("%+v, seed %d: gradients %g apart", c, seed, d)
			}
		}
	}
}

// apart is the largest distance, relative to the largest entry.
func apart(got, want []float64) (d float64) {
	top := 0.0
	for i, v := range want {
		top, d = max(top, math.Abs(v)), max(d, math.Abs(got[i]-v))
	}
	return d / top
}

// What does not fit is an error in one line.
func TestRefusals(t *testing.T) {
	g, c := gorgonia.NewGraph(), plug(1, 1, denoise.Float64)
	var w gorgonia.Nodes
	for _, p := range c.Denoiser.Init(1) {
		w = append(w, node(g, tensor.Float64, p.Name, p.F64, p.Shape...))
	}
	one := func(name string) *gorgonia.Node { return node(g, tensor.Float64, name, []float64{0}, 1) }
	w = append(w, one("relax"), one("tau"))
	y := node(g, tensor.Float64, "y", nil, batch, 3, height, width)
	for want, add := range map[string]func() (*gorgonia.Node, error){
		"5 weights":   func() (*gorgonia.Node, error) { return c.Equilibrium(w[:5], y, y) },
		"K=0":         func() (*gorgonia.Node, error) { return graph.Plug{Denoiser: c.Denoiser, Sigma: 1}.Equilibrium(w, y, y) },
		"mask of (1)": func() (*gorgonia.Node, error) { return c.Equilibrium(w, y, one("m")) },
		"layer 0":     func() (*gorgonia.Node, error) { return c.Equilibrium(append(w[:4:4], w[4], y), y, y) },
	} {
		if _, err := add(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", want, err)
		}
	}
}
