package main

import (
	"fmt"
	"math"

	"unroll/bench/internal/peer"
	"unroll/bench/internal/trainer"
	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/lista"
)

// A task is what both sides are given: the dictionary, the weights at the start, and one batch.
type task struct {
	lista.Config
	batch      int
	params     []checkpoints.Param
	a, y, star []float32 // (m, n), (B, m), (B, n)
}

func newTask(batch int) task {
	law := data.Dictionary{M: 250, N: 500, Density: 0.1, Values: data.Gaussian, Design: data.Gaussian}
	return taskOf(law, 16, batch)
}

func taskOf(law data.Dictionary, layers, batch int) task {
	a := law.Matrix(1, data.Train, 0)
	b := law.Draw(1, data.Train, 0, batch, a)
	t := task{batch: batch, a: peer.Float32(a), y: peer.Float32(b.Y), star: peer.Float32(b.X)}
	t.Config = lista.Config{Method: lista.LISTACP, K: layers, M: law.M, N: law.N, Lambda: 0.4, Precision: lista.Float32}
	t.params = t.Init(a)
	return t
}

// parameters is the number of trained numbers.
func (t task) parameters() (total int) {
	for _, p := range t.params {
		total += p.Len()
	}
	return total
}

// operations is the number of them in a step's dense matrix products: two forward in each layer, and three backward, of the gradients in W,
// in the residual and in x; in the first layer, where x = 0, one and one. Ours leaves most of those with x and with the gradient behind the
// threshold out, which are mostly zeros: its share of the peak is what a dense step would need for the same time.
func (t task) operations() float64 {
	return float64(5*(t.K-1)+2) * 2 * float64(t.batch*t.M*t.N)
}

// A hello is what the peer says of itself and of the network it understood.
type hello struct {
	Torch, BLAS string
	Parameters  int
}

// start gives the task to a peer, and refuses one that runs another network.
func (t task) start(threads int) (p *peer.Process, h hello, err error) {
	arrays := map[string][]float32{"a": t.a, "y": t.y, "star": t.star}
	for _, w := range t.params {
		name := "w"
		if len(w.Shape) == 1 {
			name = "logtheta"
		}
		arrays[name] = append(arrays[name], w.F32...)
	}
	p, err = peer.StartWith(arrays, script, packages, threads, &h, t.batch, t.M, t.N, t.K, trainer.Rate)
	if err == nil && h.Parameters != t.parameters() {
		p.Close()
		err = fmt.Errorf("%d parameters here and %d in the peer", t.parameters(), h.Parameters)
	}
	return p, h, err
}

const (
	compared = 20   // steps
	apart    = 1e-4 // relative difference of losses
)

// agree takes the first steps on both sides and refuses losses that go apart.
func (t task) agree(ours *trainer.Trainer, p *peer.Process) error {
	var theirs []float64
	if err := p.Ask(&theirs, "losses", compared); err != nil {
		return err
	}
	var losses []float64
	for range compared {
		losses = append(losses, ours.Step())
	}
	return same(losses, theirs)
}

func same(ours, theirs []float64) error {
	for i, a := range ours {
		if i >= len(theirs) || !(math.Abs(a-theirs[i]) <= apart*math.Abs(theirs[i])) {
			return fmt.Errorf("the losses went apart at step %d: %v here, %v in the peer", i, ours, theirs)
		}
	}
	return nil
}
