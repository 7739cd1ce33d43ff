package data

import "fmt"

// Inpainting is the distribution of spoiled images that an iteration is trained to restore: crops x of made images with noise in each channel,
// y = m∘(x + σ_c ε), of which a random mask m keeps each pixel, in all channels at once, with one probability. Nothing is clipped.
type Inpainting struct {
	Whole int     `yaml:"whole" json:"whole" help:"pixels across the images"`
	Crop  int     `yaml:"crop" json:"crop" help:"pixels across their crops"`
	Keep  float64 `yaml:"keep" json:"keep" help:"probability that a pixel is seen; 1: all are, and noise is all that spoils them"`
	Red   float64 `yaml:"red" json:"red" help:"standard deviation of the noise in the red channel"`
	Green float64 `yaml:"green" json:"green" help:"in the green one"`
	Blue  float64 `yaml:"blue" json:"blue" help:"in the blue one"`
}

// Validate returns a *FieldError for the first field that has no meaning, nil when the distribution can be drawn from.
func (d Inpainting) Validate() error {
	level := fmt.Sprintf("0 < sigma ≤ %g", maxSigma)
	for _, c := range []struct {
		ok          bool
		field       string
		value, want any
	}{
		{d.Whole >= 1 && d.Whole <= maxWhole, "whole", d.Whole, fmt.Sprintf("1 to %d", maxWhole)},
		{d.Crop >= 1 && d.Crop <= d.Whole, "crop", d.Crop, fmt.Sprintf("1 to whole=%d", d.Whole)},
		{d.Keep > 0 && d.Keep <= 1, "keep", d.Keep, "0 < keep ≤ 1"},
		{d.Red > 0 && d.Red <= maxSigma, "red", d.Red, level},
		{d.Green > 0 && d.Green <= maxSigma, "green", d.Green, level},
		{d.Blue > 0 && d.Blue <= maxSigma, "blue", d.Blue, level},
	} {
		if !c.ok {
			return &FieldError{c.field, fmt.Sprint(c.value), fmt.Sprint(c.want)}
		}
	}
	return nil
}

// Sigma is the mean of the channels' standard deviations.
func (d Inpainting) Sigma() float64 { return (d.Red + d.Green + d.Blue) / 3 }

// Draw returns instance i of a split: a crop, its spoiled pixels y and the mask m, 0 or 1 (C, H, W). It is pure: the same arguments give the same
// bits. It panics on a distribution that Validate refuses.
func (d Inpainting) Draw(seed uint64, s Split, i uint64) (clean Image, y, m []float64) {
	if err := d.Validate(); err != nil {
		panic("data: Draw: " + err.Error())
	}
	clean = DrawCrop(seed, s, i, d.Whole, d.Crop)
	r := stream(seed^inpaintingKey, s, i)
	plane := make([]float64, d.Crop*d.Crop)
	for j := range plane {
		if r.Float64() < d.Keep {
			plane[j] = 1
		}
	}
	for c, sigma := range []float64{d.Red, d.Green, d.Blue} {
		for j, v := range clean.Plane(c) {
			y = append(y, plane[j]*(v+float64(sigma*r.NormFloat64())))
		}
		m = append(m, plane...)
	}
	return clean, y, m
}

// inpaintingKey keeps these streams apart from those of images under the same seed.
const inpaintingKey = 0x452821e638d01377
