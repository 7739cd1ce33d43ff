package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/bilevel"
	"unroll/l2o/linop"
)

// What is learned starts from the best of nine λ from 1/30 of the first to 3 times it on validation crops, and is what a descent on the crops for
// training, chosen on those for validation, finds for each gradient. Parameters that were there stay.
func TestRetuneLearns(t *testing.T) {
	s := NewRetune()
	s.Tasks, s.Family, s.Size, s.Train, s.Epochs, s.K, s.T = "inpaint-0.9", "A", 32, 2, 1, 2, 1
	w := &RetuneWeights{map[string][]float64{"noise/A/grid": {1, 2}}}
	if err := s.Learn(w, &strings.Builder{}, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.params["noise/A/grid"], []float64{1, 2}) || len(w.params) != 1+1+3*3 {
		t.Errorf("%d entries after learning one family of one task beside one", len(w.params))
	}
	task, f := imagingTasks[3], imagingFamilies[0]
	images, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	crops := func(split data.Split, n int) (*bilevel.Layout, []bilevel.Instance) {
		spoiled, err := s.spoil(task, images, split, n)
		if err != nil {
			t.Fatal(err)
		}
		l, in, err := s.prepare(task, f, spoiled)
		if err != nil {
			t.Fatal(err)
		}
		return l, in
	}
	layout, train := crops(data.Train, 2)
	_, held := crops(data.Validation, 1)
	lambda := slices.Index(layout.Names, "lambda")
	best, least := []float64(nil), math.Inf(1)
	for i := range 9 {
		theta := layout.Start()
		theta[lambda] += math.Log(math.Pow(90, float64(i)/8) / 30)
		if v := held[0].Loss(bilevel.Run(held[0].Step, theta, held[0].Start, 2, 4)); v < least {
			best, least = theta, v
		}
	}
	start := w.params["inpaint-0.9/A/grid"]
	if d := math.Sqrt(distance2(start, best)); !(d < 1e-12) {
		t.Errorf("the grid's λ is e^%g, want e^%g", start[lambda], best[lambda])
	}
	for way, r := range map[string]bilevel.ReTune{
		"retune": {K: 2, T: 1}, "truncated": {K: 2}, "implicit": {K: 1, T: 3, Rule: bilevel.Implicit, Tol: 1e-5},
	} {
		l := bilevel.Learning{ReTune: r, Train: train, Validation: held, Start: start, Epochs: 1, Batch: 3, Rate: f.rate, Seed: s.Seed}
		l.Project = f.project(task, layout, way)
		want, err := l.Run()
		if err != nil {
			t.Fatal(err)
		}
		name := "inpaint-0.9/A/" + way
		if !slices.Equal(w.params[name], want.Theta) {
			t.Errorf("%s: the parameters are not those of its descent", name)
		}
		for e, epoch := range want.Epochs {
			if q, db := w.params[name+"/q"][e], w.params[name+"/psnr"][e]; q != epoch.Q || math.Abs(db+10*math.Log10(2*epoch.Validation)) > 1e-9 {
				t.Errorf("%s, epoch %d: factor %g and %g dB, want %g and the validation loss %g", name, e, q, db, epoch.Q, epoch.Validation)
			}
		}
	}
}

// An amplifier is a planted denoiser D(v) = by·v.
type amplifier struct{ by float64 }

func (amplifier) Groups() int  { return 1 }
func (amplifier) Weights() int { return 0 }
func (a amplifier) Apply(dst, v, _, _ []float64) {
	for j, t := range v {
		dst[j] = a.by * t
	}
}
func (a amplifier) Tangent(dst, _, _, _, t []float64) { a.Apply(dst, t, nil, nil) }
func (a amplifier) Adjoint(dst, ds, _, _, _, _, w []float64) {
	a.Apply(dst, w, nil, nil)
	clear(ds)
}

// Pixels that are not seen grow by the amplifier's factor: a block of two layers by 9. That is warned of after every epoch, training goes on or
// stops as it is told to, and nothing that is not finite is kept.
func TestRetuneWarnsOfExpansion(t *testing.T) {
	s := NewRetune()
	s.Size, s.Train, s.Epochs, s.K, s.T = 32, 2, 2, 2, 1
	task := imagingTasks[1]
	images, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	crops, err := s.spoil(task, images, data.Train, 2)
	if err != nil {
		t.Fatal(err)
	}
	learn := func(by float64) (*RetuneWeights, string, error) {
		f := imagingFamily{Name: "X", grid: "sigma", rate: 0.01,
			layout: func(_ imagingTask, K int, _ *linop.Wavelet, _ []float64) (*bilevel.Layout, error) {
				return bilevel.NewLayout(K, 1).Step(1, false).Lambda("sigma", 1), nil
			},
			backward: func(linop.Shape, *linop.Wavelet, []float64) (bilevel.Backward, error) { return amplifier{by}, nil }}
		w, log := &RetuneWeights{map[string][]float64{}}, &strings.Builder{}
		err := s.learnOne(w, task, f, crops, crops[:1], log, func() error { return nil })
		return w, log.String(), err
	}
	for _, stop := range []bool{false, true} {
		s.Stop = stop
		w, log, err := learn(3)
		if err != nil {
			t.Fatal(err)
		}
		epochs := map[bool]int{false: 3, true: 1}[stop]
		for e := range epochs {
			for _, line := range []string{
				fmt.Sprintf("inpaint-0.5/X/retune: warning: epoch %d: the block does not contract, its factor is 9 ≥ 1: no bound on the bias holds\n", e),
				"factor of a block 9.0000, bias bound +Inf\n",
			} {
				if !strings.Contains(log, line) {
					t.Errorf("stop=%v: the log has no line %q:\n%s", stop, line, log)
				}
			}
		}
		if n := len(w.params["inpaint-0.5/X/retune/q"]); n != epochs || len(w.params["inpaint-0.5/X/retune"]) != 2 {
			t.Errorf("stop=%v: %d epochs, want %d", stop, n, epochs)
		}
	}
	s.K, s.T, s.Stop = 1, 2, false // 3 layers, for with τ = 1 every second one takes back what the one before did
	w, _, err := learn(1e200)
	if err == nil || err.Error() != "eval: inpaint-0.5/X/retune is not finite where it starts" {
		t.Errorf("error %v where nothing is finite", err)
	}
	for name, v := range w.params {
		for _, x := range v {
			if x-x != 0 {
				t.Errorf("%s has %v", name, v)
			}
		}
	}
}

// Parameters of another kind or number are refused by name.
func TestRetuneWeightsRefusals(t *testing.T) {
	for want, p := range map[string]checkpoints.Param{
		`"noise/A/grid" has the shape [1 1]`: {Name: "noise/A/grid", Shape: []int{1, 1}, F64: []float64{1}},
		`"noise/A/q" has the shape [1]`:      {Name: "noise/A/q", Shape: []int{1}, F32: []float32{1}},
	} {
		if _, err := NewRetuneWeights(&checkpoints.File{Config: []byte(`{"retune":{}}`), Params: []checkpoints.Param{p}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
	w := &RetuneWeights{map[string][]float64{"noise/A/grid": {1, 2}}}
	if _, err := w.theta(imagingTasks[0], imagingFamilies[0], byGrid, 3); err == nil || err.Error() != `the checkpoint has 2 parameters "noise/A/grid", want 3` {
		t.Errorf("error %v for two parameters in the place of three", err)
	}
}
