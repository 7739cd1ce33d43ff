//go:build !unix

package checkpoints

import (
	"io"
	"os"
)

// SyncFolder does nothing: these systems have no fsync of a folder.
func (OS) SyncFolder(path string) error { return nil }

// Lock locks nothing on these systems: it is for the user to run one training in a folder.
func (OS) Lock(path string) (io.Closer, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
}
