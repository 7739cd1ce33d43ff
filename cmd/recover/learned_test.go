package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/checkpoints/npy"
	"unroll/cmd/internal/cli"
	"unroll/data"
	"unroll/model"
)

// trained saves a network that carries out FISTA for d = 6 and returns it with one prompt that it solves well, as A.npy, y.npy, q.npy.
func trained(t *testing.T) (dir string, bound *model.Bound, prompt data.Prompt) {
	t.Helper()
	dir = t.TempDir()
	c := model.Config{D: 6, K: 12, Heads: 1, Width: 20, Hidden: 36, Embedding: model.Paired, Attention: model.Linear, Normalise: true,
		Saturate: 6, Start: model.Construction, Tau: 1, Theta: 0.01, Momentum: true, Precision: model.Float64}
	law := data.SparseRecovery{D: 6, S: 2, N: 5, Values: data.Gaussian, Design: data.Gaussian}
	config, err := json.Marshal(map[string]any{"model": c, "data": law, "plan": map[string]any{"seed": 5}})
	if err != nil {
		t.Fatal(err)
	}
	file := &checkpoints.File{Config: config, Params: c.Init(5)}
	if bound, err = model.Bind(file); err != nil {
		t.Fatal(err)
	}
	if err := checkpoints.Save(filepath.Join(dir, "net.gob"), file); err != nil {
		t.Fatal(err)
	}
	estimate, ws := make([]float64, 6), bound.NewWorkspace(5)
	for i := uint64(0); i == 0 || distance(estimate, prompt.Beta) > 0.05; i++ {
		prompt = law.Draw(9, data.Test, i, 1).At(0)
		bound.Estimate(ws, estimate, prompt.X, prompt.Y, nil)
	}
	for name, a := range map[string]*npy.Array{"A.npy": {Shape: []int{5, 6}, F64: prompt.X}, "y.npy": {Shape: []int{5}, F64: prompt.Y}, "q.npy": {Shape: []int{6}, F64: prompt.Query}} {
		saveArray(t, filepath.Join(dir, name), a)
	}
	return dir, bound, prompt
}

func saveArray(t *testing.T, path string, a *npy.Array) {
	t.Helper()
	var b bytes.Buffer
	if err := npy.Write(&b, a); err != nil {
		t.Fatal(err)
	}
	write(t, path, b.Bytes())
}

// asked runs the command with the network on files of dir.
func asked(dir string, args ...string) (string, error) {
	var out bytes.Buffer
	err := run(append([]string{"-model", dir + "/net.gob", "-A", dir + "/A.npy", "-y", dir + "/y.npy"}, args...), &out)
	return out.String(), err
}

// The command says what the network's own methods say; polished, it is the answer that the command finds without a network.
func TestNetwork(t *testing.T) {
	dir, bound, prompt := trained(t)
	archive := filepath.Join(dir, "x.npz")
	text, err := asked(dir, "-json", "-query", dir+"/q.npy", "-lambda", "0.05", "-polish", "-o", archive)
	if err != nil {
		t.Fatal(err)
	}
	var got learnedJSON
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	var layers [][]float64
	bound.Estimates(prompt.X, prompt.Y, prompt.Query, func(_ int, x []float64) bool { layers = append(layers, slices.Clone(x)); return true })
	if !slices.EqualFunc(got.Layers, layers, slices.Equal) {
		t.Errorf("layers %v, want %v", got.Layers, layers)
	}
	labels := bound.Labels(prompt.X, prompt.Y, prompt.Query)
	if *got.Label != number(labels.Quadratic) || *got.LabelLinear != number(labels.Linear) {
		t.Errorf("labels %g and %g, want %+v", *got.Label, *got.LabelLinear, labels)
	}
	e := number(distance(layers[len(layers)-1], prompt.Beta))
	if !(got.Low <= e && e <= got.High) || got.Classical {
		t.Errorf("the error %g is said to be from %g to %g, use classical: %t", e, got.Low, got.High, got.Classical)
	}
	plain := recovered(t, dir, "-lambda", "0.05")
	for _, n := range plain.Nonzeros {
		if math.Abs(got.X[n.Column-1]-float64(n.Value)) > 1e-8 {
			t.Errorf("x_%d is %g polished and %g without a network", n.Column, got.X[n.Column-1], n.Value)
		}
	}
	if got.Polished == nil || got.Polished.RelativeGap > 1e-10 || got.Polished.SupportSize != plain.SupportSize || got.RelativeGap <= got.Polished.RelativeGap {
		t.Errorf("polished %+v from a gap of %g", got.Polished, got.RelativeGap)
	}
	a, err := readArray(archive, "layers")
	if err != nil || !slices.Equal(a.data, slices.Concat(layers...)) {
		t.Errorf("the archive's layers are %+v, %v", a, err)
	}
}

