package main

import (
	"math"
	"testing"

	"unroll/data"
	"unroll/l2o/denoise"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// The embedded denoiser is nonexpansive, certified. On held-out images it is nearer to the clean image than wavelet shrinkage, and on textures than
// total variation, each with the weight of a grid that is best for the kind of images and the level of noise. Phantoms and piecewise smooth scenes are
// what total variation is made for: there it is the nearer one, and the log says by how much.
func TestDenoiserAgainstClassical(t *testing.T) {
	const size = 48
	b, err := denoise.Open("denoiser")
	if err != nil {
		t.Fatal(err)
	}
	if l := b.Lipschitz(); l != 1 {
		t.Errorf("certified Lipschitz bound %g, want 1", l)
	}
	net, shape := b.On(size, size), linop.Shape{C: 3, H: size, W: size}
	bands, err := linop.NewWavelet(shape, 3)
	if err != nil {
		t.Fatal(err)
	}
	coefficients := make([]float64, shape.Len())
	for _, sigma := range []float64{0.1, 0.25} {
		images := denoised{law: data.Denoising{Whole: 128, Crop: size, Low: sigma, High: sigma}, each: 2}
		ours := images.gains(func(dst, v []float64) { net.Apply(dst, v, []float64{sigma}, nil) })
		var tv, shrinkage [3]float64
		for _, w := range []float64{0.5, 1, 1.5, 2.2} { // over σ
			tv = larger(tv, images.gains(func(dst, v []float64) {
				prox.TV{Shape: shape, Lambda: w * sigma, Tol: 1e-3}.Prox(dst, v, 1)
			}))
			shrinkage = larger(shrinkage, images.gains(func(dst, v []float64) {
				bands.Apply(coefficients, v)
				prox.L1{Lambda: 1.5 * w * sigma}.Prox(coefficients, coefficients, 1)
				bands.Adjoint(dst, coefficients)
			}))
		}
		for kind, name := range []string{"phantoms", "piecewise smooth", "textures"} {
			t.Logf("σ=%g, %s: gains over the noisy image: denoiser %.2f dB, total variation %.2f dB, wavelet shrinkage %.2f dB",
				sigma, name, ours[kind], tv[kind], shrinkage[kind])
			if ours[kind] < shrinkage[kind]+1 || name == "textures" && ours[kind] < tv[kind] {
				t.Errorf("σ=%g, %s: the denoiser gains too little", sigma, name)
			}
		}
	}
}

// denoised are the first images of the test split, so many of each kind.
type denoised struct {
	law  data.Denoising
	each uint64
}

// gains says by how many dB a denoiser is nearer to the clean image than the noisy one is, in the mean over the images of each kind.
func (d denoised) gains(denoise func(dst, v []float64)) (mean [3]float64) {
	for i := range 3 * d.each {
		clean, noisy, _ := d.law.Draw(2, data.Test, i)
		out := make([]float64, len(noisy))
		denoise(out, noisy)
		before, after := 0.0, 0.0
		for j, x := range clean.Data {
			before += (noisy[j] - x) * (noisy[j] - x)
			after += (out[j] - x) * (out[j] - x)
		}
		mean[i%3] += 10 * math.Log10(before/after) / float64(d.each)
	}
	return mean
}

func larger(a, b [3]float64) [3]float64 {
	for i := range a {
		a[i] = max(a[i], b[i])
	}
	return a
}
