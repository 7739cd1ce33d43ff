package eval

import (
	"fmt"
	"slices"
	"strconv"
)

// lengths is claim (d): one set of weights at every prompt length. It holds where every network that was trained on a range of lengths has, at
// half as many pairs again as the longest, no more than there; the prompts are the same ones with rows added, so that the two are paired.
func (c Claims) lengths(all []Flagship, solvers []PromptSolver) (Finding, []Section, error) {
	const claim = "(d) prompts shorter and longer than in training work"
	var ranged []Flagship
	ends := []int{}
	for _, f := range all {
		if s := f.Subject; s.Data.Support == 0 && s.shortest > 0 && s.shortest < s.Data.N {
			ranged = append(ranged, f)
			ends = append(ends, s.Data.N, 3*s.Data.N/2)
		}
	}
	if len(ranged) == 0 {
		return Finding{claim, "not measured", "no network at hand was trained on prompts of several lengths"}, nil, nil
	}
	d := c.Data.D
	grid := append(ends, c.Data.S+1, 3*d/10, 2*d/5, d/2, 3*d/4, d, 3*d/2, 2*d, 5*d/2, 3*d, 4*d)
	slices.Sort(grid)
	grid = slices.Compact(grid)
	var results []*DecayResult
	for _, n := range grid {
		law := c.Data
		law.N = n
		one := c
		one.Prompts, one.Validation = max(2, c.Prompts/2), max(1, c.Validation/2)
		r, err := one.decay(law, c.Seed, append(withoutPrior(all), contestants(anyMatrix(solvers), law, c.K)...))
		if err != nil {
			return Finding{}, nil, err
		}
		results = append(results, r)
	}
	at := func(n int) *DecayResult { return results[slices.Index(grid, n)] }
	held, why := true, []string(nil)
	for _, f := range ranged {
		longest := f.Subject.Data.N
		in, beyond := at(longest).of(f.Name), at(3*longest/2).of(f.Name)
		step := beyond.minus(in)
		held = held && step.DB <= 0
		sentence := fmt.Sprintf("%s, trained on %d to %d pairs: %.1f dB at N = %d, %.1f dB at N = %d, change %+.2f dB [%+.2f, %+.2f].", f.Name, f.Subject.shortest,
			longest, in.db, longest, beyond.db, 3*longest/2, step.DB, step.CI.Lo, step.CI.Hi)
		if last := at(3 * longest / 2).curve(f.Name).Last(); step.DB > 0 && last.Outliers > 0 {
			sentence += fmt.Sprintf(" There %d of %d prompts have more than ten times the mean error; the median is %s, at N = %d it is %s.", last.Outliers,
				at(longest).Study.Prompts, digits(last.Median), longest, digits(at(longest).curve(f.Name).Last().Median))
		}
		why = append(why, sentence)
	}
	why = append(why, "Asked: no worse at half as many pairs again as the longest of training.")
	return found(claim, held, why...), []Section{c.lengthsSection(grid, results)}, nil
}

// curve returns the curve of a method.
func (r *DecayResult) curve(method string) Curve {
	return r.Curves[slices.IndexFunc(r.Curves, func(c Curve) bool { return c.Method == method })]
}

func (c Claims) lengthsSection(grid []int, results []*DecayResult) Section {
	s := Section{
		Title: "(d) One set of weights at every prompt length",
		Paragraph: []string{fmt.Sprintf("%d prompts at every length; a longer prompt is the shorter one with rows added. ISTA and FISTA have the best λ of each "+
			"length. The CSV file has medians and outliers.", results[0].Study.Prompts)},
		Table:   Table{Header: []string{"NMSE (dB) at N"}},
		CSVName: "lengths.csv",
		full:    columns("N,method,nmse_db,nmse_lo,nmse_hi,mse_median,mse_q99,outliers"),
		Figure: &Figure{Name: claimsStudy.Figure, XTitle: "demonstration pairs N", YTitle: "NMSE (dB)",
			Caption: fmt.Sprintf("Error after %d layers against the length of the prompt; bands are 95 %% intervals.", c.K)},
	}
	for _, n := range grid {
		s.Table.Header = append(s.Table.Header, strconv.Itoa(n))
	}
	for i, curve := range results[0].Curves {
		row, line := []string{curve.Method}, Line{Name: curve.Method}
		for j, r := range results {
			last := r.Curves[i].Last()
			row = append(row, decimals(last.NMSE))
			line.X, line.Y = append(line.X, float64(grid[j])), append(line.Y, last.NMSE)
			line.Lo, line.Hi = append(line.Lo, last.NMSECI.Lo), append(line.Hi, last.NMSECI.Hi)
			s.full.record([]string{strconv.Itoa(grid[j]), curve.Method}, last.NMSE, last.NMSECI.Lo, last.NMSECI.Hi, last.Median, last.Q99, float64(last.Outliers))
		}
		s.Table.Rows = append(s.Table.Rows, row)
		if !curve.Level {
			s.Figure.Lines = append(s.Figure.Lines, line)
		}
	}
	return s
}
