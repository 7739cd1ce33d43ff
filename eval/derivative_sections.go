package eval

import (
	"fmt"
	"math"
)

func (r *DerivativeResult) sections() []Section {
	var all []Section
	for i, p := range r.Problems {
		s := Section{Title: p.Name + ": rates", CSVName: p.CSVName, Table: rateTable(p.Rates)}
		s.Paragraph = []string{fmt.Sprintf("%s. Factors per iteration of the errors of x_k and of ∂x_k/∂λ, by least squares on their logarithms once "+
			"the support is identified, beside the spectral radius of the linearised iteration over the same iterations, and the error of the last "+
			"derivative relative to the implicit one.", p.Setting)}
		if p.Problem.Loss != nil {
			s.Paragraph = append(s.Paragraph, "Where the curvature changes with x the derivative's error is k times a geometric one, by theory: the fit sees "+
				"a factor that is 1/k larger.")
		}
		if i == 0 {
			draws, worst, limit := r.agreement(0.002)
			text := fmt.Sprintf("In %d of %d draws of the law the rates without momentum are within 0.002 of each other and of theory", draws, r.Study.Draws)
			if draws < r.Study.Draws {
				text += fmt.Sprintf("; in the others, by up to %.3f, the eigenvector of the slowest rate has not taken over before rounding has", worst)
			}
			s.Paragraph = append(s.Paragraph, text+fmt.Sprintf(". The largest error of a last derivative, over all draws and schedules, is %.1e.", limit))
			s.Figure = rateFigure(p.Rates)
		}
		all = append(all, s)
	}
	for _, missing := range r.Missing {
		all = append(all, Section{Title: "Left out", Paragraph: []string{missing}})
	}
	return append(all, r.drawSection(), r.modeSection(), r.curseSection())
}

func rateTable(rates []DerivativeRate) Table {
	t := Table{Header: []string{"schedule", "rate_iterate", "rate_derivative", "rate_theory", "limit_error"}}
	for _, row := range rates {
		theory := ""
		if !math.IsNaN(row.Theory) {
			theory = fmt.Sprintf("%.5f", row.Theory)
		}
		t.Rows = append(t.Rows, []string{row.Schedule, fmt.Sprintf("%.5f", row.Iterate), fmt.Sprintf("%.5f", row.Derivative), theory,
			fmt.Sprintf("%.1e", row.LimitError)})
	}
	return t
}

// rateFigure shows the derivatives' errors; those of the iterates run parallel.
func rateFigure(rates []DerivativeRate) *Figure {
	f := &Figure{Name: derivativeStudy.Figure, XTitle: "iteration k", YTitle: "error of ∂x_k/∂λ, relative", LogY: true,
		Caption: "Error of the derivative of the k-th iterate, relative to the derivative of the solution."}
	for _, row := range rates {
		switch row.Schedule { // six colours; the two left out lie beside their neighbours
		case "PGD random", "APG random":
		default:
			f.Lines = append(f.Lines, errorLine(row.Schedule, row.derivatives, 200))
		}
	}
	return f
}

// errorLine is an error from k = 0 to the last or down to rounding.
func errorLine(name string, e []float64, last int) Line {
	l := Line{Name: name}
	for k := 0; k < len(e) && k <= last && (k == 0 || e[k-1] > 1e-14); k++ {
		l.X, l.Y = append(l.X, float64(k)), append(l.Y, e[k])
	}
	return l
}

func (r *DerivativeResult) drawSection() Section {
	t := Table{Header: []string{"draw", "schedule", "rate_iterate", "rate_derivative", "rate_theory", "limit_error", "identified"}}
	for _, d := range r.Draws {
		for i, row := range rateTable(d.Rates).Rows {
			t.Rows = append(t.Rows, append(append([]string{fmt.Sprint(d.Draw)}, row...), fmt.Sprint(d.Rates[i].Identified)))
		}
	}
	return Section{Title: "All draws", Table: t, CSVName: "rates_draws.csv"}
}

func (r *DerivativeResult) modeSection() Section {
	t := Table{Header: []string{"mode", "vectors stored", "ms", "error", "bar"}}
	for _, m := range r.Modes {
		t.Rows = append(t.Rows, []string{m.Name, fmt.Sprint(m.States), fmt.Sprintf("%.3f", 1e3*m.Seconds), fmt.Sprintf("%.1e", m.Error), fmt.Sprintf("%.1e", m.Bar)})
	}
	return Section{Title: "Four modes", Table: t, CSVName: "modes.csv", Paragraph: []string{fmt.Sprintf(
		"The gradient of Σx_j with respect to the hundred weights of the first Lasso after %d iterations of FISTA: iterates stored, time with the "+
			"forward run, distance to the gradient of the solution, and its bar.", r.Study.K/4)}}
}

func (r *DerivativeResult) curseSection() Section {
	c := r.Curse
	t := Table{Header: []string{"k", "started at 0", fmt.Sprintf("started at %d", c.Begin)}}
	for k := range c.Early {
		if k%25 == 0 && k <= 2*c.Begin+100 {
			t.Rows = append(t.Rows, []string{fmt.Sprint(k), digits(c.Early[k]), digits(c.Late[k])})
		}
	}
	at := min(2*c.Begin, len(c.Early)-1)
	return Section{
		Title: "The curse of unrolling", Table: t, CSVName: "curse.csv",
		Paragraph: []string{fmt.Sprintf("On draw %d the error of the derivative, which is 1 before the first iteration, rises to %.2f before it falls (PGD 1/L). "+
			"Started at iteration %d, when the support is identified, it never does: at iteration %d it is %.1e where that of the early start is %.1e.",
			c.Draw, c.Rise, c.Begin, at, c.Late[at], c.Early[at])},
		Figure: &Figure{Name: "curse", XTitle: "iteration k", YTitle: "error of ∂x_k/∂λ, relative", LogY: true,
			Caption: "An early start of the derivative makes it worse.",
			Lines:   []Line{errorLine("from 0", c.Early, 3*c.Begin), errorLine(fmt.Sprintf("from %d", c.Begin), c.Late, 3*c.Begin)}},
	}
}
