package eval

import (
	"errors"
	"fmt"
	"io"

	"unroll/data"
	"unroll/l2o"
)

var matrixShiftStudy = Study{
	Name:     "shift",
	Question: "What does a learned sparse solver lose on another matrix, another law or another shape than it was trained on?",
	Figure:   "",
}

// MatrixShift is the ledger of what models lose away from their training law.
type MatrixShift struct {
	Seed    uint64 `yaml:"seed" help:"of the bootstrap"`
	Signals int    `yaml:"signals" help:"held-out signals of each law"`
	Workers int    `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// NewMatrixShift returns the study with its defaults.
func NewMatrixShift() MatrixShift { return MatrixShift{Seed: 1, Signals: 500} }

// Check returns a *data.FieldError for the first field that has no meaning.
func (s MatrixShift) Check() error { return Lista{s.Seed, s.Signals, 1, s.Workers}.Check() }

// A lawShift is a law that differs from the one of training in one respect.
type lawShift struct {
	name   string
	change func(law *data.Dictionary, seed *uint64)
}

// home is the law of training, on the matrix of training for a model that was trained on one.
const home = "training law"

var matrixShifts = []lawShift{
	{home, func(*data.Dictionary, *uint64) {}},
	{"fresh matrix", func(_ *data.Dictionary, seed *uint64) { *seed++ }},
	{"correlated columns, ρ = 0.5", func(d *data.Dictionary, seed *uint64) { d.Design, d.Rho = data.AR, 0.5; *seed++ }},
	{"coherent columns, ρ = 0.1", func(d *data.Dictionary, seed *uint64) { d.Design, d.Rho = data.Coherent, 0.1; *seed++ }},
	{"half the nonzeros", func(d *data.Dictionary, _ *uint64) { d.Density /= 2 }},
	{"half as many nonzeros again", func(d *data.Dictionary, _ *uint64) { d.Density *= 1.5 }},
	{"nonzeros ±1", func(d *data.Dictionary, _ *uint64) { d.Values = data.Sign }},
	{"fresh, a fifth more rows", func(d *data.Dictionary, seed *uint64) { d.M += d.M / 5; *seed++ }},
}

// A MatrixShiftResult is the error of every model under every law.
type MatrixShiftResult struct {
	Study  MatrixShift
	Models []string
	Rows   []MatrixShiftRow
}

// A MatrixShiftRow is one law: the NMSE of each model's last layer in dB, or why it refuses the law's problems.
type MatrixShiftRow struct {
	Law     string
	NMSE    []Interval // of the bootstrap
	DB      []float64
	Refused []error
}

// Run measures every model on every law, changed from its own.
func (s MatrixShift) Run(models []Model) (*MatrixShiftResult, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := &MatrixShiftResult{Study: s}
	for _, m := range models {
		r.Models = append(r.Models, m.Name)
	}
	for _, shift := range matrixShifts {
		row := MatrixShiftRow{Law: shift.name}
		for _, m := range models {
			db, ci, err := s.measure(m, shift)
			if _, refused := errors.AsType[*l2o.InputError](err); err != nil && !refused {
				return nil, fmt.Errorf("eval: shift: %s, %s: %w", m.Name, shift.name, err)
			}
			row.DB, row.NMSE, row.Refused = append(row.DB, db), append(row.NMSE, ci), append(row.Refused, err)
		}
		r.Rows = append(r.Rows, row)
	}
	return r, nil
}

// measure returns the NMSE of a model's last layer with its interval. A model that was trained on many matrices meets as many here, a new one
// every so many signals as in its training; it has seen none of them.
func (s MatrixShift) measure(m Model, shift lawShift) (db float64, ci Interval, err error) {
	law, seed := m.Law, m.Seed
	shift.change(&law, &seed)
	together, layers := law.Share, m.Solver.Config.K
	if together == 0 {
		together = s.Signals
	}
	squared, power := newMatrix(0, layers+1), newMatrix(0, 1)
	for i := 0; i < s.Signals; i += together {
		at := uint64(i)
		test := bench{law.Draw(seed, data.Test, at, min(together, s.Signals-i), law.Matrix(seed, data.Test, at)), s.Workers}
		part, _, err := test.learned(m.Solver, 0)
		if err != nil {
			return 0, Interval{}, err
		}
		squared, power = squared.append(part), power.append(test.power())
	}
	boot := bootstrap{s.Seed, s.Workers}
	c, _ := series{m.Name, squared}.curve(boot, mean(power.Data), boot.means(power).Data)
	return c.Last().NMSE, c.Last().NMSECI, nil
}

// table is law × model.
func (r *MatrixShiftResult) table() Table {
	t := Table{Header: append([]string{"NMSE (dB) of the last layer"}, r.Models...)}
	for _, row := range r.Rows {
		cells := []string{row.Law}
		for i, db := range row.DB {
			if row.Refused[i] != nil {
				cells = append(cells, "refused")
				continue
			}
			cells = append(cells, decimals(db))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// WriteTable prints the ledger for a terminal.
func (r *MatrixShiftResult) WriteTable(w io.Writer) error {
	_, err := fmt.Fprint(w, r.table())
	return err
}

// Write makes dir and writes the report into it.
func (r *MatrixShiftResult) Write(dir string) error {
	full := columns("law,model,nmse_db,nmse_lo,nmse_hi")
	for _, row := range r.Rows {
		for i, name := range r.Models {
			if row.Refused[i] == nil {
				full.record([]string{row.Law, name}, row.DB[i], row.NMSE[i].Lo, row.NMSE[i].Hi)
			}
		}
	}
	return writeReport(dir, page{Title: "Away from home", Question: matrixShiftStudy.Question}, []Section{{
		Title: "The ledger",
		Paragraph: []string{fmt.Sprintf("Each row changes the law that a model was trained on in one respect; %d signals each. A model that holds weights "+
			"for one matrix has no reason to work on another, and one that was built for another shape refuses it.", r.Study.Signals)},
		Table: r.table(), CSVName: "shift.csv", full: full,
	}}, nil)
}
