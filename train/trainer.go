package train

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/engine/kernel"
	"unroll/model"
)

// A trainer holds the weights of a learner in one precision and steps them. A batch is cut into slices of fixed size; workers take
// whole slices, each on a graph of its own over the same weights, and gradients are summed in the order of the slices: the bits do not
// depend on the number of workers.
type trainer[F kernel.Float] struct {
	job
	params   []checkpoints.Param // in the order of their names
	values   [][]F               // of all of them
	weights  [][]F               // of those that are learned
	learn    []checkpoints.Param // those, over the same memory
	scales   []float64           // of their learning rates
	adam     *adam[F]
	programs []map[int]*program[F] // of each worker, by the size of the instances
	slices   []slice[F]
	broken   int // of the last batch, the first layer whose error is not finite; 0: none
}

// A slice is what one program computed for its part of a batch.
type slice[F kernel.Float] struct {
	errors []float64 // (K), squared errors summed over the slice's prompts
	grad   [][]F
	err    error
}

func newTrainer[F kernel.Float](j job, params []checkpoints.Param, values func(*checkpoints.Param) []F) (*trainer[F], error) {
	t := &trainer[F]{job: j, params: params}
	for i := range params {
		t.values = append(t.values, values(&params[i]))
		if j.learned(params[i].Name) {
			t.weights, t.scales = append(t.weights, t.values[i]), append(t.scales, j.scale(params[i].Name))
			t.learn = append(t.learn, params[i])
		}
	}
	t.adam = newAdam(t.weights)
	count := j.Batch / j.Slice
	workers := j.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for range min(workers, count) {
		t.programs = append(t.programs, map[int]*program[F]{})
	}
	p, err := t.program(0, j.pairs(data.Train, 0))
	if err != nil {
		return nil, err
	}
	for range count {
		t.slices = append(t.slices, slice[F]{errors: make([]float64, p.layers), grad: like(t.weights)})
	}
	return t, nil
}

// program returns a worker's program for instances of size n, built when it is first needed.
func (t *trainer[F]) program(worker, n int) (*program[F], error) {
	if p, ok := t.programs[worker][n]; ok {
		return p, nil
	}
	p, err := newProgram(t.job, t.params, t.values, n)
	if err != nil {
		return nil, fmt.Errorf("train: instances of size %d: %w", n, err)
	}
	t.programs[worker][n] = p
	return p, nil
}

func like[F kernel.Float](weights [][]F) [][]F {
	out := make([][]F, len(weights))
	for i, w := range weights {
		out[i] = make([]F, len(w))
	}
	return out
}

// close frees the graphs.
func (t *trainer[F]) close() {
	for _, w := range t.programs {
		for _, p := range w {
			p.machine.Close()
		}
	}
}

// batch computes the errors (K, per prompt) and, in t.slices, the gradients of the prompts first, first+1, … of a split.
func (t *trainer[F]) batch(split data.Split, first uint64) ([]float64, error) {
	n := t.pairs(split, first/uint64(t.Batch))
	t.parallel(len(t.slices), func(worker, i int) {
		s := &t.slices[i]
		p, err := t.program(worker, n)
		if s.err = err; err == nil {
			s.err = p.run(split, first+uint64(i*t.Slice), s.errors, s.grad)
		}
	})
	errors := make([]float64, len(t.slices[0].errors))
	for i := range t.slices {
		if err := t.slices[i].err; err != nil {
			return nil, err
		}
		for k, e := range t.slices[i].errors {
			errors[k] += e / float64(t.Batch)
		}
	}
	return errors, nil
}

// step makes update n (from 0) of a batch and returns the loss before it and the norm of the gradient. Where one of them is not finite
// it changes nothing. In decibels the loss is that of the errors of the whole batch; the gradient is of the mean over its slices' losses.
func (t *trainer[F]) step(n, batch int) (loss, norm float64, err error) {
	errors, err := t.batch(data.Train, uint64(batch)*uint64(t.Batch))
	if err != nil {
		return 0, 0, err
	}
	t.broken = notFinite(errors)
	for k, e := range errors {
		if t.Decibel {
			e = math.Log(e)
		}
		loss += emphasis(t.Emphasis)(k+1, len(errors)) * e
	}
	total := t.slices[0].grad // becomes the batch's gradient
	squares := make([]float64, len(total))
	t.parallel(len(total), func(_, i int) {
		for _, s := range t.slices[1:] {
			kernel.Add(total[i], total[i], s.grad[i])
		}
		if t.symmetric != nil {
			model.Equivariant(*t.symmetric, t.learn[i].Name, total[i])
		}
		squares[i] = float64(kernel.SumSquares(total[i]))
	})
	for _, s := range squares {
		norm += s
	}
	norm = math.Sqrt(norm)
	if !finite(loss) || !finite(norm) {
		return loss, norm, nil
	}
	lr := rate(t.LR, n, t.Warmup, t.Steps)
	t.parallel(len(total), func(_, i int) {
		if norm > t.Clip {
			kernel.Scale(total[i], F(t.Clip/norm), total[i])
		}
		t.adam.update(i, t.weights[i], total[i], lr*t.scales[i], n+1)
		t.constrain(t.learn[i])
	})
	return loss, norm, nil
}

// validate returns the mean squared error of every layer over the first prompts of the validation split.
func (t *trainer[F]) validate() ([]float64, error) {
	batches := max(1, t.Validate/t.Batch)
	mean := make([]float64, len(t.slices[0].errors))
	for b := range batches {
		errors, err := t.batch(data.Validation, uint64(b*t.Batch))
		if err != nil {
			return nil, err
		}
		for k, e := range errors {
			mean[k] += e / float64(batches)
		}
	}
	return mean, nil
}

// parallel calls do(worker, i) for every i below n. Which worker takes which i is left to chance; nothing may depend on it.
func (t *trainer[F]) parallel(n int, do func(worker, i int)) {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for worker := range t.programs {
		wg.Go(func() {
			for i := range next {
				do(worker, i)
			}
		})
	}
	wg.Wait()
}
