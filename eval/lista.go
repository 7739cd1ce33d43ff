package eval

import (
	"encoding/json"
	"fmt"
	"slices"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/lista"
)

var listaStudy = Study{
	Name:     "lista",
	Question: "How fast does the error fall with the layers of the learned sparse solvers, beside the iterations of the classical ones?",
	Figure:   "lista-noiseless",
}

// Lista is the study of learned solvers on the setting of their papers: one saved test set at each level of noise, on which every solver is
// run. The classical ones get the λ whose last iterate is best on validation signals.
type Lista struct {
	Seed       uint64 `yaml:"seed" help:"of the bootstrap; matrix and signals are those of the models' training seed"`
	Signals    int    `yaml:"signals" help:"held-out signals at each level of noise"`
	Validation int    `yaml:"validation" help:"other signals, on which the weights of the classical solvers are chosen"`
	Workers    int    `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// NewLista returns the study with its defaults.
func NewLista() Lista { return Lista{Seed: 1, Signals: 1000, Validation: 48} }

// Check returns a *data.FieldError for the first field that has no meaning.
func (s Lista) Check() error {
	for _, c := range []struct {
		field        string
		value, least int
	}{{"signals", s.Signals, 2}, {"validation", s.Validation, 1}, {"workers", s.Workers, 0}} {
		if c.value < c.least {
			return &data.FieldError{Field: c.field, Value: fmt.Sprint(c.value), Want: fmt.Sprintf("at least %d", c.least)}
		}
	}
	return nil
}

// A Model is a learned solver with the law that it was trained on.
type Model struct {
	Name   string
	Solver *lista.Bound
	Law    data.Dictionary
	Seed   uint64
	Steps  int // of its training
}

// NewModel reads a model from the checkpoint of its training.
func NewModel(name string, f *checkpoints.File) (Model, error) {
	var config struct {
		Law  *data.Dictionary      `json:"law"`
		Plan struct{ Seed uint64 } `json:"plan"`
	}
	var state struct{ Step int }
	solver, err := lista.Bind(f)
	if err == nil {
		err = json.Unmarshal(f.Config, &config)
	}
	if err == nil && len(f.State) > 0 {
		err = json.Unmarshal(f.State, &state)
	}
	if err == nil && config.Law == nil {
		err = fmt.Errorf("its config has no \"law\"")
	}
	if err == nil {
		err = config.Law.Validate()
	}
	if err != nil {
		return Model{}, fmt.Errorf("%s: %w", name, err)
	}
	return Model{name, solver, *config.Law, config.Plan.Seed, state.Step}, nil
}

// A noiseLevel is one of those that are measured.
type noiseLevel struct {
	name  string
	noise float64
}

var noiseLevels = []noiseLevel{{"noiseless", 0}, {"40dB", 0.01}, {"20dB", 0.1}}

// A ListaResult is everything a report of the study says.
type ListaResult struct {
	Study    Lista
	Models   []Model
	Settings []ListaSetting
}

// A ListaSetting is what was measured at one level of noise.
type ListaSetting struct {
	Name    string
	Hash    string // of the test signals
	Curves  []Curve
	Weights []float64 // λ that the last layers are judged at, as solutions of a Lasso: their own or FISTA's; 0: not judged
	Gaps    []float64 // their mean relative gap there
}

// Run measures the models on the law of the first one, without noise and with noise, and the classical solvers beside them.
func (s Lista) Run(models []Model) (*ListaResult, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(models) == 0 {
		return nil, fmt.Errorf("eval: lista: there is no model to measure")
	}
	first, r := models[0], &ListaResult{Study: s, Models: models}
	for _, m := range models {
		if m.Law.M != first.Law.M || m.Law.N != first.Law.N || m.Solver.Config.K != first.Solver.Config.K {
			return nil, fmt.Errorf("eval: lista: %s has K=%d layers for %d×%d, and %s K=%d for %d×%d: one test set cannot hold both", m.Name,
				m.Solver.Config.K, m.Law.M, m.Law.N, first.Name, first.Solver.Config.K, first.Law.M, first.Law.N)
		}
	}
	for _, at := range noiseLevels {
		law := first.Law
		law.Noise, law.Share = at.noise, 0
		measured, err := s.measure(at.name, law, first.Seed, first.Solver.Config.K, models)
		if err != nil {
			return nil, err
		}
		r.Settings = append(r.Settings, measured)
	}
	return r, nil
}

// measure runs every solver at one level of noise.
func (s Lista) measure(name string, law data.Dictionary, seed uint64, layers int, models []Model) (ListaSetting, error) {
	a := law.Matrix(seed, data.Test, 0)
	test := bench{law.Draw(seed, data.Test, 0, s.Signals, a), s.Workers}
	validation := bench{law.Draw(seed, data.Validation, 0, s.Validation, a), s.Workers}
	r, all := ListaSetting{Name: name, Hash: test.Hash()}, []series{}
	note := func(name string, m matrix, gap, lambda float64, err error) error {
		all, r.Weights, r.Gaps = append(all, series{name, m}), append(r.Weights, lambda), append(r.Gaps, gap)
		if err != nil {
			err = fmt.Errorf("eval: lista: %s, %s: %w", r.Name, name, err)
		}
		return err
	}
	var lambda float64 // of FISTA in the end, at which a learned solver is judged as one of the Lasso
	for _, c := range classicalSolvers(a, law) {
		best := validation.best(c, layers)
		if c.name == "FISTA" {
			lambda = best.lambda
		}
		m, gap, err := test.errors(best.solver, best.lambda, layers)
		if err := note(c.name+" "+best.label, m, gap, best.lambda, err); err != nil {
			return r, err
		}
	}
	for _, m := range models {
		if m.Law.Noise == law.Noise || !slices.ContainsFunc(models, func(o Model) bool {
			return o.Law.Noise == law.Noise && o.Solver.Config.Method == m.Solver.Config.Method
		}) {
			errors, gap, err := test.learned(m.Solver, lambda)
			if err := note(m.Name, errors, gap, lambda, err); err != nil {
				return r, err
			}
		}
	}
	boot, signal := bootstrap{s.Seed, s.Workers}, test.power()
	power, powers := mean(signal.Data), bootstrap{s.Seed, s.Workers}.means(signal).Data
	for _, one := range all {
		c, _ := one.curve(boot, power, powers)
		r.Curves = append(r.Curves, c)
	}
	return r, nil
}
