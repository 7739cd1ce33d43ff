package eval

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A file is a name and its bytes, before it is on disk.
type file struct {
	name string
	data []byte
}

// writeFiles makes dir and writes the files into it.
func writeFiles(dir string, files []file) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("eval: report folder: %w", err)
	}
	for _, f := range files {
		if err := f.write(dir); err != nil {
			return fmt.Errorf("eval: writing %s: %w", filepath.Join(dir, f.name), err)
		}
	}
	return nil
}

// write puts the file into place by a rename, so that a reader finds the old one, the new one, but never half of one.
func (f file) write(dir string) (err error) {
	t, err := os.CreateTemp(dir, "."+f.name+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(t.Name()))
		}
	}()
	_, err = t.Write(f.data)
	err = errors.Join(err, t.Chmod(0o644), t.Close())
	if err != nil {
		return err
	}
	return os.Rename(t.Name(), filepath.Join(dir, f.name))
}
