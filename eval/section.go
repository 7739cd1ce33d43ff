package eval

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Section is one part of a report: a paragraph, a figure, a picture, a table, each of which may be missing.
type Section struct {
	Title     string
	Paragraph []string // one sentence or more each
	Figure    *Figure
	Picture   *Raster
	Table     Table
	CSVName   string // the file beside the report that holds the table, every row of it
	full      *Table // what that file holds where it is another arrangement of the numbers
}

// data is what the section's CSV file holds.
func (s Section) data() Table {
	if s.full != nil {
		return *s.full
	}
	return s.Table
}

// A Table is a header and rows of as many cells. Cells are printed as they are.
type Table struct {
	Header []string
	Rows   [][]string
}

// shown is the number of rows up to which a report prints a table whole; of a longer one it prints about half as many at even distances.
const shown = 24

// Shown returns the table that a report prints: the first row, the last, and what fits between.
func (t Table) Shown() Table {
	n := len(t.Rows)
	if n <= shown {
		return t
	}
	thin := Table{Header: t.Header}
	for i := range shown/2 + 1 {
		thin.Rows = append(thin.Rows, t.Rows[i*(n-1)/(shown/2)])
	}
	return thin
}

// Numeric reports whether column j holds numbers, intervals and gaps, which align to the right; words align to the left.
func (t Table) Numeric(j int) bool {
	return !slices.ContainsFunc(t.Rows, func(row []string) bool {
		return row[j] != "" && !strings.ContainsRune("0123456789-+[", rune(row[j][0]))
	})
}

// csv returns the table in the form of RFC 4180, but with \n at line ends.
func (t Table) csv() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(append([][]string{t.Header}, t.Rows...)); err != nil {
		panic("eval: " + err.Error()) // a buffer takes everything
	}
	return b.Bytes()
}

// String aligns the table for a terminal.
func (t Table) String() string {
	var b strings.Builder
	all := append([][]string{t.Header}, t.Rows...)
	widths := make([]int, len(t.Header))
	for _, row := range all {
		for j, cell := range row {
			widths[j] = max(widths[j], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range all {
		var line strings.Builder
		for j, cell := range row {
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell))
			if t.Numeric(j) {
				line.WriteString(pad + cell + "  ")
			} else {
				line.WriteString(cell + pad + "  ")
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
