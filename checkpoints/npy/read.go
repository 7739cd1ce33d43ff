package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

const chunk = 1 << 16 // bytes that are decoded at a time

// kinds are the types of numbers that can be read, by numpy's letters, with their bytes.
const kinds = "f4 f8 b1 i1 i2 i4 i8 u1 u2 u4 u8"

// Read reads a .npy file of so many bytes, all of them. Integers must be exact as float64, and booleans become 0 and 1. The error is a
// *[FormatError] where the file is to blame.
func Read(r io.Reader, size int64) (*Array, error) {
	h, start, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	kind, width, order, err := number(h.descr)
	if err != nil {
		return nil, err
	}
	count, ok := product(h.shape)
	if bytes := size - start; !ok || int64(count) > bytes/int64(width) || int64(count)*int64(width) != bytes {
		return nil, &FormatError{"the data", fmt.Sprintf("%d bytes", bytes), fmt.Sprintf("%d for each number of shape %s", width, tuple(h.shape))}
	}
	a, in := &Array{Shape: h.shape}, source{r, size, order}
	switch kind {
	case "f4":
		a.F32 = make([]float32, count)
		err = plain(in, a.F32)
	case "f8":
		a.F64 = make([]float64, count)
		err = plain(in, a.F64)
	default:
		a.F64 = make([]float64, count)
		err = integers(kind, in, a.F64)
	}
	if err != nil {
		return nil, err
	}
	a.F32, a.F64 = arranged(a.F32, h), arranged(a.F64, h)
	return a, nil
}

// number takes a descr apart: byte order, letter, width.
func number(descr string) (kind string, width int, order binary.ByteOrder, err error) {
	if len(descr) == 3 && strings.Contains(" "+kinds+" ", " "+descr[1:]+" ") {
		kind, width = descr[1:], int(descr[2]-'0')
		switch {
		case descr[0] == '>':
			return kind, width, binary.BigEndian, nil
		case descr[0] == '<', descr[0] == '|' && width == 1:
			return kind, width, binary.LittleEndian, nil
		}
	}
	return "", 0, nil, &FormatError{"the type of the numbers", fmt.Sprintf("%q", descr), "< or > and then one of " + kinds}
}

// A source is where the numbers come from.
type source struct {
	io.Reader
	size  int64 // of the file
	order binary.ByteOrder
}

// plain fills dst with numbers as they are in the file.
func plain[T any](in source, dst []T) error {
	var zero T
	buffer := make([]byte, min(chunk, len(dst)*binary.Size(zero)))
	for rest := dst; len(rest) > 0; {
		n := min(len(buffer)/binary.Size(zero), len(rest))
		part := buffer[:n*binary.Size(zero)]
		if err := fill(in, part, in.size); err != nil {
			return err
		}
		if _, err := binary.Decode(part, in.order, rest[:n]); err != nil {
			panic("npy: " + err.Error()) // a part has as many bytes as its numbers take
		}
		rest = rest[n:]
	}
	return nil
}

// integers decodes whole numbers of the given kind into dst.
func integers(kind string, in source, dst []float64) error {
	switch kind {
	case "b1":
		return whole[uint8](in, dst, func(v uint8) uint8 { return min(v, 1) })
	case "i1":
		return whole[int8](in, dst, nil)
	case "i2":
		return whole[int16](in, dst, nil)
	case "i4":
		return whole[int32](in, dst, nil)
	case "i8":
		return whole[int64](in, dst, nil)
	case "u1":
		return whole[uint8](in, dst, nil)
	case "u2":
		return whole[uint16](in, dst, nil)
	case "u4":
		return whole[uint32](in, dst, nil)
	}
	return whole[uint64](in, dst, nil)
}

// whole decodes integers piece by piece, through change if it is not nil, and refuses what float64 does not hold exactly.
func whole[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](in source, dst []float64, change func(T) T) error {
	part := make([]T, min(chunk/8, len(dst)))
	for lo := 0; lo < len(dst); lo += len(part) {
		part = part[:min(len(part), len(dst)-lo)]
		if err := plain(in, part); err != nil {
			return err
		}
		for i, v := range part {
			if change != nil {
				v = change(v)
			}
			f := float64(v)
			if f >= 1<<53 || f <= -1<<53 { // beyond, neighbours round to the same number
				return &FormatError{fmt.Sprintf("number %d", lo+i), fmt.Sprint(v), "less than 2⁵³ in size, to be exact as float64"}
			}
			dst[lo+i] = f
		}
	}
	return nil
}

// arranged returns v in C order.
func arranged[T any](v []T, h header) []T {
	if !h.fortran || len(h.shape) < 2 || len(v) == 0 {
		return v
	}
	// In Fortran order the first index runs fastest. The counter index runs as the file does, and at keeps its place in C order.
	stride, index := make([]int, len(h.shape)), make([]int, len(h.shape))
	step := 1
	for d := len(h.shape) - 1; d >= 0; d-- {
		stride[d] = step
		step *= h.shape[d]
	}
	out, at := make([]T, len(v)), 0
	for _, x := range v {
		out[at] = x
		for d := range index {
			index[d]++
			at += stride[d]
			if index[d] < h.shape[d] {
				break
			}
			at -= stride[d] * h.shape[d]
			index[d] = 0
		}
	}
	return out
}
