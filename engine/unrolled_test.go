package engine_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"unroll/engine"
)

// An unrolledCase is one layer: its inputs in the order theta, y, w, x, second, the last two where there are any.
type unrolledCase struct {
	engine.Unrolled
	coupled, first, perCoordinate bool
	batch, m, n                   int
}

func drawUnrolled(seed uint64) unrolledCase {
	r := rand.New(rand.NewPCG(seed, 9))
	return unrolledCase{engine.Unrolled{Pass: []float64{0, 0.25, 0.6}[seed%3], LearnA: seed%2 == 0},
		seed/2%2 == 0, seed%7 == 6, seed/4%2 == 0, 1 + r.IntN(4), 1 + r.IntN(7), 1 + r.IntN(9)}
}

func (c unrolledCase) inputs(g *gorgonia.ExprGraph, seed uint64) (in gorgonia.Nodes) {
	r := rand.New(rand.NewPCG(seed, 10))
	theta, rows := 1, c.n
	if c.perCoordinate {
		theta = c.n
	}
	if c.coupled {
		rows = c.m
	}
	thresholds := gaussian(r, theta, 0.5)
	for i, v := range thresholds {
		thresholds[i] = math.Abs(v)
	}
	in = gorgonia.Nodes{input(g, "theta", thresholds, theta), input(g, "y", gaussian(r, c.batch*c.m, 1), c.batch, c.m),
		input(g, "w", gaussian(r, c.m*c.n, 0.5), c.m, c.n)}
	if !c.first {
		x := gaussian(r, c.batch*c.n, 1)
		for i := range x {
			if seed%3 > 0 && r.IntN(5) > 0 { // as a threshold leaves it
				x[i] = 0
			}
		}
		in = append(in, input(g, "x", x, c.batch, c.n), input(g, "second", gaussian(r, rows*c.n, 0.5), rows, c.n))
	}
	return in
}

func (c unrolledCase) layer(in gorgonia.Nodes) (*gorgonia.Node, error) {
	var x, second *gorgonia.Node
	if !c.first {
		x, second = in[3], in[4]
	}
	if c.coupled {
		return c.Coupled(x, in[1], second, in[2], in[0])
	}
	return c.Free(x, in[1], in[2], second, in[0])
}

// loops is the layer sum by sum; kinks hashes which entries are above their threshold, on which side, and which pass.
func (c unrolledCase) loops(in [][]float64) (out []float64, kinks uint64) {
	theta, y, w, hash := in[0], in[1], in[2], fnv.New64a()
	for b := range c.batch {
		v, from := make([]float64, c.n), slices.Clone(y[b*c.m:(b+1)*c.m])
		if !c.first && c.coupled {
			x := in[3][b*c.n : (b+1)*c.n]
			copy(v, x)
			for i := range from {
				for j, xj := range x {
					from[i] -= xj * in[4][i*c.n+j]
				}
			}
		} else if !c.first {
			v = product(in[3][b*c.n:(b+1)*c.n], in[4], c.n)
		}
		for j, s := range product(from, w, c.n) {
			v[j] += s
		}
		var sizes []float64
		for _, x := range v {
			sizes = append(sizes, math.Abs(x))
		}
		slices.Sort(sizes)
		pass := int(math.Round(c.Pass * float64(c.n)))
		for j, x := range v {
			t := theta[j%len(theta)]
			kind := byte(0)
			switch size := math.Abs(x); {
			case size <= t:
				out = append(out, 0)
			case pass > 0 && size >= sizes[c.n-pass]:
				out, kind = append(out, x), 1
			default:
				out, kind = append(out, math.Copysign(size-t, x)), 2
			}
			if math.Signbit(x) {
				kind += 4
			}
			hash.Write([]byte{kind})
		}
	}
	return out, hash.Sum64()
}

// product is the row a times b (len(a), n).
func product(a, b []float64, n int) []float64 {
	out := make([]float64, n)
	for p, x := range a {
		for j := range out {
			out[j] += x * b[p*n+j]
		}
	}
	return out
}

// Values are those of loops, and the gradient in all that is learned that of central differences, for 48 layers of all kinds.
func TestUnrolledLayer(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(48) {
		c := drawUnrolled(seed)
		g := gorgonia.NewGraph()
		in := c.inputs(g, seed)
		out, err := c.layer(in)
		if err != nil {
			t.Fatal(err)
		}
		learned := gorgonia.Nodes{in[0], in[2]}
		if !c.first {
			learned = append(learned, in[3])
			if !c.coupled || c.LearnA {
				learned = append(learned, in[4])
			}
		}
		p := compile(t, g, out, learned...)
		loops := func() ([]float64, uint64) {
			var all [][]float64
			for _, n := range in {
				all = append(all, n.Value().Data().([]float64))
			}
			return c.loops(all)
		}
		got, _, _ := p.run(t)
		if want, _ := loops(); apart(got, want) > 1e-12 {
			t.Errorf("%+v: the layer is %v, want %v", c, got, want)
		}
		kinds[fmt.Sprint(c.coupled, c.first, c.Pass > 0, c.perCoordinate)]++
		if stats := p.checkGrad(t, func() uint64 { _, kinks := loops(); return kinks }); t.Failed() {
			t.Fatalf("%+v: %+v", c, stats)
		}
	}
	if len(kinds) < 12 {
		t.Errorf("only %d kinds of layers were drawn: %v", len(kinds), kinds)
	}
}

