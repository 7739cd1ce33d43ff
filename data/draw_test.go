package data_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"unroll/data"
)

// laws are distributions that between them take every branch.
func laws() map[string]data.SparseRecovery {
	all := map[string]data.SparseRecovery{}
	for _, design := range []string{data.Gaussian, data.AR, data.Coherent, data.Orthonormal} {
		for _, fixed := range []bool{false, true} {
			d := small()
			d.Design, d.Rho, d.FixedX = design, 0.6, fixed
			if fixed {
				d.Sigma, d.Values, d.Support = 0.1, data.Sign, 4
			}
			all[fmt.Sprintf("%s/fixed=%t", design, fixed)] = d
		}
	}
	return all
}

// A prompt is a function of the seed, the split and its index, whatever batch it is drawn in and whatever was drawn before.
func TestDrawIsRandomAccess(t *testing.T) {
	for name, d := range laws() {
		const first, size = 1000, 9
		for _, split := range []data.Split{data.Train, data.Validation, data.Test} {
			whole := d.Draw(7, split, first, size)
			for j := size - 1; j >= 0; j-- {
				if alone := d.Draw(7, split, first+uint64(j), 1); !same(whole.At(j), alone.At(0)) {
					t.Errorf("%s: prompt %d of split %d depends on its batch", name, j, split)
				}
			}
			if again := d.Draw(7, split, first, size); again.Hash() != whole.Hash() {
				t.Errorf("%s: split %d drawn twice has hashes %s and %s", name, split, whole.Hash(), again.Hash())
			}
		}
	}
}

func same(a, b data.Prompt) bool {
	return slices.Equal(a.X, b.X) && slices.Equal(a.Y, b.Y) && slices.Equal(a.Query, b.Query) && *a.Label == *b.Label && slices.Equal(a.Beta, b.Beta)
}

// No prompt occurs twice, in whatever split and under whatever seed.
func TestPromptsAreDisjoint(t *testing.T) {
	type place struct {
		seed  uint64
		split data.Split
		index int
	}
	seen := map[float64]place{}
	d := small()
	for seed := range uint64(4) {
		for _, split := range []data.Split{data.Train, data.Validation, data.Test} {
			b := d.Draw(seed, split, 0, 2000)
			for j := range b.Size {
				here := place{seed, split, j}
				if before, ok := seen[b.Query[j*b.D]]; ok {
					t.Fatalf("%+v and %+v are one prompt", before, here)
				}
				seen[b.Query[j*b.D]] = here
			}
		}
	}
}

// FixedX is one matrix for all prompts of all splits, another for another seed, and the query stays fresh.
func TestFixedX(t *testing.T) {
	for name, d := range laws() {
		if !d.FixedX {
			continue
		}
		want := d.Draw(1, data.Train, 0, 1).X
		for _, split := range []data.Split{data.Train, data.Validation, data.Test} {
			b := d.Draw(1, split, 5, 3)
			for j := range b.Size {
				if !slices.Equal(b.At(j).X, want) {
					t.Errorf("%s: prompt %d of split %d has a matrix of its own", name, j, split)
				}
			}
			if slices.Equal(b.At(0).Query, b.At(1).Query) {
				t.Errorf("%s: two prompts have one query", name)
			}
		}
		if slices.Equal(d.Draw(2, data.Train, 0, 1).X, want) {
			t.Errorf("%s: seeds 1 and 2 have one matrix", name)
		}
	}
}

// The hash sees every bit of every array, and the shape.
func TestHashSeesEverything(t *testing.T) {
	b := small().Draw(1, data.Train, 0, 2)
	seen := map[string]bool{b.Hash(): true}
	fresh := func(what string) {
		if h := b.Hash(); len(h) != 16 || seen[h] {
			t.Errorf("%s: hash %s", what, h)
		} else {
			seen[h] = true
		}
	}
	for name, array := range map[string][]float64{"X": b.X, "Y": b.Y, "Query": b.Query, "Label": b.Label, "Beta": b.Beta} {
		last := &array[len(array)-1]
		old := *last
		*last = math.Float64frombits(math.Float64bits(old) ^ 1)
		fresh("the last bit of " + name)
		*last = old
	}
	b.Size, b.N = b.N, b.Size
	fresh("the shape")
}

