package eval

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/lista"
	"unroll/l2o/prox"
)

func listaLaw() data.Dictionary {
	return data.Dictionary{M: 12, N: 20, Density: .1, Values: data.Gaussian, Design: data.Gaussian}
}

// trained is a model as training would leave it, untrained.
func trained(t *testing.T, method string, law data.Dictionary) Model {
	t.Helper()
	c := lista.Config{Method: method, K: 6, M: law.M, N: law.N, Lambda: .1, Density: law.Density, Precision: lista.Float64}
	raw, err := json.Marshal(map[string]any{"lista": c, "law": law, "plan": map[string]int{"seed": 3}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewModel(method, &checkpoints.File{Config: raw, State: []byte(`{"step": 7}`), Params: c.Init(law.Matrix(3, data.Train, 0))})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func smallLista() Lista { return Lista{Seed: 1, Signals: 20, Validation: 5} }

// An untrained LISTA is ISTA at its λ, and is measured as such; the curves of another number of workers are the same bits.
func TestListaMeasuresISTA(t *testing.T) {
	study, m := smallLista(), trained(t, lista.LISTA, listaLaw())
	r, err := study.Run([]Model{m})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Settings) != 3 || m.Steps != 7 || m.Seed != 3 {
		t.Fatalf("%d settings of %+v", len(r.Settings), m)
	}
	law := listaLaw()
	a := law.Matrix(3, data.Test, 0)
	b := law.Draw(3, data.Test, 0, study.Signals, a)
	total, power := 0.0, 0.0
	for i := range b.Size {
		p := &l2o.Problem{A: &linop.Dense{M: b.M, N: b.N, Data: a}, Y: b.Y[i*b.M : (i+1)*b.M], G: prox.L1{Lambda: .1}}
		for k, x := range (l2o.ISTA{}).Iterates(p) {
			if k == 6 {
				total += distance2(x, b.X[i*b.N:(i+1)*b.N])
				break
			}
		}
		power += distance2(b.X[i*b.N:(i+1)*b.N], make([]float64, b.N))
	}
	curves := r.Settings[0].Curves
	got, want := curves[len(curves)-1], decibel(total/power)
	if got.Method != lista.LISTA || math.Abs(got.Last().NMSE-want) > 1e-9 {
		t.Errorf("%s at %g dB, ISTA at %g dB", got.Method, got.Last().NMSE, want)
	}
	study.Workers = 3
	again, err := study.Run([]Model{m})
	if err != nil || !strings.EqualFold(again.Settings[2].table().String(), r.Settings[2].table().String()) || again.Settings[1].Hash != r.Settings[1].Hash {
		t.Errorf("other workers, other numbers (%v)", err)
	}
}

// At each level of noise a method is shown by the model of that level, where there is one.
func TestListaTakesTheModelOfTheLevel(t *testing.T) {
	noisy := listaLaw()
	noisy.Noise = .1
	clean, loud := trained(t, lista.ALISTA, listaLaw()), trained(t, lista.ALISTA, noisy)
	clean.Name, loud.Name = "clean", "loud"
	r, err := smallLista().Run([]Model{clean, loud, trained(t, lista.LISTACP, listaLaw())})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"clean lista-cp", "clean loud lista-cp", "loud lista-cp"} {
		var names []string
		for _, c := range r.Settings[i].Curves[4:] {
			names = append(names, c.Method)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s shows %q, want %q", r.Settings[i].Name, got, want)
		}
	}
}

func TestListaReport(t *testing.T) {
	r, err := smallLista().Run([]Model{trained(t, lista.TISTA, listaLaw())})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	curves, err := os.ReadFile(filepath.Join(dir, "curves.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(curves)), "\n")
	if !strings.HasPrefix(lines[0], "setting,method,layer,") || len(lines) != 1+3*5*7 || !strings.HasPrefix(lines[len(lines)-1], "20dB,tista,6,") {
		t.Errorf("%d lines of curves, the first %q, the last %q", len(lines), lines[0], lines[len(lines)-1])
	}
}

func TestListaRefuses(t *testing.T) {
	other := listaLaw()
	other.M = 13
	for want, models := range map[string][]Model{
		"no model":                      nil,
		"one test set cannot hold both": {trained(t, lista.LISTA, listaLaw()), trained(t, lista.LISTA, other)},
	} {
		if _, err := smallLista().Run(models); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	for want, s := range map[string]Lista{"signals=1": {Signals: 1, Validation: 1}, "validation=0": {Signals: 2}, "workers=-1": {Signals: 2, Validation: 1, Workers: -1}} {
		if err := s.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one that starts with %q", err, want)
		}
	}
	if _, err := NewModel("x", &checkpoints.File{Config: []byte(`{}`)}); err == nil || !strings.Contains(err.Error(), "x: the checkpoint holds no learned solver") {
		t.Errorf("error %v", err)
	}
}
