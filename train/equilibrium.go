package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/bilevel/graph"
	"unroll/l2o/denoise"
)

// An EquilibriumRecipe is the training run of all weights of a denoiser inside the forward–backward steps that restore an image, at their
// equilibrium: family C of the study retune. It decides every bit of the result; Workers alone does not matter.
type EquilibriumRecipe struct {
	Name string `yaml:"-" json:"recipe"`
	Why  string `yaml:"-" json:"-"` // one line for -list

	Law         data.Inpainting `yaml:",inline" json:"law"`
	Equilibrium Blocks          `yaml:",inline" json:"equilibrium"`
	Denoiser    denoise.Config  `yaml:",inline" json:"denoiser"`
	Plan        `yaml:",inline" json:"plan"`

	Workers int `yaml:"workers" json:"-" help:"goroutines; 0: one for each processor. Never changes a bit of the result"`
}

// Blocks are those of ReTune, and where their scalars start.
type Blocks struct {
	K     int     `yaml:"K" json:"K" help:"layers of a block"`
	T     int     `yaml:"T" json:"T" help:"restarts before the block that is differentiated; 0: truncated unrolling"`
	Sigma float64 `yaml:"sigma" json:"sigma" help:"strength of the denoiser, whose offsets are learned; 0: the mean level of the noise"`
	Tau   float64 `yaml:"tau" json:"tau" help:"step that training starts from, below 2"`
}

// mostTau is just below 2/‖A‖² for a mask, up to which a layer is averaged.
const mostTau = 1.95

// EquilibriumRecipes lists the runs at equilibrium that cmd/train knows by name.
func EquilibriumRecipes() []EquilibriumRecipe {
	noise := data.Inpainting{Whole: 64, Crop: 32, Keep: 1, Red: 0.1, Green: 0.25, Blue: 0.5}
	half := data.Inpainting{Whole: 64, Crop: 32, Keep: 0.5, Red: 0.1, Green: 0.1, Blue: 0.1}
	return []EquilibriumRecipe{
		equilibrium("equilibrium-noise", "a denoiser's weights at the equilibrium of plug-and-play, noise of another level in each channel", noise, 0.95),
		equilibrium("equilibrium-inpaint", "the same for images of which half of the pixels are kept", half, 1.9),
	}
}

func equilibrium(name, why string, law data.Inpainting, tau float64) EquilibriumRecipe {
	return EquilibriumRecipe{
		Name: name, Why: why, Law: law,
		Equilibrium: Blocks{K: 10, T: 10, Tau: tau},
		Denoiser:    denoiser().Denoiser, // the shape and the cap of the checkpoint that it starts from
		Plan: Plan{
			Init: "denoiser", Seed: 1,
			Steps: 150, Batch: 8, Slice: 4,
			LR: 5e-3, Warmup: 5,
			Clip:  5,
			Every: 15, Validate: 24,
		},
	}
}

// Resolve fills in what 0 leaves open and checks the whole. Its error names the first key without a meaning, its value and what is allowed.
func (r EquilibriumRecipe) Resolve() (EquilibriumRecipe, error) {
	if r.Slice == 0 {
		r.Slice = sliceOf(r.Batch)
	}
	if err := r.Law.Validate(); err != nil {
		return r, err
	}
	if r.Equilibrium.Sigma == 0 {
		r.Equilibrium.Sigma = r.Law.Sigma()
	}
	if err := r.Equilibrium.check(); err != nil {
		return r, err
	}
	if err := r.Plan.check(0, r.Workers); err != nil {
		return r, err
	}
	if r.Denoiser.Channels != 3 {
		return r, fmt.Errorf("channels=%d: want 3, those of made images", r.Denoiser.Channels)
	}
	return r, r.Denoiser.Validate()
}

func (b Blocks) check() error {
	for _, c := range []struct {
		ok          bool
		key         string
		value, want any
	}{
		{b.K >= 1, "K", b.K, "at least 1"},
		{b.T >= 0, "T", b.T, "0 or more"},
		{b.Sigma > 0 && b.Sigma <= 1, "sigma", b.Sigma, "0 < sigma ≤ 1"},
		{b.Tau > 0 && b.Tau <= mostTau, "tau", b.Tau, fmt.Sprintf("0 < tau ≤ %g", mostTau)},
	} {
		if !c.ok {
			return fmt.Errorf("%s=%v: want %v", c.key, c.value, c.want)
		}
	}
	return nil
}

// RunEquilibrium trains a recipe's weights, as [Run] does.
func RunEquilibrium(ctx context.Context, r EquilibriumRecipe, dir *Folder, watch Watch) error {
	from := r.Init
	if from == Random {
		from = ""
	}
	return r.job().run(ctx, from, dir, watch)
}

func (r EquilibriumRecipe) job() job {
	return job{Plan: r.Plan, task: restored{images{denoiser: r.Denoiser, seed: r.Seed}, r.Law, r.Equilibrium}, workers: r.Workers,
		precision: r.Denoiser.Precision, config: r}
}

// restored is the task of an EquilibriumRecipe: the weights of the denoiser as images has them, and then log α and log τ. Its inputs are the
// spoiled images and their masks (B, C, H, W).
type restored struct {
	images
	law data.Inpainting
	Blocks
}

// The names of the scalars stand behind those of all layers.
const (
	relaxName = "relax"
	tauName   = "tau"
)

func (m restored) init() []checkpoints.Param {
	params := m.images.init()
	for _, s := range []struct {
		name  string
		value float64
	}{{relaxName, 0}, {tauName, math.Log(m.Tau)}} {
		p := checkpoints.Param{Name: s.name, Shape: []int{1}, F32: []float32{float32(s.value)}}
		if m.denoiser.Precision == denoise.Float64 {
			p.F32, p.F64 = nil, []float64{s.value}
		}
		params = append(params, p)
	}
	return params
}

// from takes the weights of another run at equilibrium, or those of a denoiser: its checkpoint has no scalars, which then stay where they start.
func (m restored) from(f *checkpoints.File, params []checkpoints.Param) error {
	scalars := len(params) - 2
	if err := weightsFrom(f, params[:scalars]); err != nil {
		return err
	}
	if slices.ContainsFunc(f.Params, func(p checkpoints.Param) bool { return p.Name == tauName }) {
		return weightsFrom(f, params[scalars:])
	}
	return nil
}

func (m restored) constrain(p checkpoints.Param) {
	if p.Name != tauName {
		m.images.constrain(p)
		return
	}
	for i, v := range p.F64 {
		p.F64[i] = min(v, math.Log(mostTau))
	}
	for i, v := range p.F32 {
		p.F32[i] = min(v, float32(math.Log(mostTau)))
	}
}

func (m restored) shapes(size, _ int) (in [][]int, target []int) {
	pixels := []int{size, m.denoiser.Channels, m.law.Crop, m.law.Crop}
	return [][]int{pixels, pixels}, pixels
}

func (m restored) draw(split data.Split, first uint64, size, _ int, in [][]float64, target []float64) {
	n := len(target) / size
	for j := range size {
		clean, y, seen := m.law.Draw(m.seed, split, first+uint64(j))
		copy(in[0][j*n:], y)
		copy(in[1][j*n:], seen)
		copy(target[j*n:], clean.Data)
	}
}

func (m restored) graph(w, in gorgonia.Nodes, _ int) (gorgonia.Nodes, error) {
	u, err := graph.Plug{Denoiser: m.denoiser, K: m.K, T: m.T, Sigma: m.Sigma}.Equilibrium(w, in[0], in[1])
	if err != nil {
		return nil, err
	}
	return gorgonia.Nodes{u}, nil
}
