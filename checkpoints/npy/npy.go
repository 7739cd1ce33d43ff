// Package npy reads and writes the array files of numpy: .npy (NEP 1, versions 1, 2 and 3) and .npz, a zip archive of them.
//
// Nothing that a file claims is believed before its size bears it out: reading takes memory in proportion to the bytes that there are, 16
// times as many at most (booleans in Fortran order, as float64), whatever shape the header names. Equal arrays are equal files, and a .npy
// file is the one that numpy.save writes.
package npy

import (
	"fmt"
	"math"
	"strings"
)

// An Array holds numbers in C order: the last index runs fastest. A shape without dimensions is a single number.
type Array struct {
	Shape []int
	F32   []float32 // what float32 was in the file
	F64   []float64 // what float64, integer or boolean was; exactly one of the two is not nil
}

// Float64 returns the numbers as float64, which holds all of them exactly; those in F64 are not copied.
func (a *Array) Float64() []float64 {
	if a.F64 != nil {
		return a.F64
	}
	v := make([]float64, len(a.F32))
	for i, x := range a.F32 {
		v[i] = float64(x)
	}
	return v
}

// A FormatError names what in a file is not allowed, its value, and what is.
type FormatError struct{ What, Have, Want string }

func (e *FormatError) Error() string {
	return fmt.Sprintf("npy: %s is %s, want %s", e.What, e.Have, e.Want)
}

// check panics unless a has as many numbers, in one of the two slices, as its shape says, and at most 64 dimensions.
func (a *Array) check() {
	size, ok := product(a.Shape)
	if (a.F32 == nil) == (a.F64 == nil) || !ok || len(a.Shape) > maxRank || size != len(a.F32)+len(a.F64) {
		panic(fmt.Sprintf("npy: an array of shape %s with %d float32 and %d float64", tuple(a.Shape), len(a.F32), len(a.F64)))
	}
}

// product returns the number of entries of a shape, unless a dimension is negative or the product of those that are not 0 overflows.
func product(shape []int) (size int, ok bool) {
	size, empty := 1, false
	for _, d := range shape {
		switch {
		case d < 0 || d > 0 && size > math.MaxInt/d:
			return 0, false
		case d == 0:
			empty = true
		default:
			size *= d
		}
	}
	if empty {
		return 0, true
	}
	return size, true
}

// tuple prints a shape as Python does.
func tuple(shape []int) string {
	if len(shape) == 1 {
		return fmt.Sprintf("(%d,)", shape[0])
	}
	return "(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]") + ")"
}