// The prompts of these laws, as bits: a change here changes every published number.
func TestGolden(t *testing.T) {
	golden := map[string]string{
		"gaussian/fixed=false":    "752e6622698bc319",
		"gaussian/fixed=true":     "c528e5c7608db1ce",
		"ar/fixed=false":          "eb441898de42cd29",
		"ar/fixed=true":           "aa74d80d25966a93",
		"coherent/fixed=false":    "c748f59fa1cd7a3b",
		"coherent/fixed=true":     "95da4553c8a0a4bf",
		"orthonormal/fixed=false": "16d63ba9e419d8eb",
		"orthonormal/fixed=true":  "cb90b4bfd5993426",
	}
	for name, d := range laws() {
		if got := d.Draw(1, data.Test, 0, 100).Hash(); got != golden[name] {
			t.Errorf("%s: hash %s, want %s", name, got, golden[name])
		}
	}
}

// So are those of the other laws, which the published tables of learned solvers, denoisers and equilibria are drawn from.
func TestGoldenSignals(t *testing.T) {
	for _, c := range []struct {
		law  data.Dictionary
		want string
	}{
		{data.Dictionary{M: 10, N: 20, Density: 0.2, Values: data.Gaussian, Design: data.Gaussian}, "299013401fc1226f"},
		{data.Dictionary{M: 10, N: 20, Density: 0.2, Values: data.Sign, Design: data.AR, Rho: 0.6, Noise: 0.1}, "c15bf8f6c22de6ee"},
		{data.Dictionary{M: 10, N: 20, Density: 0.2, Values: data.Gaussian, Design: data.Coherent, Rho: 0.6, Share: 100}, "4f898c9a0612926a"},
	} {
		a := c.law.Matrix(1, data.Test, 0)
		if got := c.law.Draw(1, data.Test, 0, 100, a).Hash(); got != c.want {
			t.Errorf("%+v: hash %s, want %s", c.law, got, c.want)
		}
	}
}

// Textures take Sin of math, so that their bits are those of amd64 without GOAMD64=v3, where Go fuses products in it; those of the other kinds,
// images 300 and 301, are the same with it.
func TestGoldenImages(t *testing.T) {
	noisy := data.Denoising{Whole: 40, Crop: 12, Low: 0.02, High: 0.2}
	holes := data.Inpainting{Whole: 40, Crop: 12, Keep: 0.6, Red: 0.05, Green: 0.1, Blue: 0.2}
	like := func(m data.Image, values []float64) data.Image {
		m.Data = values
		return m
	}
	for i, want := range [][]string{ // of images 300 to 302, one of each kind: whole, with noise, with holes
		{"80caee75736bba08", "4a2902ff6c6b100c", "4751e813fc0e3b0c"},
		{"575eea807c503ae3", "c61fbe750f1d9e05", "e54c8d0613905c5c"},
		{"92b9c75bcbab998d", "8d14f6b9cdd207d8", "69daeb73bc98bc56"},
	} {
		at := 300 + uint64(i)
		clean, y, _ := noisy.Draw(1, data.Test, at)
		seen, z, mask := holes.Draw(1, data.Test, at)
		if seen.Hash() != clean.Hash() {
			t.Errorf("image %d: the crops differ", at)
		}
		for j, got := range []string{
			data.DrawImage(1, data.Test, at, 24).Hash(),
			like(clean, slices.Concat(clean.Data, y)).Hash(),
			like(seen, slices.Concat(z, mask)).Hash(),
		} {
			if got != want[j] {
				t.Errorf("image %d, number %d: hash %s, want %s", at, j, got, want[j])
			}
		}
	}
}