func TestNetworkPrints(t *testing.T) {
	dir, bound, _ := trained(t)
	text, err := asked(dir, "-query", dir+"/q.npy")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"12 layers", "layer", "‖y − Ax‖", "trusted; score", "with 90 %", "predicted label", "0.1 of λ_max", "relative gap", "support"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if got := strings.Count(text[:strings.Index(text, "\n\nerror")], "\n"); got != bound.Config.K+3 {
		t.Errorf("%d lines before the verdict, want one for every layer in\n%s", got, text)
	}
}

// A prompt whose labels are noise is flagged: status 3, unless it is polished.
func TestNetworkIsNotTrusted(t *testing.T) {
	dir, _, _ := trained(t)
	saveArray(t, filepath.Join(dir, "y.npy"), &npy.Array{Shape: []int{5}, F64: []float64{5, -4, 3, 4, -5}})
	text, err := asked(dir)
	if status, ok := errors.AsType[*cli.StatusError](err); !ok || status.Status != 3 || !strings.Contains(text, "not trusted: use a classical solver") {
		t.Errorf("error %v after\n%s", err, text)
	}
	if _, err := asked(dir, "-polish"); err != nil {
		t.Errorf("polished: %v", err)
	}
}

func TestNetworkMistakes(t *testing.T) {
	dir, _, _ := trained(t)
	other := folder(t)
	foreign := filepath.Join(dir, "foreign.gob")
	if err := checkpoints.Save(foreign, &checkpoints.File{Config: []byte(`{"lista":{}}`), Params: []checkpoints.Param{{Name: "W", Shape: []int{1}, F64: []float64{1}}}}); err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/long.csv", []byte(strings.Repeat("1,2,3,4,5,6\n", mostRows+1)))
	write(t, dir+"/labels.csv", []byte(strings.Repeat("1\n", mostRows+1)))
	write(t, dir+"/two.csv", []byte(strings.Repeat("1,2\n", 5)))
	net, a, y := dir+"/net.gob", dir+"/A.npy", dir+"/y.npy"
	for _, c := range []struct {
		args  []string
		usage bool
		want  []string
	}{
		{[]string{"-A", a, "-y", y, "-polish"}, true, []string{"-polish", "-model FILE is needed"}},
		{[]string{"-A", a, "-y", y, "-query", y}, true, []string{"-query", "-model FILE is needed"}},
		{[]string{"-A", a, "-y", y, "-model", net, "-cv", "3"}, true, []string{"-cv with -model"}},
		{[]string{"-A", a, "-y", y, "-model", net, "-intercept"}, true, []string{"-intercept with -model"}},
		{[]string{"-A", a, "-y", dir + "/two.csv", "-model", net}, true, []string{"two.csv has 2 columns", "one is allowed"}},
		{[]string{"-A", a, "-y", y, "-model", dir + "/none.gob"}, false, []string{"none.gob"}},
		{[]string{"-A", a, "-y", y, "-model", foreign}, false, []string{"foreign.gob", "no transformer"}},
		{[]string{"-A", other + "/A.npy", "-y", other + "/y.npy", "-model", net}, false, []string{"A.npy", "20×30", "6 columns"}},
		{[]string{"-A", dir + "/long.csv", "-y", dir + "/labels.csv", "-model", net}, false, []string{"long.csv", "501 rows", "500"}},
		{[]string{"-A", a, "-y", y, "-model", net, "-query", y}, false, []string{"y.npy", "want 6"}},
		{[]string{"-A", a, "-y", y, "-model", net, "-o", dir + "/x.txt"}, true, []string{"x.txt"}},
	} {
		err := run(c.args, new(bytes.Buffer))
		if err == nil {
			t.Errorf("%v was accepted", c.args)
			continue
		}
		if _, usage := errors.AsType[*cli.UsageError](err); usage != c.usage || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: usage error is %v, want %v: %v", c.args, usage, c.usage, err)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %q is not in %q", c.args, want, err)
			}
		}
	}
	if _, err := os.Stat(dir + "/x.txt"); err == nil {
		t.Error("x.txt was written")
	}
}
