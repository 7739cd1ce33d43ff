package checkpoints

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func mustLock(t *testing.T, folder string) *Store {
	t.Helper()
	s, err := Lock(OS{}, folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	list, err := OS{}.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestStoreOnRealFiles(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "runs", "icl")
	s := mustLock(t, folder)
	for step := range 6 {
		if err := s.Save(stepFile(step, 0), 10*step, 20); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.SaveAs("best.gob", sample()), s.Replace("config.json", []byte("{}"))); err != nil {
		t.Fatal(err)
	}
	want := []string{".lock", "best.gob", "config.json", "step-000000020.gob", "step-000000040.gob", "step-000000050.gob"}
	if got := names(t, folder); !slices.Equal(got, want) {
		t.Errorf("the folder holds %v, want %v", got, want)
	}
	found, err := Newest(folder)
	if err != nil || found.Step != 50 || found.Path != filepath.Join(folder, StepName(50)) || string(found.File.State) != `{"step":5,"version":0}` {
		t.Errorf("newest: %+v, %v", found, err)
	}
	if err := s.Clear("best.gob"); err != nil {
		t.Error(err)
	}
	if got := names(t, folder); !slices.Equal(got, []string{".lock", "config.json"}) {
		t.Errorf("after Clear the folder holds %v", got)
	}
}

func TestSecondStoreIsRefused(t *testing.T) {
	folder := t.TempDir()
	s := mustLock(t, folder)
	if _, err := Lock(OS{}, folder); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), folder) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the second one: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	abandoned := filepath.Join(folder, ".step-000000050.gob.0.tmp")
	if err := os.WriteFile(abandoned, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	mustLock(t, folder)
	if _, err := os.Stat(abandoned); err == nil {
		t.Error("a temporary file of a killed program stays")
	}
}

func TestLockNamesWhatIsInItsWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{file, filepath.Join(file, "a", "b")} {
		if _, err := Lock(OS{}, folder); err == nil || !strings.Contains(err.Error(), folder) || strings.Contains(err.Error(), "\n") {
			t.Errorf("a folder at or below a file: %v", err)
		}
	}
}
