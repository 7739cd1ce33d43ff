package eval

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"unroll/data"
)

var transferStudy = Study{
	Name:     "transfer",
	Question: "What does a Lasso gain from related data, does the theory predict it, and may one of values and support be left out?",
	Figure:   "knob_kappa",
}

// Transfer is the study of the two-stage Lasso of related tasks. Its parts stand alone; each is cut into cells that are kept in a folder
// beside the report, so that a run which was interrupted goes on where it stopped.
type Transfer struct {
	Part    string `yaml:"part" help:"all, or one of simulation, size, knobs, phase, auto, alarm, reviews, digits"`
	N       int    `yaml:"N" help:"unknowns of a simulated problem"`
	Runs    int    `yaml:"runs" help:"simulated problems per configuration"`
	Draws   int    `yaml:"draws" help:"draws per number of informative sources, for Auto"`
	Alarms  int    `yaml:"alarms" help:"draws with good sources, and as many with unrelated ones, for the alarm"`
	Splits  int    `yaml:"splits" help:"random splits of the real data per target size"`
	Reviews string `yaml:"data" help:"folder with the product reviews; none: the part is left out"`
	Digits  string `yaml:"digits" help:"folder with MNIST's two training files; none: the part is left out"`
	Seed    uint64 `yaml:"seed" help:"of all draws"`
	Workers int    `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// NewTransfer returns the study in the size that takes minutes.
func NewTransfer() Transfer {
	return Transfer{Part: "all", N: 1000, Runs: 16, Draws: 50, Alarms: 500, Splits: 50, Seed: 1}
}

// transferParts are the parts in the order of the report.
var transferParts = []string{"simulation", "size", "knobs", "phase", "auto", "alarm", "reviews", "digits"}

// Check returns a *data.FieldError for the first field that has no meaning.
func (t Transfer) Check() error {
	if t.Part != "all" && !slices.Contains(transferParts, t.Part) {
		return &data.FieldError{Field: "part", Value: t.Part, Want: "all, " + strings.Join(transferParts, ", ")}
	}
	for _, c := range []struct {
		field      string
		value, low int
	}{{"N", t.N, 100}, {"runs", t.Runs, 2}, {"draws", t.Draws, 2}, {"alarms", t.Alarms, 2}, {"splits", t.Splits, 2}, {"workers", t.Workers, 0}} {
		if c.value < c.low {
			return &data.FieldError{Field: c.field, Value: fmt.Sprint(c.value), Want: fmt.Sprintf("at least %d", c.low)}
		}
	}
	if t.Part == "reviews" && t.Reviews == "" {
		return &data.FieldError{Field: "data", Value: "", Want: "the folder with the product reviews"}
	}
	if t.Part == "digits" && t.Digits == "" {
		return &data.FieldError{Field: "digits", Value: "", Want: "the folder with MNIST's training files"}
	}
	return nil
}

// A TransferResult is what the parts of the study found.
type TransferResult struct {
	Study    Transfer
	sections []Section
	theory   []theoryRow // of all parts that simulate
}

// A cellRunner computes cells with the study's folder, workers and progress.
type cellRunner func([]cell) ([][]float64, error)

// Run computes the parts. dir, if not empty, keeps the cells. The error is a *data.FieldError, or that of a cell.
func (t Transfer) Run(dir string, progress Progress) (*TransferResult, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	run := func(cells []cell) ([][]float64, error) { return runCells(cells, dir, t.Workers, progress) }
	r := &TransferResult{Study: t}
	for _, p := range []struct {
		name string
		work func(cellRunner) ([]Section, error)
	}{
		{"simulation", r.simulation}, {"size", r.size}, {"knobs", r.knobs}, {"phase", r.phase},
		{"auto", r.auto}, {"alarm", r.alarm}, {"reviews", r.reviews}, {"digits", r.digits},
	} {
		if t.Part != "all" && t.Part != p.name {
			continue
		}
		sections, err := p.work(run)
		if err != nil {
			return nil, err
		}
		r.sections = append(r.sections, sections...)
	}
	if len(r.theory) > 0 {
		r.sections = append(r.sections, theorySection(r.theory))
	}
	return r, nil
}

// Write makes dir and writes the report into it.
func (r *TransferResult) Write(dir string) error {
	return writeReport(dir, page{Title: "Transfer", Question: transferStudy.Question}, r.sections, nil)
}

// WriteTable prints what was found, without figures.
func (r *TransferResult) WriteTable(w io.Writer) error {
	for _, s := range r.sections {
		text := s.Title + "\n" + strings.Join(s.Paragraph, "\n") + "\n"
		if len(s.Table.Header) > 0 {
			text += s.Table.Shown().String()
		}
		if _, err := io.WriteString(w, text+"\n"); err != nil {
			return err
		}
	}
	return nil
}
