package eval

import (
	"fmt"
	"slices"
)

// A DecayResult is everything a report of the study says.
type DecayResult struct {
	Study       Decay
	Hash        string // of the test prompts
	Curves      []Curve
	Differences []Difference // of the first curve from every other, at the last layer
	Tunings     []Tuning     // of ISTA and FISTA
	Lasso       LassoLevel
	Sections    []Section // what the caller adds to the report; Run leaves it empty
	levels      []level   // of the last layer of every curve
}

// A Curve is one method's error after every layer.
type Curve struct {
	Method string
	Layers []Summary // (K+1)
	Rate   Rate
	Level  bool // a converged limit: one number that stands at every layer and has no rate
}

// Last is the summary of the last layer.
func (c Curve) Last() Summary { return c.Layers[len(c.Layers)-1] }

// A Difference is the NMSE of Method minus that of Reference at the last layer, in dB, with the interval of the paired bootstrap.
type Difference struct {
	Method, Reference string
	DB                float64
	CI                Interval
}

// String says the difference in a sentence.
func (d Difference) String() string {
	switch {
	case d.CI.Contains(0):
		return fmt.Sprintf("%s cannot be told from %s: %s dB %s.", d.Method, d.Reference, decimals(d.DB), bracket(d.CI, decimals))
	case d.DB < 0:
		return fmt.Sprintf("%s is %s dB %s below %s.", d.Method, decimals(-d.DB), bracket(Interval{-d.CI.Hi, -d.CI.Lo}, decimals), d.Reference)
	default:
		return fmt.Sprintf("%s is %s dB %s above %s.", d.Method, decimals(d.DB), bracket(d.CI, decimals), d.Reference)
	}
}

// A Tuning is the weight a method was given at every depth.
type Tuning struct {
	Method  string
	Weights []Weight // (K+1)
}

// series is one method's squared errors: (P, K+1), or (P, 1) for a level.
type series struct {
	method string
	errors matrix
}

// summarise fills Curves and Differences. Signal is ‖x*‖² of every prompt, (P, 1).
func (r *DecayResult) summarise(all []series, signal matrix) {
	boot := bootstrap{r.Study.Seed, r.Study.Workers}
	power, powers := mean(signal.Data), boot.means(signal).Data
	var subject []float64
	for i, s := range all {
		c, last := s.curve(boot, power, powers)
		for c.Level && len(c.Layers) <= r.Study.K {
			c.Layers = append(c.Layers, c.Layers[0])
		}
		r.Curves = append(r.Curves, c)
		r.levels = append(r.levels, level{c.Method, c.Last().NMSE, slices.Clone(last)})
		if i == 0 {
			subject = last
			continue
		}
		first := r.Curves[0]
		for j, v := range subject {
			last[j] = v - last[j]
		}
		r.Differences = append(r.Differences, Difference{first.Method, c.Method, first.Last().NMSE - c.Last().NMSE, percentiles(last)})
	}
}

// curve summarises every layer, with the NMSE of the last one in every replicate, dB. Power is the mean of ‖x*‖², powers its replicates.
func (s series) curve(boot bootstrap, power float64, powers []float64) (c Curve, last []float64) {
	c = Curve{Method: s.method, Level: s.errors.Cols == 1}
	replicates := boot.means(s.errors)
	means := make([]float64, s.errors.Cols)
	for k := range means {
		layer := summarise(s.errors.Col(k), power)
		last = replicates.Col(k)
		layer.MeanCI = percentiles(last)
		for j, v := range last {
			last[j] = decibel(v / powers[j])
		}
		layer.NMSECI = percentiles(last)
		means[k] = layer.Mean
		c.Layers = append(c.Layers, layer)
	}
	if !c.Level {
		c.Rate = fitRate(means, replicates)
	}
	return c, last
}
