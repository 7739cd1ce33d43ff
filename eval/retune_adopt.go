package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/bilevel"
	"unroll/l2o/denoise"
)

// graphRun is what a checkpoint of `train equilibrium-…` says of itself.
type graphRun struct {
	Law         *data.Inpainting `json:"law"`
	Equilibrium *struct {
		K     int     `json:"K"`
		T     int     `json:"T"`
		Sigma float64 `json:"sigma"`
	} `json:"equilibrium"`
	Denoiser *denoise.Config `json:"denoiser"`
}

// Adopt makes the weights of a run on Gorgonia's graph those of family C, at the task whose images it was trained on: by ReTune where the run had
// restarts, by truncated unrolling where it had none. What an epoch of a descent says is measured before and after the run, on this study's
// validation crops, and goes to the log.
func (s Retune) Adopt(w *RetuneWeights, f *checkpoints.File, log io.Writer) error {
	var run graphRun
	if err := json.Unmarshal(f.Config, &run); err != nil || run.Law == nil || run.Equilibrium == nil || run.Denoiser == nil {
		return fmt.Errorf("the checkpoint is of no run at equilibrium: its config has no \"law\", \"equilibrium\" and \"denoiser\"")
	}
	t, err := run.task()
	if err != nil {
		return err
	}
	family := imagingFamilies[slices.IndexFunc(imagingFamilies, func(f imagingFamily) bool { return f.Name == "C" })]
	images, err := s.source()
	if err != nil {
		return err
	}
	spoiled, err := s.spoil(t, images, data.Validation, (s.Train+1)/2)
	if err != nil {
		return err
	}
	layout, held, err := s.prepare(t, family, spoiled)
	if err != nil {
		return err
	}
	if run.Equilibrium.K != s.K {
		return fmt.Errorf("the checkpoint's blocks have K=%d layers, those of the study K=%d", run.Equilibrium.K, s.K)
	}
	theta, err := run.theta(f, len(layout.Start()))
	if err != nil {
		return err
	}
	way, T := byReTune, s.T
	if run.Equilibrium.T == 0 {
		way, T = byTruncated, 0
	}
	name := nameOf(t, family, way)
	var factors, values []float64
	for i, at := range [][]float64{layout.Start(), theta} {
		loss, q := 0.0, 0.0
		for j, in := range held {
			u := bilevel.Run(in.Step, at, in.Start, s.K, s.K*(T+1))
			loss += in.Loss(u) / float64(len(held))
			if j == 0 {
				q = bilevel.Contraction(in.Step, at, u, s.K)
			}
		}
		factors, values = append(factors, q), append(values, psnr(loss))
		fmt.Fprintf(log, "%s: %s the run on the graph, validation PSNR %.3f dB, factor of a block %.4f, bias bound %.3g\n",
			name, []string{"before", "after"}[i], psnr(loss), q, bilevel.BiasBound(q))
	}
	w.params[name], w.params[name+"/q"], w.params[name+"/psnr"] = theta, factors, values
	return nil
}

// task is the one whose images have the run's law.
func (r graphRun) task() (imagingTask, error) {
	for _, t := range imagingTasks {
		keep := t.Keep
		if keep == 0 {
			keep = 1
		}
		if t.Blur == 0 && keep == r.Law.Keep && t.level(0) == r.Law.Red && t.level(1) == r.Law.Green && t.level(2) == r.Law.Blue {
			return t, nil
		}
	}
	return imagingTask{}, fmt.Errorf("the checkpoint's images keep %g of the pixels and have noise %g, %g and %g: those of no task", r.Law.Keep, r.Law.Red, r.Law.Green, r.Law.Blue)
}

// theta puts the scalars before the weights of all layers, as a [bilevel.Layout] of family C has them: log τ, log σ, log α.
func (r graphRun) theta(f *checkpoints.File, p int) ([]float64, error) {
	weights, scalars := []checkpoints.Param{}, map[string]float64{}
	for _, p := range f.Params {
		switch {
		case strings.HasPrefix(p.Name, "layer"):
			weights = append(weights, p)
		case p.Len() == 1:
			scalars[p.Name] = append(p.F64, wide(p.F32)...)[0]
		}
	}
	net, err := denoise.New(*r.Denoiser, weights)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"tau", "relax"} {
		if _, ok := scalars[name]; !ok {
			return nil, fmt.Errorf("the checkpoint has no parameter %q", name)
		}
	}
	theta := append([]float64{scalars["tau"], math.Log(r.Equilibrium.Sigma), scalars["relax"]}, net.Weights...)
	if len(theta) != p {
		return nil, fmt.Errorf("the checkpoint has %d parameters of family C, want %d", len(theta), p)
	}
	return theta, nil
}

func wide(v []float32) (w []float64) {
	for _, x := range v {
		w = append(w, float64(x))
	}
	return w
}
