package train

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/engine"
	"unroll/engine/kernel"
)

// A program is one task's loss and gradient for one slice of a batch: a graph of its own over weights that all programs share.
// One goroutine at a time may run it, and nobody may write the weights meanwhile.
//
//	loss = Σ_k w_k · Σ_b ‖β_k,b − β*_b‖² / batch         over the layers k and the instances b of the slice
//	       Σ_k w_k · log Σ_b ‖β_k,b − β*_b‖² · size/batch  in decibels
type program[F kernel.Float] struct {
	task    task
	size, n int
	in      [][]F
	target  []F
	drawn   [][]float64 // as the task draws them: the inputs, and what is sought
	machine *engine.Machine
	layers  int
}

// newProgram builds the graph for a slice of a job's instances of size n. weights are the shared values of params.
func newProgram[F kernel.Float](j job, params []checkpoints.Param, weights [][]F, n int) (*program[F], error) {
	inputs, target := j.shapes(j.Slice, n)
	p := &program[F]{task: j.task, size: j.Slice, n: n}
	g := gorgonia.NewGraph()
	var in, w, wrt gorgonia.Nodes
	for i, shape := range inputs {
		in = append(in, p.input(g, fmt.Sprintf("input %d", i), shape))
	}
	sought := p.input(g, "target", target)
	p.target, p.in = p.in[len(inputs)], p.in[:len(inputs)]
	for i, param := range params {
		node := constant(g, param.Name, weights[i], param.Shape...)
		if w = append(w, node); j.learned(param.Name) {
			wrt = append(wrt, node)
		}
	}
	layers, err := j.graph(w, in, n)
	if err != nil {
		return nil, fmt.Errorf("build the graph: %w", err)
	}
	p.layers = len(layers)
	cost, errors, err := loss[F](layers, sought, j.Plan)
	if err != nil {
		return nil, fmt.Errorf("build the loss: %w", err)
	}
	grads, err := gorgonia.Grad(cost, wrt...)
	if err != nil {
		return nil, fmt.Errorf("differentiate: %w", err)
	}
	p.machine, err = engine.NewMachine(g, append(gorgonia.Nodes{errors}, grads...)...)
	return p, err
}

// input adds an input of the graph and the memory that it is filled from.
func (p *program[F]) input(g *gorgonia.ExprGraph, name string, shape []int) *gorgonia.Node {
	values := make([]F, tensor.Shape(shape).TotalSize())
	p.in, p.drawn = append(p.in, values), append(p.drawn, make([]float64, len(values)))
	return constant(g, name, values, shape...)
}

func constant[F kernel.Float](g *gorgonia.ExprGraph, name string, backing []F, shape ...int) *gorgonia.Node {
	value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
	return gorgonia.NewTensor(g, value.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(value))
}

// loss is the weighted squared error over layers, or its logarithm, and its parts Σ_b ‖β_k,b − β*_b‖² (K).
func loss[F kernel.Float](layers gorgonia.Nodes, target *gorgonia.Node, plan Plan) (cost, errors *gorgonia.Node, err error) {
	if errors, err = engine.SquaredErrors(target, layers...); err != nil { // (K)
		return nil, nil, err
	}
	part, share := errors, 1/float64(plan.Batch)
	if plan.Decibel {
		share *= float64(plan.Slice)
		if part, err = gorgonia.Log(errors); err != nil {
			return nil, nil, err
		}
	}
	scale := make([]F, len(layers))
	for k := range scale {
		scale[k] = F(emphasis(plan.Emphasis)(k+1, len(layers)) * share)
	}
	weights := constant(target.Graph(), "weights of layers", scale, len(scale))
	if cost, err = gorgonia.HadamardProd(weights, part); err != nil { // (K)
		return nil, nil, err
	}
	cost, err = gorgonia.Sum(cost) // ()
	return cost, errors, err
}

// emphasis weighs layer k of K by (k/K)^power, normalised to sum 1.
func emphasis(power float64) func(k, layers int) float64 {
	return func(k, layers int) float64 {
		total := 0.0
		for j := 1; j <= layers; j++ {
			total += math.Pow(float64(j)/float64(layers), power)
		}
		return math.Pow(float64(k)/float64(layers), power) / total
	}
}

// run computes the slice of the instances first, first+1, … of a split. errors (K) receives the summed squared error of each layer, grad
// the gradient of each learned weight.
func (p *program[F]) run(s data.Split, first uint64, errors []float64, grad [][]F) error {
	last := len(p.in)
	p.task.draw(s, first, p.size, p.n, p.drawn[:last], p.drawn[last])
	for i, into := range append(p.in[:last:last], p.target) {
		for j, v := range p.drawn[i] {
			into[j] = F(v)
		}
	}
	if err := p.machine.Run(); err != nil {
		return err
	}
	for k, e := range p.machine.Value(0).Data().([]F) {
		errors[k] = float64(e)
	}
	for i := range grad {
		copy(grad[i], p.machine.Value(1+i).Data().([]F))
	}
	return nil
}
