package model

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// A Gate says of one estimate in what interval its error ‖β̂−β*‖ lies, and whether to ask a classical solver instead. It is calibrated on
// prompts whose signal is known, by split conformal prediction within groups of prompts of similar score s, normalised by the score:
//
//	P( low_g·s ≤ ‖β̂−β*‖ ≤ high_g·s | s in group g ) ≥ coverage
//
// for a prompt drawn as those of the calibration were, whatever the network; low_g and high_g are order statistics of ‖β̂−β*‖/s. The bound
// says nothing of prompts of another law; there it is the flag that should rise. Every tenth prompt places the borders of the groups, the
// others calibrate them, so that the two are independent, as the proof asks.
//
// References: H. Papadopoulos, K. Proedrou, V. Vovk, A. Gammerman, "Inductive confidence machines for regression", ECML 2002; by groups,
// V. Vovk, "Conditional validity of inductive conformal predictors", ACML 2012; normalised, J. Lei, M. G'Sell, A. Rinaldo,
// R. Tibshirani, L. Wasserman, "Distribution-free predictive inference for regression", JASA 2018, §5.2.
type Gate struct {
	GateConfig
	Prompts   int       `json:"prompts"`   // of the calibration
	Borders   []float64 `json:"borders"`   // of the score between neighbouring groups, ascending
	Low       []float64 `json:"low"`       // of ‖β̂−β*‖/s, per group
	High      []float64 `json:"high"`      // likewise
	Threshold float64   `json:"threshold"` // of the score above which a prompt is flagged
}

// A GateConfig says what a gate is calibrated to.
type GateConfig struct {
	S        int     `json:"S"`        // nonzeros that a signal is expected to have
	Coverage float64 `json:"coverage"` // probability that an interval holds the error
	Flagged  float64 `json:"flagged"`  // share of the calibration prompts that would be flagged
}

// A Verdict is what a gate says of one estimate.
type Verdict struct {
	Score     float64 // of distrust, in units of β
	Low, High float64 // between which ‖β̂−β*‖ lies with the gate's coverage
	Classical bool    // the score is among the highest, or not a number: use a classical solver
}

const (
	gateGroups = 10 // deciles of the score
	borderEach = 10 // prompts of which one places the borders
)

// Calibrate runs the network on B prompts, x (B, n, d) and y (B, n), and makes a gate from its errors to their signals beta (B, d). The
// error is a *ConfigError.
func (b *Bound) Calibrate(c GateConfig, x, y, beta []float64) (*Gate, error) {
	d := b.Config.D
	prompts := len(beta) / d
	if prompts == 0 {
		return nil, c.check(0)
	}
	n := len(y) / prompts
	estimates := make([]float64, len(beta))
	b.Estimate(b.NewWorkspace(n), estimates, x, y, nil)
	scores, errors := make([]float64, prompts), make([]float64, prompts)
	for i := range prompts {
		estimate := estimates[i*d : (i+1)*d]
		scores[i] = distrust(x[i*n*d:(i+1)*n*d], y[i*n:(i+1)*n], estimate, c.S)
		for j, v := range beta[i*d : (i+1)*d] {
			errors[i] = math.Hypot(errors[i], estimate[j]-v)
		}
	}
	return newGate(c, scores, errors)
}

// check refuses numbers without meaning, and fewer prompts than the order statistics of every group need.
func (c GateConfig) check(prompts int) error {
	switch {
	case c.S < 1:
		return &ConfigError{"S", fmt.Sprint(c.S), "at least 1"}
	case !(c.Coverage > 0 && c.Coverage < 1):
		return &ConfigError{"coverage", fmt.Sprint(c.Coverage), "between 0 and 1"}
	case !(c.Flagged > 0 && c.Flagged < 1):
		return &ConfigError{"flagged", fmt.Sprint(c.Flagged), "between 0 and 1"}
	}
	// Twice what is needed on average, so that the smallest group has it.
	if least := int(math.Round(2 * gateGroups * 2 / (1 - c.Coverage))); prompts < least {
		return &ConfigError{"calibration prompts", fmt.Sprint(prompts), fmt.Sprintf("at least %d for a coverage of %g", least, c.Coverage)}
	}
	return nil
}

func newGate(c GateConfig, scores, errors []float64) (*Gate, error) {
	if err := c.check(len(scores)); err != nil {
		return nil, err
	}
	g := &Gate{GateConfig: c, Prompts: len(scores)}
	var placing []float64
	for i := 0; i < len(scores); i += borderEach {
		placing = append(placing, scores[i])
	}
	slices.Sort(placing)
	for k := range gateGroups - 1 {
		g.Borders = append(g.Borders, placing[(k+1)*len(placing)/gateGroups])
	}
	ratios := make([][]float64, gateGroups)
	for i, s := range scores {
		if i%borderEach == 0 {
			continue
		}
		ratio := errors[i] / s
		switch {
		case errors[i] == 0:
			ratio = 0
		case math.IsNaN(ratio):
			ratio = math.Inf(1)
		}
		ratios[g.group(s)] = append(ratios[g.group(s)], ratio)
	}
	for group, r := range ratios {
		low, high, ok := central(r, c.Coverage)
		if !ok {
			return nil, &ConfigError{"calibration prompts", fmt.Sprint(len(scores)), fmt.Sprintf("more: group %d of %d holds %d", group+1, gateGroups, len(r))}
		}
		if math.IsInf(high, 1) {
			return nil, &ConfigError{"calibration prompts", fmt.Sprint(len(scores)), "finite estimates on nearly all of them"}
		}
		g.Low, g.High = append(g.Low, low), append(g.High, high)
	}
	all := slices.Sorted(slices.Values(scores))
	g.Threshold = all[min(len(all)-1, int((1-c.Flagged)*float64(len(all))))]
	return g, nil
}

// central returns the order statistics of rank ⌊(m+1)(1−c)/2⌋ and ⌈(m+1)(1+c)/2⌉ of m ratios, between which the next one lies with
// probability c or more; not ok where there are none of those ranks.
func central(r []float64, coverage float64) (low, high float64, ok bool) {
	slices.Sort(r)
	m := float64(len(r) + 1)
	l, h := int(m*(1-coverage)/2), int(math.Ceil(m*(1+coverage)/2))
	if l < 1 || h > len(r) {
		return 0, 0, false
	}
	return r[l-1], r[h-1], true
}

// group is the group of a score.
func (g *Gate) group(score float64) int { return sort.SearchFloat64s(g.Borders, score) }

// Judge judges an estimate (d) of the prompt x (N, d), y (N).
func (g *Gate) Judge(x, y, estimate []float64) Verdict {
	s := distrust(x, y, estimate, g.S)
	k := g.group(s)
	return Verdict{Score: s, Low: g.Low[k] * s, High: g.High[k] * s, Classical: !(s <= g.Threshold)} // a NaN is flagged
}
