package engine_test

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
)

// A filterCase is one filter step.
type filterCase struct{ batch, c, f, k, h, w int }

var filterCases = []filterCase{{1, 1, 1, 1, 1, 1}, {1, 1, 2, 3, 2, 5}, {2, 3, 4, 3, 5, 4}, {3, 3, 2, 5, 4, 7}, {2, 2, 3, 7, 3, 3}, {1, 2, 2, 3, 3, 700}}

func (c filterCase) inputs(g *gorgonia.ExprGraph) gorgonia.Nodes {
	r := rand.New(rand.NewPCG(uint64(c.f), uint64(c.k)))
	theta := gaussian(r, c.batch*c.f, 0.7)
	for i, v := range theta {
		theta[i] = math.Abs(v)
	}
	return gorgonia.Nodes{input(g, "x", gaussian(r, c.batch*c.c*c.h*c.w, 1), c.batch, c.c, c.h, c.w),
		input(g, "w", gaussian(r, c.f*c.c*c.k*c.k, 0.4), c.f, c.c, c.k, c.k), input(g, "theta", theta, c.batch, c.f)}
}

// loops is the step pixel by pixel; kinks hashes which responses are bounded, and on which side.
func (c filterCase) loops(x, w, theta []float64) (out []float64, kinks uint64) {
	hash := fnv.New64a()
	out = append(out, x...)
	for i := range c.batch * c.f * c.h * c.w { // each response
		b, f, row, col := i/(c.f*c.h*c.w), i/(c.h*c.w)%c.f, i/c.w%c.h, i%c.w
		taps := func(visit func(w, x int)) {
			for j := range c.c * c.k * c.k {
				ch, u, v := j/(c.k*c.k), row+j/c.k%c.k-c.k/2, col+j%c.k-c.k/2
				if 0 <= u && u < c.h && 0 <= v && v < c.w {
					visit(f*c.c*c.k*c.k+j, ((b*c.c+ch)*c.h+u)*c.w+v)
				}
			}
		}
		z, t, side := 0.0, theta[b*c.f+f], byte(0)
		taps(func(k, p int) { z += w[k] * x[p] })
		if z > t {
			z, side = t, 1
		} else if z < -t {
			z, side = -t, 2
		}
		hash.Write([]byte{side})
		taps(func(k, p int) { out[p] -= w[k] * z })
	}
	return out, hash.Sum64()
}

// Values are those of plain loops, and the gradients in images, filters and bounds those of central differences.
func TestFilterStep(t *testing.T) {
	for _, c := range filterCases {
		g := gorgonia.NewGraph()
		in := c.inputs(g)
		out, err := engine.FilterStep(in[0], in[1], in[2])
		if err != nil {
			t.Fatal(err)
		}
		p := compile(t, g, out, in...)
		got, _, _ := p.run(t)
		want, _ := c.loops(p.inputs[0], p.inputs[1], p.inputs[2])
		if off := apart(got, want); off > 1e-12 {
			t.Errorf("%+v: %g from plain loops", c, off)
		}
		if c.w > 100 {
			continue // for its strips; a random direction crosses too many kinks
		}
		stats := p.checkGrad(t, func() uint64 {
			_, kinks := c.loops(p.inputs[0], p.inputs[1], p.inputs[2])
			return kinks
		})
		t.Logf("%+v: %+v", c, stats)
	}
}

// In float32 the step and its gradients are those of float64, up to rounding.
func TestFilterStepInFloat32(t *testing.T) {
	c := filterCases[3]
	g, narrow := gorgonia.NewGraph(), gorgonia.NewGraph()
	in := c.inputs(g)
	var in32 gorgonia.Nodes
	for _, n := range in {
		var v []float32
		for _, x := range n.Value().Data().([]float64) {
			v = append(v, float32(x))
		}
		in32 = append(in32, gorgonia.NewTensor(narrow, tensor.Float32, n.Dims(), gorgonia.WithShape(n.Shape()...), gorgonia.WithName(n.Name()),
			gorgonia.WithValue(tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(v)))))
	}
	run := func(in gorgonia.Nodes) (values []gorgonia.Value) {
		out, err := engine.FilterStep(in[0], in[1], in[2])
		if err != nil {
			t.Fatal(err)
		}
		grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(out)))), in...)
		if err != nil {
			t.Fatal(err)
		}
		m, err := engine.NewMachine(out.Graph(), append(gorgonia.Nodes{out}, grads...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		for range 2 { // the second run must not see the first
			if err := m.Run(); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 4 {
			values = append(values, m.Value(i))
		}
		return values
	}
	wide, short := run(in), run(in32)
	for i, v := range wide {
		var widened []float64
		for _, x := range short[i].Data().([]float32) {
			widened = append(widened, float64(x))
		}
		if off := apart(widened, v.Data().([]float64)); off > 1e-5 {
			t.Errorf("value %d: %g apart", i, off)
		}
	}
}

// Shapes that do not fit are an error that names them.
func TestFilterStepRefusals(t *testing.T) {
	c := filterCases[2]
	for name, change := range map[string]func(g *gorgonia.ExprGraph, in gorgonia.Nodes){
		"(3, 5, 4)":    func(g *gorgonia.ExprGraph, in gorgonia.Nodes) { in[0] = input(g, "o", make([]float64, 60), 3, 5, 4) },
		"(4, 2, 3, 3)": func(g *gorgonia.ExprGraph, in gorgonia.Nodes) { in[1] = input(g, "o", make([]float64, 72), 4, 2, 3, 3) },
		"(4, 3, 2, 2)": func(g *gorgonia.ExprGraph, in gorgonia.Nodes) { in[1] = input(g, "o", make([]float64, 48), 4, 3, 2, 2) },
		"(4, 3, 3, 1)": func(g *gorgonia.ExprGraph, in gorgonia.Nodes) { in[1] = input(g, "o", make([]float64, 36), 4, 3, 3, 1) },
		"(2, 5)":       func(g *gorgonia.ExprGraph, in gorgonia.Nodes) { in[2] = input(g, "o", make([]float64, 10), 2, 5) },
	} {
		g := gorgonia.NewGraph()
		in := c.inputs(g)
		change(g, in)
		if _, err := engine.FilterStep(in[0], in[1], in[2]); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a shape of %s: error %v", name, err)
		}
	}
}
