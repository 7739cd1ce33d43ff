package checkpoints

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every embedded model opens by its name, from any folder, and is weights alone.
func TestPretrained(t *testing.T) {
	if len(Pretrained()) == 0 || !slices.Contains(Pretrained(), "smoke") {
		t.Fatalf("embedded: %v", Pretrained())
	}
	files, err := filepath.Glob("pretrained/*.gob")
	if err != nil || len(files) != len(Pretrained()) {
		t.Errorf("%d files for %v, %v", len(files), Pretrained(), err)
	}
	if len(Solvers()) == 0 || len(PromptSolvers()) == 0 || !slices.Contains(Denoisers(), "denoiser") || !slices.Contains(Equilibria(), "retune") {
		t.Errorf("embedded solvers: %v, %v, denoisers: %v, equilibria: %v", Solvers(), PromptSolvers(), Denoisers(), Equilibria())
	}
	t.Chdir(t.TempDir())
	for _, name := range slices.Concat(Pretrained(), Solvers(), PromptSolvers(), Denoisers(), Equilibria()) {
		f, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Params) == 0 || len(f.Config) == 0 || f.Provenance.Go == "" {
			t.Errorf("%s: config %s of %d params, by %+v", name, f.Config, len(f.Params), f.Provenance)
		}
		for _, p := range f.Params {
			if strings.HasPrefix(p.Name, "adam.") {
				t.Errorf("%s holds %s", name, p.Name)
			}
		}
	}
	if _, err := Open("smokes"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown name: %v", err)
	}
	if err := os.WriteFile("smoke", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("./smoke"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty file of that name: %v", err)
	}
	for _, path := range []string{"../pretrained/smoke", "solvers/alista"} {
		if _, err := Open(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, which is the path of no file: %v", path, err)
		}
	}
}

// A name that is neither embedded nor a file is one of checkpoints/large; a damaged one there is an error that says so.
func TestOpenLarge(t *testing.T) {
	t.Chdir(t.TempDir())
	want := filepath.Join("checkpoints", "large", "big.gob")
	if err := os.MkdirAll(filepath.Dir(want), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := Open("smoke")
	if err == nil {
		err = Save(want, f)
	}
	if err != nil {
		t.Fatal(err)
	}
	if big, err := Open("big"); err != nil || len(big.Params) != len(f.Params) {
		t.Errorf("by name: %v", err)
	}
	if names := Large(); !slices.Equal(names, []string{"big"}) {
		t.Errorf("large: %v", names)
	}
	if err := os.WriteFile(want, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("big"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("damaged: %v", err)
	}
	if _, err := Open("./big"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a path: %v", err)
	}
}

func TestProvenanceDifferences(t *testing.T) {
	here := ReadProvenance()
	if d := here.Differences(here); len(d) > 0 {
		t.Errorf("a program differs from itself in %v", d)
	}
	there := here
	there.Go, there.Kernel, there.Revision = "go1.20", "avx2", ""
	here.Kernel, here.Revision = "avx512", "abc"
	want := []string{"go go1.20, now " + here.Go, "kernel avx2, now avx512", "revision unknown, now abc"}
	if got := there.Differences(here); !slices.Equal(got, want) {
		t.Errorf("differences %q, want %q", got, want)
	}
}
