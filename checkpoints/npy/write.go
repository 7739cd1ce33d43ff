package npy

import (
	"encoding/binary"
	"io"
)

// Write writes a .npy file, version 1, little-endian, in C order.
func Write(w io.Writer, a *Array) error {
	a.check()
	descr := "<f8"
	if a.F32 != nil {
		descr = "<f4"
	}
	if _, err := w.Write(header{descr: descr, shape: a.Shape}.format()); err != nil {
		return err
	}
	if a.F32 != nil {
		return writeNumbers(w, a.F32)
	}
	return writeNumbers(w, a.F64)
}

func writeNumbers[T any](w io.Writer, v []T) error {
	buffer := make([]byte, 0, chunk)
	for piece := chunk / 8; len(v) > 0; v = v[min(piece, len(v)):] {
		out, err := binary.Append(buffer, binary.LittleEndian, v[:min(piece, len(v))])
		if err != nil {
			panic("npy: " + err.Error()) // for a type without a fixed size, which ours have
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
	}
	return nil
}
