package checkpoints

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

const maxSize = 1 << 30 // bytes of a file

// Open reads the checkpoint at the path name, or the pretrained model of that name (see [Pretrained], [Solvers], [Denoisers], [Equilibria] and
// [PromptSolvers]; ./name is the file). A name for which there is neither is looked for in checkpoints/large of the working folder, as models
// above 2 MB lie beside the source (see [Large]). Its error names the file in one line: an *fs.PathError where it cannot be read, a *FormatError
// where it is not a whole checkpoint, a *VersionError where another version of this package wrote it.
func Open(name string) (*File, error) {
	if data, err := readPretrained(name); err == nil {
		return parse(name, data)
	}
	f, err := open(OS{}, name)
	if large := filepath.Join("checkpoints", "large", name+".gob"); errors.Is(err, fs.ErrNotExist) && filepath.Base(name) == name {
		if there, other := open(OS{}, large); !errors.Is(other, fs.ErrNotExist) {
			return there, other
		}
	}
	return f, err
}

func open(on FS, path string) (*File, error) {
	data, err := read(on, path)
	if err != nil {
		return nil, err
	}
	return parse(path, data)
}

// read returns the bytes of a regular file of at most maxSize.
func read(on FS, path string) ([]byte, error) {
	r, err := on.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, &FormatError{path, "not a regular file"}
	case info.Size() > maxSize:
		return nil, &FormatError{path, fmt.Sprintf("%d bytes, at most %d are allowed", info.Size(), maxSize)}
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return data, nil
}

// parse returns the File in data; path is for its errors.
func parse(path string, data []byte) (*File, error) {
	payload, err := verify(path, data)
	if err != nil {
		return nil, err
	}
	f, err := decode(payload)
	if err != nil {
		return nil, &FormatError{path, "malformed: " + err.Error()}
	}
	return f, nil
}

// A FormatError is a file that is not a whole checkpoint: truncated, damaged, too large or not ours.
type FormatError struct {
	Path   string
	Reason string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("checkpoints: %s: %s", e.Path, e.Reason)
}

// A VersionError is an undamaged checkpoint of a version that this build does not read.
type VersionError struct {
	Path    string
	Version uint32
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("checkpoints: %s: its version is %d, and this build reads version %d", e.Path, e.Version, version)
}
