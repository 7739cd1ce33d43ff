package eval

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"unroll/data"
)

// Flagships is the study of the error after every layer at several prompt lengths: trained networks that were made before, each by its
// name and with the same weights at every length, beside learned solvers of package lista where they read prompts of that length, the
// networks untrained where that is known, ISTA, FISTA, the converged Lasso and the limit that enumerating all supports reaches.
type Flagships struct {
	Decay   `yaml:",inline"`
	Lengths []int `yaml:"-"` // the N to measure where Data.N is 0
}

// A Flagship is a checkpoint under the name it is opened by.
type Flagship struct {
	Name    string
	Subject *Subject
}

// FlagshipsResult holds a result for each length, in order.
type FlagshipsResult struct {
	Lengths []*DecayResult
}

// NewFlagships returns the study with its defaults for networks of the given one's setting.
func NewFlagships(s *Subject) Flagships {
	f := Flagships{Decay: s.Decay(), Lengths: []int{10, 15, 20, 40, 60}}
	f.Data.N, f.Prompts = 0, 4000
	return f
}

// Check returns a *data.FieldError for the first field that has no meaning.
func (f Flagships) Check() error {
	d := f.Decay
	for _, d.Data.N = range f.lengths() {
		if err := d.Check(); err != nil {
			return err
		}
	}
	return nil
}

func (f Flagships) lengths() []int {
	if f.Data.N != 0 {
		return []int{f.Data.N}
	}
	return f.Lengths
}

// ofOneSetting keeps the flagships that read prompts of a law, have at least K layers, and were told no more of the supports than holds.
func ofOneSetting(all []Flagship, law data.SparseRecovery, K int) (kept []Flagship) {
	for _, f := range all {
		if f.Subject.Data.D == law.D && f.Subject.Trained.Config.K >= K && fits(f.Subject.Data, law) {
			kept = append(kept, f)
		}
	}
	return kept
}

// Run measures the flagships of the study's setting and the solvers; the first flagship is compared with all else.
func (f Flagships) Run(all []Flagship, solvers []PromptSolver) (*FlagshipsResult, error) {
	subjects := ofOneSetting(all, f.Data, f.K)
	if len(subjects) == 0 {
		return nil, fmt.Errorf("eval: no network reads d=%d and has K=%d layers", f.Data.D, f.K)
	}
	var trained, untrained []Contestant
	for _, s := range subjects {
		pair := s.Subject.contestants(s.Name)
		trained, untrained = append(trained, pair[0]), append(untrained, pair[1:]...)
	}
	r := &FlagshipsResult{}
	for _, n := range f.lengths() {
		d := f.Decay
		d.Data.N = n
		learned := slices.Concat(trained, contestants(solvers, d.Data, d.K), untrained)
		d.Exact = d.Data.Sigma == 0 && n > d.Data.S
		one, err := d.Run(learned)
		if err != nil {
			return nil, err
		}
		r.Lengths = append(r.Lengths, one)
	}
	return r, nil
}

// WriteTable prints, for each length, the errors after every layer and what the first flagship was found to be.
func (r *FlagshipsResult) WriteTable(w io.Writer) error {
	for i, one := range r.Lengths {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := one.WriteTable(w); err != nil {
			return err
		}
	}
	return nil
}

// Write makes dir and writes the report: for each length its figure, tables and CSV files, and curves.csv over all.
func (r *FlagshipsResult) Write(dir string) error {
	sections := []Section{r.lengthsSection()}
	for _, one := range r.Lengths {
		n := one.Study.Data.N
		for _, s := range one.sections() {
			s.Title = fmt.Sprintf("N = %d: %s", n, strings.ToLower(s.Title[:1])+s.Title[1:])
			s.CSVName = fmt.Sprintf("N%d_%s", n, s.CSVName)
			if s.Figure != nil {
				s.Figure.Name = fmt.Sprintf("%s_N%d", s.Figure.Name, n)
			}
			sections = append(sections, s)
		}
	}
	return writeReport(dir, page{Title: "Error decay of the flagships", Question: decayStudy.Question}, sections, nil)
}

// lengthsSection is the error of the last layer against the prompt length; its CSV holds every layer at every length.
func (r *FlagshipsResult) lengthsSection() Section {
	first := r.Lengths[0]
	s := Section{
		Title: "The last layer at every prompt length",
		Paragraph: []string{fmt.Sprintf("One set of weights for every N. NMSE in dB after %d layers or iterations; ISTA and FISTA have the best λ "+
			"of each N, the networks were told nothing of it.", first.Study.K)},
		Table:   Table{Header: []string{"NMSE (dB) at N"}},
		CSVName: "curves.csv",
		full:    columns("N,method,layer,mse_mean,mse_lo,mse_hi,mse_median,mse_q99,nmse_db"),
	}
	f := &Figure{Name: "lengths", XTitle: "demonstration pairs N", YTitle: "NMSE (dB)",
		Caption: fmt.Sprintf("Error after %d layers against the length of the prompt; bands are 95 %% intervals.", first.Study.K)}
	for _, method := range r.methods() {
		row, line := []string{method}, Line{Name: method}
		level := false
		for _, one := range r.Lengths {
			i := slices.IndexFunc(one.Curves, func(c Curve) bool { return c.Method == method })
			if i < 0 {
				row = append(row, "")
				continue
			}
			last := one.Curves[i].Last()
			level = one.Curves[i].Level
			row = append(row, decimals(last.NMSE))
			line.X, line.Y = append(line.X, float64(one.Study.Data.N)), append(line.Y, last.NMSE)
			line.Lo, line.Hi = append(line.Lo, last.NMSECI.Lo), append(line.Hi, last.NMSECI.Hi)
		}
		s.Table.Rows = append(s.Table.Rows, row)
		if !level && !strings.HasSuffix(method, "-untrained") && len(line.X) == len(r.Lengths) {
			f.Lines = append(f.Lines, line)
		}
	}
	for _, one := range r.Lengths {
		s.Table.Header = append(s.Table.Header, fmt.Sprint(one.Study.Data.N))
		for _, row := range one.curvesCSV().Rows {
			s.full.Rows = append(s.full.Rows, slices.Concat([]string{fmt.Sprint(one.Study.Data.N)}, row))
		}
	}
	if len(r.Lengths) > 1 {
		s.Figure = f
	}
	return s
}

// methods are those of any length, in an order that each length agrees with: one that is new stands where its length has it.
func (r *FlagshipsResult) methods() (all []string) {
	for _, one := range r.Lengths {
		at := 0
		for _, c := range one.Curves {
			if i := slices.Index(all, c.Method); i >= 0 {
				at = i + 1
				continue
			}
			all = slices.Insert(all, at, c.Method)
			at++
		}
	}
	return all
}
