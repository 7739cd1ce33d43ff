package eval

import (
	"fmt"
	"io"
	"strconv"

	"unroll/checkpoints"
)

// WriteTable prints the last layers for a terminal.
func (r *ListaResult) WriteTable(w io.Writer) error {
	for _, s := range r.Settings {
		if _, err := fmt.Fprintf(w, "%s, test signals %s\n%s\n", s.Name, s.Hash, s.table()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(w, r.models())
	return err
}

// Write makes dir and writes the report into it.
func (r *ListaResult) Write(dir string) error {
	first := r.Models[0].Law
	sections := []Section{{
		Title: "What was measured",
		Paragraph: []string{fmt.Sprintf("One %d×%d dictionary of unit columns; entries of the signal are N(0, 1) with probability %g, else 0. %d test "+
			"signals at each level of noise.", first.M, first.N, first.Density, r.Study.Signals),
			"A model that was trained at another level of noise is shown only where there is none of its method for this level."},
		Table: r.models(), CSVName: "models.csv",
	}}
	curves := columns("setting,method,layer,mse_mean,mse_lo,mse_hi,mse_median,mse_q99,nmse_db")
	for _, s := range r.Settings {
		f := &Figure{Name: "lista-" + s.Name, XTitle: "layer / iteration k", YTitle: "NMSE (dB)",
			Caption: fmt.Sprintf("Error after every layer, %s. Bands: 95 %% bootstrap intervals.", s.Name)}
		for _, c := range s.Curves {
			l := Line{Name: c.Method}
			for k, e := range c.Layers {
				l.X, l.Y, l.Lo, l.Hi = append(l.X, float64(k)), append(l.Y, e.NMSE), append(l.Lo, e.NMSECI.Lo), append(l.Hi, e.NMSECI.Hi)
				curves.record([]string{s.Name, c.Method, strconv.Itoa(k)}, e.Mean, e.MeanCI.Lo, e.MeanCI.Hi, e.Median, e.Q99, e.NMSE)
			}
			f.Lines = append(f.Lines, l)
		}
		sections = append(sections, Section{Title: "Error after every layer, " + s.Name, Figure: f, Table: s.table(),
			Paragraph: []string{fmt.Sprintf("Test signals %s. The weights of the classical solvers are the best of a grid on validation for the last "+
				"iterate. The relative gap is that of the last iterate as a solution of the Lasso with the λ of its row, for a learned solver FISTA's.",
				s.Hash)}})
	}
	sections[1].CSVName, sections[1].full = "curves.csv", curves
	return writeReport(dir, page{Title: "Learned sparse solvers", Question: listaStudy.Question}, sections, nil)
}

func (s ListaSetting) table() Table {
	last := len(s.Curves[0].Layers) - 1
	t := Table{Header: []string{"NMSE (dB) at layer"}}
	layers := []int{1, 2, 4, 8, 12, last}
	for _, k := range layers {
		t.Header = append(t.Header, strconv.Itoa(min(k, last)))
	}
	t.Header = append(t.Header, "95 % interval", "λ", "relative gap")
	for i, c := range s.Curves {
		row := []string{c.Method}
		for _, k := range layers {
			row = append(row, decimals(c.Layers[min(k, last)].NMSE))
		}
		lambda, gap := "", ""
		if s.Weights[i] > 0 {
			lambda, gap = fmt.Sprint(s.Weights[i]), digits(s.Gaps[i])
		}
		t.Rows = append(t.Rows, append(row, bracket(c.Last().NMSECI, decimals), lambda, gap))
	}
	return t
}

func (r *ListaResult) models() Table {
	t := Table{Header: []string{"model", "method", "m×n", "parameters", "trained at noise", "steps", "core seconds"}}
	for _, m := range r.Models {
		c := m.Solver.Config
		method, time := c.Method, ""
		if c.Shared {
			method += ", shared matrices"
		}
		if seconds := checkpoints.TrainingSeconds(m.Name); seconds > 0 {
			time = fmt.Sprint(seconds)
		}
		t.Rows = append(t.Rows, []string{m.Name, method, fmt.Sprintf("%d×%d", c.M, c.N), strconv.Itoa(m.Solver.Parameters()),
			fmt.Sprint(m.Law.Noise), strconv.Itoa(m.Steps), time})
	}
	return t
}
