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
)

// The ways in which a family's parameters are found.
const (
	byGrid      = "grid"
	byReTune    = "retune"
	byTruncated = "truncated"
	byImplicit  = "implicit"
)

// RetuneWeights are learned parameters, by task, family and the way they were found, with what every epoch of a descent measured.
type RetuneWeights struct{ params map[string][]float64 }

// NewRetuneWeights reads the file that [RetuneWeights.File] makes.
func NewRetuneWeights(f *checkpoints.File) (*RetuneWeights, error) {
	var config struct {
		Retune *Retune `json:"retune"`
	}
	if err := json.Unmarshal(f.Config, &config); err != nil || config.Retune == nil {
		return nil, fmt.Errorf("the checkpoint holds no parameters of the study retune: its config has no \"retune\"")
	}
	w := &RetuneWeights{map[string][]float64{}}
	for _, p := range f.Params {
		if len(p.Shape) != 1 || p.F64 == nil {
			return nil, fmt.Errorf("parameter %q has the shape %v, want a vector of float64", p.Name, p.Shape)
		}
		w.params[p.Name] = p.F64
	}
	return w, nil
}

// File makes a checkpoint of the parameters, of the study that learned them last.
func (w *RetuneWeights) File(s Retune) (*checkpoints.File, error) {
	config, err := json.Marshal(map[string]Retune{"retune": s})
	if err != nil {
		return nil, err
	}
	f := &checkpoints.File{Config: config, Provenance: checkpoints.ReadProvenance()}
	for name, v := range w.params {
		f.Params = append(f.Params, checkpoints.Param{Name: name, Shape: []int{len(v)}, F64: v})
	}
	slices.SortFunc(f.Params, func(a, b checkpoints.Param) int { return strings.Compare(a.Name, b.Name) })
	return f, nil
}

// theta returns the parameters that were found in a way, for a layout of so many.
func (w *RetuneWeights) theta(t imagingTask, f imagingFamily, way string, p int) ([]float64, error) {
	name := nameOf(t, f, way)
	theta, ok := w.params[name]
	if !ok {
		return nil, fmt.Errorf("the checkpoint has no parameters %q: learn them with part=train tasks=%s family=%s", name, t.Name, f.Name)
	}
	if len(theta) != p {
		return nil, fmt.Errorf("the checkpoint has %d parameters %q, want %d", len(theta), name, p)
	}
	return theta, nil
}

func nameOf(t imagingTask, f imagingFamily, way string) string {
	return t.Name + "/" + f.Name + "/" + way
}

// Learn finds the parameters of all tasks and families that are asked for, in all ways, and puts them among those that w has. A line for
// every epoch goes to the log; save is called whenever a descent has ended.
func (s Retune) Learn(w *RetuneWeights, log io.Writer, save func() error) error {
	if err := s.Check(); err != nil {
		return err
	}
	images, err := s.source()
	if err != nil {
		return err
	}
	tasks, _ := s.tasks()
	families, _ := s.families()
	if w.params == nil {
		w.params = map[string][]float64{}
	}
	for _, t := range tasks {
		train, err := s.spoil(t, images, data.Train, s.Train)
		if err != nil {
			return err
		}
		validation, err := s.spoil(t, images, data.Validation, (s.Train+1)/2)
		if err != nil {
			return err
		}
		for _, f := range families {
			if err := s.learnOne(w, t, f, train, validation, log, save); err != nil {
				return err
			}
		}
	}
	return nil
}

// learnOne starts from the best of a grid, and descends with two or three gradients.
func (s Retune) learnOne(w *RetuneWeights, t imagingTask, f imagingFamily, train, validation []spoiled, log io.Writer, save func() error) error {
	layout, in, err := s.prepare(t, f, train)
	if err != nil {
		return err
	}
	_, held, err := s.prepare(t, f, validation)
	if err != nil {
		return err
	}
	start, value := s.gridSearch(f, layout, held)
	w.params[nameOf(t, f, byGrid)] = start
	fmt.Fprintf(log, "%s: validation PSNR %.3f dB\n", nameOf(t, f, byGrid), psnr(value))
	for _, c := range []struct {
		way string
		bilevel.ReTune
	}{
		{byReTune, bilevel.ReTune{K: s.K, T: s.T}},
		{byTruncated, bilevel.ReTune{K: s.K}},
		{byImplicit, s.implicit()},
	} {
		if c.way == byImplicit && !f.exact {
			continue
		}
		name := nameOf(t, f, c.way)
		l := s.learning(f.rate, c.ReTune, in, held, start)
		l.Project = f.project(t, layout, c.way)
		var factors, values []float64
		l.Watch = func(e bilevel.Epoch) {
			factors, values = append(factors, e.Q), append(values, psnr(e.Validation))
			fmt.Fprintf(log, "%s: epoch %d, validation PSNR %.3f dB, factor of a block %.4f, bias bound %.3g\n", name, e.Epoch, psnr(e.Validation), e.Q, e.Bias)
			if e.Warning() != "" {
				fmt.Fprintf(log, "%s: warning: %s\n", name, e.Warning())
			}
		}
		found, err := l.Run()
		if err != nil {
			return err
		}
		fmt.Fprintf(log, "%s: %v, best after epoch %d\n", name, found.Status, found.Best)
		if len(found.Epochs) == 0 {
			return fmt.Errorf("eval: %s is not finite where it starts", name)
		}
		moved := psnr(s.meanLoss(held, found.Theta, longRun(s))) - psnr(s.meanLoss(held, found.Theta, fullRun(s)))
		fmt.Fprintf(log, "%s: %d restarts for %d move validation PSNR by %+.3f dB\n", name, longer, s.T, moved)
		w.params[name], w.params[name+"/q"], w.params[name+"/psnr"] = found.Theta, factors, values
		if err := save(); err != nil {
			return err
		}
	}
	return nil
}

// implicit is the exact gradient, on blocks of one layer: with the same layer K times the equilibrium is the same and the linear system is
// smaller. It runs until a layer moves the state by a hundred-thousandth, and solves the system to as much.
func (s Retune) implicit() bilevel.ReTune {
	return bilevel.ReTune{K: 1, T: s.K*(s.T+1) - 1, Rule: bilevel.Implicit, Tol: 1e-5}
}

// gridSearch returns the start whose strengths all have the factor, of nine between 1/30 and 3, with the least validation loss after K(T+1)
// layers, or the layout's where none is finite.
func (s Retune) gridSearch(f imagingFamily, l *bilevel.Layout, held []bilevel.Instance) (best []float64, value float64) {
	best, value = l.Start(), math.Inf(1)
	for i := range 9 {
		theta := f.moved(l, math.Log(1.0/30)+float64(i)*math.Log(90)/8)
		if v := s.meanLoss(held, theta, fullRun(s)); v < value {
			best, value = theta, v
		}
	}
	return best, value
}

// meanLoss is that of images after so many layers.
func (s Retune) meanLoss(images []bilevel.Instance, theta []float64, layers int) float64 {
	losses := make([]float64, len(images))
	split(s.Workers, len(images), func(lo, hi int) {
		for j := lo; j < hi; j++ {
			losses[j] = images[j].Loss(bilevel.Run(images[j].Step, theta, images[j].Start, s.K, layers))
		}
	})
	return mean(losses)
}

// psnr is 10·log₁₀(1/MSE) of the loss ½·MSE, for images in [0, 1].
func psnr(loss float64) float64 { return -decibel(2 * loss) }
