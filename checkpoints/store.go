package checkpoints

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
)

// A Store is the folder of one run, locked by the program that writes there:
//
//	step-000000050.gob     the checkpoint of step 50; see Save for which steps are there
//	.lock                  locked, never removed
//	anything else          files that Replace put there
//
// Whatever happens at whatever moment, a name holds a whole file, and what Save and Replace have returned without an error is not lost,
// nor are the checkpoints before it until it is durable. One goroutine at a time may use a Store. Readers need none, see [Newest].
type Store struct {
	fs     FS
	folder string
	lock   io.Closer
}

// ErrLocked says that another program writes in the folder.
var ErrLocked = errors.New("another training holds its lock")

const lockName = ".lock"

// keep is how many of the newest checkpoints stay: one more than is needed, should the newest not verify.
const keep = 2

// Lock makes the folder if it is missing, locks it, and removes the temporary files that a killed program left there. Its error names
// the folder, and is ErrLocked where another program holds the lock.
func Lock(on FS, folder string) (*Store, error) {
	s := &Store{fs: on, folder: folder}
	err := makeFolder(on, folder)
	if err == nil {
		s.lock, err = on.Lock(filepath.Join(folder, lockName))
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoints: lock %s: %w", folder, err)
	}
	if err := s.sweep(); err != nil {
		return nil, fmt.Errorf("checkpoints: %s: %w", folder, errors.Join(err, s.lock.Close()))
	}
	return s, nil
}

// makeFolder makes a folder and those above it, each durable before what is in it.
func makeFolder(on FS, folder string) error {
	err := on.Mkdir(folder)
	parent := filepath.Dir(folder)
	if errors.Is(err, fs.ErrNotExist) && parent != folder {
		if err := makeFolder(on, parent); err != nil {
			return err
		}
		err = on.Mkdir(folder)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return on.SyncFolder(parent)
}

// sweep removes abandoned temporary files; the lock says that nobody is writing one.
func (s *Store) sweep() error {
	names, err := s.fs.List(s.folder)
	for _, name := range names {
		if err == nil && isTemp(name) {
			err = s.fs.Remove(filepath.Join(s.folder, name))
		}
	}
	return err
}

// Close gives the lock back.
func (s *Store) Close() error { return s.lock.Close() }

// Newest loads the newest checkpoint that verifies, as the function of that name does.
func (s *Store) Newest() (*Found, error) { return newest(s.fs, s.folder) }

// Load loads the checkpoint of a step.
func (s *Store) Load(step int) (*File, error) {
	return open(s.fs, filepath.Join(s.folder, StepName(step)))
}

// Save writes f as the checkpoint of a step. Once that is durable it prunes: the folder then holds this step, the one before it and
// those of also. Later steps go as well: only a program that has refused them saves an earlier one.
func (s *Store) Save(f *File, step int, also ...int) error {
	path := filepath.Join(s.folder, StepName(step))
	if err := save(s.fs, path, f); err != nil {
		return err
	}
	if err := s.prune(step, also); err != nil {
		return fmt.Errorf("checkpoints: prune after %s: %w", path, err)
	}
	return nil
}

func (s *Store) prune(step int, also []int) error {
	steps, err := listSteps(s.fs, s.folder)
	kept := 0
	for _, old := range steps { // newest first
		switch {
		case err != nil:
			return err
		case old <= step && kept < keep:
			kept++
		case old > step || !slices.Contains(also, old):
			err = s.fs.Remove(filepath.Join(s.folder, StepName(old)))
		}
	}
	return err
}

// SaveAs writes f under another name than a step's, in place of what stood there.
func (s *Store) SaveAs(name string, f *File) error {
	return save(s.fs, filepath.Join(s.folder, name), f)
}

// Replace puts data in the file of that name, in place of what stood there.
func (s *Store) Replace(name string, data []byte) error {
	path := filepath.Join(s.folder, name)
	if err := replace(s.fs, path, data); err != nil {
		return fmt.Errorf("checkpoints: write %s: %w", path, err)
	}
	return nil
}

// Clear removes every checkpoint of a step, durably, and then the files of the given names.
func (s *Store) Clear(names ...string) error {
	steps, err := listSteps(s.fs, s.folder)
	for _, step := range steps {
		if err == nil {
			err = s.fs.Remove(filepath.Join(s.folder, StepName(step)))
		}
	}
	if err == nil {
		err = s.fs.SyncFolder(s.folder)
	}
	for _, name := range names {
		if err == nil {
			err = s.fs.Remove(filepath.Join(s.folder, name))
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("checkpoints: clear %s: %w", s.folder, err)
	}
	return nil
}

// StepName is the name of the checkpoint of a step.
func StepName(step int) string { return fmt.Sprintf("step-%09d.gob", step) }

// listSteps returns the steps that a folder holds checkpoints of, newest first.
func listSteps(on FS, folder string) (steps []int, err error) {
	names, err := on.List(folder)
	for _, name := range names {
		var step int
		if _, e := fmt.Sscanf(name, "step-%d.gob", &step); e == nil && step >= 0 && StepName(step) == name {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	slices.Reverse(steps)
	return steps, err
}
