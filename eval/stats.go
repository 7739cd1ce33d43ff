package eval

import (
	"math"
	"slices"
)

// An Interval is a 95 % interval.
type Interval struct{ Lo, Hi float64 }

// Contains reports whether v lies in the closed interval.
func (i Interval) Contains(v float64) bool { return i.Lo <= v && v <= i.Hi }

// A Summary describes the squared errors ‖x̂−x*‖² of one method at one layer over all prompts.
type Summary struct {
	Mean     float64
	MeanCI   Interval // bootstrap
	Median   float64
	Q99      float64  // 99 % quantile
	NMSE     float64  // 10·log₁₀(Σ‖x̂−x*‖²/Σ‖x*‖²), dB
	NMSECI   Interval // bootstrap, dB
	Outliers int      // prompts above ten times the mean
}

// outlier is the multiple of the mean above which a prompt counts as an outlier: where the mean is carried by a few prompts, it shows.
const outlier = 10

// mean returns the arithmetic mean, summed in order.
func mean(v []float64) float64 { return sum(v) / float64(len(v)) }

func sum(v []float64) float64 {
	var s float64
	for _, x := range v {
		s += x
	}
	return s
}

// standardError returns the standard error of the mean of v, sd/√n with the n−1 divisor.
func standardError(v []float64) float64 {
	m := mean(v)
	var s float64
	for _, x := range v {
		s += (x - m) * (x - m)
	}
	n := float64(len(v))
	return math.Sqrt(s / (n - 1) / n)
}

// quantile returns the p-quantile of ascending values by linear interpolation between order statistics (Hyndman and Fan 1996, type 7).
func quantile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := int(h)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}

// percentiles returns the central 95 % of bootstrap replicates (Efron 1979, the percentile method). It does not change v.
func percentiles(v []float64) Interval {
	s := slices.Sorted(slices.Values(v))
	return Interval{quantile(s, 0.025), quantile(s, 0.975)}
}

// decibel is 10·log₁₀ of a ratio of squared errors.
func decibel(ratio float64) float64 { return 10 * math.Log10(ratio) }

// summarise fills everything but the intervals, from the squared errors and the mean of ‖x*‖².
func summarise(squared []float64, signal float64) Summary {
	s := slices.Sorted(slices.Values(squared))
	m := mean(squared)
	above, _ := slices.BinarySearchFunc(s, outlier*m, func(v, bound float64) int {
		if v <= bound {
			return -1
		}
		return 1
	})
	return Summary{Mean: m, Median: quantile(s, 0.5), Q99: quantile(s, 0.99), NMSE: decibel(m / signal), Outliers: len(s) - above}
}
