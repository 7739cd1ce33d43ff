package eval

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"

	"unroll/l2o/transfer"
)

// simulation compares twelve settings with theory, and with the theory that forgets that the target's data serve twice.
func (r *TransferResult) simulation(run cellRunner) ([]Section, error) {
	list := settings(r.Study.Seed)
	rows, err := simulate(run, "simulation", list, r.Study.N, r.Study.Runs, 2, r.Study.Seed)
	if err != nil {
		return nil, err
	}
	r.theory = append(r.theory, rows...)
	split, err := forgetful(list, rows)
	if err != nil {
		return nil, err
	}
	t := Table{Header: []string{"setting"}}
	for _, q := range quantities {
		t.Header = append(t.Header, "z of "+q)
	}
	for i, s := range list {
		line := []string{s.Name}
		for q := range quantities {
			line = append(line, decimals(rows[i*len(quantities)+q].z()))
		}
		t.Rows = append(t.Rows, line)
	}
	return []Section{{
		Title: "Theory and simulation",
		Paragraph: []string{
			fmt.Sprintf("%d settings, %d runs of N = %d unknowns each. z is (simulated − predicted)/standard error: %s. "+
				"Of as many independent ones by Student's law, with the standard error of so few runs, %s.", len(list), r.Study.Runs, r.Study.N, deviations(rows), byStudent(len(rows), r.Study.Runs)),
			fmt.Sprintf("The equations without what the second use of the target's data leaves (γ = 0, ĉ₁₂ = 0): %s.", deviations(split)),
		},
		Table: t, CSVName: "z.csv",
	}}, nil
}

// forgetful predicts the rows anew as if stage 2 had fresh target data.
func forgetful(list []setting, rows []theoryRow) ([]theoryRow, error) {
	out := slices.Clone(rows)
	for i, s := range list {
		s.Ensemble.Fresh = true
		p, err := s.Ensemble.Predict(s.Knobs)
		if err != nil {
			return nil, err
		}
		for q, v := range predicted(p) {
			out[i*len(quantities)+q].Predicted = v
		}
	}
	return out, nil
}

// deviations describes z-scores: how many are beyond 2.5 and 3, the largest, their root mean square.
func deviations(rows []theoryRow) string {
	var far, farther int
	var top, square float64
	for _, r := range rows {
		z := math.Abs(r.z())
		if z > 2.5 {
			far++
		}
		if z > 3 {
			farther++
		}
		top = max(top, z)
		square += z * z
	}
	return fmt.Sprintf("of %d |z|, %d above 2.5 and %d above 3, the largest %.1f, root mean square %.2f", len(rows), far, farther, top, math.Sqrt(square/float64(len(rows))))
}

// byStudent is what the deviations would be if the predictions held.
func byStudent(count, runs int) string {
	law := distuv.StudentsT{Sigma: 1, Nu: float64(runs - 1)}
	beyond := func(z float64) float64 { return 2 * law.Survival(z) * float64(count) }
	return fmt.Sprintf("%.1f are above 2.5, %.1f above 3 and %.2f above 4", beyond(2.5), beyond(3), beyond(4))
}

// sizes are the numbers of unknowns of the finite-size part.
var sizes = []int{200, 400, 800, 1600, 3200}

// sizeRuns takes fewer runs of the large problems, whose cost grows as N³; one run's mean square does not depend on how many there are.
func sizeRuns(n, runs int) int { return max(4, min(runs, runs*800/n)) }

// sizeSettings are the named ones and the random one whose training residual is farthest from the prediction in the first part, 3.7 of the
// law's standard errors at N = 2,500: what of that is the limit's would show here.
func sizeSettings(seed uint64) []setting { return append(namedSettings(), settings(seed)[9]) }

