package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"unroll/checkpoints/npy"
	"unroll/cmd/internal/cli"
)

// writable refuses, before any work, an output file that could not be written after it.
func writable(path string) error {
	switch extension := strings.ToLower(filepath.Ext(path)); {
	case path == "":
		return nil
	case extension != ".npy" && extension != ".npz" && extension != ".csv":
		return cli.Usagef("-o %s: .npy, .npz and .csv are allowed", path)
	}
	t, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	return errors.Join(t.Close(), os.Remove(t.Name()))
}

// write puts the answers where -o says, if it does.
func (r *report) write() error {
	if r.out == "" {
		return nil
	}
	data, err := r.encode(strings.ToLower(filepath.Ext(r.out)))
	if err == nil {
		err = replace(r.out, data)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", r.out, err)
	}
	return nil
}

// encode returns x in a file format: for several answers each has a column.
func (r *report) encode(extension string) ([]byte, error) {
	n, k := r.a.cols, len(r.answers)
	x := &npy.Array{Shape: []int{n, k}, F64: make([]float64, n*k)}
	if k == 1 {
		x.Shape = []int{n}
	}
	row := func(of func(a answer) float64) *npy.Array {
		v := &npy.Array{Shape: []int{k}}
		for _, a := range r.answers {
			v.F64 = append(v.F64, of(a))
		}
		return v
	}
	for c, a := range r.answers {
		for j, v := range a.x {
			x.F64[j*k+c] = v
		}
	}
	var b bytes.Buffer
	switch extension {
	case ".npy":
		err := npy.Write(&b, x)
		return b.Bytes(), err
	case ".npz":
		err := npy.WriteArchive(&b, []npy.Named{
			{Name: "x", Array: x},
			{Name: "intercept", Array: row(func(a answer) float64 { return a.intercept })},
			{Name: "lambda", Array: row(func(a answer) float64 { return a.lambda })},
			{Name: "relative_gap", Array: row(func(a answer) float64 { return a.RelativeGap })},
		})
		return b.Bytes(), err
	}
	err := r.writeCSV(&b)
	return b.Bytes(), err
}

// writeCSV writes a row for each unknown, and for the intercept if there is one. Names and the first row stand there if the files that
// were read had names, or if there are several answers.
func (r *report) writeCSV(b *bytes.Buffer) error {
	w := csv.NewWriter(b)
	named := r.a.names != nil || len(r.answers) > 1 || r.intercept
	row := func(name string, of func(a answer) string) {
		var cells []string
		if named {
			cells = append(cells, name)
		}
		for _, a := range r.answers {
			cells = append(cells, of(a))
		}
		w.Write(cells)
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	if named {
		row("unknown", r.title)
	}
	if r.intercept {
		row("(intercept)", func(a answer) string { return number(a.intercept) })
	}
	for j := range r.a.cols {
		row(r.a.name(j), func(a answer) string { return number(a.x[j]) })
	}
	w.Flush()
	return w.Error()
}

// title is the head of an answer's column.
func (r *report) title(a answer) string {
	switch {
	case r.choice == "path":
		return fmt.Sprintf("lambda=%.6g", a.lambda)
	case len(r.answers) > 1 || r.y.names != nil:
		return r.y.name(a.problem)
	}
	return "x"
}

// replace puts data at path by a rename, so that a reader finds what there was, or all of it.
func replace(path string, data []byte) (err error) {
	t, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(t.Name()))
		}
	}()
	_, err = t.Write(data)
	if err = errors.Join(err, t.Chmod(0o644), t.Sync(), t.Close()); err != nil {
		return err
	}
	return os.Rename(t.Name(), path)
}
