package npy

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Named is an array of an archive: there it is the file NAME.npy.
type Named struct {
	Name string
	*Array
}

// WriteArchive writes a .npz file of the arrays in their order, without compression, as numpy.savez does. It panics on a name that is
// empty or stands twice.
func WriteArchive(w io.Writer, arrays []Named) error {
	z := zip.NewWriter(w)
	// The first date that a zip file can have: that of the writing would make equal arrays different files.
	epoch := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, a := range arrays {
		if a.Name == "" || slices.ContainsFunc(arrays[:i], func(b Named) bool { return b.Name == a.Name }) {
			panic(fmt.Sprintf("npy: the name %q of array %d is empty or stands before it", a.Name, i))
		}
		file, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: zip.Store, Modified: epoch})
		if err != nil {
			return err
		}
		if err := Write(file, a.Array); err != nil {
			return err
		}
	}
	return z.Close()
}

// An Archive is a .npz file of which only the directory has been read.
type Archive struct {
	names []string
	files []*zip.File
}

// OpenArchive reads the directory of a .npz file of so many bytes. The error is a *[FormatError] where the file is to blame.
func OpenArchive(r io.ReaderAt, size int64) (*Archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &FormatError{"the archive", err.Error(), "a zip file of .npy files"}
	}
	a := &Archive{files: z.File}
	packed := uint64(0)
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok || slices.Contains(a.names, name) {
			return nil, &FormatError{"a file in the archive", fmt.Sprintf("%q", f.Name), "a name in .npy that stands once"}
		}
		a.names = append(a.names, name)
		// Files that share their bytes would make much out of little.
		if packed += f.CompressedSize64; f.CompressedSize64 > uint64(size) || packed > uint64(size) {
			return nil, &FormatError{"the directory", fmt.Sprintf("of at least %d bytes", packed), fmt.Sprintf("at most those of the archive, %d", size)}
		}
	}
	return a, nil
}

// Names returns the names of the arrays in the order of the file.
func (a *Archive) Names() []string { return slices.Clone(a.names) }

// Read reads the array of that name. A compressed one takes memory for what it really unpacks to, at most 1,032 times its bytes.
func (a *Archive) Read(name string) (*Array, error) {
	i := slices.Index(a.names, name)
	if i < 0 {
		return nil, &FormatError{"the array's name", fmt.Sprintf("%q", name), "one of " + strings.Join(a.names, ", ")}
	}
	array, err := read(a.files[i])
	if err != nil {
		return nil, fmt.Errorf("array %q: %w", name, err)
	}
	return array, nil
}

func read(f *zip.File) (*Array, error) {
	in, err := f.Open()
	if err != nil {
		return nil, &FormatError{"its entry", err.Error(), "one that can be unpacked"}
	}
	defer in.Close()
	data, err := io.ReadAll(in) // what it really is, not what the directory says, and with its checksum verified
	if err != nil {
		return nil, &FormatError{"its entry", err.Error(), "one that unpacks to its checksum"}
	}
	return Read(bytes.NewReader(data), int64(len(data)))
}
