package eval

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"unroll/data"
	"unroll/l2o/lista"
)

// A magnitude multiplies the signal, not the noise.
func TestMagnitudeByHand(t *testing.T) {
	noisy := law
	noisy.Sigma = 0.5
	plain, quiet := noisy.Draw(1, data.Test, 0, 5), law.Draw(1, data.Test, 0, 5)
	got := shiftedLaw{"", noisy, 4}.draw(1, data.Test, 5)
	if !slices.Equal(got.X, plain.X) || !slices.Equal(quiet.X, plain.X) {
		t.Fatal("another X")
	}
	for i, v := range plain.Y {
		if want := 4*quiet.Y[i] + (v - quiet.Y[i]); math.Abs(got.Y[i]-want) > 1e-12 {
			t.Errorf("y %g, want %g", got.Y[i], want)
		}
	}
	for i, v := range plain.Beta {
		if got.Beta[i] != 4*v {
			t.Errorf("β %g, want %g", got.Beta[i], 4*v)
		}
	}
}

// The first row is the decay study's last layer on the same prompts; noise is worse for all; nothing depends on the workers.
func TestLedgerStudy(t *testing.T) {
	all := flagships(t)
	l := NewLedger(all[0].Subject)
	l.Prompts, l.Validation, l.Workers = 100, 30, 2
	vm := promptSolver(t, lista.LISTAVM, 4, false, 0)
	r, err := l.Run(all, []PromptSolver{vm, promptSolver(t, lista.LISTA, 4, true, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"one", "two", "lista-vm", "ISTA", "FISTA"}; !slices.Equal(r.Methods, want) {
		t.Fatalf("methods %v, want %v", r.Methods, want)
	}
	decay, err := Decay{Data: l.Data, K: l.K, Seed: l.Seed, Prompts: 100, Validation: 30}.Run([]Contestant{{"one", all[0].Subject.Trained},
		{"two", all[1].Subject.Trained}, {"lista-vm", vm.Solver}})
	if err != nil {
		t.Fatal(err)
	}
	noise := slices.Index(r.Laws, "σ = 1")
	for m, method := range r.Methods {
		if got, want := r.Cells[0][m], decay.curve(method).Last(); got != want {
			t.Errorf("%s: %+v in the ledger, %+v in the decay study", method, got, want)
		}
		if !(r.Cells[noise][m].NMSE > r.Cells[0][m].NMSE) {
			t.Errorf("%s: %g dB with noise, %g without", method, r.Cells[noise][m].NMSE, r.Cells[0][m].NMSE)
		}
	}
	l.Workers = 1
	again, err := l.Run(all, []PromptSolver{vm})
	if err != nil {
		t.Fatal(err)
	}
	again.Study.Workers = 2
	if !reflect.DeepEqual(again, r) {
		t.Error("one worker and two found different numbers")
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
	l.Prompts = 1
	if _, err := l.Run(all, nil); err == nil || !strings.Contains(err.Error(), "prompts=1") {
		t.Errorf("error %v", err)
	}
}
