package eval

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"unroll/data"
	"unroll/l2o/linop"
)

// An imagingTask is a way to spoil an image: y = A x + noise.
type imagingTask struct {
	Name  string
	Sigma []float64 // of the noise, by channel, or one for all
	Keep  float64   // probability that a pixel is seen; 0: all are
	Blur  int       // pixels of the line that blurs each channel, vertical, horizontal and diagonal in turn; 0: none
}

// imagingTasks are those of the paper.
var imagingTasks = []imagingTask{
	{Name: "noise", Sigma: []float64{0.1, 0.25, 0.5}},
	{Name: "inpaint-0.5", Sigma: []float64{0.1}, Keep: 0.5},
	{Name: "inpaint-0.1", Sigma: []float64{0.1}, Keep: 0.1},
	{Name: "inpaint-0.9", Sigma: []float64{0.1}, Keep: 0.9},
	{Name: "blur-0.05", Sigma: []float64{0.05}, Blur: 25},
	{Name: "blur-0.1", Sigma: []float64{0.1}, Blur: 25},
}

func (t imagingTask) String() string {
	switch {
	case t.Keep > 0:
		return fmt.Sprintf("inpainting with %g of the pixels kept, noise %g", t.Keep, t.Sigma[0])
	case t.Blur > 0:
		return fmt.Sprintf("a line blur of %d pixels with a direction for each channel, noise %g", t.Blur, t.Sigma[0])
	}
	return fmt.Sprintf("noise %v by channel", t.Sigma)
}

// level is the standard deviation of the noise in channel c.
func (t imagingTask) level(c int) float64 { return t.Sigma[c%len(t.Sigma)] }

// blur is the operator of a task that blurs.
func (t imagingTask) blur(s linop.Shape) (*linop.Conv2D, error) {
	return linop.NewConv2D(s, linop.Reflect, linop.Lines(t.Blur)...)
}

// firstStep is τ where learning starts. Where A has small singular values it is near 2/‖A‖², up to which the iteration is averaged, and a blur
// that reflects has ‖A‖² = 1.15; where A is the identity one layer with τ = 1 is at the equilibrium.
func (t imagingTask) firstStep() float64 {
	switch {
	case t.Keep > 0:
		return 1.9
	case t.Blur > 0:
		return 1.65
	}
	return 0.95
}

// centred says that an equilibrium is held near what was observed, which a blur leaves near the image: elsewhere pixels are missing, or the data
// term says it all.
func (t imagingTask) centred() bool { return t.Blur > 0 }

// mostStep is just below 2/‖A‖².
func (t imagingTask) mostStep() float64 {
	if t.Blur > 0 {
		return 1.7
	}
	return 1.95
}

// A spoiled image has everything that a family needs.
type spoiled struct {
	shape    linop.Shape
	a        linop.Operator
	truth, y []float64
}

// source draws images.
type imageSource struct {
	name string
	draw func(s data.Split, i uint64) data.Image
}

// source opens the folder of photographs, or makes images.
func (s Retune) source() (*imageSource, error) {
	if s.Data == "" {
		return &imageSource{"made images", func(split data.Split, i uint64) data.Image { return data.DrawCrop(s.Seed, split, i, 2*s.Size, s.Size) }}, nil
	}
	p, err := data.OpenPhotographs(s.Data, 3, s.Size)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("photographs, %d files for training, %d for validation, %d for tests", len(p.Files(data.Train)), len(p.Files(data.Validation)), len(p.Files(data.Test)))
	return &imageSource{name, func(split data.Split, i uint64) data.Image { return p.Draw(s.Seed, split, i, s.Size) }}, nil
}

// spoil makes n images of a split, each with its own mask and noise.
func (s Retune) spoil(t imagingTask, images *imageSource, split data.Split, n int) ([]spoiled, error) {
	var all []spoiled
	for i := range n {
		m := images.draw(split, uint64(i))
		in := spoiled{shape: linop.Shape{C: m.C, H: m.H, W: m.W}, truth: m.Data, y: make([]float64, len(m.Data))}
		rng := rand.New(rand.NewPCG(s.Seed, uint64(split)<<32|uint64(i)))
		var err error
		switch {
		case t.Keep > 0:
			in.a, err = linop.Bernoulli(in.shape, t.Keep, rng)
		case t.Blur > 0:
			in.a, err = t.blur(in.shape)
		default:
			in.a, err = linop.NewMask(in.shape, slices.Repeat([]float64{1}, m.H*m.W))
		}
		if err != nil {
			return nil, err
		}
		in.a.Apply(in.y, m.Data)
		for j := range in.y {
			in.y[j] += t.level(j/(m.H*m.W)) * rng.NormFloat64()
		}
		if t.Keep > 0 { // pixels that are not seen have no noise either
			in.a.Apply(in.y, slices.Clone(in.y))
		}
		all = append(all, in)
	}
	return all, nil
}
