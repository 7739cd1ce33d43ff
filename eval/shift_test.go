package eval

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/data"
	"unroll/l2o/lista"
)

// An ALISTA at its start is that of its own matrix and fails on a fresh one, LISTA-VM does not, and a solver
// that was built for other rows refuses.
func TestShift(t *testing.T) {
	law := data.Dictionary{M: 60, N: 100, Density: .02, Values: data.Gaussian, Design: data.Gaussian}
	fresh := law
	fresh.Share = 4 // as the training of a solver for many matrices has it
	models := []Model{trained(t, lista.ALISTA, law), trained(t, lista.LISTAVM, fresh)}
	r, err := MatrixShift{Seed: 1, Signals: 20}.Run(models)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]MatrixShiftRow{}
	for _, row := range r.Rows {
		at[row.Law] = row
	}
	if lost := at["fresh matrix"].DB[0] - at[home].DB[0]; lost < 10 {
		t.Errorf("ALISTA loses %.1f dB on a fresh matrix, want at least 10", lost)
	}
	if lost := at["fresh matrix"].DB[1] - at[home].DB[1]; math.Abs(lost) > 1 {
		t.Errorf("LISTA-VM loses %.1f dB on a fresh matrix, want less than 1", lost)
	}
	taller := at["fresh, a fifth more rows"]
	if taller.Refused[0] == nil || taller.Refused[1] != nil {
		t.Errorf("other rows: ALISTA %v, LISTA-VM %v", taller.Refused[0], taller.Refused[1])
	}
	dir := t.TempDir()
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	ledger, err := os.ReadFile(filepath.Join(dir, "shift.csv"))
	if lines := strings.Count(string(ledger), "\n"); err != nil || lines != 2*len(matrixShifts) {
		t.Errorf("%d lines of ledger, %v", lines, err)
	}
}
