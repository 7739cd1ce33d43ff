package eval

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/bilevel"
)

// graphCheckpoint is what a run at equilibrium leaves that has not moved from the embedded denoiser.
func graphCheckpoint(t *testing.T, T int, change func(config map[string]map[string]any)) *checkpoints.File {
	t.Helper()
	net, err := denoiser()
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]map[string]any{
		"law":         {"whole": 64, "crop": 32, "keep": 0.5, "red": 0.1, "green": 0.1, "blue": 0.1},
		"equilibrium": {"K": 2, "T": T, "sigma": 0.2, "tau": 1.9},
	}
	text, err := json.Marshal(net.Config)
	if err != nil {
		t.Fatal(err)
	}
	shape := map[string]any{}
	if err := json.Unmarshal(text, &shape); err != nil {
		t.Fatal(err)
	}
	config["denoiser"] = shape
	if change != nil {
		change(config)
	}
	if text, err = json.Marshal(config); err != nil {
		t.Fatal(err)
	}
	scalar := func(name string, v float32) checkpoints.Param {
		return checkpoints.Param{Name: name, Shape: []int{1}, F32: []float32{v}}
	}
	params := append(net.Config.Params(net.Weights), scalar("relax", -0.25), scalar("tau", 0.5))
	return &checkpoints.File{Config: text, Params: params}
}

// The weights of a run become those of family C at the task of its images, by the way that its restarts say, in the layout's order: log τ, log σ,
// log α and the denoiser's. The log has the PSNR that plain layers reach with them.
func TestRetuneAdopts(t *testing.T) {
	s := NewRetune()
	s.Size, s.K, s.T, s.Train = 32, 2, 1, 2
	net, err := denoiser()
	if err != nil {
		t.Fatal(err)
	}
	want := append([]float64{0.5, math.Log(0.2), -0.25}, net.Weights...)
	for T, name := range map[int]string{0: "inpaint-0.5/C/truncated", 3: "inpaint-0.5/C/retune"} {
		w, log := &RetuneWeights{map[string][]float64{}}, &strings.Builder{}
		if err := s.Adopt(w, graphCheckpoint(t, T, nil), log); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(w.params[name], want) || len(w.params) != 3 {
			t.Errorf("T=%d: %d entries, %d parameters %q in another order", T, len(w.params), len(w.params[name]), name)
		}
		if n := strings.Count(log.String(), name+": "); n != 2 || len(w.params[name+"/q"]) != 2 || len(w.params[name+"/psnr"]) != 2 {
			t.Errorf("T=%d: %d lines in the log, factors %v", T, n, w.params[name+"/q"])
		}
		if got, want := w.params[name+"/psnr"][1], plainPSNR(t, s, w.params[name], s.K*(min(T, s.T)+1)); math.Abs(got-want) > 1e-9 {
			t.Errorf("T=%d: PSNR %g dB in the log, %g of plain layers", T, got, want)
		}
	}
	s.From = "a file of one machine"
	f, err := (&RetuneWeights{}).File(s)
	if err != nil || strings.Contains(string(f.Config), s.From) {
		t.Errorf("%v: the checkpoint names the file that weights come from: %s", err, f.Config)
	}
	noise := graphCheckpoint(t, 3, func(c map[string]map[string]any) {
		c["law"]["keep"], c["law"]["green"], c["law"]["blue"] = 1, 0.25, 0.5
	})
	w := &RetuneWeights{map[string][]float64{}}
	if err := s.Adopt(w, noise, &strings.Builder{}); err != nil || w.params["noise/C/retune"] == nil {
		t.Errorf("noise: %v, %d parameters", err, len(w.params))
	}
}

// plainPSNR is that of so many layers of family C on the one validation crop with half of the pixels kept.
func plainPSNR(t *testing.T, s Retune, theta []float64, layers int) float64 {
	t.Helper()
	s.Tasks, s.Family = "inpaint-0.5", "C"
	tasks, _ := s.tasks()
	families, _ := s.families()
	images, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	crops, err := s.spoil(tasks[0], images, data.Validation, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, in, err := s.prepare(tasks[0], families[0], crops)
	if err != nil {
		t.Fatal(err)
	}
	return -10 * math.Log10(distance2(bilevel.Run(in[0].Step, theta, in[0].Start, s.K, layers), crops[0].truth)/float64(len(crops[0].truth)))
}

// What is no run of a task of this study is one clear line.
func TestRetuneAdoptRefusals(t *testing.T) {
	s := NewRetune()
	s.Size, s.K, s.T, s.Train = 32, 2, 1, 2
	for want, f := range map[string]*checkpoints.File{
		"no run at equilibrium": {Config: []byte(`{"denoiser":{}}`)},
		"keep 0.4 of the":       graphCheckpoint(t, 1, func(c map[string]map[string]any) { c["law"]["keep"] = 0.4 }),
		"K=5 layers":            graphCheckpoint(t, 1, func(c map[string]map[string]any) { c["equilibrium"]["K"] = 5 }),
		"layers=0":              graphCheckpoint(t, 1, func(c map[string]map[string]any) { c["denoiser"]["layers"] = 0 }),
	} {
		err := s.Adopt(&RetuneWeights{map[string][]float64{}}, f, &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", want, err)
		}
	}
	f := graphCheckpoint(t, 1, nil)
	f.Params = f.Params[:len(f.Params)-1]
	if err := s.Adopt(&RetuneWeights{map[string][]float64{}}, f, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), `"tau"`) {
		t.Errorf("error %v without a step", err)
	}
	s.Part = "adopt"
	if err := s.Check(); err == nil || !strings.Contains(err.Error(), "from") {
		t.Errorf("part=adopt without a checkpoint: %v", err)
	}
	s.Part, s.From = "psnr", "somewhere"
	if err := s.Check(); err == nil || !strings.Contains(err.Error(), "from") {
		t.Errorf("part=psnr with a checkpoint: %v", err)
	}
}
