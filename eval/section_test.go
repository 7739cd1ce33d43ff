package eval

import (
	"fmt"
	"testing"
)

// Numbers, intervals and gaps stand to the right, words to the left, and nothing trails.
func TestTableByHand(t *testing.T) {
	table := Table{Header: []string{"method", "dB", "λ", "decay"}, Rows: [][]string{
		{"ISTA", "-4.20", "0.1·λ_max", "linear"},
		{"Φ", "", "2", "sublinear"},
	}}
	want := "" +
		"method     dB          λ  decay\n" +
		"ISTA    -4.20  0.1·λ_max  linear\n" +
		"Φ                      2  sublinear\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := string(table.csv()); got != "method,dB,λ,decay\nISTA,-4.20,0.1·λ_max,linear\nΦ,,2,sublinear\n" {
		t.Errorf("as CSV: %q", got)
	}
}

// A report prints thirteen rows of a long table: of rows 0 to 120 every tenth.
func TestShownByHand(t *testing.T) {
	var table Table
	for i := range 121 {
		table.Rows = append(table.Rows, []string{fmt.Sprint(i)})
	}
	shown := table.Shown()
	if len(shown.Rows) != 13 {
		t.Fatalf("%d rows are shown", len(shown.Rows))
	}
	for i, row := range shown.Rows {
		if row[0] != fmt.Sprint(10*i) {
			t.Errorf("row %d is %s", i, row[0])
		}
	}
	table.Rows = table.Rows[:24]
	if got := len(table.Shown().Rows); got != 24 {
		t.Errorf("%d of 24 rows are shown", got)
	}
}
