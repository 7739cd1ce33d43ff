package eval

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// linearTicks puts labels at multiples of 1, 2 or 5 times a power of ten, four to ten of them.
type linearTicks struct{}

// Ticks implements plot.Ticker.
func (linearTicks) Ticks(lo, hi float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/4)))
	for _, m := range []float64{5, 2} {
		if (hi-lo)/(m*step) >= 4 {
			step *= m
			break
		}
	}
	var ticks []plot.Tick
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+1e-9*step; i++ {
		v := i*step + 0 // + 0 turns −0 into 0
		ticks = append(ticks, plot.Tick{Value: v, Label: number(v)})
	}
	return ticks
}

// logTicks labels an axis that carries log₁₀ of its values: decades, with 2 and 5 between them where there are few.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	digits := []float64{1}
	if hi-lo < 3 {
		digits = []float64{1, 2, 5}
	}
	var ticks []plot.Tick
	for e := math.Floor(lo); e <= hi; e++ {
		for _, d := range digits {
			if v := e + math.Log10(d); v >= lo-1e-9 && v <= hi+1e-9 {
				ticks = append(ticks, plot.Tick{Value: v, Label: number(d * math.Pow(10, e))})
			}
		}
	}
	return ticks
}

// number prints a tick with a true minus sign and without the rounding of its multiplication.
func number(v float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, 'g', 6, 64), "-", "−")
}
