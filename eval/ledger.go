package eval

import (
	"fmt"
	"io"
	"slices"

	"unroll/data"
)

var ledgerStudy = Study{
	Name:     "ledger",
	Question: "What do networks lose on prompts with noise, other designs, sparsities and magnitudes than they were trained on, beside ISTA and FISTA?",
	Figure:   "",
}

// A shiftedLaw is a law of prompts that a user's data may have: the signals of law, multiplied with magnitude where that is not 0.
type shiftedLaw struct {
	name      string
	law       data.SparseRecovery
	magnitude float64
}

// draw returns prompts of a split. Noise is not multiplied: σ keeps its meaning.
func (s shiftedLaw) draw(seed uint64, split data.Split, size int) data.Batch {
	b := s.law.Draw(seed, split, 0, size)
	if s.magnitude == 0 {
		return b
	}
	clean := s.law
	clean.Sigma = 0
	for i, v := range clean.Draw(seed, split, 0, size).Y {
		b.Y[i] += (s.magnitude - 1) * v
	}
	for _, v := range [][]float64{b.Label, b.Beta} {
		for i := range v {
			v[i] *= s.magnitude
		}
	}
	return b
}

// shifts are the law itself and what a user's data may be instead, one change each: other lengths, noise, designs, sparsities, magnitudes.
func shifts(base data.SparseRecovery) []shiftedLaw {
	all := []shiftedLaw{{"as calibrated", base, 0}}
	add := func(name string, change func(d *data.SparseRecovery)) {
		d := base
		change(&d)
		known := slices.ContainsFunc(all, func(s shiftedLaw) bool { return s.law == d })
		if !known && d.Validate() == nil {
			all = append(all, shiftedLaw{name, d, 0})
		}
	}
	for _, n := range []int{3 * base.N / 4, 5 * base.N / 4, 3 * base.N / 2, 2 * base.N, 4 * base.N} {
		add(fmt.Sprintf("N = %d", n), func(d *data.SparseRecovery) { d.N = n })
	}
	for _, sigma := range []float64{0.05, 0.2, 0.5, 1} {
		add(fmt.Sprintf("σ = %g", sigma), func(d *data.SparseRecovery) { d.Sigma = sigma })
	}
	for _, rho := range []float64{0.5, 0.9} {
		add(fmt.Sprintf("AR(%g) rows", rho), func(d *data.SparseRecovery) { d.Design, d.Rho = data.AR, rho })
		add(fmt.Sprintf("coherent rows, ρ = %g", rho), func(d *data.SparseRecovery) { d.Design, d.Rho = data.Coherent, rho })
	}
	add("orthonormal rows", func(d *data.SparseRecovery) { d.Design = data.Orthonormal })
	for _, s := range []int{base.S - 2, base.S - 1, base.S + 1, base.S + 2, 2 * base.S} {
		add(fmt.Sprintf("S = %d", s), func(d *data.SparseRecovery) { d.S = s })
	}
	add("values ±1", func(d *data.SparseRecovery) { d.Values = data.Sign })
	for _, m := range []float64{0.25, 0.5, 2, 4} {
		all = append(all, shiftedLaw{fmt.Sprintf("signals times %g", m), base, m})
	}
	return all
}

