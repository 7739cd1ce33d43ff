package checkpoints

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Save writes f to path, so that path holds either what it held or all of f, even after a loss of
// power: a temporary file in the same folder, write, fsync, close, rename, fsync of the folder. On an
// error, which names path, no temporary file stays.
func Save(path string, f *File) error {
	data, err := encode(f)
	if err == nil {
		err = replace(path, data)
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

// replace puts data at path atomically.
func replace(path string, data []byte) error {
	tmp, err := createTemp(path)
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// createTemp opens a new file beside path. Names that killed programs left behind are passed over.
func createTemp(path string) (*os.File, error) {
	folder, base := filepath.Split(path)
	for i := 0; ; i++ {
		name := filepath.Join(folder, fmt.Sprintf(".%s.%d.tmp", base, i))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// syncFolder makes a rename in the folder survive a loss of power.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
