package data_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"unroll/data"
)

// The noise has the σ that is said, uniform between its bounds, and belongs to seed, split and index alone; the image is DrawCrop's.
func TestDenoising(t *testing.T) {
	d := data.Denoising{Whole: 40, Crop: 16, Low: 0.02, High: 0.5}
	var sigmas []float64
	seen := map[float64]bool{}
	for i := range uint64(60) {
		clean, noisy, sigma := d.Draw(3, data.Train, i)
		if want := data.DrawCrop(3, data.Train, i, 40, 16); clean.Hash() != want.Hash() {
			t.Fatalf("image %d is not that of DrawCrop", i)
		}
		_, again, same := d.Draw(3, data.Train, i)
		if !slices.Equal(noisy, again) || same != sigma || seen[sigma] {
			t.Errorf("instance %d drawn twice differs, or its σ=%g stands elsewhere", i, sigma)
		}
		seen[sigma] = true
		squares, mean := 0.0, 0.0
		for j, v := range noisy {
			squares += (v - clean.Data[j]) * (v - clean.Data[j]) / float64(len(noisy))
			mean += (v - clean.Data[j]) / float64(len(noisy))
		}
		if r := math.Sqrt(squares) / sigma; r < 0.9 || r > 1.1 || math.Abs(mean) > 0.16*sigma { // five standard deviations
			t.Errorf("instance %d: noise of %g σ and mean %g", i, r, mean)
		}
		sigmas = append(sigmas, sigma)
	}
	slices.Sort(sigmas)
	if sigmas[0] < 0.02 || sigmas[59] > 0.5 || sigmas[30] < 0.18 || sigmas[30] > 0.34 {
		t.Errorf("σ from %g by %g to %g", sigmas[0], sigmas[30], sigmas[59])
	}
	if _, _, other := d.Draw(3, data.Validation, 0); seen[other] {
		t.Error("two splits share noise")
	}
}

func TestDenoisingRefusals(t *testing.T) {
	for field, change := range map[string]func(d *data.Denoising){
		"whole": func(d *data.Denoising) { d.Whole = 0 },
		"crop":  func(d *data.Denoising) { d.Crop = 41 },
		"low":   func(d *data.Denoising) { d.Low = 0 },
		"high":  func(d *data.Denoising) { d.High = 0.01 },
	} {
		d := data.Denoising{Whole: 40, Crop: 16, Low: 0.02, High: 0.5}
		change(&d)
		refuses(t, field, d.Validate(), func() { d.Draw(1, data.Test, 0) })
	}
}

// refuses fails unless err names the field and draw panics.
func refuses(t *testing.T, field string, err error, draw func()) {
	t.Helper()
	if e, ok := errors.AsType[*data.FieldError](err); !ok || e.Field != field {
		t.Errorf("%s: %v", field, err)
	}
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", field)
		}
	}()
	draw()
}
