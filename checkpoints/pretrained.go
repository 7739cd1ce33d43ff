package checkpoints

import (
	"embed"
	"io/fs"
	"path/filepath"
	"strings"
)

//go:embed pretrained/*.gob pretrained/solvers/*.gob pretrained/denoisers/*.gob pretrained/equilibria/*.gob pretrained/prompts/*.gob
var pretrained embed.FS

// Pretrained lists the networks that [Open] knows by name:
//
//   - icl-construction: `train icl-construction`, d=20, S=3, K=12, from the construction, prompts of N=10 alone: 30,000 steps, about 26 minutes
//     of one core with AVX-512
//   - icl-linear: `train icl-linear level=0`, the same setting from random weights, prompts of 6 to 40 pairs; then lr=1.5e-3 warmup=200 steps=5000
//   - icl-relu: `train icl-relu`, the same with ReLU scores; icl-interleaved: `train icl-interleaved every=500`, and with interleaved prompts of 6 to 20 pairs
//   - icl-prior: `train icl-prior`, icl-construction taught that nonzeros fall among the first 10 coordinates
//   - smoke: what `train smoke` ends at, four layers for d=8, S=2, N=6; to try things with
func Pretrained() []string { return embedded("pretrained") }

// TrainingSeconds returns about the processor time that the training of a model of [Solvers] or [Large] takes, all stages together: its steps
// times the time of one, as measured on a busy core; 0 for others. Checkpoints hold no time, so that a run is the same bits.
func TrainingSeconds(name string) int { return seconds[name] }

var seconds = map[string]int{
	"ada-lista": 39, "alista": 140, "alista-20dB": 40, "alista-40dB": 30, "hyperlista": 9, "lista": 38, "lista-20dB": 47, "lista-40dB": 44,
	"lista-vm": 9, "tista": 190, "tista-20dB": 58, "lista-cp": 98, "lista-cpss": 75, "lista-cpss-20dB": 48,
}

// Solvers lists the learned solvers of l2o/lista that [Open] knows by name, 16 layers for the 250×500 Gaussian dictionary of seed 1:
//
//   - ada-lista: `train ada-lista`, then decibel=false clip=1 lr=5e-3 emphasis=12 batch=128 steps=150: the logarithm does not mind the one signal
//     in a thousand on which the last layers diverge, and the mean is that signal's alone
//   - hyperlista, lista-vm (on 80×160), tista: what `train NAME` ends at
//   - alista: `train alista`, then from its best weights batch=128 slice=128 lr=0.005 emphasis=2 steps=250 every=50
//   - alista-20dB, alista-40dB: `train alista steps=300 every=50` with noise=0.1 and noise=0.01, the former then emphasis=4 lr=1e-2 steps=250 slice=64
//   - lista: `train lista steps=300 emphasis=0`, then lr=1e-2 emphasis=8 steps=500, its matrices shared by all layers
//   - lista-20dB, lista-40dB: lista, then noise=0.1 lr=1e-2 emphasis=4 steps=200 and noise=0.01 lr=5e-3 emphasis=8 steps=120, of which the
//     latter's validation error is least at its start
//   - tista-20dB: `train tista noise=0.1 steps=120 every=40 validate=256`
func Solvers() []string { return embedded("pretrained/solvers") }

// Denoisers lists the denoisers of l2o/denoise that [Open] knows by name:
//
//   - denoiser: what `train denoiser` ends at, nonexpansive, for RGB images in [0, 1] and noise of σ from 0.02 to 0.5
func Denoisers() []string { return embedded("pretrained/denoisers") }

// Equilibria lists the parameters of iterations for images that [Open] knows by name:
//
//   - retune: `eval retune part=train`, each with the checkpoint of the one before: train=48 with family=A, family=A12 and family=B; train=24 with
//     family=B-net; size=32 epochs=4 train=8 with family=C tasks=noise,inpaint-0.5, of which only the grid's is kept. Then the weights of C from
//     `train equilibrium-noise` and `train equilibrium-inpaint`, each as it is and with T=0, by `eval retune part=adopt size=32 train=8 from=` the
//     best of each. Every epoch of them, and every line of those, is in equilibria/retune.log
func Equilibria() []string { return embedded("pretrained/equilibria") }

// PromptSolvers lists the learned solvers of l2o/lista that [Open] knows by name for the prompts of the networks in [Pretrained], d=20, S=3, 12
// layers:
//
//   - icl-lista-N10, icl-lista-N20, icl-lista-cp-N10, icl-lista-cp-N20: `train icl-lista` and `train icl-lista-cp` with N=10 and N=20, each
//     bound to the one matrix of seed 1
//   - icl-lista-vm: `train icl-lista-vm`, for any matrix, prompts of 6 to 40 pairs
//   - icl-lista-N10-prior, icl-lista-vm-prior: the same with support=10
func PromptSolvers() []string { return embedded("pretrained/prompts") }

// Large lists the models in checkpoints/large of the working folder, which [Open] knows by name there:
//
//   - lista-cp: `train alista pass=0 max_pass=0 slice=64` with emphasis=8 lr=2e-2 steps=1000, then emphasis=30 lr=1e-2 steps=400, then lr=4e-2
//     steps=600, and from there `train lista-cp`
//   - lista-cpss: `train lista-cpss`, then 150 steps at a smaller rate
//   - lista-cpss-20dB: `train lista-cpss init=alista-20dB noise=0.1 lr=5e-3 emphasis=4 steps=150 slice=64`, whose validation error is least at
//     its start: at this noise learned matrices are no better than the analytic one
func Large() (names []string) {
	files, _ := filepath.Glob(filepath.Join("checkpoints", "large", "*.gob")) // the pattern is well formed
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".gob"))
	}
	return names
}

func embedded(folder string) (names []string) {
	files, err := fs.Glob(pretrained, folder+"/*.gob")
	if err != nil {
		panic("checkpoints: " + err.Error())
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(f, folder+"/"), ".gob"))
	}
	return names
}

// readPretrained returns the bytes of the embedded model of a name, which is no path.
func readPretrained(name string) (data []byte, err error) {
	if strings.Contains(name, "/") {
		return nil, fs.ErrNotExist
	}
	for _, folder := range []string{"pretrained/", "pretrained/solvers/", "pretrained/denoisers/", "pretrained/equilibria/", "pretrained/prompts/"} {
		if data, err = pretrained.ReadFile(folder + name + ".gob"); err == nil {
			return data, nil
		}
	}
	return nil, err
}
