package eval

import (
	"math"
	"slices"
	"sort"

	"unroll/data"
	"unroll/model"
)

// A judgement is a gate's verdict on one prompt beside the error that it is about.
type judgement struct {
	model.Verdict
	Error float64 // ‖β̂−β*‖
}

// covers reports whether the interval holds the error.
func (j judgement) covers() bool { return j.Low <= j.Error && j.Error <= j.High }

// judge runs the network on a batch and its gate on every estimate.
func judge(network *model.Bound, gate *model.Gate, b data.Batch, workers int) []judgement {
	out := make([]judgement, b.Size)
	split(workers, b.Size, func(lo, hi int) {
		ws, estimates := network.NewWorkspace(b.N), make([]float64, (hi-lo)*b.D)
		network.Estimate(ws, estimates, b.X[lo*b.N*b.D:hi*b.N*b.D], b.Y[lo*b.N:hi*b.N], nil)
		for i := lo; i < hi; i++ {
			p, estimate := b.At(i), estimates[(i-lo)*b.D:(i-lo+1)*b.D]
			out[i] = judgement{gate.Judge(p.X, p.Y, estimate), math.Sqrt(distance2(estimate, p.Beta))}
		}
	})
	return out
}

// A TrustShift is a law of the prompts, and what became of the gate there.
type TrustShift struct {
	Name     string
	Mean     float64 // of ‖β̂−β*‖²
	Median   float64 // likewise
	Coverage float64
	Flagged  float64
}

func meanSquare(all []judgement) float64 {
	var s float64
	for _, j := range all {
		s += j.Error * j.Error
	}
	return s / float64(len(all))
}

func covered(all []judgement) float64 {
	return shareOf(all, judgement.covers)
}

func flagRate(all []judgement) float64 {
	return shareOf(all, func(j judgement) bool { return j.Classical })
}

func shareOf(all []judgement, of func(judgement) bool) float64 {
	count := 0
	for _, j := range all {
		if of(j) {
			count++
		}
	}
	return float64(count) / float64(len(all))
}

// by sorts a copy by what is asked for, ascending.
func by(all []judgement, key func(judgement) float64) []judgement {
	return slices.SortedStableFunc(slices.Values(all), func(a, b judgement) int {
		switch {
		case key(a) < key(b):
			return -1
		case key(a) > key(b):
			return 1
		}
		return 0
	})
}

func score(j judgement) float64     { return j.Score }
func trueError(j judgement) float64 { return j.Error }
func width(j judgement) float64     { return j.High - j.Low }

// median of what is asked for.
func median(all []judgement, key func(judgement) float64) float64 {
	var v []float64
	for _, j := range all {
		v = append(v, key(j))
	}
	return middle(v)
}

// middle is the median of values in any order.
func middle(v []float64) float64 { return quantile(slices.Sorted(slices.Values(v)), 0.5) }

// caught is the share of the squared error that those at or above the (1−rate)-quantile of a key hold.
func caught(sorted []judgement, rate float64) float64 {
	n := len(sorted)
	top := sorted[n-int(math.Round(rate*float64(n))):]
	return meanSquare(top) * float64(len(top)) / (meanSquare(sorted) * float64(n))
}

// spearman is the rank correlation of two columns; equal values share their mean rank.
func spearman(a, b []float64) float64 {
	ra, rb := ranks(a), ranks(b)
	ma, mb := mean(ra), mean(rb)
	var ab, aa, bb float64
	for i := range ra {
		ab += (ra[i] - ma) * (rb[i] - mb)
		aa += (ra[i] - ma) * (ra[i] - ma)
		bb += (rb[i] - mb) * (rb[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

// ranks are twice the mean ranks, from 0.
func ranks(v []float64) []float64 {
	sorted, r := slices.Sorted(slices.Values(v)), make([]float64, len(v))
	for i, x := range v {
		first, _ := slices.BinarySearch(sorted, x)
		behind := sort.Search(len(sorted), func(k int) bool { return sorted[k] > x })
		r[i] = float64(first + behind - 1)
	}
	return r
}
