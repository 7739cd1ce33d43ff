package engine_test

import (
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
	"unroll/l2o/l2otest"
)

func gaussian(r *rand.Rand, n int, sd float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = sd * r.NormFloat64()
	}
	return v
}

func input(g *gorgonia.ExprGraph, name string, values []float64, shape ...int) *gorgonia.Node {
	return gorgonia.NewTensor(g, tensor.Float64, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))))
}

// A program runs nodes of one graph; gradients are those of Σ out·weight for a fixed random weight.
type program struct {
	machine *engine.Machine
	inputs  [][]float64 // what the input nodes hold, writable between runs
	free    [][]int     // of each input the numbers that checkGrad varies; nil: all
	out     *gorgonia.Node
}

// compile reads the value of out, its weighted sum and the gradient in every input, in this order.
func compile(t testing.TB, g *gorgonia.ExprGraph, out *gorgonia.Node, inputs ...*gorgonia.Node) *program {
	t.Helper()
	weight := input(g, "weight", gaussian(rand.New(rand.NewPCG(1, 2)), out.Shape().TotalSize(), 1), out.Shape()...)
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(weight, out))))
	grads, err := gorgonia.Grad(cost, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{out: out}
	if p.machine, err = engine.NewMachine(g, append(gorgonia.Nodes{out, cost}, grads...)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.machine.Close() })
	for _, n := range inputs {
		p.inputs = append(p.inputs, n.Value().Data().([]float64))
	}
	return p
}

func (p *program) run(t testing.TB) (out []float64, cost float64, grads [][]float64) {
	t.Helper()
	if err := p.machine.Run(); err != nil {
		t.Fatal(err)
	}
	for i := range p.inputs {
		grads = append(grads, p.machine.Value(2+i).Data().([]float64))
	}
	return p.machine.Value(0).Data().([]float64), p.machine.Value(1).Data().(float64), grads
}

// hold leaves number j of input i as it is where constant says so.
func (p *program) hold(constant func(i, j int) bool) {
	p.free = make([][]int, len(p.inputs))
	for i, v := range p.inputs {
		for j := range v {
			if !constant(i, j) {
				p.free[i] = append(p.free[i], j)
			}
		}
	}
}

// checkGrad holds the gradient in all inputs at once against central differences.
func (p *program) checkGrad(t testing.TB, kinks func() uint64) l2otest.GradStats {
	if p.free == nil {
		p.hold(func(i, j int) bool { return false })
	}
	return l2otest.CheckGrad(t, func(at []float64) (float64, []float64, uint64) {
		for i, free := range p.free {
			for _, j := range free {
				p.inputs[i][j], at = at[0], at[1:]
			}
		}
		_, cost, grads := p.run(t)
		return cost, p.gather(grads), kinks()
	}, p.gather(p.inputs), l2otest.GradOptions{Step: 1e-5})
}

func (p *program) gather(from [][]float64) (all []float64) {
	for i, free := range p.free {
		for _, j := range free {
			all = append(all, from[i][j])
		}
	}
	return all
}

func scatter(to [][]float64, from []float64) {
	for _, v := range to {
		from = from[copy(v, from):]
	}
}
