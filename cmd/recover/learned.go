package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"unroll/checkpoints"
	"unroll/cmd/internal/cli"
	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
	"unroll/model"
)

// A network is a trained transformer and what it was trained on.
type network struct {
	*model.Bound
	law  data.SparseRecovery
	seed uint64
}

// openNetwork opens a checkpoint by its name or path.
func openNetwork(name string) (*network, error) {
	f, err := checkpoints.Open(name)
	if err != nil {
		return nil, err
	}
	bound, err := model.Bind(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var config struct {
		Data *data.SparseRecovery `json:"data"`
		Plan struct {
			Seed uint64 `json:"seed"`
		} `json:"plan"`
	}
	if err := json.Unmarshal(f.Config, &config); err != nil || config.Data == nil {
		return nil, fmt.Errorf("%s: does not say what the network was trained on: its config has no \"data\"", name)
	}
	return &network{bound, *config.Data, config.Plan.Seed}, nil
}

// The gate's numbers: intervals of 90 %, and a quarter of the calibration's prompts flagged.
const (
	gateCoverage = 0.9
	gateFlagged  = 0.25
	mostRows     = 500 // of a prompt; a network reads all pairs of them
)

// gate calibrates the verdicts on prompts of the law of the training with as many rows.
func (n *network) gate(rows int) (*model.Gate, error) {
	law := n.law
	law.N = rows
	if err := law.Validate(); err != nil {
		return nil, err
	}
	prompts := min(5000, max(1000, 100_000/rows)) // the longer, the fewer: it takes a few seconds at most
	b := law.Draw(n.seed, data.Validation, 0, prompts)
	return n.Calibrate(model.GateConfig{S: law.S, Coverage: gateCoverage, Flagged: gateFlagged}, b.X, b.Y, b.Beta)
}

// A learned answer is what a network says of one problem.
type learned struct {
	*task
	network  *network
	lambda   float64
	top      float64     // λ_max
	layers   [][]float64 // x₀ … x_K
	verdict  model.Verdict
	gate     *model.Gate
	estimate l2o.Certificate // of x_K for λ
	labels   *model.Labels   // nil without a query
	polished *l2o.Solution   // nil without -polish
}

// runNetwork runs the network on the task and reports.
func (t *task) runNetwork(out io.Writer) error {
	l, err := t.ask()
	if err != nil {
		return err
	}
	if err := l.write(); err != nil {
		return err
	}
	if t.json {
		err = json.NewEncoder(out).Encode(l.object())
	} else {
		err = l.print(out)
	}
	if err != nil {
		return err
	}
	switch {
	case l.polished != nil && l.polished.Status != l2o.Converged:
		return &cli.StatusError{Status: 3, Err: fmt.Errorf("the polished estimate is not certified to the relative gap -tol %g", t.tol)}
	case l.polished == nil && l.verdict.Classical:
		return &cli.StatusError{Status: 3, Err: fmt.Errorf("the estimate is not to be trusted: use a classical solver, or -polish")}
	}
	return nil
}

// ask does all the work.
func (t *task) ask() (*learned, error) {
	n, err := openNetwork(t.settings.model)
	if err != nil {
		return nil, err
	}
	switch {
	case t.y.cols != 1:
		return nil, cli.Usagef("-model %s: %s has %d columns, and one is allowed for a network", t.settings.model, t.data, t.y.cols)
	case t.a.rows > mostRows:
		return nil, fmt.Errorf("%s: %d rows, at most %d are allowed for a network", t.matrix, t.a.rows, mostRows)
	}
	p := &l2o.Problem{A: &linop.Dense{M: t.a.rows, N: t.a.cols, Data: t.a.data}, Y: t.column(0, nil), G: prox.L1{}}
	if err := n.Check(p); err != nil {
		return nil, fmt.Errorf("%s: %w", t.matrix, err)
	}
	l := &learned{task: t, network: n, top: l2o.LambdaMax(p.A, p.Y)}
	l.lambda = t.lambda
	if t.choice == "lambda-ratio" {
		l.lambda = t.ratio * l.top
	}
	query, err := t.readQuery()
	if err != nil {
		return nil, err
	}
	if query != nil {
		labels := n.Labels(t.a.data, p.Y, query)
		l.labels = &labels
	}
	n.Estimates(t.a.data, p.Y, query, func(_ int, x []float64) bool {
		l.layers = append(l.layers, slices.Clone(x))
		return true
	})
	if l.gate, err = n.gate(t.a.rows); err != nil {
		return nil, fmt.Errorf("calibrating on prompts of %d rows: %w", t.a.rows, err)
	}
	l.verdict = l.gate.Judge(t.a.data, p.Y, l.last())
	return l, l.certify()
}

// readQuery reads the row whose label is asked for, nil for none.
func (t *task) readQuery() ([]float64, error) {
	if t.query == "" {
		return nil, nil
	}
	q, err := readArray(t.query, "query")
	if err != nil {
		return nil, err
	}
	return q.vector(t.a.cols, "one for each column of A", func(v float64) bool { return v-v == 0 }, "a finite number")
}

// last is the estimate of the last layer.
func (l *learned) last() []float64 { return l.layers[len(l.layers)-1] }

// certify says how far the estimate is from optimal for λ, and with -polish goes the rest of the way.
func (l *learned) certify() error {
	p := &l2o.Problem{A: l.design.ColMajor, Y: l.column(0, nil), G: prox.L1{Lambda: l.lambda}}
	l.estimate = l2o.Certify(p, l.last())
	if !l.settings.polish {
		return nil
	}
	s, err := l2o.Polish(p, l.last(), l2o.Stop{Gap: l.tol})
	l.polished = &s
	return err
}

// answer is the x that is written: polished where that was asked for.
func (l *learned) answer() []float64 {
	if l.polished != nil {
		return l.polished.X
	}
	return l.last()
}
