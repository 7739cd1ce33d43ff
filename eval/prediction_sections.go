package eval

import "fmt"

// exactLabel is the error below which a figure leaves a point out: rounding, far below what there is to see.
const exactLabel = 1e-12

func (r *PredictionResult) sections() []Section {
	d := r.Study.Data
	lengths := r.Study.lengths()
	s := Section{
		Title: "The predicted label",
		Paragraph: []string{
			fmt.Sprintf("Mean of (ŷ − ⟨x, β*⟩)²/S over %d held-out prompts of every length N, d = %d, S = %d, σ = %g, seed %d: the prediction 0 has 1. "+
				"Lasso has ½‖y − Xβ‖² + λ‖β‖₁, so that λ/N is scikit-learn's alpha; least squares is the solution of smallest norm.",
				r.Study.Prompts, d.D, d.S, d.Sigma, r.Study.Seed),
			r.sentence(),
		},
		Table:   Table{Header: []string{"method"}},
		CSVName: "prediction.csv",
		full:    columns("N,method,error_mean,error_lo,error_hi,error_median,prompts_hash"),
		Figure: &Figure{Name: predictionStudy.Figure, XTitle: "demonstration pairs N", YTitle: "(ŷ − y)²/S", LogY: true,
			Caption: "Error of the predicted label against the length of the prompt; bands are 95 % intervals."},
	}
	if d.Sigma == 0 {
		s.Figure.Caption += " Least squares is exact from N = d on."
	}
	for _, n := range lengths {
		s.Table.Header = append(s.Table.Header, fmt.Sprintf("N = %d", n), "95 % interval")
	}
	for m, method := range r.Methods {
		row, line := []string{method}, Line{Name: method}
		for i, c := range r.Cells[m] {
			row = append(row, digits(c.Mean), bracket(c.CI, digits))
			if c.Mean > exactLabel {
				line.X, line.Y = append(line.X, float64(lengths[i])), append(line.Y, c.Mean)
				line.Lo, line.Hi = append(line.Lo, max(c.CI.Lo, exactLabel)), append(line.Hi, c.CI.Hi)
			}
			s.full.Rows = append(s.full.Rows, []string{fmt.Sprint(lengths[i]), method, significant(c.Mean), significant(c.CI.Lo), significant(c.CI.Hi),
				significant(c.Median), r.Hashes[i]})
		}
		s.Table.Rows = append(s.Table.Rows, row)
		if r.drawn(m) && len(line.X) > 0 {
			s.Figure.Lines = append(s.Figure.Lines, line)
		}
	}
	if len(lengths) == 1 {
		s.Figure = nil
	}
	return []Section{s}
}

// networks is the number of networks, of which each has two read-outs.
func (r *PredictionResult) networks() int { return (len(r.Methods) - 1 - len(gargAlphas)) / 2 }

// drawn keeps six lines at most, what the palette can tell apart: the first network, least squares, and Garg's penalties but the largest
// and the smallest.
func (r *PredictionResult) drawn(m int) bool {
	first := 2 * r.networks()
	return m < 2 || m >= first && m != first+1 && m != len(r.Methods)-1
}

// sentence compares the first network's read-outs with the best of the baselines at the shortest length.
func (r *PredictionResult) sentence() string {
	best := 2 * r.networks()
	for m := best; m < len(r.Methods); m++ {
		if r.Cells[m][0].Mean < r.Cells[best][0].Mean {
			best = m
		}
	}
	return fmt.Sprintf("At N = %d the quadratic read-out of the first network has %s, its linear one %s, and the best of the baselines, %s, %s.",
		r.Study.lengths()[0], digits(r.Cells[0][0].Mean), digits(r.Cells[1][0].Mean), r.Methods[best], digits(r.Cells[best][0].Mean))
}