// The fused layer is Gorgonia's stock ops, in values and gradients.
func TestUnrolledIsPlain(t *testing.T) {
	for _, coupled := range []bool{true, false} {
		c := unrolledCase{engine.Unrolled{LearnA: true}, coupled, false, false, 5, 7, 9}
		run := func(layer func(in gorgonia.Nodes) *gorgonia.Node) [][]float64 {
			g := gorgonia.NewGraph()
			in := c.inputs(g, 1)
			p := compile(t, g, layer(in), in[0], in[2], in[3], in[4])
			out, _, grads := p.run(t)
			return append([][]float64{out}, grads...)
		}
		fused := run(func(in gorgonia.Nodes) *gorgonia.Node {
			n, err := c.layer(in)
			if err != nil {
				t.Fatal(err)
			}
			return n
		})
		plain := run(func(in gorgonia.Nodes) *gorgonia.Node {
			theta, y, w, x, second := in[0], in[1], in[2], in[3], in[4]
			mul := func(a, b *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Mul(a, b)) }
			var v *gorgonia.Node
			if coupled {
				residual := gorgonia.Must(gorgonia.Sub(y, mul(x, gorgonia.Must(gorgonia.Transpose(second, 1, 0)))))
				v = gorgonia.Must(gorgonia.Add(x, mul(residual, w)))
			} else {
				v = gorgonia.Must(gorgonia.Add(mul(y, w), mul(x, second)))
			}
			ones := input(in[0].Graph(), "ones", slices.Repeat([]float64{1}, c.batch*c.n), c.batch*c.n, 1)
			thresholds := gorgonia.Must(gorgonia.Reshape(mul(ones, gorgonia.Must(gorgonia.Reshape(theta, []int{1, 1}))), []int{c.batch, c.n}))
			above := gorgonia.Must(gorgonia.Rectify(gorgonia.Must(gorgonia.Sub(v, thresholds))))
			below := gorgonia.Must(gorgonia.Rectify(gorgonia.Must(gorgonia.Sub(gorgonia.Must(gorgonia.Neg(v)), thresholds))))
			return gorgonia.Must(gorgonia.Sub(above, below))
		})
		for i := range plain {
			if off := apart(fused[i], plain[i]); off > 1e-12 {
				t.Errorf("coupled %t: value or gradient %d differs by %g", coupled, i, off)
			}
		}
	}
}

// v = (3, −2, 1, −0.5) with θ = 0.75 and half of the entries passing: two pass, one is shrunk, one vanishes. By hand.
func TestSoftThreshold(t *testing.T) {
	g := gorgonia.NewGraph()
	v, theta := input(g, "v", []float64{3, -2, 1, -0.5}, 1, 4), input(g, "theta", []float64{0.75}, 1)
	out, err := engine.SoftThreshold(v, theta, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(out)), v, theta)
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.NewMachine(g, out, grads[0], grads[1])
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Run(); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float64{{3, -2, 0.25, 0}, {1, 1, 1, 0}, {-1}} {
		if got := m.Value(i).Data().([]float64); !slices.Equal(got, want) {
			t.Errorf("value %d is %v, want %v", i, got, want)
		}
	}
}

// Wrong shapes and fractions are errors that name them; y and an A that is not learned have no gradient.
func TestUnrolledRefusals(t *testing.T) {
	c := unrolledCase{engine.Unrolled{}, true, false, false, 2, 3, 4}
	for i, name := range []string{"theta", "y", "w", "x", "second"} {
		g := gorgonia.NewGraph()
		in := c.inputs(g, 1)
		in[i] = input(g, "other", make([]float64, 35), 5, 7)
		if _, err := c.layer(in); err == nil || !strings.Contains(err.Error(), "7") {
			t.Errorf("%s of shape (5, 7): error %v", name, err)
		}
	}
	g := gorgonia.NewGraph()
	in := c.inputs(g, 1)
	if _, err := (engine.Unrolled{Pass: 1.5}).Coupled(in[3], in[1], in[4], in[2], in[0]); err == nil || !strings.Contains(err.Error(), "1.5") {
		t.Errorf("a fraction of 1.5: error %v", err)
	}
	out, err := c.layer(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []*gorgonia.Node{in[1], in[4]} {
		if _, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(out)), data); err == nil {
			t.Errorf("a gradient in %v, which is data", data)
		}
	}
}
