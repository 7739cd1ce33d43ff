package data_test

import (
	"math"
	"slices"
	"testing"

	"unroll/data"
)

func inpainting() data.Inpainting {
	return data.Inpainting{Whole: 40, Crop: 16, Keep: 0.3, Red: 0.1, Green: 0.25, Blue: 0.5}
}

// The noise has its channel's σ where a pixel is seen, the others are 0; masks keep their share in all channels at once and belong to seed, split
// and index; the image is DrawCrop's.
func TestInpainting(t *testing.T) {
	d := inpainting()
	var kept moment
	squares := make([]moment, 3)
	var last []float64
	for i := range uint64(40) {
		clean, y, m := d.Draw(3, data.Train, i)
		if want := data.DrawCrop(3, data.Train, i, 40, 16); clean.Hash() != want.Hash() {
			t.Fatalf("image %d is not that of DrawCrop", i)
		}
		_, again, same := d.Draw(3, data.Train, i)
		if !slices.Equal(y, again) || !slices.Equal(m, same) || slices.Equal(m, last) {
			t.Errorf("instance %d drawn twice differs, or its mask stands elsewhere", i)
		}
		last = m
		for j, v := range m {
			if v != m[j%256] || v != 0 && v != 1 {
				t.Fatalf("instance %d: the mask is %g at %d and %g in the first channel", i, v, j, m[j%256])
			}
			if j < 256 {
				kept.add(v)
			}
			if e := y[j] - clean.Data[j]; v == 1 {
				squares[j/256].add(e * e)
			} else if y[j] != 0 {
				t.Fatalf("instance %d: %g is seen at %d", i, y[j], j)
			}
		}
	}
	kept.near(t, "share of pixels kept", 0.3)
	for c, sigma := range []float64{d.Red, d.Green, d.Blue} {
		squares[c].near(t, "variance of the noise", sigma*sigma)
	}
	if s := d.Sigma(); math.Abs(s-0.85/3) > 1e-15 {
		t.Errorf("mean σ %g", s)
	}
	if _, _, other := d.Draw(3, data.Validation, 39); slices.Equal(other, last) {
		t.Error("two splits share a mask")
	}
}

func TestInpaintingRefusals(t *testing.T) {
	for field, change := range map[string]func(d *data.Inpainting){
		"whole": func(d *data.Inpainting) { d.Whole = 0 },
		"crop":  func(d *data.Inpainting) { d.Crop = 41 },
		"keep":  func(d *data.Inpainting) { d.Keep = 0 },
		"red":   func(d *data.Inpainting) { d.Red = -1 },
		"green": func(d *data.Inpainting) { d.Green = math.NaN() },
		"blue":  func(d *data.Inpainting) { d.Blue = math.Inf(1) },
	} {
		d := inpainting()
		change(&d)
		refuses(t, field, d.Validate(), func() { d.Draw(1, data.Test, 0) })
	}
}
