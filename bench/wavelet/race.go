package main

import (
	"fmt"
	"math"
	"os"

	"unroll/bench/internal/peer"
)

const apart = 1e-12 // relative to the largest number

// agree refuses a peer whose coefficients, reconstruction or blurred image are not ours.
func (c *contest) agree(p *peer.Process) error {
	c.wavelet.Apply(c.transform, c.image)
	if err := c.same(p, "coefficients", c.transform); err != nil {
		return err
	}
	c.wavelet.Adjoint(c.result, c.transform)
	if err := c.same(p, "back", c.result); err != nil {
		return err
	}
	c.blur.Apply(c.result, c.image)
	return c.same(p, "blurred", c.result)
}

// same compares what a task returns of each channel with ours.
func (c *contest) same(p *peer.Process, task string, ours []float64) error {
	pixels := c.shape.H * c.shape.W
	for channel := range c.shape.C {
		var theirs []float64
		if err := p.Ask(&theirs, task, channel); err != nil {
			return err
		}
		mine, size := ours[channel*pixels:][:pixels], 0.0
		if len(theirs) != pixels {
			return fmt.Errorf("%s: %d numbers here and %d in the peer", task, pixels, len(theirs))
		}
		for _, v := range mine {
			size = max(size, math.Abs(v))
		}
		for i, v := range mine {
			if !(math.Abs(v-theirs[i]) <= apart*size) {
				return fmt.Errorf("%s: number %d of channel %d is %.17g here and %.17g in the peer", task, i, channel, v, theirs[i])
			}
		}
	}
	return nil
}

// race times both sides.
func (c *contest) race(p *peer.Process, threads, rounds int) error {
	times, err := peer.Interleave(rounds, 50e-3,
		peer.Ours(threads, func() { c.wavelet.Apply(c.transform, c.image); c.wavelet.Adjoint(c.result, c.transform) }), p.Contender("wavelet"),
		peer.Ours(threads, func() { c.wavelet.Apply(c.transform, c.image) }), p.Contender("analysis"),
		peer.Ours(threads, func() { c.blur.Apply(c.result, c.image) }), p.Contender("fft"), p.Contender("fftconvolve"))
	if err != nil {
		return err
	}
	var ratios peer.Ratios
	fmt.Printf("%-22s %9s %9s %-12s %9s %9s\n", "ms", "ours min", "median", "  peer", "min", "median")
	for _, row := range []struct {
		task, peer   string
		ours, theirs peer.Times
	}{
		{"analysis_synthesis", "pywavelets", times[0], times[1]},
		{"analysis", "pywavelets", times[2], times[3]},
		{"blur", "scipy_fft", times[4], times[5]},
		{"blur", "fftconvolve", times[4], times[6]},
	} {
		fmt.Printf("%-22s %9.2f %9.2f   %-12s %7.2f %9.2f\n", row.task, 1e3*row.ours.Min(), 1e3*row.ours.Median(), row.peer, 1e3*row.theirs.Min(), 1e3*row.theirs.Median())
		ratios.Add(row.peer+"_over_ours_"+row.task, row.theirs.Median()/row.ours.Median())
	}
	fmt.Println()
	ratios.Print(os.Stdout)
	return nil
}
