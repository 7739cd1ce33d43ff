// Command infer measures estimates of the default recipe's network, from a prompt to β, beside PyTorch's eager forward pass: one prompt,
// and 1,024 of them.
//
//	go run ./bench/infer [-threads 1] [-rounds 15]
//
// Both sides get the same weights and prompts, normalise each prompt by its ‖X‖₂ and y's unit and embed it themselves; it exits 1
// when they differ in tokens T, width D or number of parameters, or when an estimate differs by more than 1e-3.
// Shares are of the processor's peak, measured in the same rounds.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"

	"unroll/bench/internal/peer"
	"unroll/data"
	"unroll/engine/kernel"
	"unroll/model"
	"unroll/train"
)

//go:embed peer.py
var script string

const (
	packages = "python3-torch libopenblas0-pthread"
	prompts  = 1024
)

func main() {
	threads := flag.Int("threads", 1, "threads of both sides")
	rounds := flag.Int("rounds", 15, "measurements of each contender")
	flag.Parse()
	if err := run(max(1, *threads), max(1, *rounds)); err != nil {
		fmt.Fprintln(os.Stderr, "infer:", err)
		os.Exit(1)
	}
}

func run(threads, rounds int) error {
	runtime.GOMAXPROCS(threads)
	r, err := train.Recipes()[0].Resolve()
	if err != nil {
		return err
	}
	params := r.Model.Init(1)
	net, err := model.New(r.Model, params)
	if err != nil {
		return err
	}
	batch := r.Data.Draw(1, data.Test, 0, prompts)
	var weights []float32
	for _, p := range params {
		weights = append(weights, p.F32...)
	}
	p, err := start(r, batch, weights, threads)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := agree(net, batch, p); err != nil {
		return err
	}
	return race(net, batch, p, threads, rounds)
}

// start gives weights and prompts to a peer, and refuses one that runs another network.
func start(r train.Recipe, b data.Batch, weights []float32, threads int) (*peer.Process, error) {
	mask := make([]float32, r.Model.Tokens(b.N)*r.Model.Tokens(b.N))
	model.Mask(r.Model, mask, b.N)
	var hello struct {
		Torch, BLAS string
		peer.Network
	}
	p, err := peer.StartWith(map[string][]float32{
		"x": peer.Float32(b.X), "y": peer.Float32(b.Y), "query": peer.Float32(b.Query), "mask": mask, "weights": weights,
	}, script, packages, threads, &hello, b.Size, b.N, b.D, r.Model.Width, r.Model.Hidden, r.Model.Heads, r.Model.K, r.Model.Saturate, r.Model.Level)
	if err != nil {
		return nil, err
	}
	ours := peer.Network{Tokens: r.Model.Tokens(b.N), Width: r.Model.Width, Parameters: len(weights)}
	if hello.Network != ours {
		p.Close()
		return nil, fmt.Errorf("the network is %+v here and %+v in the peer", ours, hello.Network)
	}
	fmt.Printf("ours: kernels %s; peer: PyTorch %s, %s\nthreads: %d; on both sides T=%d, D=%d, %d parameters\n\n",
		kernel.Level(), hello.Torch, hello.BLAS, threads, ours.Tokens, ours.Width, ours.Parameters)
	return p, nil
}
