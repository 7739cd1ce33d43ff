package train

import (
	"bytes"
	"testing"

	"unroll/data"
)

// Lengths fill their range, the short ones as often per doubling as the long ones, and without a shortest there is but one.
func TestLengths(t *testing.T) {
	d := data.SparseRecovery{D: 20, S: 3, N: 40, Values: data.Gaussian, Design: data.Gaussian}
	count := map[int]int{}
	for i := range uint64(20000) {
		count[Plan{Shortest: 5, Seed: 1}.length(d, data.Train, i)]++
		if n := (Plan{Seed: 1}).length(d, data.Train, i); n != 40 {
			t.Fatalf("length %d without a shortest", n)
		}
	}
	if len(count) != 36 || count[5] == 0 || count[40] == 0 {
		t.Fatalf("%d lengths of 5 to 40: %v", len(count), count)
	}
	short, long := 0, 0
	for n, c := range count {
		if n < 14 { // √(4.5·40.5) = 13.5
			short += c
		} else {
			long += c
		}
	}
	if short < 9700 || short > 10300 {
		t.Errorf("%d prompts below the geometric mean and %d above", short, long)
	}
}

// Which length a batch has is part of the recipe: any number of workers gives the same bits, and another shortest does not.
func TestLengthsSameBits(t *testing.T) {
	set := func(workers, shortest int) Recipe {
		return tiny(t, func(r *Recipe) { r.Data.N, r.Shortest, r.Workers = 9, shortest, workers })
	}
	last, _ := finish(t, set(1, 3), t.TempDir(), nil)
	if l, _ := finish(t, set(3, 3), t.TempDir(), nil); !bytes.Equal(l, last) {
		t.Error("3 workers gave other bits than one")
	}
	if l, _ := finish(t, set(1, 4), t.TempDir(), nil); bytes.Equal(l, last) {
		t.Error("another shortest gave the same bits")
	}
}
