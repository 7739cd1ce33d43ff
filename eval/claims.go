package eval

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"unroll/data"
)

var claimsStudy = Study{
	Name: "claims",
	Question: "Do the four claims of Liu et al. (2024) hold here: on one matrix, on fresh matrices, with a common support, and on prompts shorter and " +
		"longer than in training?",
	Figure: "claims-lengths",
}

// Claims is the study of what Liu, Zhou, Shen and Yang (2024) say of learned methods in context, each claim with the numbers that decide it:
//
//	(a) one X for all prompts: learned methods are near each other and far below ISTA and FISTA
//	(b) a fresh X: what is bound to one matrix fails, transformers and LISTA-VM keep working
//	(c) a restricted common support: what was trained on it gains, ISTA and FISTA do not
//	(d) prompts shorter and longer than in training still work
type Claims struct {
	Data       data.SparseRecovery `yaml:"-"`
	K          int                 `yaml:"-"`
	Seed       uint64              `yaml:"seed" help:"of the prompts and of the bootstrap"`
	Prompts    int                 `yaml:"prompts" help:"held-out prompts of every law"`
	Validation int                 `yaml:"validation" help:"other prompts, on which the weights of ISTA, FISTA and Lasso are chosen"`
	Matrices   int                 `yaml:"matrices" help:"other matrices that bound solvers are tried on"`
	Workers    int                 `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// NewClaims returns the study with its defaults for networks of the given one's setting.
func NewClaims(s *Subject) Claims {
	c := Claims{Data: s.Data, K: s.depth(), Seed: s.Seed, Prompts: 4000, Validation: 1000, Matrices: 20}
	c.Data.Support = 0
	return c
}

// Check returns a *data.FieldError for the first field that has no meaning.
func (c Claims) Check() error {
	for _, f := range []struct {
		field        string
		value, least int
	}{{"prompts", c.Prompts, 2}, {"validation", c.Validation, 1}, {"matrices", c.Matrices, 2}, {"workers", c.Workers, 0}} {
		if f.value < f.least {
			return &data.FieldError{Field: f.field, Value: fmt.Sprint(f.value), Want: fmt.Sprintf("at least %d", f.least)}
		}
	}
	return nil
}

// A Finding says of one claim whether it held.
type Finding struct {
	Claim   string
	Verdict string // holds, does not hold, or not measured
	Why     string
}

func found(claim string, held bool, why ...string) Finding {
	f := Finding{claim, "does not hold", strings.Join(why, " ")}
	if held {
		f.Verdict = "holds"
	}
	return f
}

// A ClaimsResult is everything a report of the study says.
type ClaimsResult struct {
	Study    Claims
	Findings []Finding
	parts    []Section
}

// Run measures the networks of the study's setting and the solvers.
func (c Claims) Run(all []Flagship, solvers []PromptSolver) (*ClaimsResult, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(f Flagship) bool {
		return f.Subject.Data.D != c.Data.D || f.Subject.Data.S != c.Data.S || f.Subject.Trained.Config.K < c.K
	})
	solvers = slices.DeleteFunc(slices.Clone(solvers), func(s PromptSolver) bool {
		return s.Data.D != c.Data.D || s.Data.S != c.Data.S || s.Solver.Config.K < c.K
	})
	if len(all) == 0 {
		return nil, fmt.Errorf("eval: claims: no network reads d=%d, S=%d and has K=%d layers", c.Data.D, c.Data.S, c.K)
	}
	r := &ClaimsResult{Study: c}
	for _, part := range []func([]Flagship, []PromptSolver) (Finding, []Section, error){c.fixed, c.fresh, c.prior, c.lengths} {
		finding, sections, err := part(all, solvers)
		if err != nil {
			return nil, err
		}
		r.Findings, r.parts = append(r.Findings, finding), append(r.parts, sections...)
	}
	return r, nil
}

// decay is the study of the error after every layer on the prompts of a law.
func (c Claims) decay(law data.SparseRecovery, seed uint64, learned []Contestant) (*DecayResult, error) {
	return Decay{Data: law, K: c.K, Seed: seed, Prompts: c.Prompts, Validation: c.Validation, Workers: c.Workers}.Run(learned)
}

// withoutPrior are the networks as contestants, those without a support prior.
func withoutPrior(all []Flagship) (learned []Contestant) {
	for _, f := range all {
		if f.Subject.Data.Support == 0 {
			learned = append(learned, Contestant{f.Name, f.Subject.Trained})
		}
	}
	return learned
}

// boundLengths are the prompt lengths that solvers without a prior are bound at, ascending.
func boundLengths(solvers []PromptSolver) (lengths []int) {
	for _, s := range solvers {
		if s.Data.FixedX && s.Data.Support == 0 && !slices.Contains(lengths, s.Data.N) {
			lengths = append(lengths, s.Data.N)
		}
	}
	slices.Sort(lengths)
	return lengths
}

// figure is the decay figure of a result under another name, without the levels.
func (c Claims) figure(r *DecayResult, name, caption string) *Figure {
	f := r.figure()
	f.Name, f.Caption = name, caption+fmt.Sprintf(" Bands: 95 %% bootstrap intervals over %d prompts.", c.Prompts)
	return f
}

func (r *ClaimsResult) sections() []Section {
	s := Section{
		Title: "What holds",
		Paragraph: []string{fmt.Sprintf("d = %d, S = %d, σ = %g, %d layers or iterations, %d prompts of every law, seed %d. Every number is NMSE in dB "+
			"or a difference of two, with 95 %% intervals of the bootstrap in brackets.", r.Study.Data.D, r.Study.Data.S, r.Study.Data.Sigma, r.Study.K,
			r.Study.Prompts, r.Study.Seed)},
		CSVName: "claims.csv",
		full:    columns("claim,verdict,why"),
	}
	for _, f := range r.Findings {
		s.Paragraph = append(s.Paragraph, fmt.Sprintf("%s: %s. %s", f.Claim, f.Verdict, f.Why))
		s.full.Rows = append(s.full.Rows, []string{f.Claim, f.Verdict, f.Why})
	}
	return append([]Section{s}, r.parts...)
}

// Write makes dir and writes the report.
func (r *ClaimsResult) Write(dir string) error {
	return writeReport(dir, page{Title: "The four claims", Question: claimsStudy.Question}, r.sections(), nil)
}

// WriteTable prints the result for a terminal.
func (r *ClaimsResult) WriteTable(w io.Writer) error { return printSections(w, r.sections()) }
