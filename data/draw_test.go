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
