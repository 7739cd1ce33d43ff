package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/bilevel"
	"unroll/l2o/bilevel/graph"
	"unroll/l2o/linop"
	"unroll/train"
)

// The validation error on record, which the graph has computed, is that of K(T+1) plain layers with the weights of the checkpoint, for restarts and
// without.
func TestEquilibriumIsPlain(t *testing.T) {
	for _, T := range []int{0, 3} {
		r := train.EquilibriumRecipes()[1]
		r.Law.Crop, r.Denoiser.Layers, r.Denoiser.Filters, r.Denoiser.Size = 8, 2, 4, 3
		r.Equilibrium.K, r.Equilibrium.T = 2, T
		r.Init, r.Steps, r.Batch, r.Slice, r.Every, r.Validate, r.Workers = train.Random, 3, 4, 2, 3, 8, 1
		r, err := r.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		path := t.TempDir()
		dir, err := train.OpenFolder(path, r, false)
		if err != nil {
			t.Fatal(err)
		}
		var lines recorded
		if err := train.RunEquilibrium(t.Context(), r, dir, &lines); err != nil {
			t.Fatal(err)
		}
		dir.Close()
		f, err := checkpoints.Open(filepath.Join(path, checkpoints.StepName(3)))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := plainError(t, r, f), lines.last.Validation; math.Abs(got-want) > 1e-4*want {
			t.Errorf("T=%d: error %g on plain layers, %g on record", T, got, want)
		}
	}
}

// plainError is Σ (u − x)² in the mean over the validation images.
func plainError(t *testing.T, r train.EquilibriumRecipe, f *checkpoints.File) (total float64) {
	t.Helper()
	shape := linop.Shape{C: 3, H: r.Law.Crop, W: r.Law.Crop}
	net, weights := r.Denoiser.On(shape.H, shape.W), [][]float64{}
	for _, p := range f.Params {
		if strings.HasPrefix(p.Name, "adam.") {
			continue
		}
		var v []float64
		for _, x := range p.F32 {
			v = append(v, float64(x))
		}
		weights = append(weights, v)
	}
	plug := graph.Plug{Denoiser: r.Denoiser, K: r.Equilibrium.K, T: r.Equilibrium.T, Sigma: r.Equilibrium.Sigma}
	theta := graph.Theta(weights, plug.Sigma)
	for i := range uint64(r.Validate) {
		clean, y, m := r.Law.Draw(r.Seed, data.Validation, i)
		step, err := bilevel.NewForwardBackward(&linop.Diagonal{D: m}, y, 0, bilevel.NewRelaxed(net, len(y)), plug.Layout(1, 1, make([]float64, net.Weights())))
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range bilevel.Run(step, theta, y, plug.K, plug.K*(plug.T+1)) {
			total += (v - clean.Data[j]) * (v - clean.Data[j]) / float64(r.Validate)
		}
	}
	return total
}

// recorded keeps the last line of a record.
type recorded struct{ last train.History }

func (*recorded) Step(int, int, float64) {}
func (r *recorded) Line(h train.History) { r.last = h }
func (*recorded) Event(train.Event)      {}
