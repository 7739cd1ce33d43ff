package eval

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"unroll/data"
	"unroll/l2o/linop"
)

// The paper's tasks: what is kept and how loud the noise is in each channel is measured on flat images, in each with a mask and noise of its own.
func TestRetuneTasksByHand(t *testing.T) {
	const crops, size, level = 6, 48, 0.5
	flat := &imageSource{"flat", func(data.Split, uint64) data.Image {
		return data.Image{C: 3, H: size, W: size, Data: slices.Repeat([]float64{level}, 3*size*size)}
	}}
	want := map[string]struct {
		kept  float64
		noise [3]float64
		blur  int
	}{
		"noise":       {1, [3]float64{0.1, 0.25, 0.5}, 0},
		"inpaint-0.5": {0.5, [3]float64{0.1, 0.1, 0.1}, 0},
		"inpaint-0.1": {0.1, [3]float64{0.1, 0.1, 0.1}, 0},
		"inpaint-0.9": {0.9, [3]float64{0.1, 0.1, 0.1}, 0},
		"blur-0.05":   {1, [3]float64{0.05, 0.05, 0.05}, 25},
		"blur-0.1":    {1, [3]float64{0.1, 0.1, 0.1}, 25},
	}
	if len(imagingTasks) != len(want) {
		t.Errorf("%d tasks, want %d", len(imagingTasks), len(want))
	}
	s, all := NewRetune(), map[string]bool{}
	for _, task := range imagingTasks {
		w := want[task.Name]
		if task.Blur != w.blur {
			t.Errorf("%s blurs by %d pixels, want %d", task.Name, task.Blur, w.blur)
		}
		spoiled, err := s.spoil(task, flat, data.Test, crops)
		if err != nil {
			t.Fatal(err)
		}
		kept, squares := 0.0, [3]float64{}
		for _, in := range spoiled {
			if key := fmt.Sprint(task.Name, in.y); all[key] {
				t.Errorf("%s: two images have one mask and one noise", task.Name)
			} else {
				all[key] = true
			}
			for j, v := range in.y {
				if v == 0 { // not seen: noise is never 0
					continue
				}
				kept++
				squares[j/(size*size)] += (v - level) * (v - level)
			}
		}
		kept /= crops * 3 * size * size
		if math.Abs(kept-w.kept) > 0.015 {
			t.Errorf("%s keeps %.3f, want %g", task.Name, kept, w.kept)
		}
		for c, v := range squares {
			if got := math.Sqrt(v / (kept * crops * size * size)); math.Abs(got/w.noise[c]-1) > 0.06 {
				t.Errorf("%s: noise %.4f in channel %d, want %g", task.Name, got, c, w.noise[c])
			}
		}
		other, err := s.spoil(task, flat, data.Train, 1)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(other[0].y, spoiled[0].y) {
			t.Errorf("%s: images for training have the noise of those for tests", task.Name)
		}
	}
}

// A line of 25 pixels sees a point two pixels from the edge once, and twice where its mirror image is in reach too; the far edge never.
func TestRetuneBlurReflects(t *testing.T) {
	s := linop.Shape{C: 3, H: 48, W: 48}
	a, err := imagingTasks[4].blur(s)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, s.Len()), make([]float64, s.Len())
	for c := range 3 {
		x[(c*48+2)*48+2] = 25
	}
	a.Apply(y, x)
	for _, c := range []struct {
		channel, row, col int
		want              float64
	}{
		{0, 0, 2, 2}, {0, 10, 2, 2}, {0, 11, 2, 1}, {0, 14, 2, 1}, {0, 15, 2, 0}, {0, 47, 2, 0}, {0, 2, 3, 0},
		{1, 2, 0, 2}, {1, 2, 14, 1}, {1, 2, 47, 0}, {1, 3, 2, 0},
		{2, 14, 14, 1}, {2, 15, 15, 0}, {2, 5, 4, 0},
	} {
		if got := y[(c.channel*48+c.row)*48+c.col]; math.Abs(got-c.want) > 1e-12 {
			t.Errorf("channel %d at (%d, %d): %g, want %g", c.channel, c.row, c.col, got, c.want)
		}
	}
}

// Crops are of the split and the index that are asked for: made images are quarters of scenes, photographs in colour and grey have three channels
// and each file is in one split.
func TestRetuneSources(t *testing.T) {
	s := NewRetune()
	made, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []data.Split{data.Train, data.Validation, data.Test} {
		for i := range uint64(2) {
			if got, want := made.draw(split, i), data.DrawCrop(s.Seed, split, i, 96, 48); got.Hash() != want.Hash() {
				t.Errorf("made image %d of split %d is another", i, split)
			}
		}
	}
	s.Data, s.Size = t.TempDir(), 32
	for k := range 12 { // of levels 20k, every second one in colour
		m := image.NewNRGBA(image.Rect(0, 0, 40, 36))
		for i := range 40 * 36 {
			m.Set(i%40, i/40, color.NRGBA{uint8(20 * k), uint8(20 * k), uint8(20*k + k%2), 255})
		}
		var picture image.Image = m
		if k%2 == 0 {
			grey := image.NewGray(m.Rect)
			for i := range grey.Pix {
				grey.Pix[i] = uint8(20 * k)
			}
			picture = grey
		}
		f, err := os.Create(filepath.Join(s.Data, fmt.Sprintf("%02d.png", k)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, picture); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	photographs, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	if want := "photographs, 6 files for training, 2 for validation, 4 for tests"; photographs.name != want {
		t.Errorf("the source is %q, want %q", photographs.name, want)
	}
	owner := map[float64]data.Split{}
	for split, files := range map[data.Split]int{data.Train: 6, data.Validation: 2, data.Test: 4} {
		seen := map[float64]bool{}
		for i := range uint64(12) {
			m := photographs.draw(split, i)
			if m.C != 3 || m.H != 32 || m.W != 32 {
				t.Fatalf("a crop is %d×%d×%d", m.C, m.H, m.W)
			}
			if other, ok := owner[m.Data[0]]; ok && other != split {
				t.Errorf("splits %d and %d share the file of level %g", split, other, 255*m.Data[0])
			}
			owner[m.Data[0]], seen[m.Data[0]] = split, true
		}
		if len(seen) != files {
			t.Errorf("split %d draws %d files, want %d", split, len(seen), files)
		}
	}
}
