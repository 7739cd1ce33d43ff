package eval

import (
	"encoding/json"
	"fmt"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/model"
)

// A Subject is what a checkpoint says about itself: what it was trained on, the network trained and untrained, and the record of its
// training.
type Subject struct {
	Name      string // of the recipe
	Data      data.SparseRecovery
	Seed      uint64
	Trained   *model.Bound
	Untrained *model.Bound // nil where training began at another checkpoint
	Sections  []Section

	shortest int // prompts in training have this many pairs at least, and Data.N at most

	steps   int
	bestAt  int
	history []record
	trained []checkpoints.Param
	start   []checkpoints.Param
}

// record is a line of the training's history, as train.History writes it.
type record struct {
	Step       int     `json:"step"`
	Loss       float64 `json:"loss"`
	Validation float64 `json:"validation"`
}

// NewSubject reads a checkpoint of a trained transformer.
func NewSubject(f *checkpoints.File) (*Subject, error) {
	var config struct {
		Recipe string               `json:"recipe"`
		Data   *data.SparseRecovery `json:"data"`
		Model  model.Config         `json:"model"`
		Plan   struct {
			Seed     uint64 `json:"seed"`
			Init     string `json:"init"`
			Steps    int    `json:"steps"`
			Shortest int    `json:"shortest"`
		} `json:"plan"`
	}
	var state struct {
		BestAt  int      `json:"best_at"`
		History []record `json:"history"`
	}
	bound, err := model.Bind(f)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(f.Config, &config); err != nil || config.Data == nil {
		return nil, fmt.Errorf("the checkpoint does not say what it was trained on: its config has no \"data\"")
	}
	if len(f.State) > 0 {
		if err := json.Unmarshal(f.State, &state); err != nil {
			return nil, fmt.Errorf("the checkpoint's state: %w", err)
		}
	}
	s := &Subject{Name: config.Recipe, Data: *config.Data, Seed: config.Plan.Seed, Trained: bound, steps: config.Plan.Steps,
		shortest: config.Plan.Shortest, bestAt: state.BestAt, history: state.History, trained: f.Params}
	s.Sections = []Section{s.networkSection()}
	if init := config.Plan.Init; init == "" || init == model.Construction || init == model.Random {
		s.start = config.Model.Init(config.Plan.Seed)
		if s.Untrained, err = model.New(config.Model, s.start); err != nil {
			return nil, err
		}
		s.Sections = append(s.Sections, s.driftSection())
	}
	if len(s.history) > 1 {
		s.Sections = append(s.Sections, s.lossSection())
	}
	return s, nil
}

// Admits refuses a study that the networks cannot take part in: prompts of another dimension, more layers than they have.
func (s *Subject) Admits(d Decay) error {
	if d.Data.D != s.Data.D {
		return &data.FieldError{Field: "d", Value: fmt.Sprint(d.Data.D), Want: fmt.Sprintf("%d, the dimension that the checkpoint's network reads", s.Data.D)}
	}
	if d.K > s.Trained.Config.K {
		return &data.FieldError{Field: "K", Value: fmt.Sprint(d.K), Want: fmt.Sprintf("1 to %d, the layers of the checkpoint's network", s.Trained.Config.K)}
	}
	return d.Check()
}

// Learned are the contestants that the checkpoint brings.
func (s *Subject) Learned() []Contestant { return s.contestants("transformer") }

// contestants are the network under a name and, where there is one, what it was before training.
func (s *Subject) contestants(name string) []Contestant {
	if s.Untrained == nil {
		return []Contestant{{name, s.Trained}}
	}
	return []Contestant{{name, s.Trained}, {name + "-untrained", s.Untrained}}
}

// depth is the number of layers, 0 for a subject without a network.
func (s *Subject) depth() int {
	if s.Trained == nil {
		return 0
	}
	return s.Trained.Config.K
}

// Decay is the study on the prompts that the network was trained for, held out.
func (s *Subject) Decay() Decay {
	return Decay{Data: s.Data, K: s.Trained.Config.K, Seed: s.Seed, Prompts: 10000, Validation: 2000}
}

// Measure runs the study on the checkpoint's networks and adds what the checkpoint says about itself.
func (s *Subject) Measure(d Decay) (*DecayResult, error) {
	if err := s.Admits(d); err != nil {
		return nil, err
	}
	r, err := d.Run(s.Learned())
	if err != nil {
		return nil, err
	}
	r.Sections = s.Sections
	return r, nil
}
