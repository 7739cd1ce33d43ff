package eval

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// counted makes cells of which each says how often any of them worked.
func counted(n int, setting string, works *atomic.Int64) []cell {
	var cells []cell
	for i := range n {
		cells = append(cells, cell{fmt.Sprintf("c%d", i), setting, func() ([]float64, error) {
			works.Add(1)
			return []float64{float64(i), 1 / float64(i+3)}, nil
		}})
	}
	return cells
}

func TestCellsAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cells")
	var works atomic.Int64
	var seen []string
	first, err := runCells(counted(7, "a", &works), dir, 3, func(done, total int, name string) {
		seen = append(seen, name)
		if done != len(seen) || total != 7 {
			t.Errorf("progress %d of %d after %d cells", done, total, len(seen))
		}
	})
	if err != nil || works.Load() != 7 || len(seen) != 7 {
		t.Fatalf("%d cells worked, %d reported, error %v", works.Load(), len(seen), err)
	}
	// One file is lost, one is cut, one is of another setting: those three are computed again, to the same bits.
	if err := errors.Join(os.Remove(filepath.Join(dir, "c1.json")), os.WriteFile(filepath.Join(dir, "c2.json"), []byte(`{"setting":"a","num`), 0o644),
		os.WriteFile(filepath.Join(dir, "c3.json"), []byte(`{"setting":"b","numbers":[9]}`), 0o644)); err != nil {
		t.Fatal(err)
	}
	second, err := runCells(counted(7, "a", &works), dir, 1, nil)
	if err != nil || works.Load() != 10 {
		t.Fatalf("%d cells worked, want 10; error %v", works.Load(), err)
	}
	without, err := runCells(counted(7, "a", &works), "", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		if !slices.Equal(first[i], second[i]) || !slices.Equal(first[i], without[i]) {
			t.Errorf("cell %d: %v, %v and %v", i, first[i], second[i], without[i])
		}
	}
}

// A failure ends the study with the cell's name; what was done before stays.
func TestCellsFail(t *testing.T) {
	dir := t.TempDir()
	var works atomic.Int64
	cells := counted(6, "a", &works)
	cells[3].Work = func() ([]float64, error) { return nil, errors.New("no such luck") }
	if _, err := runCells(cells, dir, 1, nil); err == nil || !strings.Contains(err.Error(), "cell c3: no such luck") {
		t.Errorf("error %v", err)
	}
	if works.Load() != 3 {
		t.Errorf("%d cells worked, want the 3 before", works.Load())
	}
	if _, err := runCells(counted(6, "a", &works), dir, 1, nil); err != nil || works.Load() != 6 {
		t.Errorf("%d cells worked in all, want 6; error %v", works.Load(), err)
	}
}
