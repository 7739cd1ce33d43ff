package l2o_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"unroll/l2o"
	"unroll/l2o/l2otest"
)

// The table of the package's documentation says what Check says, for every loss and penalty.
func TestDocumentedTable(t *testing.T) {
	documented := readTable(t)
	solvers := map[string]l2o.Solver{
		"ISTA": l2o.ISTA{}, "FISTA": l2o.FISTA{}, "Restart": l2o.Restart{}, "ADMM": l2o.ADMM{}, "CD": l2o.CD{}, "Homotopy": l2o.Homotopy{}, "AMP": l2o.AMP{},
	}
	cells := 0
	for _, c := range l2otest.Pairs() {
		loss := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", c.Problem.Loss), "l2o."))
		penalty := strings.TrimPrefix(fmt.Sprintf("%T", c.Problem.G), "prox.")
		for name, s := range solvers {
			cell := loss + " " + penalty + " " + name
			if is := s.Check(c.Problem) == nil; is != documented[cell] {
				t.Errorf("%s: the table says %t, Check %t", cell, documented[cell], is)
			}
			cells++
		}
	}
	if want := 2 * 7 * len(solvers); cells < want {
		t.Errorf("%d cells seen, want %d", cells, want)
	}
}

// readTable returns the cells "loss penalty solver" with a dot.
func readTable(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]bool{}
	type column struct {
		name     string
		from, to int // in runes
	}
	var columns []column
	loss := ""
	for line := range strings.Lines(string(text)) {
		line, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "//\t")
		fields := strings.Fields(line)
		switch {
		case !ok:
			if loss == "logistic" {
				return cells
			}
		case strings.HasPrefix(line, "      ") && fields[0] == "ISTA":
			for _, name := range fields {
				at := utf8.RuneCountInString(line[:strings.Index(line, name)])
				columns = append(columns, column{name, at, at + len(name)})
			}
		case len(fields) == 1 && columns != nil:
			loss = fields[0]
		case columns != nil:
			for at, r := range []rune(line) {
				for _, c := range columns {
					if r == '•' && at >= c.from && at < c.to {
						cells[loss+" "+fields[0]+" "+c.name] = true
					}
				}
			}
		}
	}
	t.Fatal("doc.go holds no table")
	return nil
}
