package main

import (
	"fmt"
	"math"
	"os"
	"runtime"

	"unroll/bench/internal/peer"
	"unroll/model"
	"unroll/model/graph"
)

// sweeps vary one size of the headline's step each; the others are small enough that the largest step fits a measurement.
var sweeps = []struct {
	name   string
	values []int
	cell   func(v int) cell
}{
	{"K", []int{2, 4, 8, 16}, func(v int) cell { return cell{model.Interleaved, 64, 10, v, 20} }},
	{"B", []int{16, 32, 64, 128}, func(v int) cell { return cell{model.Interleaved, v, 10, 4, 20} }},
	{"N", []int{10, 20, 40, 80}, func(v int) cell { return cell{model.Interleaved, 32, v, 4, 20} }},
	{"d", []int{10, 20, 40, 80}, func(v int) cell { return cell{model.Interleaved, 64, 10, 4, v} }},
}

// scaling prints how a step's time grows with each size, its slope on logarithmic axes and that of the arithmetic.
func scaling(rounds int) error {
	runtime.GOMAXPROCS(1)
	fmt.Printf("one step on one thread, ms, medians of %d rounds, and the arithmetic that it needs\n", rounds)
	var ratios peer.Ratios
	for _, s := range sweeps {
		var sizes, ms, gflop []float64
		for _, v := range s.values {
			t := newTask(s.cell(v))
			seconds, err := t.seconds(rounds)
			if err != nil {
				return err
			}
			sizes, ms, gflop = append(sizes, float64(v)), append(ms, 1e3*seconds), append(gflop, t.needed()/1e9)
		}
		times, needs := slope(sizes, ms), slope(sizes, gflop)
		fmt.Printf("%s %4.0f   ms %6.2f   slope %.2f   GFLOP %6.3f   slope %.2f   GFLOP/s %3.0f\n", s.name, sizes, ms, times, gflop, needs, rates(gflop, ms))
		ratios.Add("slope_of_arithmetic_over_time_"+s.name, needs/times)
	}
	fmt.Println()
	ratios.Print(os.Stdout)
	return nil
}

// seconds is the median time of a step.
func (t task) seconds(rounds int) (float64, error) {
	tr, err := newTrainer(t, 1, graph.Transformer.Graph)
	if err != nil {
		return 0, err
	}
	defer tr.Close()
	times, err := peer.Interleave(rounds, 100e-3, tr.Contender(1))
	if err != nil {
		return 0, err
	}
	return times[0].Median(), nil
}

// slope is that of the line through (log x, log y) by least squares.
func slope(x, y []float64) float64 {
	var sx, sy, sxx, sxy float64
	for i := range x {
		a, b := math.Log(x[i]), math.Log(y[i])
		sx, sy, sxx, sxy = sx+a, sy+b, sxx+a*a, sxy+a*b
	}
	n := float64(len(x))
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func rates(gflop, ms []float64) (all []float64) {
	for i := range ms {
		all = append(all, 1e3*gflop[i]/ms[i])
	}
	return all
}
