package eval

import "fmt"

// A Verdict names how an error decays with the layers.
type Verdict string

// Linear is a constant factor per layer (linear convergence), Sublinear a power of the layer, Plateau a decay that has ended.
const (
	Linear    Verdict = "linear"
	Sublinear Verdict = "sublinear"
	Plateau   Verdict = "plateau"
)

// A Rate is the decay of v_k = 10·log₁₀(e_k/e_0) over the layers k = 0…K, named by a rule of two steps.
//
//  1. Plateau, when the fall over the last quarter of the layers cannot be told from none (its interval reaches 0) or is per layer less
//     than a tenth of the fall before it. A power law slows down that much after 7,000 layers at the earliest, whatever its exponent;
//     an exponential that has met its floor does at once.
//  2. Otherwise the nearer, by least squares in dB over the layers 1…K, of two shapes with two parameters each: a − b·k, where e_k is
//     geometric, is linear; a − p·10·log₁₀ k, where e_k goes as k^−p, is sublinear. Layer 0 is left out: no step has led to it. A decay
//     that speeds up is nearer to the line. The share of the bootstrap replicates that agree says how sure the name is.
//
// Two parameters need three layers: below K = 3 the verdict is empty.
type Rate struct {
	Verdict    Verdict
	Share      float64 // of the replicates nearer to the named shape; 1 for a plateau
	Factor     float64 // 10^(−b/10), by which a layer multiplies the error
	FactorCI   Interval
	Exponent   float64 // p
	ExponentCI Interval
	Tail       float64 // fall over the last TailLayers layers, dB
	TailCI     Interval
	TailLayers int // ⌈K/4⌉
	Layers     int // K
	Fell       int // layers before the break of the nearest "line, then constant"; 0 where the whole fall cannot be told from none
}

// fitRate names the decay of the mean errors of layers 0…K. Every row of replicates is the same curve on resampled prompts.
func fitRate(errors []float64, replicates matrix) Rate {
	r := Rate{Layers: len(errors) - 1}
	if r.Layers < 3 {
		return r
	}
	r.TailLayers = (r.Layers + 3) / 4
	point := shapeOf(errors, r.TailLayers)
	shapes := []shape{point}
	for i := range replicates.Rows {
		shapes = append(shapes, shapeOf(replicates.Row(i), r.TailLayers))
	}
	r.Factor, r.FactorCI = point.factor, spread(shapes, func(s shape) float64 { return s.factor })
	r.Exponent, r.ExponentCI = point.exponent, spread(shapes, func(s shape) float64 { return s.exponent })
	r.Tail, r.TailCI = point.tail, spread(shapes, func(s shape) float64 { return s.tail })

	before := r.Layers - r.TailLayers
	if r.TailCI.Lo <= 0 || r.Tail/float64(r.TailLayers) < (point.fall-r.Tail)/float64(before)/10 {
		r.Verdict, r.Share = Plateau, 1
		if spread(shapes, func(s shape) float64 { return s.fall }).Lo > 0 {
			r.Fell = breakpoint(decay(errors))
		}
		return r
	}
	r.Verdict = Sublinear
	if point.line {
		r.Verdict = Linear
	}
	for _, s := range shapes {
		if s.line == point.line {
			r.Share += 1 / float64(len(shapes))
		}
	}
	return r
}

// spread is the 95 % interval of one number over the curve and its replicates.
func spread(shapes []shape, of func(shape) float64) Interval {
	v := make([]float64, len(shapes))
	for i, s := range shapes {
		v[i] = of(s)
	}
	return percentiles(v)
}

// String is the verdict in words.
func (r Rate) String() string {
	switch r.Verdict {
	case Linear:
		return fmt.Sprintf("linear: ×%.3f [%.3f, %.3f] per layer, %.2f dB (%.0f %% of resamples)",
			r.Factor, r.FactorCI.Lo, r.FactorCI.Hi, decibel(r.Factor), 100*r.Share)
	case Sublinear:
		return fmt.Sprintf("sublinear: k^−%.2f [%.2f, %.2f] (%.0f %% of resamples)", r.Exponent, r.ExponentCI.Lo, r.ExponentCI.Hi, 100*r.Share)
	case Plateau:
		return fmt.Sprintf("plateau: %d of %d layers fell; the last %d by %.2f dB [%.2f, %.2f]",
			r.Fell, r.Layers, r.TailLayers, r.Tail, r.TailCI.Lo, r.TailCI.Hi)
	default:
		return "no verdict below three layers"
	}
}
