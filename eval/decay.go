package eval

import (
	"fmt"

	"unroll/data"
)

// Decay is the study of the error after every layer. Every contestant is measured on the same held-out prompts, ISTA and FISTA at the
// weight that is best on other prompts at that depth, the converged Lasso as the limit of both.
type Decay struct {
	Data       data.SparseRecovery
	K          int    `yaml:"K" help:"layers and iterations"`
	Seed       uint64 `yaml:"seed" help:"of the prompts and of the bootstrap"`
	Prompts    int    `yaml:"prompts" help:"held-out prompts that are measured"`
	Validation int    `yaml:"validation" help:"other prompts, on which the weights of ISTA, FISTA and Lasso are chosen"`
	Workers    int    `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`

	Exact bool `yaml:"-"` // measure the limit that enumerating all supports reaches too
}

// Check returns a *data.FieldError for the first field that has no meaning.
func (d Decay) Check() error {
	for _, c := range []struct {
		ok    bool
		field string
		value int
		want  string
	}{
		{d.K >= 1, "K", d.K, "at least 1"},
		{d.Prompts >= 2, "prompts", d.Prompts, "at least 2"},
		{d.Validation >= 1, "validation", d.Validation, "at least 1"},
		{d.Workers >= 0, "workers", d.Workers, "at least 0"},
	} {
		if !c.ok {
			return &data.FieldError{Field: c.field, Value: fmt.Sprint(c.value), Want: c.want}
		}
	}
	return d.Data.Validate()
}

// Run measures the learned contestants, of which the first is the subject of the report, and then ISTA, FISTA and Lasso. It returns a
// *data.FieldError for a study without meaning and a *ContestantError for a contestant that breaks a rule or bears the name of another.
func (d Decay) Run(learned []Contestant) (*DecayResult, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	if err := distinct(learned); err != nil {
		return nil, err
	}
	test := d.Data.Draw(d.Seed, data.Test, 0, d.Prompts)
	validation := d.Data.Draw(d.Seed, data.Validation, 0, d.Validation)
	r := &DecayResult{Study: d, Hash: test.Hash()}
	var all []series
	for _, c := range learned {
		errors, err := c.squaredErrors(test, d.K, d.Workers)
		if err != nil {
			return nil, err
		}
		all = append(all, series{c.Name, errors})
	}
	for _, c := range []classical{ista, fista} {
		best := tune(c.squaredErrors(validation, weights(), d.K, d.Workers), weights())
		r.Tunings = append(r.Tunings, Tuning{c.Name, best})
		all = append(all, series{c.Name, c.atBest(test, best, d.Workers)})
	}
	errors, level := lassoAtBest(validation, test, d.Workers)
	r.Lasso = level
	all = append(all, series{lassoName, errors})
	if d.Exact {
		all = append(all, series{exactName, exactErrors(test, d.Data.S, d.Workers)})
	}
	r.summarise(all, signals(test))
	return r, nil
}

// distinct refuses names that would make two rows of a table one.
func distinct(learned []Contestant) error {
	seen := map[string]bool{ista.Name: true, fista.Name: true, lassoName: true, exactName: true}
	for _, c := range learned {
		if seen[c.Name] || c.Name == "" {
			return &ContestantError{c.Name, -1, fmt.Errorf("the name is empty or another's")}
		}
		seen[c.Name] = true
	}
	return nil
}

// signals returns ‖x*‖² of every prompt, (P, 1).
func signals(b data.Batch) matrix {
	m := newMatrix(b.Size, 1)
	zero := make([]float64, b.D)
	for i := range m.Data {
		m.Data[i] = distance2(b.At(i).Beta, zero)
	}
	return m
}
