package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// readCSV reads rows of numbers between commas. The first line is names if none of its cells is a number.
func readCSV(r io.Reader) (*array, error) {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" { // that of a file in UTF-8 from a spreadsheet
		in.Discard(3)
	}
	c := csv.NewReader(in)
	c.ReuseRecord = true
	a := &array{}
	for {
		record, err := c.Read()
		if err == io.EOF {
			return a, nil
		}
		if err != nil {
			return nil, csvError(err, len(record), a.cols)
		}
		line, _ := c.FieldPos(0)
		if a.cols == 0 {
			a.cols = len(record)
			if header(record) {
				for _, cell := range record {
					a.names = append(a.names, strings.TrimSpace(cell))
				}
				continue
			}
		}
		for j, cell := range record {
			v, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
			if err != nil && !errors.Is(err, strconv.ErrRange) { // what is too large is ±Inf and refused as that
				return nil, fmt.Errorf("line %d, column %d is %.40q, want a number", line, j+1, cell)
			}
			a.data = append(a.data, v)
		}
		a.rows++
	}
}

// header reports whether no cell of a line is a number, and one at least says something.
func header(record []string) bool {
	says := false
	for _, cell := range record {
		if _, err := strconv.ParseFloat(strings.TrimSpace(cell), 64); err == nil {
			return false
		}
		says = says || strings.TrimSpace(cell) != ""
	}
	return says
}

// csvError says in our words what the csv package found.
func csvError(err error, have, want int) error {
	bad, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case ok && errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf("line %d has %d columns, want %d as before", bad.StartLine, have, want)
	case ok:
		return fmt.Errorf("line %d, byte %d: %w", bad.Line, bad.Column, bad.Err)
	}
	return err
}