// Ledger is the study of what learned methods lose away from their training law.
type Ledger struct {
	Data       data.SparseRecovery
	K          int    `yaml:"K" help:"layers and iterations"`
	Seed       uint64 `yaml:"seed" help:"of the prompts and of the bootstrap"`
	Prompts    int    `yaml:"prompts" help:"held-out prompts of every law"`
	Validation int    `yaml:"validation" help:"prompts of the first law, on which the weights of ISTA and FISTA are chosen"`
	Workers    int    `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// NewLedger returns the study with its defaults, on half as many demonstration pairs as unknowns.
func NewLedger(s *Subject) Ledger {
	l := Ledger{Data: s.Data, K: s.depth(), Seed: s.Seed, Prompts: 1000, Validation: 1000}
	l.Data.N = (s.Data.D + 1) / 2
	return l
}

// Check returns a *data.FieldError for the first field that has no meaning.
func (l Ledger) Check() error {
	return Decay{Data: l.Data, K: l.K, Seed: l.Seed, Prompts: l.Prompts, Validation: l.Validation, Workers: l.Workers}.Check()
}

// A LedgerResult is the error of every method under every law.
type LedgerResult struct {
	Study   Ledger
	Methods []string
	Laws    []string
	Cells   [][]Summary // [law][method]
}

// Run measures the networks of the study's setting, the solvers that are bound to no matrix, ISTA and FISTA, on the same prompts.
func (l Ledger) Run(all []Flagship, solvers []PromptSolver) (*LedgerResult, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	var learned []Contestant
	for _, f := range ofOneSetting(all, l.Data, l.K) {
		learned = append(learned, Contestant{f.Name, f.Subject.Trained})
	}
	if len(learned) == 0 {
		return nil, fmt.Errorf("eval: no network reads d=%d and has K=%d layers", l.Data.D, l.K)
	}
	learned = append(learned, contestants(anyMatrix(solvers), l.Data, l.K)...)
	validation := l.Data.Draw(l.Seed, data.Validation, 0, l.Validation)
	r := &LedgerResult{Study: l}
	var tuned [][]Weight // of the last depth
	for _, c := range learned {
		r.Methods = append(r.Methods, c.Name)
	}
	for _, c := range []classical{ista, fista} {
		r.Methods = append(r.Methods, c.Name)
		best := tune(c.squaredErrors(validation, weights(), l.K, l.Workers), weights())
		tuned = append(tuned, best[l.K:l.K+1])
	}
	boot := bootstrap{l.Seed, l.Workers}
	for _, s := range shifts(l.Data) {
		test := s.draw(l.Seed, data.Test, l.Prompts)
		signal := signals(test)
		power, powers := mean(signal.Data), boot.means(signal).Data
		var row []Summary
		put := func(name string, errors matrix) {
			c, _ := series{name, errors}.curve(boot, power, powers)
			row = append(row, c.Last())
		}
		for _, c := range learned {
			errors, err := c.squaredErrors(test, l.K, l.Workers)
			if err != nil {
				return nil, err
			}
			put(c.Name, errors)
		}
		for i, c := range []classical{ista, fista} {
			put(c.Name, c.squaredErrors(test, tuned[i], l.K, l.Workers))
		}
		r.Laws, r.Cells = append(r.Laws, s.name), append(r.Cells, row)
	}
	return r, nil
}

func (r *LedgerResult) section() Section {
	d := r.Study.Data
	s := Section{
		Title: "The ledger",
		Paragraph: []string{fmt.Sprintf("NMSE in dB of the last of %d layers or iterations. The first row has d = %d, S = %d, N = %d, σ = %g; each other changes "+
			"that in one respect. %d prompts each, seed %d. ISTA and FISTA keep the λ that is best on the first row, as the networks keep their weights.",
			r.Study.K, d.D, d.S, d.N, d.Sigma, r.Study.Prompts, r.Study.Seed)},
		Table:   Table{Header: append([]string{"NMSE (dB)"}, r.Methods...)},
		CSVName: "ledger.csv",
		full:    columns("law,method,nmse_db,nmse_lo,nmse_hi,mse_mean,mse_median,mse_q99"),
	}
	for i, law := range r.Laws {
		row := []string{law}
		for m, c := range r.Cells[i] {
			row = append(row, decimals(c.NMSE)+" "+bracket(c.NMSECI, decimals))
			s.full.record([]string{law, r.Methods[m]}, c.NMSE, c.NMSECI.Lo, c.NMSECI.Hi, c.Mean, c.Median, c.Q99)
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s
}

// Write makes dir and writes the report into it.
func (r *LedgerResult) Write(dir string) error {
	return writeReport(dir, page{Title: "Noise and shift", Question: ledgerStudy.Question}, []Section{r.section()}, nil)
}

// WriteTable prints the ledger for a terminal, every row of it.
func (r *LedgerResult) WriteTable(w io.Writer) error {
	s := r.section()
	_, err := fmt.Fprintf(w, "%s\n%s\n\n%v", s.Title, s.Paragraph[0], s.Table)
	return err
}
