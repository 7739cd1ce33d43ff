package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"unroll/checkpoints"
)

// A Folder is where one run lives, locked by the program that trains there:
//
//	config.json           the resolved recipe
//	step-000000050.gob    checkpoints with everything that going on needs: the last two, the best, and that of the last record
//	best.gob              the weights with the smallest validation error
//	metrics.jsonl         the record: a line for each validation, and one for each batch skipped and each rollback
//	weights.npz           the best weights for other programs, when the run has ended
//	weights.safetensors   the same
//	report/               the comparison with the classical solvers
type Folder struct {
	Path   string
	config []byte // the resolved recipe, as configName holds it
	disk   checkpoints.FS
	store  *checkpoints.Store // nil until the folder is there
	found  *checkpoints.Found // nil for a run that has saved nothing
}

const (
	configName      = "config.json"
	bestName        = "best.gob"
	metricsName     = "metrics.jsonl"
	npzName         = "weights.npz"
	safetensorsName = "weights.safetensors"
)

// OpenFolder locks the folder of a recipe's run, if it is there, and loads its newest checkpoint; Run makes a folder that is not. It
// refuses a folder where another training runs, one that holds another recipe's run, naming the keys that differ, and one that holds
// something else. With fresh, a run that stands there will be started over.
func OpenFolder[R Recipe | SolverRecipe | PromptSolverRecipe | DenoiserRecipe | EquilibriumRecipe](path string, r R, fresh bool) (*Folder, error) {
	return openFolder(checkpoints.OS{}, path, r, fresh)
}

func openFolder(disk checkpoints.FS, path string, r any, fresh bool) (*Folder, error) {
	config, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	d := &Folder{Path: path, config: append(config, '\n'), disk: disk}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err := d.refuseForeign(); err != nil {
		return nil, err
	}
	if d.store, err = checkpoints.Lock(disk, path); err != nil {
		return nil, err
	}
	if !fresh {
		err = d.look()
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// refuseForeign refuses a folder that holds no run and is not empty but for what a run leaves that was killed before its first save.
func (d *Folder) refuseForeign() error {
	if config, err := os.ReadFile(filepath.Join(d.Path, configName)); err == nil && (ofRun(config) || !json.Valid(config)) {
		return nil
	}
	entries, err := os.ReadDir(d.Path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("%s is not empty and holds no run; take another -out", d.Path)
		}
	}
	return nil
}

// ofRun reports whether a config is that of a recipe, whichever.
func ofRun(config []byte) bool { return leaves(config)[".recipe"] != "" }

// look compares the folder's run with the recipe and loads its newest checkpoint. A folder without a run is fine.
func (d *Folder) look() error {
	path := filepath.Join(d.Path, configName)
	old, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = sameRecipe(path, old, d.config)
	}
	if err != nil {
		return err
	}
	found, err := d.store.Newest()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return d.nothingLost()
	case err != nil:
		return err
	}
	d.found = found
	if err := sameRecipe(found.Path, found.File.Config, d.config); err != nil {
		return err
	}
	var s State
	if err := json.Unmarshal(found.File.State, &s); err != nil || s.Step != found.Step {
		return fmt.Errorf("%s holds the state of step %d (%v)", found.Path, s.Step, err)
	}
	return nil
}

// nothingLost refuses to take a folder without checkpoints for a new one if there are best weights in it that were trained.
func (d *Folder) nothingLost() error {
	f, err := checkpoints.Open(d.Best())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var s State
	if err == nil {
		err = json.Unmarshal(f.State, &s)
	}
	if err == nil && s.Step > 0 {
		err = fmt.Errorf("%s holds weights of step %d, and there is no checkpoint beside it to go on from; -fresh starts over", d.Best(), s.Step)
	}
	return err
}

// begin makes and locks the folder of a run that starts, without what an earlier one left in it.
func (d *Folder) begin() (err error) {
	if d.store == nil {
		if d.store, err = checkpoints.Lock(d.disk, d.Path); err != nil {
			return err
		}
		if err := d.look(); err != nil {
			return err
		}
		if d.found != nil {
			return fmt.Errorf("%s: another training has run there meanwhile; the same command goes on with it", d.Path)
		}
	}
	if err := d.store.Clear(bestName, metricsName, npzName, safetensorsName); err != nil {
		return err
	}
	if old, err := os.ReadFile(filepath.Join(d.Path, configName)); err == nil && ofRun(old) {
		if err := os.RemoveAll(d.Report()); err != nil {
			return err
		}
	}
	return d.store.Replace(configName, d.config)
}

// Close gives the folder's lock back.
func (d *Folder) Close() error {
	if d.store == nil {
		return nil
	}
	return d.store.Close()
}

// Resumes reports whether there is a run to go on with.
func (d *Folder) Resumes() bool { return d.found != nil }

// Step is the step that the folder's run had reached when it was opened, 0 for a new one.
func (d *Folder) Step() int { return d.state().Step }

// state is where the folder's newest checkpoint stood when it was opened, nothing for a new run.
func (d *Folder) state() (s State) {
	if d.found == nil || json.Unmarshal(d.found.File.State, &s) != nil {
		return State{}
	}
	return s
}

// Warnings says, a line each, which newer checkpoints were skipped, and what was another when the one that was loaded was saved.
func (d *Folder) Warnings() (lines []string) {
	if d.found == nil {
		return nil
	}
	for _, err := range d.found.Skipped {
		lines = append(lines, "skipped "+strings.TrimPrefix(err.Error(), "checkpoints: "))
	}
	if diffs := d.found.File.Provenance.Differences(provenance()); len(diffs) > 0 {
		lines = append(lines, fmt.Sprintf("%s was saved by another program (%s): the rest may differ in its bits", d.found.Path, strings.Join(diffs, "; ")))
	}
	return lines
}

// Best is the path of the weights with the smallest validation error.
func (d *Folder) Best() string { return filepath.Join(d.Path, bestName) }

// Report is the path of the report's folder.
func (d *Folder) Report() string { return filepath.Join(d.Path, "report") }
