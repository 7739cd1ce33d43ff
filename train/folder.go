package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"unroll/checkpoints"
)

// A Folder is where one run lives:
//
//	config.json     the resolved recipe
//	last.gob        the newest checkpoint, with everything that going on needs
//	best.gob        the weights with the smallest validation error
//	metrics.jsonl   the record, a line for each validation
//	report/         the comparison with the classical solvers
type Folder struct {
	Path   string
	config []byte            // the resolved recipe, as configName holds it
	last   *checkpoints.File // nil for a run that has saved nothing
}

const (
	configName  = "config.json"
	lastName    = "last.gob"
	bestName    = "best.gob"
	metricsName = "metrics.jsonl"
)

// OpenFolder looks at the folder of a recipe's run; Run makes it. It refuses a folder that holds another recipe's run, naming the keys that
// differ, and one that holds something else. With fresh, a run that stands there will be started over.
func OpenFolder(path string, r Recipe, fresh bool) (*Folder, error) {
	config, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	d := &Folder{Path: path, config: append(config, '\n')}
	old, err := os.ReadFile(filepath.Join(path, configName))
	switch {
	case errors.Is(err, fs.ErrNotExist) && !emptyOrMissing(path):
		return nil, fmt.Errorf("%s is not empty and holds no run; take another -out", path)
	case errors.Is(err, fs.ErrNotExist) || err == nil && fresh:
		return d, nil
	case err != nil:
		return nil, err
	case !bytes.Equal(old, d.config):
		return nil, fmt.Errorf("%s holds the run of another recipe (%s); take another -out, or -fresh to start over", path, differences(old, config))
	}
	return d, d.openLast()
}

// begin makes the folder of a run that starts, without what an earlier one left in it.
func (d *Folder) begin() error {
	if err := os.MkdirAll(d.Path, 0o755); err != nil {
		return err
	}
	for _, name := range []string{lastName, bestName, metricsName} {
		if err := os.Remove(filepath.Join(d.Path, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return replaceFile(filepath.Join(d.Path, configName), d.config)
}

// openLast loads the newest checkpoint, if there is one.
func (d *Folder) openLast() error {
	f, err := checkpoints.Open(filepath.Join(d.Path, lastName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	d.last = f
	return err
}

// Step is the step that the folder's run has reached, 0 for a new one.
func (d *Folder) Step() int { return d.state().Step }

// state is where the folder's newest checkpoint stood when it was opened, nothing for a new run.
func (d *Folder) state() (s State) {
	if d.last == nil || json.Unmarshal(d.last.State, &s) != nil {
		return State{}
	}
	return s
}

// Best is the path of the weights with the smallest validation error.
func (d *Folder) Best() string { return filepath.Join(d.Path, bestName) }

// Report is the path of the report's folder.
func (d *Folder) Report() string { return filepath.Join(d.Path, "report") }

// save writes a checkpoint and, with the newest one, the record so far.
func (d *Folder) save(name string, f *checkpoints.File) error {
	if err := checkpoints.Save(filepath.Join(d.Path, name), f); err != nil {
		return err
	}
	if name != lastName {
		return nil
	}
	var s State
	if err := json.Unmarshal(f.State, &s); err != nil {
		return err
	}
	var lines bytes.Buffer
	for _, h := range s.History {
		line, err := json.Marshal(h)
		if err != nil {
			return err
		}
		lines.Write(append(line, '\n'))
	}
	return replaceFile(filepath.Join(d.Path, metricsName), lines.Bytes())
}

// finishBest gives the best weights the record of the whole run.
func (d *Folder) finishBest(s State) error {
	f, err := checkpoints.Open(d.Best())
	if err != nil {
		return err
	}
	if f.State, err = json.Marshal(s); err != nil {
		return err
	}
	return d.save(bestName, f)
}

// replaceFile puts content at path in one step: a reader sees the old file or the new one.
func replaceFile(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func emptyOrMissing(path string) bool {
	entries, err := os.ReadDir(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0
}

// differences names the keys in which two configs differ, as "lr 0.001 here, 0.002 asked".
func differences(old, asked []byte) string {
	have, want := flatten(old), flatten(asked)
	var diffs []string
	for key, w := range want {
		if h, ok := have[key]; !ok || h != w {
			diffs = append(diffs, fmt.Sprintf("%s=%s there, %s asked", key, h, w))
		}
	}
	sort.Strings(diffs)
	if len(diffs) > 4 {
		diffs = append(diffs[:4], fmt.Sprintf("and %d more", len(diffs)-4))
	}
	return strings.Join(diffs, "; ")
}

// flatten maps the leaves of a JSON object to their texts, by the name of the leaf.
func flatten(config []byte) map[string]string {
	leaves := map[string]string{}
	var walk func(key string, value json.RawMessage)
	walk = func(key string, value json.RawMessage) {
		var object map[string]json.RawMessage
		if json.Unmarshal(value, &object) != nil {
			leaves[key] = string(value)
			return
		}
		for k, v := range object {
			walk(k, v)
		}
	}
	walk("", config)
	return leaves
}
