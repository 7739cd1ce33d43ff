// Package graph is the transformer of package model on Gorgonia's computation graph, to train it: fused (one op of package engine per
// layer) and, as the fused one's twin and yardstick, plain (stock ops).
package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/engine"
	"unroll/model"
)

// Transformer learns the weights of a model.Config. It satisfies train.Learner.
type Transformer struct{ model.Config }

// Init returns the weights that training starts from.
func (t Transformer) Init(seed uint64) []checkpoints.Param { return t.Config.Init(seed) }

// InputSize is the number of values that one prompt of n pairs takes as input: its T·D token slots.
func (t Transformer) InputSize(n int) int { return t.Tokens(n) * t.Width }

// Input writes one prompt's tokens into dst (T·D).
func (t Transformer) Input(dst, x, y, query []float64) { model.Embed(t.Config, dst, x, y, query) }

// Graph adds the network to the graph of the weights w, in the order of Init, for the input in (B, T·D) of prompts with n pairs. It
// returns the query token's estimates (B, d) after layers 1 … K.
func (t Transformer) Graph(w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error) {
	return t.build(w, in, n, t.fusedLayer)
}

// A layerFunc adds layer k (from 0): tokens h (B, T, D) and the weights K, O, Q, V, W1, W2 in; out come all tokens, or some at the end.
type layerFunc func(k, n int, h *gorgonia.Node, w gorgonia.Nodes) (*gorgonia.Node, error)

func (t Transformer) build(w gorgonia.Nodes, in *gorgonia.Node, n int, layer layerFunc) (gorgonia.Nodes, error) {
	h, err := engine.Reshape(in, in.Shape()[0], t.Tokens(n), t.Width) // (B, T, D)
	if err != nil {
		return nil, err
	}
	var estimates gorgonia.Nodes
	for k := range t.K {
		at := k * model.PerLayer % len(w)
		if h, err = layer(k, n, h, w[at:at+model.PerLayer]); err != nil {
			return nil, fmt.Errorf("layer %d: %w", k+1, err)
		}
		beta, err := engine.Slots(h, h.Shape()[1]-1, t.Fixed(), t.D) // (B, d)
		if err != nil {
			return nil, err
		}
		estimates = append(estimates, beta)
	}
	return estimates, nil
}

// fusedLayer leaves out what nobody reads: the gradient in the prompt, and in the last layer all tokens but the query's.
func (t Transformer) fusedLayer(k, n int, h *gorgonia.Node, w gorgonia.Nodes) (*gorgonia.Node, error) {
	sights := make([]engine.Sight, t.Tokens(n))
	for j := range sights {
		sights[j].Keys, sights[j].Weight = model.Attends(t.Config, j, n)
	}
	queries := len(sights)
	if k == t.K-1 {
		queries = 1
	}
	return engine.TransformerLayer(engine.LayerShape{
		Batch: h.Shape()[0], Tokens: len(sights), Queries: queries, Width: t.Width, Fixed: t.Fixed(), Hidden: t.Hidden, Heads: t.Heads,
		ReLU: t.Attention == model.ReLU, Saturate: t.Saturate, Data: k == 0,
	}, sights, h, w[0], w[1], w[2], w[3], w[4], w[5])
}
