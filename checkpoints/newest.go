package checkpoints

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Found is the checkpoint that Newest loaded.
type Found struct {
	Path    string
	Step    int
	File    *File
	Skipped []error // why newer ones were not taken; each names its file
}

// Newest loads the newest checkpoint of a run's folder that verifies. It takes no lock: beside a training that writes there it always
// finds one. A folder without any is fs.ErrNotExist; where there are some and none verifies, the error names each; a checkpoint of a
// newer version is never passed over for an older one, the *[VersionError] is returned.
func Newest(folder string) (*Found, error) { return newest(OS{}, folder) }

func newest(on FS, folder string) (*Found, error) {
	var before []int
	for {
		steps, err := listSteps(on, folder)
		if err != nil {
			return nil, err
		}
		if len(steps) == 0 {
			return nil, &fs.PathError{Op: "find a checkpoint in", Path: folder, Err: fs.ErrNotExist}
		}
		found, pruned, err := newestOf(on, folder, steps)
		if err == nil || !pruned || slices.Equal(steps, before) {
			return found, err
		}
		before = steps
	}
}

// newestOf loads the first of the steps that verifies. If none does, pruned says that one has vanished since they were listed.
func newestOf(on FS, folder string, steps []int) (found *Found, pruned bool, err error) {
	var skipped []error
	for _, step := range steps {
		path := filepath.Join(folder, StepName(step))
		f, err := open(on, path)
		if err == nil {
			return &Found{path, step, f, skipped}, false, nil
		}
		if _, newer := errors.AsType[*VersionError](err); newer {
			return nil, false, err
		}
		pruned = pruned || errors.Is(err, fs.ErrNotExist)
		skipped = append(skipped, err)
	}
	var reasons []string
	for _, err := range skipped {
		reasons = append(reasons, err.Error())
	}
	return nil, pruned, fmt.Errorf("checkpoints: none in %s verifies: %s", folder, strings.Join(reasons, "; "))
}
