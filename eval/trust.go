package eval

import (
	"fmt"
	"io"

	"unroll/data"
	"unroll/model"
)

var trustStudy = Study{
	Name:     "trust",
	Question: "Can a network's answer to one prompt be trusted: does its interval hold the error, and does its flag find the answers that are wrong?",
	Figure:   "trust",
}

// Trust is the study of a [model.Gate]: calibrated on prompts of one law, judged on others of it and on prompts of laws that it was not
// made for, and what its network's estimates save a classical solver.
type Trust struct {
	Data        data.SparseRecovery
	Seed        uint64  `yaml:"seed" help:"of all prompts"`
	Calibration int     `yaml:"calibration" help:"prompts that the gate is calibrated on"`
	Prompts     int     `yaml:"prompts" help:"held-out prompts that it is judged on"`
	Shifted     int     `yaml:"shifted" help:"prompts of each other law"`
	Polished    int     `yaml:"polished" help:"estimates that are polished to a certified Lasso solution"`
	Coverage    float64 `yaml:"coverage" help:"probability that an interval is to hold the error"`
	Flagged     float64 `yaml:"flagged" help:"share of the prompts that the gate is to flag"`
	Workers     int     `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// NewTrust returns the study with its defaults, on half as many demonstration pairs as unknowns.
func NewTrust(s *Subject) Trust {
	t := Trust{Data: s.Data, Seed: s.Seed, Calibration: 5000, Prompts: 20000, Shifted: 2000, Polished: 200, Coverage: 0.9, Flagged: 0.25}
	t.Data.N = (s.Data.D + 1) / 2
	return t
}

// Check returns a *data.FieldError for the first field that has no meaning for a network of dimension d. The gate checks its own.
func (t Trust) Check(d int) error {
	if t.Data.D != d {
		return &data.FieldError{Field: "d", Value: fmt.Sprint(t.Data.D), Want: fmt.Sprintf("%d, the dimension that the network reads", d)}
	}
	for _, c := range []struct {
		field        string
		value, least int
	}{{"prompts", t.Prompts, 10}, {"shifted", t.Shifted, 2}, {"polished", t.Polished, 1}, {"workers", t.Workers, 0}} {
		if c.value < c.least {
			return &data.FieldError{Field: c.field, Value: fmt.Sprint(c.value), Want: fmt.Sprintf("at least %d", c.least)}
		}
	}
	return t.Data.Validate()
}

// A TrustResult is everything a report of the study says.
type TrustResult struct {
	Study   Trust
	Network string
	Gate    *model.Gate
	Hash    string // of the held-out prompts
	judged  []judgement
	Scores  []ScoreRow
	Ledger  []TrustShift
	Polish  []PolishRow
}

// Run calibrates a gate for the network and judges it. The error is a *data.FieldError or a *model.ConfigError.
func (t Trust) Run(f Flagship) (*TrustResult, error) {
	network := f.Subject.Trained
	if err := t.Check(network.Config.D); err != nil {
		return nil, err
	}
	known := t.Data.Draw(t.Seed, data.Validation, 0, t.Calibration)
	gate, err := network.Calibrate(model.GateConfig{S: t.Data.S, Coverage: t.Coverage, Flagged: t.Flagged}, known.X, known.Y, known.Beta)
	if err != nil {
		return nil, err
	}
	test := t.Data.Draw(t.Seed, data.Test, 0, t.Prompts)
	r := &TrustResult{Study: t, Network: f.Name, Gate: gate, Hash: test.Hash(), judged: judge(network, gate, test, t.Workers)}
	r.Scores = t.scores(network, test, r.judged)
	for _, s := range shifts(t.Data) {
		all := judge(network, gate, s.draw(t.Seed, data.Test, t.Shifted), t.Workers)
		typical := median(all, trueError)
		r.Ledger = append(r.Ledger, TrustShift{s.name, meanSquare(all), typical * typical, covered(all), flagRate(all)})
	}
	r.Polish, err = t.polish(network, test)
	return r, err
}

// Write makes dir and writes the report.
func (r *TrustResult) Write(dir string) error {
	return writeReport(dir, page{Title: "Trust", Question: trustStudy.Question}, r.sections(), nil)
}

// WriteTable prints the result for a terminal.
func (r *TrustResult) WriteTable(w io.Writer) error { return printSections(w, r.sections()) }
