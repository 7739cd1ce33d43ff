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

// A program is one learner's loss and gradient for one slice of a batch: a graph of its own over weights that all programs share.
// One goroutine at a time may run it, and nobody may write the weights meanwhile.
//
//	loss = Σ_k w_k · Σ_b ‖β_k,b − β*_b‖² / batch         over the layers k and the prompts b of the slice
type program[F kernel.Float] struct {
	learner       Learner
	size          int
	input, target []F // (B, InputSize), (B, d)
	machine       *engine.Machine
	layers        int
}

// newProgram builds the graph for size prompts of n pairs and d unknowns. weights are the shared values of params.
func newProgram[F kernel.Float](l Learner, params []checkpoints.Param, weights [][]F, layerWeights func(k, layers int) float64,
	size, batch, n, d int) (*program[F], error) {
	p := &program[F]{learner: l, size: size, input: make([]F, size*l.InputSize(n)), target: make([]F, size*d)}
	g := gorgonia.NewGraph()
	node := func(name string, backing []F, shape ...int) *gorgonia.Node {
		value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
		return gorgonia.NewTensor(g, value.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(value))
	}
	var w gorgonia.Nodes
	for i, param := range params {
		w = append(w, node(param.Name, weights[i], param.Shape...))
	}
	layers, err := l.Graph(w, node("input", p.input, size, l.InputSize(n)), n)
	if err != nil {
		return nil, fmt.Errorf("build the graph: %w", err)
	}
	p.layers = len(layers)
	cost, errors, err := loss[F](layers, node("target", p.target, size, d), layerWeights, batch)
	if err != nil {
		return nil, fmt.Errorf("build the loss: %w", err)
	}
	grads, err := gorgonia.Grad(cost, w...)
	if err != nil {
		return nil, fmt.Errorf("differentiate: %w", err)
	}
	p.machine, err = engine.NewMachine(g, append(gorgonia.Nodes{errors}, grads...)...)
	return p, err
}

// loss is the weighted squared error over layers, and its parts Σ_b ‖β_k,b − β*_b‖² (K).
func loss[F kernel.Float](layers gorgonia.Nodes, target *gorgonia.Node, weight func(k, layers int) float64, batch int) (
	cost, errors *gorgonia.Node, err error) {
	if errors, err = engine.SquaredErrors(target, layers...); err != nil { // (K)
		return nil, nil, err
	}
	scale := make([]F, len(layers))
	for k := range scale {
		scale[k] = F(weight(k+1, len(layers)) / float64(batch))
	}
	weights := gorgonia.NewTensor(target.Graph(), target.Dtype(), 1, gorgonia.WithShape(len(scale)), gorgonia.WithName("weights of layers"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(len(scale)), tensor.WithBacking(scale))))
	if cost, err = gorgonia.HadamardProd(weights, errors); err != nil { // (K)
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

// run computes the slice that b holds. errors (K) receives the summed squared error of each layer, grad the gradient of each weight.
func (p *program[F]) run(b data.Batch, errors []float64, grad [][]F) error {
	row := make([]float64, p.learner.InputSize(b.N))
	for j := range b.Size {
		prompt := b.At(j)
		p.learner.Input(row, prompt.X, prompt.Y, prompt.Query)
		for i, v := range row {
			p.input[j*len(row)+i] = F(v)
		}
	}
	for i, v := range b.Beta {
		p.target[i] = F(v)
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
