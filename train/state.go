package train

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"unroll/checkpoints"
	"unroll/engine/kernel"
)

// State is where a run stands, as a checkpoint holds it beside weights and moments. With the recipe it decides every bit to come.
type State struct {
	Step      int       `json:"step"`      // updates made: Adam's t, and the place in the schedule
	Batches   int       `json:"batches"`   // drawn from the training prompts; batch c has the prompts c·batch, c·batch+1, …
	LossSum   float64   `json:"loss_sum"`  // over the updates since the last line of the record
	Best      float64   `json:"best"`      // smallest validation error of the last layer so far
	BestAt    int       `json:"best_at"`   // the step it was seen at
	Skipped   int       `json:"skipped"`   // batches that made no update, see divergence.go
	InRow     int       `json:"in_row"`    // of them, since the last update
	Rollbacks int       `json:"rollbacks"` // returns to the last line's checkpoint
	History   []History `json:"history"`
	Events    []Event   `json:"events"`
}

// History is one line of the training's record.
type History struct {
	Step       int     `json:"step"`
	Batches    int     `json:"batches"`
	Loss       float64 `json:"loss"`       // weighted over layers, mean over the updates since the last line
	Validation float64 `json:"validation"` // squared error of the last layer, mean over validation prompts
	Norm       float64 `json:"norm"`       // of the last gradient, before clipping
	LR         float64 `json:"lr"`
}

const momentPrefixM, momentPrefixV = "adam.m/", "adam.v/"

// arrays are the weights and, with moments, Adam's m and v, in the order of their names. They share the trainer's memory.
func (t *trainer[F]) arrays(moments bool) []checkpoints.Param {
	var all []checkpoints.Param
	learned := 0
	for i, p := range t.params {
		all = append(all, param(p.Name, p.Shape, t.values[i]))
		if !t.learned(p.Name) {
			continue
		}
		if moments {
			all = append(all, param(momentPrefixM+p.Name, p.Shape, t.adam.m[learned]), param(momentPrefixV+p.Name, p.Shape, t.adam.v[learned]))
		}
		learned++
	}
	slices.SortFunc(all, func(a, b checkpoints.Param) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// file is the run as a checkpoint; without moments it is the model alone.
func (t *trainer[F]) file(s State, moments bool) (*checkpoints.File, error) {
	return file(t.config, s, t.arrays(moments))
}

func file(recipe any, s State, params []checkpoints.Param) (*checkpoints.File, error) {
	config, err := json.Marshal(recipe)
	if err != nil {
		return nil, err
	}
	state, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return &checkpoints.File{Config: config, State: state, Provenance: provenance(), Params: params}, nil
}

// provenance is that of this program, with the instruction set of its arithmetic.
func provenance() checkpoints.Provenance {
	p := checkpoints.ReadProvenance()
	p.Kernel = kernel.Level()
	return p
}

// restore puts a saved run's weights and moments in place and returns where it stood. They must be those of the recipe's model, by name,
// shape and precision, and no others.
func (t *trainer[F]) restore(f *checkpoints.File) (s State, err error) {
	if err := json.Unmarshal(f.State, &s); err != nil {
		return s, fmt.Errorf("the checkpoint's state: %w", err)
	}
	into := t.arrays(true)
	for i, p := range into {
		if i >= len(f.Params) || f.Params[i].Name != p.Name {
			return s, fmt.Errorf("the checkpoint is not of the recipe's model: its array %d is not %q", i, p.Name)
		}
		from := f.Params[i]
		if !slices.Equal(from.Shape, p.Shape) || len(from.F32) != len(p.F32) || len(from.F64) != len(p.F64) {
			return s, fmt.Errorf("the checkpoint is not of the recipe's model: its %q has shape %v, want %v, or another precision", p.Name, from.Shape, p.Shape)
		}
	}
	if len(f.Params) > len(into) {
		return s, fmt.Errorf("the checkpoint is not of the recipe's model: no array is called %q there", f.Params[len(into)].Name)
	}
	for i, p := range into {
		copy(p.F32, f.Params[i].F32)
		copy(p.F64, f.Params[i].F64)
	}
	return s, nil
}

// weightsOf returns the arrays of a checkpoint that are not Adam's moments.
func weightsOf(f *checkpoints.File) []checkpoints.Param {
	return slices.DeleteFunc(slices.Clone(f.Params), func(p checkpoints.Param) bool {
		return strings.HasPrefix(p.Name, momentPrefixM) || strings.HasPrefix(p.Name, momentPrefixV)
	})
}

// weightsFrom starts params at another checkpoint's weights.
func weightsFrom(f *checkpoints.File, params []checkpoints.Param) error {
	have := map[string]checkpoints.Param{}
	for _, p := range weightsOf(f) {
		have[p.Name] = p
	}
	for i, p := range params {
		from, ok := have[p.Name]
		if !ok || !slices.Equal(from.Shape, p.Shape) || len(from.F32) != len(p.F32) || len(from.F64) != len(p.F64) {
			return fmt.Errorf("parameter %q of the recipe's model, of shape %v, is not in the checkpoint (or of another shape or precision)", p.Name, p.Shape)
		}
		params[i].F32, params[i].F64 = from.F32, from.F64
	}
	return nil
}

func param[F kernel.Float](name string, shape []int, values []F) checkpoints.Param {
	p := checkpoints.Param{Name: name, Shape: shape}
	switch v := any(values).(type) {
	case []float32:
		p.F32 = v
	case []float64:
		p.F64 = v
	}
	return p
}

// valuesOf returns the values of p in the precision F, nil when p has the other one.
func valuesOf[F kernel.Float](p *checkpoints.Param) []F {
	values, _ := any(p.F32).([]F)
	if wide, ok := any(p.F64).([]F); ok {
		values = wide
	}
	return values
}
