package data

import "fmt"

// Denoising is the distribution of noisy images that a denoiser learns from: crops x of made images and x + σ·ε, with σ uniform between Low and
// High, and not clipped to [0, 1].
type Denoising struct {
	Whole int     `yaml:"whole" json:"whole" help:"pixels across the images"`
	Crop  int     `yaml:"crop" json:"crop" help:"pixels across their crops"`
	Low   float64 `yaml:"low" json:"low" help:"least standard deviation of the noise"`
	High  float64 `yaml:"high" json:"high" help:"largest standard deviation of the noise"`
}

// Validate returns a *FieldError for the first field that has no meaning, nil when the distribution can be drawn from.
func (d Denoising) Validate() error {
	for _, c := range []struct {
		ok          bool
		field       string
		value, want any
	}{
		{d.Whole >= 1 && d.Whole <= maxWhole, "whole", d.Whole, fmt.Sprintf("1 to %d", maxWhole)},
		{d.Crop >= 1 && d.Crop <= d.Whole, "crop", d.Crop, fmt.Sprintf("1 to whole=%d", d.Whole)},
		{d.Low > 0 && d.Low <= maxSigma, "low", d.Low, fmt.Sprintf("0 < low ≤ %g", maxSigma)},
		{d.High >= d.Low && d.High <= maxSigma, "high", d.High, fmt.Sprintf("low=%g to %g", d.Low, maxSigma)},
	} {
		if !c.ok {
			return &FieldError{c.field, fmt.Sprint(c.value), fmt.Sprint(c.want)}
		}
	}
	return nil
}

const maxWhole = 1 << 13

// Draw returns instance i of a split: a crop, the same with noise (C, H, W), and the noise's σ. It is pure: the same arguments give the same
// bits. It panics on a distribution that Validate refuses.
func (d Denoising) Draw(seed uint64, s Split, i uint64) (clean Image, noisy []float64, sigma float64) {
	if err := d.Validate(); err != nil {
		panic("data: Draw: " + err.Error())
	}
	clean = DrawCrop(seed, s, i, d.Whole, d.Crop)
	r := stream(seed^noiseKey, s, i)
	sigma = between(r, d.Low, d.High)
	for _, v := range clean.Data {
		noisy = append(noisy, v+float64(sigma*r.NormFloat64()))
	}
	return clean, noisy, sigma
}

// noiseKey keeps the streams of noise apart from those of images under the same seed.
const noiseKey = 0xa4093822299f31d0
