package train

import (
	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/model"
)

// A task is what a run learns: instances of a law, and the layers that are to estimate what is sought of them. Any number of goroutines may
// use it.
type task interface {
	// init returns the weights that training starts from, in the order of their names.
	init() []checkpoints.Param
	// from sets params, those of init, to a checkpoint's.
	from(f *checkpoints.File, params []checkpoints.Param) error
	// learned reports whether training changes the weight of a name.
	learned(name string) bool
	// scale multiplies the learning rate of a weight.
	scale(name string) float64
	// constrain brings a learned weight back to where it may be, in place, after every step.
	constrain(p checkpoints.Param)
	// pairs is the size of the instances of batch i of a split, where it varies: n below.
	pairs(s data.Split, i uint64) int
	// shapes are those of the inputs of the graph for size instances, and of what is sought, (size, ·).
	shapes(size, n int) (in [][]int, target []int)
	// draw fills them with the instances first, first+1, … of a split.
	draw(s data.Split, first uint64, size, n int, in [][]float64, target []float64)
	// graph adds the layers for the inputs to the graph of the weights w. It returns the estimates, of the shape of what is sought.
	graph(w, in gorgonia.Nodes, n int) (layers gorgonia.Nodes, err error)
}

// A job is a run as the loop sees it.
type job struct {
	Plan
	task
	workers   int
	precision string
	symmetric *model.Config // of a network whose gradients are averaged over signed permutations of the coordinates; nil: as they are
	config    any           // the recipe, as checkpoints hold it
}

// prompts is the task of a [Recipe].
type prompts struct {
	Learner
	law  data.SparseRecovery
	plan Plan
	unit func(y []float64) float64 // of the estimates that the learner's graph puts out for a prompt; nil: 1
}

func (p prompts) init() []checkpoints.Param { return p.Init(p.plan.Seed) }

func (p prompts) from(f *checkpoints.File, params []checkpoints.Param) error {
	return weightsFrom(f, params)
}

func (p prompts) learned(string) bool { return true }

func (p prompts) scale(string) float64 { return 1 }

func (p prompts) constrain(checkpoints.Param) {}

func (p prompts) pairs(s data.Split, i uint64) int { return p.plan.length(p.law, s, i) }

func (p prompts) shapes(size, n int) (in [][]int, target []int) {
	in = [][]int{{size, p.InputSize(n)}}
	if p.unit != nil {
		in = append(in, []int{size, p.law.D})
	}
	return in, []int{size, p.law.D}
}

func (p prompts) draw(s data.Split, first uint64, size, n int, in [][]float64, target []float64) {
	law, width := p.law, p.InputSize(n)
	law.N = n
	b := law.Draw(p.plan.Seed, s, first, size)
	for j := range size {
		one := b.At(j)
		p.Input(in[0][j*width:(j+1)*width], one.X, one.Y, one.Query)
		if p.unit != nil {
			unit := p.unit(one.Y)
			for i := range law.D {
				in[1][j*law.D+i] = unit
			}
		}
	}
	copy(target, b.Beta)
}

func (p prompts) graph(w, in gorgonia.Nodes, n int) (gorgonia.Nodes, error) {
	layers, err := p.Graph(w, in[0], n)
	if err != nil || p.unit == nil {
		return layers, err
	}
	for k := range layers {
		if layers[k], err = gorgonia.HadamardProd(layers[k], in[1]); err != nil { // (B, d)
			return nil, err
		}
	}
	return layers, nil
}

func (r Recipe) unit() func([]float64) float64 {
	if r.Model.Level == 0 {
		return nil
	}
	return r.Model.Unit
}

// job is a recipe's run with a learner.
func (r Recipe) job(l Learner) job {
	j := job{Plan: r.Plan, task: prompts{l, r.Data, r.Plan, r.unit()}, workers: r.Workers, precision: r.Model.Precision, config: r}
	if r.Model.Equivariant {
		j.symmetric = &r.Model
	}
	return j
}