// size follows |simulated − predicted| as N grows.
func (r *TransferResult) size(run cellRunner) ([]Section, error) {
	f := &Figure{Name: "size", XTitle: "log₂ N", YTitle: "|simulated − predicted| of one run, relative", LogY: true,
		Caption: "Root mean square over the runs of each size, error of stage 2."}
	t := Table{Header: []string{"setting", "quantity", "rate of one run", "rate of the mean", "limit/predicted − 1", "se", "z"}}
	var rows []theoryRow
	for _, n := range sizes {
		part, err := simulate(run, "size", sizeSettings(r.Study.Seed), n, sizeRuns(n, r.Study.Runs), 2, r.Study.Seed+1)
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	r.theory = append(r.theory, rows...)
	perSize := len(rows) / len(sizes)
	var rates []float64
	for i := range perSize {
		var logN, one, average []float64
		var same []theoryRow
		line := Line{Name: rows[i].Setting}
		for k, n := range sizes {
			row := rows[k*perSize+i]
			same = append(same, row)
			logN = append(logN, math.Log(float64(n)))
			one, average = append(one, math.Log(row.deviation)), append(average, math.Log(math.Abs(row.Simulated-row.Predicted)))
			line.X, line.Y = append(line.X, math.Log2(float64(n))), append(line.Y, row.deviation/row.Predicted)
		}
		if rows[i].Quantity == "error 2" {
			f.Lines = append(f.Lines, line)
		}
		rates = append(rates, slope(logN, one))
		a, se := limit(same)
		t.Rows = append(t.Rows, []string{rows[i].Setting, rows[i].Quantity, decimals(slope(logN, one)), decimals(slope(logN, average)),
			percent(a), percent(se), decimals(a / se)})
	}
	return []Section{{
		Title: "Finite size",
		Paragraph: []string{fmt.Sprintf("One run's distance to the prediction falls as N to the power %.2f ± %.2f (mean and standard error over settings and quantities; "+
			"−½ is that of fluctuations alone), from %d runs of the smallest size to %d of the largest. The mean of the runs is closer and its rate is noisier. The limit is a of the line a + b/N through the means, each weighted by its runs and N.",
			mean(rates), standardError(rates), sizeRuns(sizes[0], r.Study.Runs), sizeRuns(sizes[len(sizes)-1], r.Study.Runs))},
		Figure: f, Table: t, CSVName: "rates.csv",
	}}, nil
}

// limit fits a + b/N to simulated/predicted − 1 over sizes. A run's variance is s²/N, with one s for all sizes.
func limit(rows []theoryRow) (a, se float64) {
	var s0, s1, s2, y0, y1, square, free float64
	for _, r := range rows {
		n, runs := float64(r.N), float64(r.runs)
		w, y := n*runs, r.Simulated/r.Predicted-1
		s0, s1, s2 = s0+w, s1+w/n, s2+w/(n*n)
		y0, y1 = y0+w*y, y1+w*y/n
		square += (runs - 1) * runs * n * r.SE * r.SE / (r.Predicted * r.Predicted)
		free += runs - 1
	}
	det := s0*s2 - s1*s1
	return (s2*y0 - s1*y1) / det, math.Sqrt(square / free * s2 / det)
}

// slope is that of the least-squares line.
func slope(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xy, xx float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	return xy / xx
}

// theorySection is theory.csv.
func theorySection(rows []theoryRow) Section {
	t := Table{Header: []string{"config", "quantity", "N", "simulated", "se", "predicted"}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []string{r.Setting, r.Quantity, strconv.Itoa(r.N), significant(r.Simulated), significant(r.SE), significant(r.Predicted)})
	}
	return Section{Title: "Every simulated number", Table: t, CSVName: "theory.csv"}
}

// knobs varies each knob of the setting "both" with the others fixed.
func (r *TransferResult) knobs(run cellRunner) ([]Section, error) {
	base := namedSettings()[2]
	var out []Section
	for _, k := range []struct {
		name, file string
		at         []float64
		turn       func(*transfer.TwoStage, float64)
	}{
		{"λ₁", "knob_lambda1", []float64{0.02, 0.05, 0.1, 0.2, 0.4, 0.8}, func(s *transfer.TwoStage, v float64) { s.Lambda1 = v }},
		{"λ₂", "knob_lambda2", []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32}, func(s *transfer.TwoStage, v float64) { s.Lambda2 = v }},
		{"κ", "knob_kappa", []float64{0, 0.2, 0.4, 0.6, 0.8, 1}, func(s *transfer.TwoStage, v float64) { s.Kappa = v }},
		{"Δλ", "knob_delta", []float64{0, 0.05, 0.1, 0.2, 0.3, 0.4}, func(s *transfer.TwoStage, v float64) { s.DeltaLambda = v }},
	} {
		var list []setting
		for i, v := range k.at {
			s := base
			s.draws = uint64(i)
			s.Name = fmt.Sprintf("%s=%g", k.file, v)
			k.turn(&s.Knobs, v)
			list = append(list, s)
		}
		rows, err := simulate(run, "knob", list, min(r.Study.N, 800), r.Study.Runs, 4, r.Study.Seed+2)
		if err != nil {
			return nil, err
		}
		r.theory = append(r.theory, rows...)
		f, err := knobFigure(k.name, k.file, base, k.at, k.turn, rows)
		if err != nil {
			return nil, err
		}
		out = append(out, Section{Title: "The errors against " + k.name, Figure: f})
	}
	return out, nil
}

// knobFigure draws theory as lines and simulation as dots with two standard errors on either side.
func knobFigure(name, file string, base setting, at []float64, turn func(*transfer.TwoStage, float64), rows []theoryRow) (*Figure, error) {
	f := &Figure{Name: file, XTitle: name, YTitle: "‖r₁ − estimate‖²/N",
		Caption: fmt.Sprintf("Theory (lines) and simulation (dots, ± 2 standard errors) at N = %d, the other knobs of %+v.", rows[0].N, base.Knobs)}
	for stage, label := range []string{"stage 1", "stage 2"} {
		line, dots := Line{Name: label}, Line{Dots: true}
		for i := range 41 {
			v := at[0] + (at[len(at)-1]-at[0])*float64(i)/40
			s := base.Knobs
			turn(&s, v)
			p, err := base.Ensemble.Predict(s)
			if err != nil {
				return nil, err
			}
			line.X, line.Y = append(line.X, v), append(line.Y, predicted(p)[stage])
		}
		for i, v := range at {
			row := rows[i*len(quantities)+stage]
			dots.X, dots.Y = append(dots.X, v), append(dots.Y, row.Simulated)
			dots.Lo, dots.Hi = append(dots.Lo, row.Simulated-2*row.SE), append(dots.Hi, row.Simulated+2*row.SE)
		}
		f.Lines = append(f.Lines, line, dots)
	}
	return f, nil
}
