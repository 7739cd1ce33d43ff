package eval

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWeightedByHand(t *testing.T) {
	m := matrix{3, 2, []float64{1, 10, 2, 20, 4, 40}}
	got := make([]float64, 2)
	m.weighted(got, []uint16{2, 0, 1}) // (2·1 + 4)/3, (2·10 + 40)/3
	if !slices.Equal(got, []float64{2, 20}) {
		t.Errorf("weighted means %v, want [2 20]", got)
	}
}

// A resample draws as many prompts as there are, another replicate others, and every number of workers the same.
func TestResamples(t *testing.T) {
	b := bootstrap{Seed: 3, Workers: 1}
	first, second := make([]uint16, 500), make([]uint16, 500)
	b.counts(0, first)
	b.counts(1, second)
	total := 0
	for _, n := range first {
		total += int(n)
	}
	if total != 500 || slices.Equal(first, second) {
		t.Errorf("replicate 0 draws %d of 500; equal to replicate 1: %v", total, slices.Equal(first, second))
	}
	m := newMatrix(500, 3)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range m.Data {
		m.Data[i] = r.NormFloat64()
	}
	want := b.means(m)
	for _, workers := range []int{2, 7, 2000} {
		if got := (bootstrap{Seed: 3, Workers: workers}).means(m); !slices.Equal(got.Data, want.Data) {
			t.Errorf("%d workers give other replicates than one", workers)
		}
	}
	if got := (bootstrap{Seed: 4, Workers: 1}).means(m); slices.Equal(got.Data, want.Data) {
		t.Error("another seed gives the same replicates")
	}
}

// Methods are paired: where every error of one is twice that of the other, so are all replicates, and the ratio has no spread.
func TestReplicatesArePaired(t *testing.T) {
	a, b := newMatrix(100, 1), newMatrix(100, 2)
	r := rand.New(rand.NewPCG(2, 2))
	for i := range a.Data {
		a.Data[i] = r.ExpFloat64()
		b.Data[2*i+1] = 2 * a.Data[i]
	}
	boot := bootstrap{Seed: 1, Workers: 2}
	ma, mb := boot.means(a), boot.means(b)
	for i := range ma.Data {
		if mb.Data[2*i+1] != 2*ma.Data[i] {
			t.Fatalf("replicate %d: %v is not twice %v", i, mb.Data[2*i+1], ma.Data[i])
		}
	}
}

// The interval for the mean of 150 exponential values covers 1 in 95 % of experiments, less about one and a half for the law's skewness (the
// percentile interval is correct to the first order). Of 400 experiments one standard deviation is 1.1 %.
func TestCoverage(t *testing.T) {
	const experiments, n = 400, 150
	covered := 0
	for e := range experiments {
		r := rand.New(rand.NewPCG(5, uint64(e)))
		m := newMatrix(n, 1)
		for i := range m.Data {
			m.Data[i] = r.ExpFloat64()
		}
		if percentiles(bootstrap{Seed: uint64(e), Workers: 2}.means(m).Data).Contains(1) {
			covered++
		}
	}
	share := float64(covered) / experiments
	t.Logf("covered in %.1f %% of %d experiments", 100*share, experiments)
	if share < 0.90 || share > 0.98 {
		t.Errorf("a 95 %% interval covers in %.1f %%", 100*share)
	}
}
