package train

import (
	"encoding/json"
	"fmt"
	"strings"

	"unroll/checkpoints"
	"unroll/engine/kernel"
)

// State is where a run stands, as a checkpoint holds it beside weights and moments. The prompts of step n follow from the recipe.
type State struct {
	Step    int       `json:"step"`    // optimisation steps taken
	Best    float64   `json:"best"`    // smallest validation error of the last layer so far
	BestAt  int       `json:"best_at"` // the step it was seen at
	History []History `json:"history"`
}

// History is one line of the training's record.
type History struct {
	Step       int     `json:"step"`
	Loss       float64 `json:"loss"`       // weighted over layers, mean over the batches since the last line
	Validation float64 `json:"validation"` // squared error of the last layer, mean over validation prompts
	Norm       float64 `json:"norm"`       // of the last gradient, before clipping
	LR         float64 `json:"lr"`
}

const momentPrefixM, momentPrefixV = "adam.m/", "adam.v/"

// file is the run as a checkpoint; without moments it is the model alone.
func (t *trainer[F]) file(s State, moments bool) (*checkpoints.File, error) {
	config, err := json.Marshal(t.Recipe)
	if err != nil {
		return nil, err
	}
	state, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	f := &checkpoints.File{Config: config, State: state, Provenance: checkpoints.ReadProvenance()}
	for i, p := range t.params {
		f.Params = append(f.Params, param(p.Name, p.Shape, t.weights[i]))
		if moments {
			f.Params = append(f.Params, param(momentPrefixM+p.Name, p.Shape, t.adam.m[i]), param(momentPrefixV+p.Name, p.Shape, t.adam.v[i]))
		}
	}
	return f, nil
}

// restore puts a saved run's weights and moments in place and returns where it stood.
func (t *trainer[F]) restore(f *checkpoints.File) (State, error) {
	var s State
	if err := json.Unmarshal(f.State, &s); err != nil {
		return s, fmt.Errorf("train: the checkpoint's state: %w", err)
	}
	saved := map[string][]F{}
	for i := range f.Params {
		saved[f.Params[i].Name] = valuesOf[F](&f.Params[i])
	}
	for i, p := range t.params {
		for _, target := range []struct {
			name string
			into []F
		}{{p.Name, t.weights[i]}, {momentPrefixM + p.Name, t.adam.m[i]}, {momentPrefixV + p.Name, t.adam.v[i]}} {
			values, ok := saved[target.name]
			if !ok || len(values) != len(target.into) {
				return s, fmt.Errorf("train: the checkpoint holds %d values of %q, the recipe needs %d", len(values), target.name, len(target.into))
			}
			copy(target.into, values)
		}
	}
	return s, nil
}

// weightsFrom starts params at another checkpoint's weights.
func weightsFrom(f *checkpoints.File, params []checkpoints.Param) error {
	have := map[string]checkpoints.Param{}
	for _, p := range f.Params {
		if !strings.HasPrefix(p.Name, "adam.") {
			have[p.Name] = p
		}
	}
	for i, p := range params {
		from, ok := have[p.Name]
		if !ok || len(from.F32) != len(p.F32) || len(from.F64) != len(p.F64) {
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
