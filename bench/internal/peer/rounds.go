package peer

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// A Contender makes so many calls and returns how long they took.
type Contender func(count int) (seconds float64, err error)

// Ours is a contender of this process, timed as peers time themselves: several threads make one call more, before the clock starts, after
// which each is on its own processor.
func Ours(threads int, call func()) Contender {
	return func(count int) (float64, error) {
		if threads > 1 {
			call()
		}
		start := clock(threads)
		for range count {
			call()
		}
		return clock(threads) - start, nil
	}
}

// Times are the seconds of one call, one for each round, in rising order.
type Times []float64

// Min is the fastest round.
func (t Times) Min() float64 { return t[0] }

// Median is the middle round, the lower one of an even number.
func (t Times) Median() float64 { return t[(len(t)-1)/2] }

// Interleave runs rounds of all contenders in turn, each round of a contender at least the given seconds long, after one round that
// warms up and finds how many calls that takes.
func Interleave(rounds int, seconds float64, contenders ...Contender) ([]Times, error) {
	counts, times := make([]int, len(contenders)), make([]Times, len(contenders))
	for i, c := range contenders {
		for counts[i] = 1; ; {
			took, err := c(counts[i])
			if err != nil {
				return nil, err
			}
			if took >= seconds {
				break
			}
			counts[i] = int(math.Ceil(float64(counts[i]) * min(1.2*seconds/max(took, 1e-9), 10)))
		}
	}
	for range rounds {
		for i, c := range contenders {
			took, err := c(counts[i])
			if err != nil {
				return nil, err
			}
			times[i] = append(times[i], took/float64(counts[i]))
		}
	}
	for _, t := range times {
		slices.Sort(t)
	}
	return times, nil
}

// Ratios collects what a benchmark ends with.
type Ratios []string

// Add notes a ratio, most often the peer's time over ours.
func (r *Ratios) Add(name string, value float64) {
	*r = append(*r, fmt.Sprintf("ratio %s %.3g", name, value))
}

// Print writes one ratio a line.
func (r Ratios) Print(w io.Writer) {
	for _, line := range r {
		fmt.Fprintln(w, line)
	}
}
