package peer

import (
	"encoding/binary"
	"os"
	"path/filepath"
)

// StartWith is Start with arrays for the peer to read: each a file of raw little-endian float32 under its name, in a folder that the
// script is given before the other arguments and must have read when it greets.
func StartWith(arrays map[string][]float32, script, packages string, threads int, hello any, args ...any) (*Process, error) {
	folder, err := os.MkdirTemp("", "peer")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	for name, v := range arrays {
		raw, err := binary.Append(nil, binary.LittleEndian, v)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			return nil, err
		}
	}
	return Start(script, packages, threads, hello, append([]any{folder}, args...)...)
}

// Float32 rounds v.
func Float32(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// A Network is what two sides must have in common before their times are compared.
type Network struct{ Tokens, Width, Parameters int }
