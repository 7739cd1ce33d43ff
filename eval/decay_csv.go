package eval

import (
	"strconv"
	"strings"
)

// What the CSV files of the study hold: one quantity per column, ten significant digits.

func columns(header string) *Table { return &Table{Header: strings.Split(header, ",")} }

// record appends a row of words and then numbers.
func (t *Table) record(words []string, numbers ...float64) {
	row := words
	for _, v := range numbers {
		row = append(row, strconv.FormatFloat(v, 'g', 10, 64))
	}
	t.Rows = append(t.Rows, row)
}

func (r *DecayResult) curvesCSV() *Table {
	t := columns("method,layer,mse_mean,mse_lo,mse_hi,mse_median,mse_q99,nmse_db")
	for _, c := range r.Curves {
		for k, s := range c.Layers {
			t.record([]string{c.Method, strconv.Itoa(k)}, s.Mean, s.MeanCI.Lo, s.MeanCI.Hi, s.Median, s.Q99, s.NMSE)
		}
	}
	return t
}

func (r *DecayResult) lastCSV() *Table {
	t := columns("method,outliers,mse_mean,mse_lo,mse_hi,mse_median,mse_q99,nmse_db,nmse_lo,nmse_hi")
	for _, c := range r.Curves {
		s := c.Last()
		t.record([]string{c.Method, strconv.Itoa(s.Outliers)}, s.Mean, s.MeanCI.Lo, s.MeanCI.Hi, s.Median, s.Q99, s.NMSE, s.NMSECI.Lo, s.NMSECI.Hi)
	}
	return t
}

func (r *DecayResult) differencesCSV() *Table {
	t := columns("method,reference,difference_db,lo,hi")
	for _, d := range r.Differences {
		t.record([]string{d.Method, d.Reference}, d.DB, d.CI.Lo, d.CI.Hi)
	}
	return t
}

func (r *DecayResult) ratesCSV() *Table {
	t := columns("method,verdict,layers_fell,share,factor,factor_lo,factor_hi,exponent,exponent_lo,exponent_hi,tail_db,tail_lo,tail_hi")
	for _, c := range r.Curves {
		if d := c.Rate; !c.Level {
			t.record([]string{c.Method, string(d.Verdict), strconv.Itoa(d.Fell)}, d.Share, d.Factor, d.FactorCI.Lo, d.FactorCI.Hi,
				d.Exponent, d.ExponentCI.Lo, d.ExponentCI.Hi, d.Tail, d.TailCI.Lo, d.TailCI.Hi)
		}
	}
	return t
}
