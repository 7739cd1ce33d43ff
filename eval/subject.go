package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

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
	Untrained *model.Bound
	Sections  []Section

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
			Seed  uint64 `json:"seed"`
			Steps int    `json:"steps"`
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
		bestAt: state.BestAt, history: state.History, trained: f.Params, start: config.Model.Init(config.Plan.Seed)}
	if s.Untrained, err = model.New(config.Model, s.start); err != nil {
		return nil, err
	}
	s.Sections = []Section{s.networkSection(), s.driftSection()}
	if len(s.history) > 1 {
		s.Sections = append(s.Sections, s.lossSection())
	}
	return s, nil
}

// Admits refuses a study that the networks cannot take part in: prompts of another dimension, more layers than they have.
func (s *Subject) Admits(d Decay) error {
	if d.Data.D != s.Data.D {
		return fmt.Errorf("d=%d: the checkpoint's network reads prompts of d=%d", d.Data.D, s.Data.D)
	}
	if d.K > s.Trained.Config.K {
		return fmt.Errorf("K=%d: the checkpoint's network has %d layers", d.K, s.Trained.Config.K)
	}
	return d.Check()
}

// Learned are the contestants that the checkpoint brings.
func (s *Subject) Learned() []Contestant {
	return []Contestant{{"transformer", s.Trained}, {"transformer-untrained", s.Untrained}}
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

func (s *Subject) networkSection() Section {
	c := s.Trained.Config
	weights := "one set of weights for all layers"
	if !c.Shared {
		weights = "each layer its own weights"
	}
	return Section{Title: "The network", Paragraph: []string{
		fmt.Sprintf("%d parameters (%s): %d layers, %s attention with %d head(s), tokens of %d slots of which %d are free, %d ReLU units, the %s embedding; %s.",
			s.Trained.Parameters(), c.Precision, c.K, c.Attention, c.Heads, c.Width, c.Writable()-c.D, c.Hidden, c.Embedding, weights),
		fmt.Sprintf("Recipe %q, seed %d, started at init=%s. The weights are the best on validation, those of step %d of %d.",
			s.Name, s.Seed, c.Start, s.bestAt, s.steps),
	}}
}

// driftSection says how far every matrix of every layer has come from where it started.
func (s *Subject) driftSection() Section {
	table := Table{Header: []string{"layer"}}
	start := map[string]checkpoints.Param{}
	for _, p := range s.start {
		start[p.Name] = p
	}
	rows := map[string]int{}
	var moved, size []float64
	for _, p := range s.trained {
		from, ok := start[p.Name]
		if !ok {
			continue
		}
		layer, matrix, _ := strings.Cut(strings.TrimPrefix(p.Name, "layer"), "/")
		if _, seen := rows[layer]; !seen {
			rows[layer] = len(table.Rows)
			table.Rows = append(table.Rows, []string{fmt.Sprint(len(table.Rows) + 1)})
			moved, size = append(moved, 0), append(size, 0)
		}
		if !slices.Contains(table.Header, matrix) {
			table.Header = append(table.Header, matrix)
		}
		i := rows[layer]
		d, n := change(p, from)
		moved[i], size[i] = moved[i]+d, size[i]+n
		table.Rows[i] = append(table.Rows[i], fmt.Sprintf("%.4g", math.Sqrt(d/n)))
	}
	table.Header = append(table.Header, "all")
	for i := range table.Rows {
		table.Rows[i] = append(table.Rows[i], fmt.Sprintf("%.4g", math.Sqrt(moved[i]/size[i])))
	}
	return Section{Title: "How far training moved the weights", Paragraph: []string{"‖W − W₀‖ / ‖W₀‖ (Frobenius) for every matrix of every layer, W₀ the untrained one."},
		Table: table, CSVName: "drift.csv"}
}

// change returns ‖p−from‖² and ‖from‖².
func change(p, from checkpoints.Param) (moved, size float64) {
	for i := range p.Len() {
		a, b := value(p, i), value(from, i)
		moved += (a - b) * (a - b)
		size += b * b
	}
	return moved, size
}

func value(p checkpoints.Param, i int) float64 {
	if p.F64 != nil {
		return p.F64[i]
	}
	return float64(p.F32[i])
}

func (s *Subject) lossSection() Section {
	table := Table{Header: []string{"step", "loss", "validation"}}
	loss, validation := Line{Name: "training loss"}, Line{Name: "validation, last layer"}
	for _, r := range s.history {
		cells := []string{fmt.Sprint(r.Step), fmt.Sprintf("%.6g", r.Loss), fmt.Sprintf("%.6g", r.Validation)}
		validation.X, validation.Y = append(validation.X, float64(r.Step)), append(validation.Y, r.Validation)
		if r.Step == 0 {
			cells[1] = "" // no step has been taken whose loss it could be
		} else {
			loss.X, loss.Y = append(loss.X, float64(r.Step)), append(loss.Y, r.Loss)
		}
		table.Rows = append(table.Rows, cells)
	}
	return Section{Title: "The training", Paragraph: []string{
		"Loss: squared error ‖β̂_k − β*‖² weighted over layers, mean over the training prompts since the line before. Validation: squared error of the last layer, mean over held-out prompts."},
		Figure: &Figure{Name: "losses", XTitle: "optimisation step", YTitle: "squared error", LogY: true, Lines: []Line{loss, validation},
			Caption: "Training loss and validation error."},
		Table: table, CSVName: "losses.csv"}
}
