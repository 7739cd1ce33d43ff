package checkpoints

import (
	"io"
	"io/fs"
	"os"
)

// An FS is the disk as a [Store] sees it: the operations whose order decides what a crash leaves behind, and whose failures a save
// must survive. [OS] is the real one; the tests have one that loses power between any two of them.
type FS interface {
	Open(path string) (fs.File, error)
	List(folder string) (names []string, err error)
	Mkdir(path string) error
	Create(path string) (Writer, error) // a new file: one that is there is an error
	Rename(from, to string) error
	Remove(path string) error
	SyncFolder(path string) error        // makes what happened to the folder's names durable
	Lock(path string) (io.Closer, error) // until it is closed or the process ends; ErrLocked at once where another holds it
}

// A Writer is a new file. Sync makes its contents durable, but not its name.
type Writer interface {
	io.WriteCloser
	Sync() error
}

// OS is the operating system's files.
type OS struct{}

func (OS) Open(path string) (fs.File, error) { return os.Open(path) }

func (OS) List(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (OS) Mkdir(path string) error { return os.Mkdir(path, 0o777) }

func (OS) Create(path string) (Writer, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

func (OS) Rename(from, to string) error { return os.Rename(from, to) }

func (OS) Remove(path string) error { return os.Remove(path) }
