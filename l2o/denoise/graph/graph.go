// Package graph holds the denoiser of package denoise on Gorgonia's computation graph, to train it. A layer is one fused op of package engine.
package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"unroll/engine"
	"unroll/l2o/denoise"
)

// Denoiser adds D_σ(v) to the graph of its weights w, which are ordered as in its Init, for images v (B, C, H, W) and, of each, the row
// (log σ, 1) of level (B, 2), both data. It returns the images x_1 … x_K after each layer.
func Denoiser(c denoise.Config, w gorgonia.Nodes, v, level *gorgonia.Node) (layers gorgonia.Nodes, err error) {
	if len(w) != 2*c.Layers {
		return nil, fmt.Errorf("graph: %d weights of a denoiser of %d layers, want %d", len(w), c.Layers, 2*c.Layers)
	}
	x := v
	for k := range c.Layers {
		logs, err := gorgonia.Mul(level, w[2*k]) // (B, F)
		if err != nil {
			return nil, fmt.Errorf("graph: bounds of layer %d: %w", k, err)
		}
		theta, err := gorgonia.Exp(logs)
		if err != nil {
			return nil, fmt.Errorf("graph: bounds of layer %d: %w", k, err)
		}
		if x, err = engine.FilterStep(x, w[2*k+1], theta); err != nil { // (B, C, H, W)
			return nil, fmt.Errorf("graph: layer %d: %w", k, err)
		}
		layers = append(layers, x)
	}
	return layers, nil
}
