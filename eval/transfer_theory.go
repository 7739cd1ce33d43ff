package eval

import (
	"fmt"
	"math"
	"math/rand/v2"

	"unroll/l2o"
	"unroll/l2o/transfer"
)

// A setting is an ensemble with knobs, and its name in tables.
type setting struct {
	Name     string
	Ensemble transfer.Ensemble
	Knobs    transfer.TwoStage
	draws    uint64 // settings of one number are simulated on the same draws
}

// twoSets has a target and one source.
func twoSets(targetRows, sourceRows, common, targetOwn, sourceOwn, variance float64) transfer.Ensemble {
	sigma := math.Sqrt(variance)
	return transfer.Ensemble{Common: common, Sets: []transfer.Law{{Rows: targetRows, Own: targetOwn, Sigma: sigma}, {Rows: sourceRows, Own: sourceOwn, Sigma: sigma}}}
}

// namedSettings are four that differ in what they transfer.
func namedSettings() []setting {
	e := twoSets(0.4, 1.2, 0.15, 0.05, 0.05, 0.01)
	return []setting{
		{"values", e, transfer.TransLasso(0.1, 0.05), 0},
		{"support", e, transfer.SupportOnly(0.1, 0.02, 0.2), 1},
		{"both", e, transfer.TwoStage{Lambda1: 0.1, Lambda2: 0.03, Kappa: 0.5, DeltaLambda: 0.1}, 2},
		{"noisy", twoSets(0.6, 0.6, 0.1, 0.1, 0.1, 0.05), transfer.TwoStage{Lambda1: 0.2, Lambda2: 0.1, Kappa: 0.7, DeltaLambda: 0.3}, 3},
	}
}

// settings adds eight random ones, with one to three sources.
func settings(seed uint64) []setting {
	all := namedSettings()
	rng := rand.New(rand.NewPCG(seed, 10))
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	for i := range 8 {
		e := transfer.Ensemble{Common: between(0.05, 0.2), Sets: []transfer.Law{{Rows: between(0.2, 1), Own: between(0, 0.1), Sigma: between(0.05, 0.4)}}}
		for range 1 + i%3 {
			e.Sets = append(e.Sets, transfer.Law{Rows: between(0.2, 0.8), Own: between(0, 0.1), Sigma: between(0.05, 0.4)})
		}
		s := transfer.TwoStage{Lambda1: between(0.1, 0.5), Lambda2: between(0.03, 0.2), Kappa: between(0, 1), DeltaLambda: between(0, 0.4)}
		all = append(all, setting{fmt.Sprintf("random-%d", i+1), e, s, uint64(len(all))})
	}
	return all
}

// quantities are what is predicted and simulated, in the order of measure and of predicted.
var quantities = []string{"error 1", "error 2", "training 2", "true positive", "false positive"}

func predicted(p transfer.Prediction) []float64 {
	return []float64{p.First.Error[0], p.Second.Error[0], p.Second.Training, p.Second.TruePositive, p.Second.FalsePositive}
}

// simulationStop: at this gap what is measured differs from the minimiser by far less than from draw to draw.
var simulationStop = l2o.Stop{Gap: 1e-8}

// measure draws a problem of n unknowns and returns the quantities.
func (s setting) measure(n int, rng *rand.Rand) ([]float64, error) {
	sample := s.Ensemble.Draw(n, rng)
	fit, err := s.Knobs.Fit(sample.Sets, simulationStop)
	if err != nil {
		return nil, err
	}
	if !fit.Converged() {
		return nil, fmt.Errorf("%s: no certified solution: relative gaps %.2g and %.2g", s.Name, fit.First.RelativeGap, fit.Second.RelativeGap)
	}
	truth, target := sample.Truth[0], sample.Sets[0]
	fitted := make([]float64, len(target.Y))
	target.A.Apply(fitted, fit.W)
	var hit, nonzero, wrong float64
	for j, w := range fit.W {
		switch {
		case truth[j] != 0:
			nonzero++
			if w != 0 {
				hit++
			}
		case w != 0:
			wrong++
		}
	}
	size := float64(n)
	return []float64{distance2(fit.First.X, truth) / size, distance2(fit.W, truth) / size, distance2(fitted, target.Y) / size,
		hit / max(nonzero, 1), wrong / max(size-nonzero, 1)}, nil
}

// cells cuts so many runs of a setting into cells of a few runs.
func (s setting) cells(part string, n, runs, perCell int, seed uint64) []cell {
	var all []cell
	for lo := 0; lo < runs; lo += perCell {
		hi := min(lo+perCell, runs)
		all = append(all, cell{
			Name:    fmt.Sprintf("%s-%s-%d-%d", part, s.Name, n, lo),
			Setting: fmt.Sprintf("%+v %+v N=%d runs %d–%d seed %d draws %d", s.Ensemble, s.Knobs, n, lo, hi, seed, s.draws),
			Work: func() ([]float64, error) {
				var numbers []float64
				for r := lo; r < hi; r++ {
					v, err := s.measure(n, rand.New(rand.NewPCG(seed, s.draws<<48|uint64(n)<<24|uint64(r))))
					if err != nil {
						return nil, err
					}
					numbers = append(numbers, v...)
				}
				return numbers, nil
			},
		})
	}
	return all
}

// A theoryRow is a line of theory.csv.
type theoryRow struct {
	Setting, Quantity        string
	N                        int
	Simulated, SE, Predicted float64
	deviation                float64 // root mean square of a single run from the prediction
	runs                     int
}

// z is the difference in standard errors.
func (r theoryRow) z() float64 { return (r.Simulated - r.Predicted) / r.SE }

// simulate returns one row per setting and quantity.
func simulate(run cellRunner, part string, list []setting, n, runs, perCell int, seed uint64) ([]theoryRow, error) {
	var cells []cell
	for _, s := range list {
		cells = append(cells, s.cells(part, n, runs, perCell, seed)...)
	}
	numbers, err := run(cells)
	if err != nil {
		return nil, err
	}
	var rows []theoryRow
	each := len(cells) / len(list)
	for i, s := range list {
		p, err := s.Ensemble.Predict(s.Knobs)
		if err != nil {
			return nil, err
		}
		var flat []float64
		for _, v := range numbers[i*each : (i+1)*each] {
			flat = append(flat, v...)
		}
		for q, name := range quantities {
			rows = append(rows, theoryLine(s.Name, name, n, flat, q, predicted(p)[q]))
		}
	}
	return rows, nil
}

// theoryLine summarises quantity q of runs stored one after the other.
func theoryLine(name, quantity string, n int, flat []float64, q int, want float64) theoryRow {
	var v []float64
	square := 0.0
	for at := q; at < len(flat); at += len(quantities) {
		v = append(v, flat[at])
		square += (flat[at] - want) * (flat[at] - want)
	}
	return theoryRow{name, quantity, n, mean(v), standardError(v), want, math.Sqrt(square / float64(len(v))), len(v)}
}
