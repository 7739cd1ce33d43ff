package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/denoise"
	"unroll/l2o/denoise/graph"
)

// A DenoiserRecipe is the training run of a denoiser of package denoise. It decides every bit of the result; Workers alone does not matter.
type DenoiserRecipe struct {
	Name string `yaml:"-" json:"recipe"`
	Why  string `yaml:"-" json:"-"` // one line for -list

	Law      data.Denoising `yaml:",inline" json:"law"`
	Denoiser denoise.Config `yaml:",inline" json:"denoiser"`
	Plan     `yaml:",inline" json:"plan"`

	Workers int `yaml:"workers" json:"-" help:"goroutines; 0: one for each processor. Never changes a bit of the result"`
}

// Random is the Init of a DenoiserRecipe that starts at random filters.
const Random = "random"

// DenoiserRecipes lists the runs of denoisers that cmd/train knows by name.
func DenoiserRecipes() []DenoiserRecipe { return []DenoiserRecipe{denoiser()} }

// denoiser is the one that plug-and-play studies take: nonexpansive, for all noise that they have.
func denoiser() DenoiserRecipe {
	return DenoiserRecipe{
		Name: "denoiser", Why: "a nonexpansive convolutional denoiser of made images, three minutes on one core",
		Law: data.Denoising{Whole: 128, Crop: 32, Low: 0.02, High: 0.5},
		Denoiser: denoise.Config{
			Channels: 3, Layers: 5, Filters: 24, Size: 5,
			Cap:       1.9, // below 2, so that it is averaged; close to it, because a layer then removes the most
			Precision: denoise.Float32,
		},
		Plan: Plan{
			Init: Random, Seed: 1,
			Steps: 1500, Batch: 16, Slice: 16,
			LR: 1e-2, Warmup: 50,
			Clip:  5,
			Every: 250, Validate: 64,
		},
	}
}

// Resolve fills in what 0 leaves open and checks the whole. Its error names the first key without a meaning, its value and what is allowed.
func (r DenoiserRecipe) Resolve() (DenoiserRecipe, error) {
	if r.Slice == 0 {
		r.Slice = sliceOf(r.Batch)
	}
	if err := r.Law.Validate(); err != nil {
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

// RunDenoiser trains a recipe's denoiser, as [Run] does.
func RunDenoiser(ctx context.Context, r DenoiserRecipe, dir *Folder, watch Watch) error {
	from := r.Init
	if from == Random {
		from = ""
	}
	return r.job().run(ctx, from, dir, watch)
}

func (r DenoiserRecipe) job() job {
	return job{Plan: r.Plan, task: images{r.Law, r.Denoiser, r.Seed}, workers: r.Workers, precision: r.Denoiser.Precision, config: r}
}

// images is the task of a DenoiserRecipe. Its inputs are the noisy images (B, C, H, W), their (log σ, 1) (B, 2), and 1/√σ at every pixel: the
// error is measured in it, so that all levels of noise matter about alike.
type images struct {
	law      data.Denoising
	denoiser denoise.Config
	seed     uint64
}

func (m images) init() []checkpoints.Param { return m.denoiser.Init(m.seed) }

func (images) from(f *checkpoints.File, params []checkpoints.Param) error {
	return weightsFrom(f, params)
}

func (m images) learned(string) bool { return true }

// scale makes the learning rate one for logarithms, and for filters a fraction of their size.
func (m images) scale(name string) float64 {
	if strings.HasSuffix(name, "/w") {
		return filterRate
	}
	return 1
}

// filterRate is what the entries of 24 filters of 5×5×3 taps, 0.04 in the mean, change beside a logarithm.
const filterRate = 0.2

func (m images) constrain(p checkpoints.Param) {
	if !strings.HasSuffix(p.Name, "/w") {
		return
	}
	if p.F64 != nil {
		m.denoiser.ProjectFilters(p.F64)
		return
	}
	w := make([]float64, len(p.F32))
	for i, v := range p.F32 {
		w[i] = float64(v)
	}
	m.denoiser.ProjectFilters(w)
	for i, v := range w {
		p.F32[i] = float32(v)
	}
}

func (m images) pairs(data.Split, uint64) int { return 0 }

func (m images) shapes(size, _ int) (in [][]int, target []int) {
	pixels := []int{size, m.denoiser.Channels, m.law.Crop, m.law.Crop}
	return [][]int{pixels, {size, 2}, pixels}, pixels
}

func (m images) draw(split data.Split, first uint64, size, _ int, in [][]float64, target []float64) {
	n := len(target) / size
	for j := range size {
		clean, noisy, sigma := m.law.Draw(m.seed, split, first+uint64(j))
		copy(in[0][j*n:], noisy)
		copy(in[1][2*j:], []float64{math.Log(sigma), 1})
		unit := 1 / math.Sqrt(sigma)
		copy(in[2][j*n:(j+1)*n], slices.Repeat([]float64{unit}, n))
		for i, v := range clean.Data {
			target[j*n+i] = unit * v
		}
	}
}

func (m images) graph(w, in gorgonia.Nodes, _ int) (gorgonia.Nodes, error) {
	layers, err := graph.Denoiser(m.denoiser, w, in[0], in[1])
	if err != nil {
		return nil, err
	}
	last, err := gorgonia.HadamardProd(layers[len(layers)-1], in[2]) // (B, C, H, W)
	return gorgonia.Nodes{last}, err
}
