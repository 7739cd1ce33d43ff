package checkpoints

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
)

// Save writes f to path, so that path holds either what it held or all of f, even after a loss of power: a temporary file in the same
// folder, write, fsync, close, rename, fsync of the folder. On an error, which names path, no temporary file stays. A run that saves
// again and again has a [Store].
func Save(path string, f *File) error { return save(OS{}, path, f) }

func save(on FS, path string, f *File) error {
	data, err := encode(f)
	if err == nil {
		err = replace(on, path, data)
	}
	if err != nil {
		return fmt.Errorf("checkpoints: save %s: %w", path, err)
	}
	return nil
}

// encode returns the bytes of a checkpoint: the gob and its footer.
func encode(f *File) ([]byte, error) {
	e, err := pack(f)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(e); err != nil {
		return nil, err
	}
	if b.Len() > maxSize-footerSize {
		return nil, fmt.Errorf("%d bytes, at most %d are allowed", b.Len()+footerSize, maxSize)
	}
	footer := newFooter(b.Bytes())
	b.Write(footer[:])
	return b.Bytes(), nil
}

// replace puts data at path atomically. A step that fails ends it: a second fsync may succeed although the first has lost the data
// (Rebello et al., Can Applications Recover from fsync Failures?, 2020).
func replace(on FS, path string, data []byte) error {
	name, w, err := createTemp(on, path)
	if err != nil {
		return err
	}
	if err = fill(w, data); err == nil {
		err = on.Rename(name, path)
	}
	if err == nil {
		return on.SyncFolder(filepath.Dir(path))
	}
	if e := on.Remove(name); e != nil {
		return fmt.Errorf("%w; its temporary file stays: %v", err, e)
	}
	return err
}

// fill writes data, makes it durable and closes w.
func fill(w Writer, data []byte) error {
	n, err := w.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = w.Sync()
	}
	if e := w.Close(); err == nil {
		err = e
	}
	return err
}

const tempPrefix, tempSuffix = ".", ".tmp"

// createTemp opens a new file beside path. Names that killed programs left behind are passed over.
func createTemp(on FS, path string) (string, Writer, error) {
	folder, base := filepath.Split(path)
	for i := 0; ; i++ {
		name := filepath.Join(folder, fmt.Sprintf("%s%s.%d%s", tempPrefix, base, i, tempSuffix))
		w, err := on.Create(name)
		if !errors.Is(err, fs.ErrExist) {
			return name, w, err
		}
	}
}

func isTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix)
}
