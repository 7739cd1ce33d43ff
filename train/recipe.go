package train

import (
	"fmt"

	"unroll/data"
	"unroll/model"
)

// A Recipe is a whole training run: which prompts, which network, which steps. It decides every bit of the result; Workers alone
// does not matter.
type Recipe struct {
	Name string `yaml:"-" json:"recipe"`
	Why  string `yaml:"-" json:"-"` // one line for -list

	Data  data.SparseRecovery `yaml:",inline" json:"data"`
	Model model.Config        `yaml:",inline" json:"model"`
	Plan  `yaml:",inline" json:"plan"`

	Workers int `yaml:"workers" json:"-" help:"goroutines; 0: one for each processor. Never changes a bit of the result"`
}

// A Plan says how the weights are stepped and watched.
type Plan struct {
	Init     string  `yaml:"init" json:"init" help:"construction, random, or a checkpoint to go on from"`
	Seed     uint64  `yaml:"seed" json:"seed" help:"of weights and prompts"`
	Shortest int     `yaml:"shortest" json:"shortest,omitempty" help:"each batch has a prompt length of its own, log-uniform from this to N; 0: always N"`
	Steps    int     `yaml:"steps" json:"steps" help:"optimisation steps, each on fresh prompts"`
	Batch    int     `yaml:"batch" json:"batch" help:"prompts of a step"`
	Slice    int     `yaml:"slice" json:"slice" help:"prompts that one worker takes at a time, a divisor of batch; 0: chosen from batch"`
	LR       float64 `yaml:"lr" json:"lr" help:"peak learning rate of Adam"`
	Warmup   int     `yaml:"warmup" json:"warmup" help:"steps of linear warm-up"`
	Clip     float64 `yaml:"clip" json:"clip" help:"largest norm of the gradient of a step"`
	Emphasis float64 `yaml:"emphasis" json:"emphasis" help:"layer k of K weighs (k/K)^emphasis in the loss"`
	Decibel  bool    `yaml:"decibel" json:"decibel,omitempty" help:"the loss is the logarithm of each layer's error in a slice, so that all layers matter alike"`
	Every    int     `yaml:"every" json:"every" help:"steps from one validation and save to the next"`
	Validate int     `yaml:"validate" json:"validate" help:"validation prompts, in whole batches: rounded down, one at least"`
}

// Length is the number of steps of a run.
func (p Plan) Length() int { return p.Steps }

// Check returns an error that names the first key without a meaning, its value and what is allowed.
func (r Recipe) Check() error {
	if err := r.Data.Validate(); err != nil {
		return err
	}
	if err := r.Plan.check(r.Data.N, r.Workers); err != nil {
		return err
	}
	return r.Model.Validate()
}

// check is what all recipes share of Check, for prompts of so many pairs at most.
func (r Plan) check(longest, workers int) error {
	for _, c := range []struct {
		ok          bool
		key         string
		value, want any
	}{
		{r.Shortest >= 0 && r.Shortest <= longest, "shortest", r.Shortest, fmt.Sprintf("0 to N=%d", longest)},
		{r.Steps >= 1, "steps", r.Steps, "at least 1"},
		{r.Batch >= 1, "batch", r.Batch, "at least 1"},
		{r.Slice >= 1 && r.Batch%max(1, r.Slice) == 0, "slice", r.Slice, fmt.Sprintf("a divisor of batch=%d", r.Batch)},
		{r.LR > 0 && r.LR <= 1, "lr", r.LR, "0 < lr ≤ 1"},
		{r.Warmup >= 0, "warmup", r.Warmup, "0 or more"},
		{r.Clip > 0 && finite(r.Clip), "clip", r.Clip, "a finite number above 0"},
		{r.Emphasis >= 0 && finite(r.Emphasis), "emphasis", r.Emphasis, "0 or more, and finite"},
		{r.Every >= 1, "every", r.Every, "at least 1"},
		{r.Validate >= 1, "validate", r.Validate, "at least 1"},
		{workers >= 0, "workers", workers, "0 (one for each processor) or more"},
	} {
		if !c.ok {
			return fmt.Errorf("%s=%v: want %v", c.key, c.value, c.want)
		}
	}
	return nil
}

// Resolve fills in what one part of a recipe takes from another and what 0 leaves open, and checks the whole. Width is then that of the
// embedding, d slots for momentum and two more; hidden is 8d; slice is the largest divisor of the batch up to 32, or the batch.
func (r Recipe) Resolve() (Recipe, error) {
	r.Model.D, r.Model.Support = r.Data.D, r.Data.Support
	switch r.Init {
	case model.Construction, model.Random:
		r.Model.Start = r.Init
	default:
		r.Model.Start = model.Random // the run starts at the checkpoint; the untrained network beside it is noise
	}
	if r.Model.Width == 0 {
		r.Model.Width = r.Model.Fixed() + 2*r.Data.D + 2
	}
	if r.Model.Hidden == 0 {
		r.Model.Hidden = 8 * r.Data.D
	}
	if r.Slice == 0 {
		r.Slice = sliceOf(r.Batch)
	}
	return r, r.Check()
}

func sliceOf(batch int) int {
	for size := min(32, batch); size >= 8; size-- {
		if batch%size == 0 {
			return size
		}
	}
	return batch
}
