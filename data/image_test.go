package data_test

import (
	"math"
	"slices"
	"testing"

	"unroll/data"
)

var splits = []data.Split{data.Train, data.Validation, data.Test}

// An image is a function of its seed, split and index, in [0, 1], and no two are alike.
func TestImagesArePureAndApart(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(2) {
		for _, split := range splits {
			for i := range uint64(12) {
				m := data.DrawImage(seed, split, i, 24)
				if m.C != 3 || m.H != 24 || m.W != 24 || slices.Min(m.Data) < 0 || slices.Max(m.Data) > 1 {
					t.Errorf("image %d of split %d: (%d, %d, %d), from %g to %g", i, split, m.C, m.H, m.W, slices.Min(m.Data), slices.Max(m.Data))
				}
				if again := data.DrawImage(seed, split, i, 24); again.Hash() != m.Hash() {
					t.Errorf("image %d of split %d drawn twice differs", i, split)
				}
				if seen[m.Hash()] {
					t.Errorf("image %d of split %d under seed %d stands elsewhere too", i, split, seed)
				}
				seen[m.Hash()] = true
			}
		}
	}
}

// A scene at half the resolution is the mean of 2×2 pixels up to what edges differ by.
func TestSizeIsResolution(t *testing.T) {
	for i := range uint64(6) {
		fine, coarse := data.DrawImage(3, data.Test, i, 128), data.DrawImage(3, data.Test, i, 64)
		total := 0.0
		for c := range 3 {
			p, q := fine.Plane(c), coarse.Plane(c)
			for k, v := range q {
				y, x := 2*(k/64), 2*(k%64)
				total += math.Abs(v - (p[y*128+x]+p[y*128+x+1]+p[(y+1)*128+x]+p[(y+1)*128+x+1])/4)
			}
		}
		if mean := total / float64(len(coarse.Data)); mean > 0.02 {
			t.Errorf("image %d: the scenes differ by %g in the mean", i, mean)
		}
	}
}

// What DrawCrop paints is a crop of the whole image, bit by bit, and its place varies.
func TestDrawCropIsACrop(t *testing.T) {
	const whole, size = 40, 32
	places := map[[2]int]bool{}
	for i := range uint64(9) {
		m, want := data.DrawImage(5, data.Train, i, whole), data.DrawCrop(5, data.Train, i, whole, size)
		found := false
		for k := range (whole - size + 1) * (whole - size + 1) {
			top, left := k/(whole-size+1), k%(whole-size+1)
			if m.Crop(top, left, size).Hash() == want.Hash() {
				found, places[[2]int{top, left}] = true, true
			}
		}
		if !found {
			t.Errorf("crop %d is nowhere in its image", i)
		}
	}
	if len(places) < 4 {
		t.Errorf("9 crops at %d places", len(places))
	}
}

// The kinds take turns: between neighbours a texture changes by much more than a phantom or a piecewise smooth scene does in the median.
func TestKindsTakeTurns(t *testing.T) {
	var medians [3][]float64
	for i := range uint64(30) {
		m := data.DrawImage(1, data.Train, i, 32)
		var steps []float64
		for k, v := range m.Data[1:] {
			steps = append(steps, math.Abs(v-m.Data[k]))
		}
		slices.Sort(steps)
		medians[i%3] = append(medians[i%3], steps[len(steps)/2])
	}
	smooth, rough := max(slices.Max(medians[0]), slices.Max(medians[1])), slices.Min(medians[2])
	if rough < 2*smooth {
		t.Errorf("median step of a texture %g, of others up to %g", rough, smooth)
	}
}

// The hash sees every bit and the shape; a crop that leaves its image panics.
func TestImageHashAndCrop(t *testing.T) {
	m := data.Image{C: 1, H: 2, W: 3, Data: []float64{1, 2, 3, 4, 5, 6}}
	if c := m.Crop(0, 1, 2); !slices.Equal(c.Data, []float64{2, 3, 5, 6}) || c.C != 1 || c.H != 2 || c.W != 2 {
		t.Errorf("crop %+v", c)
	}
	hash := m.Hash()
	m.H, m.W = 3, 2
	if m.Hash() == hash {
		t.Error("the hash does not see the shape")
	}
	m.H, m.W = 2, 3
	m.Data[5] = math.Nextafter(6, 7)
	if m.Hash() == hash {
		t.Error("the hash does not see the last bit")
	}
	for name, f := range map[string]func(){
		"right":     func() { m.Crop(0, 2, 2) },
		"below":     func() { m.Crop(1, 0, 2) },
		"before":    func() { m.Crop(-1, 0, 1) },
		"no pixel":  func() { m.Crop(0, 0, 0) },
		"no size":   func() { data.DrawImage(1, data.Test, 0, 0) },
		"too large": func() { data.DrawCrop(1, data.Test, 0, 8, 9) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
