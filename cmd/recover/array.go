package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"unroll/checkpoints/npy"
)

// An array is a file of numbers in rows and columns; a file of one dimension is one column.
type array struct {
	path       string
	rows, cols int
	data       []float64 // (rows, cols)
	names      []string  // of the columns; nil where the file has none
}

// readArray reads a file by its extension; of an archive the array called name, or the only one. What the error says takes one line.
func readArray(path, name string) (*array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is no regular file", path)
	}
	a, err := decode(f, info.Size(), strings.ToLower(filepath.Ext(path)), name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	a.path = path
	if a.rows == 0 || a.cols == 0 {
		return nil, fmt.Errorf("%s: %d rows and %d columns, want at least one of each", path, a.rows, a.cols)
	}
	return a, nil
}

func decode(f io.ReaderAt, size int64, extension, name string) (*array, error) {
	whole := io.NewSectionReader(f, 0, size)
	switch extension {
	case ".npy":
		a, err := npy.Read(whole, size)
		if err != nil {
			return nil, err
		}
		return matrix(a)
	case ".npz":
		return fromArchive(f, size, name)
	case ".csv":
		return readCSV(whole)
	}
	return nil, fmt.Errorf("the extension is %q, want .npy, .npz or .csv", extension)
}

func fromArchive(f io.ReaderAt, size int64, name string) (*array, error) {
	archive, err := npy.OpenArchive(f, size)
	if err != nil {
		return nil, err
	}
	if names := archive.Names(); len(names) == 1 && !slices.Contains(names, name) {
		name = names[0]
	}
	a, err := archive.Read(name)
	if err != nil {
		return nil, err
	}
	return matrix(a)
}

func matrix(a *npy.Array) (*array, error) {
	switch len(a.Shape) {
	case 1:
		return &array{rows: a.Shape[0], cols: 1, data: a.Float64()}, nil
	case 2:
		return &array{rows: a.Shape[0], cols: a.Shape[1], data: a.Float64()}, nil
	}
	return nil, fmt.Errorf("an array of %d dimensions, want 1 or 2", len(a.Shape))
}

// vector returns the numbers of an array that is one row or one column, n of them, each of which may be.
func (a *array) vector(n int, of string, may func(v float64) bool, want string) ([]float64, error) {
	if len(a.data) != n || a.rows != 1 && a.cols != 1 {
		return nil, fmt.Errorf("%s: %d×%d numbers, want %d, %s", a.path, a.rows, a.cols, n, of)
	}
	for i, v := range a.data {
		if !may(v) {
			return nil, fmt.Errorf("%s: number %d is %v, want %s", a.path, i+1, v, want)
		}
	}
	return a.data, nil
}

// finite refuses NaN and ±Inf, by row and column counted from 1.
func (a *array) finite() error {
	for i, v := range a.data {
		if v-v != 0 {
			return fmt.Errorf("%s: row %d, column %d is %v, want a finite number", a.path, i/a.cols+1, i%a.cols+1, v)
		}
	}
	return nil
}

// name returns the name of a column, or its number from 1 where the file has no names.
func (a *array) name(j int) string {
	if a.names == nil {
		return fmt.Sprintf("%d", j+1)
	}
	return a.names[j]
}
