package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"strings"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/model"
)

// load opens a checkpoint: a path, or the name of an embedded model.
func load(path string) *checkpoints.File {
	f, err := checkpoints.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	return f
}

// describe prints what is in a checkpoint and which program wrote it.
func describe(f *checkpoints.File) {
	for _, p := range f.Params {
		fmt.Println(p.Name, p.Shape)
	}
	fmt.Println("written by", f.Provenance.Go, "for", f.Provenance.GOARCH)
}

// bind makes the network ready to run, and returns the law of the prompts that it was trained on.
func bind(f *checkpoints.File) (*model.Bound, data.SparseRecovery) {
	net, err := model.Bind(f)
	if err != nil {
		log.Fatal(err)
	}
	var config struct{ Data data.SparseRecovery }
	if err := json.Unmarshal(f.Config, &config); err != nil {
		log.Fatal(err)
	}
	return net, config.Data
}

// onePrompt prints a signal that the network has never seen, and its estimate.
func onePrompt(net *model.Bound, law data.SparseRecovery) {
	p := law.Draw(1, data.Test, 3, 1).At(0)
	estimate := make([]float64, law.D)
	net.Estimate(net.NewWorkspace(law.N), estimate, p.X, p.Y, p.Query)
	fmt.Printf("signal   %6.2f\nestimate %6.2f\n", p.Beta, estimate)
}

// drawDecay draws the error after every layer, over a thousand prompts.
func drawDecay(net *model.Bound, law data.SparseRecovery) {
	const prompts = 1000
	batch := law.Draw(1, data.Test, 0, prompts)
	errors, energy := make([]float64, net.Config.K+1), 0.0
	for i := range prompts {
		p := batch.At(i)
		for _, v := range p.Beta {
			energy += v * v
		}
		net.Estimates(p.X, p.Y, p.Query, func(k int, beta []float64) bool {
			for j, v := range beta {
				errors[k] += (v - p.Beta[j]) * (v - p.Beta[j])
			}
			return true
		})
	}
	for k, e := range errors {
		db := 10 * math.Log10(e/energy)
		fmt.Printf("layer %2d %6.1f dB %s\n", k, db, strings.Repeat("█", max(0, int(40+4*db))))
	}
}

// The lines of notebooks/load.ipynb, on the embedded model.
func Example() {
	f := load("smoke")
	describe(f)
	net, law := bind(f)
	onePrompt(net, law)
	drawDecay(net, law)
	// Output:
	// layer000/K [1 28 28]
	// layer000/O [1 28 18]
	// layer000/Q [1 28 28]
	// layer000/V [1 28 28]
	// layer000/W1 [28 64]
	// layer000/W2 [64 18]
	// layer001/K [1 28 28]
	// layer001/O [1 28 18]
	// layer001/Q [1 28 28]
	// layer001/V [1 28 28]
	// layer001/W1 [28 64]
	// layer001/W2 [64 18]
	// layer002/K [1 28 28]
	// layer002/O [1 28 18]
	// layer002/Q [1 28 28]
	// layer002/V [1 28 28]
	// layer002/W1 [28 64]
	// layer002/W2 [64 18]
	// layer003/K [1 28 28]
	// layer003/O [1 28 18]
	// layer003/Q [1 28 28]
	// layer003/V [1 28 28]
	// layer003/W1 [28 64]
	// layer003/W2 [64 18]
	// written by go1.26.8 for amd64
	// signal   [ -1.25   0.00   0.00   0.00   0.00   0.00   0.00  -0.44]
	// estimate [ -1.28   0.10  -0.01   0.05   0.06  -0.22   0.19  -0.37]
	// layer  0    0.0 dB ████████████████████████████████████████
	// layer  1   -2.1 dB ███████████████████████████████
	// layer  2   -4.2 dB ███████████████████████
	// layer  3   -5.7 dB █████████████████
	// layer  4   -6.7 dB █████████████
}
