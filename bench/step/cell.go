package main

import (
	"fmt"
	"math"

	"unroll/bench/internal/peer"
	"unroll/bench/internal/trainer"
	"unroll/checkpoints"
	"unroll/data"
	"unroll/model"
	"unroll/model/graph"
)

// A cell is one size of the training step.
type cell struct {
	embedding string
	batch, n  int
	layers    int
	d         int
}

// headline is the cell that is also run on the graph of stock ops, and in which the peer must be fast enough.
var headline = cell{model.Interleaved, 64, 10, 12, 20}

// cells are those of one embedding, the headline's B and N first.
func cells(embedding string) (all []cell) {
	for _, n := range []int{10, 50} {
		for _, batch := range []int{64, 256} {
			for _, layers := range []int{4, 12} {
				all = append(all, cell{embedding, batch, n, layers, 20})
			}
		}
	}
	return all
}

func (c cell) String() string {
	return fmt.Sprintf("%s_B%d_N%d_K%d", c.embedding, c.batch, c.n, c.layers)
}

// config is the network without a free slot beyond the embedding: 2d+3 slots and 4 heads interleaved, 2d+2 and 1 paired, MLP of 4 times
// the width.
func (c cell) config() model.Config {
	m := model.Config{D: c.d, K: c.layers, Heads: 1, Embedding: c.embedding, Attention: model.Linear, Start: model.Random, Tau: 1,
		Precision: model.Float32}
	if c.embedding == model.Interleaved {
		m.Heads = 4
	}
	m.Width = m.Fixed() + m.D
	m.Hidden = 4 * m.Width
	return m
}

// A task is what both sides are given: the weights at the start, and one batch.
type task struct {
	cell
	model.Config
	params []checkpoints.Param
	tokens []float32 // (B, T·D)
	target []float32 // (B, d)
	mask   []float32 // (T, T)
}

func newTask(c cell) task {
	t := task{cell: c, Config: c.config()}
	t.params = t.Init(1)
	learner := graph.Transformer{Config: t.Config}
	learner.Normalise = true // in the tokens alone: larger ones send a random start to infinity within 12 layers
	b := data.SparseRecovery{D: c.d, S: 3, N: c.n, Values: data.Gaussian, Design: data.Gaussian}.Draw(1, data.Train, 0, c.batch)
	row := make([]float64, learner.InputSize(c.n))
	for i := range c.batch {
		prompt := b.At(i)
		learner.Input(row, prompt.X, prompt.Y, prompt.Query)
		t.tokens = append(t.tokens, peer.Float32(row)...)
	}
	t.target = peer.Float32(b.Beta)
	t.mask = make([]float32, t.Tokens(c.n)*t.Tokens(c.n))
	model.Mask(t.Config, t.mask, c.n)
	return t
}

// parameters is the number of trained numbers.
func (t task) parameters() (total int) {
	for _, p := range t.params {
		total += p.Len()
	}
	return total
}

// A hello is what the peer says of itself and of the network it understood.
type hello struct {
	Torch, BLAS string
	peer.Network
}

// network is what the peer must have understood.
func (t task) network() peer.Network {
	return peer.Network{Tokens: t.Tokens(t.n), Width: t.Width, Parameters: t.parameters()}
}

// start gives the task to a peer, and refuses one that runs another network.
func (t task) start(threads int) (p *peer.Process, h hello, err error) {
	arrays := map[string][]float32{"tokens": t.tokens, "target": t.target, "mask": t.mask}
	for _, w := range t.params {
		arrays["weights"] = append(arrays["weights"], w.F32...)
	}
	p, err = peer.StartWith(arrays, script, packages, threads, &h,
		t.batch, t.Tokens(t.n), t.Width, t.Fixed(), t.Hidden, t.Heads, t.layers, t.D, trainer.Rate)
	if err == nil && h.Network != t.network() {
		p.Close()
		err = fmt.Errorf("%v: the network is %+v here and %+v in the peer", t.cell, t.network(), h.Network)
	}
	return p, h, err
}

const (
	compared = 20   // steps
	apart    = 1e-4 // relative difference of losses
)

// sameLosses refuses losses that went apart.
func (t task) sameLosses(ours, theirs []float64) error {
	for i, a := range ours {
		if i >= len(theirs) || !(math.Abs(a-theirs[i]) <= apart*math.Abs(theirs[i])) {
			return fmt.Errorf("%v: the losses went apart at step %d: %v here, %v in the peer", t.cell, i, ours, theirs)
		}
	}
	return nil
}
