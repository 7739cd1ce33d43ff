package eval

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sections arranges the result for a reader: what was found, the curves, the last layer, the rates, what was measured, the baselines,
// and what the caller adds.
func (r *DecayResult) sections() []Section {
	return append([]Section{r.curvesSection(), r.lastSection(), r.differencesSection(), r.rateSection(), r.settingSection(), r.baselineSection()},
		r.Sections...)
}

func (r *DecayResult) curvesSection() Section {
	return Section{
		Title:     "The error after every layer",
		Paragraph: []string{fmt.Sprintf("NMSE in dB after k layers or iterations, on %d held-out prompts.", r.Study.Prompts)},
		Figure:    r.figure(),
		Table:     r.decibels(),
		CSVName:   "curves.csv",
		full:      r.curves(),
	}
}

func (r *DecayResult) figure() *Figure {
	d := r.Study.Data
	f := &Figure{
		Name: "decay", XTitle: "layer / iteration k", YTitle: "NMSE (dB)",
		Caption: fmt.Sprintf("Error after every layer; d = %d, S = %d, N = %d, σ = %g. Bands: 95 %% bootstrap intervals over %d prompts.",
			d.D, d.S, d.N, d.Sigma, r.Study.Prompts),
	}
	for _, c := range r.Curves {
		l := Line{Name: c.Method, Level: c.Level}
		for k, s := range c.Layers {
			l.X, l.Y = append(l.X, float64(k)), append(l.Y, s.NMSE)
			l.Lo, l.Hi = append(l.Lo, s.NMSECI.Lo), append(l.Hi, s.NMSECI.Hi)
		}
		f.Lines = append(f.Lines, l)
	}
	return f
}

// decibels is method × layers: every layer up to the fourth, then four more up to the last.
func (r *DecayResult) decibels() Table {
	layers := []int{0}
	for k := 0; k < r.Study.K; {
		step := 1
		if k >= 4 {
			step = max(1, (r.Study.K-4+3)/4)
		}
		k = min(k+step, r.Study.K)
		layers = append(layers, k)
	}
	t := Table{Header: []string{"NMSE (dB) at layer"}}
	for _, k := range layers {
		t.Header = append(t.Header, strconv.Itoa(k))
	}
	for _, c := range r.Curves {
		row := []string{c.Method}
		for _, k := range layers {
			row = append(row, fixed(c.Layers[k].NMSE, 2))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// curves is the table of curves.csv, one row per method and layer.
func (r *DecayResult) curves() *Table {
	t := &Table{Header: strings.Split("method,layer,mse_mean,mse_lo,mse_hi,mse_median,mse_q99,nmse_db", ",")}
	for _, c := range r.Curves {
		for k, s := range c.Layers {
			row := []string{c.Method, strconv.Itoa(k)}
			for _, v := range []float64{s.Mean, s.MeanCI.Lo, s.MeanCI.Hi, s.Median, s.Q99, s.NMSE} {
				row = append(row, strconv.FormatFloat(v, 'g', 10, 64))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func (r *DecayResult) lastSection() Section {
	s := Section{
		Title:     "The last layer",
		Paragraph: []string{"Squared error ‖x̂−x*‖² over the prompts. Where the mean is carried by few prompts, the median and the last columns show it."},
		Table:     Table{Header: []string{"method", "mean", "95 % interval", "median", "99 % quantile", "prompts above 10 × mean"}},
		CSVName:   "last_layer.csv",
	}
	for _, c := range r.Curves {
		l := c.Last()
		s.Table.Rows = append(s.Table.Rows, []string{c.Method, digits(l.Mean), bracket(l.MeanCI, digits), digits(l.Median), digits(l.Q99), strconv.Itoa(l.Outliers)})
	}
	return s
}

func (r *DecayResult) differencesSection() Section {
	s := Section{
		Title:   fmt.Sprintf("Differences after %d layers", r.Study.K),
		Table:   Table{Header: []string{"method", "reference", "difference (dB)", "95 % interval"}},
		CSVName: "differences.csv",
	}
	for _, d := range r.Differences {
		s.Paragraph = append(s.Paragraph, d.String())
		s.Table.Rows = append(s.Table.Rows, []string{d.Method, d.Reference, fixed(d.DB, 2), bracket(d.CI, decimals)})
	}
	return s
}

// String says the difference in a sentence.
func (d Difference) String() string {
	switch {
	case d.CI.Contains(0):
		return fmt.Sprintf("%s cannot be told from %s: %s dB %s.", d.Method, d.Reference, fixed(d.DB, 2), bracket(d.CI, decimals))
	case d.DB < 0:
		return fmt.Sprintf("%s is %s dB %s below %s.", d.Method, fixed(-d.DB, 2), bracket(Interval{-d.CI.Hi, -d.CI.Lo}, decimals), d.Reference)
	default:
		return fmt.Sprintf("%s is %s dB %s above %s.", d.Method, fixed(d.DB, 2), bracket(d.CI, decimals), d.Reference)
	}
}

func (r *DecayResult) rateSection() Section {
	s := Section{
		Title: "The rate",
		Paragraph: []string{"Linear: the error is multiplied by one factor per layer. Sublinear: it goes as a power of the layer. Plateau: over the last quarter " +
			"of the layers it no longer falls, or at less than a tenth of its pace before."},
		Table:   Table{Header: []string{"method", "decay"}},
		CSVName: "rates.csv",
	}
	for _, c := range r.Curves {
		if !c.Level {
			s.Table.Rows = append(s.Table.Rows, []string{c.Method, c.Rate.String()})
		}
	}
	return s
}

func (r *DecayResult) settingSection() Section {
	d := r.Study.Data
	design := d.Design
	if d.Rho != 0 {
		design += fmt.Sprintf(", ρ = %g", d.Rho)
	}
	if d.FixedX {
		design += ", one matrix for all prompts"
	} else {
		design += ", a fresh matrix per prompt"
	}
	support := fmt.Sprintf("%s nonzeros anywhere", d.Values)
	if d.Support > 0 {
		support = fmt.Sprintf("%s nonzeros among the first %d coordinates", d.Values, d.Support)
	}
	return Section{
		Title: "What was measured",
		Table: Table{Header: []string{"setting", "value"}, Rows: [][]string{
			{"dimension d, nonzeros S, pairs N", fmt.Sprintf("%d, %d, %d", d.D, d.S, d.N)},
			{"noise σ", fmt.Sprintf("%g", d.Sigma)},
			{"signal", support},
			{"design", design},
			{"layers K", strconv.Itoa(r.Study.K)},
			{"test prompts", fmt.Sprintf("%d, hash %s", r.Study.Prompts, r.Hash)},
			{"validation prompts", strconv.Itoa(r.Study.Validation)},
			{"seed of prompts and bootstrap", strconv.FormatUint(r.Study.Seed, 10)},
			{"bootstrap", fmt.Sprintf("%d resamples of the prompts, paired over methods, percentile intervals of 95 %%", resamples)},
		}},
		CSVName: "setting.csv",
	}
}

func (r *DecayResult) baselineSection() Section {
	s := Section{
		Title: "The baselines",
		Paragraph: []string{
			"ISTA and FISTA start at 0 with the step 1/‖X‖² and, for every depth k, the weight λ whose x_k has the smallest mean error on the validation " +
				"prompts: a number for all prompts or a fraction of each prompt's λ_max = ‖Xᵀy‖∞. They minimise ½‖Xx−y‖² + λ‖x‖₁.",
			fmt.Sprintf("At depth %d that is %s.", r.Study.K, r.chosen()),
			fmt.Sprintf("Lasso is the minimiser itself, certified by a relative duality gap of %g, at λ = %g, the best of %v on validation; on %d of %d prompts the certificate did not close.",
				lassoGap, r.Lasso.Lambda, lassoWeights, r.Lasso.Unconverged, r.Study.Prompts),
		},
		Table:   Table{Header: []string{"λ at depth"}},
		CSVName: "weights.csv",
	}
	for _, t := range r.Tunings {
		s.Table.Header = append(s.Table.Header, t.Method)
	}
	for k := 1; k <= r.Study.K; k++ {
		row := []string{strconv.Itoa(k)}
		for _, t := range r.Tunings {
			row = append(row, t.Weights[k].String())
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s
}

// chosen names the weights taken at depth K.
func (r *DecayResult) chosen() string {
	var parts []string
	for _, t := range r.Tunings {
		parts = append(parts, fmt.Sprintf("λ = %v for %s", t.Weights[r.Study.K], t.Method))
	}
	return strings.Join(parts, " and ")
}

// digits prints a squared error with three significant digits.
func digits(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

// decimals prints decibels with two decimals.
func decimals(v float64) string { return fixed(v, 2) }

// fixed prints with the given number of decimals, and never a negative zero.
func fixed(v float64, decimals int) string {
	if math.Abs(v) < 0.5*math.Pow10(-decimals) {
		v = 0
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

func bracket(i Interval, format func(float64) string) string {
	return "[" + format(i.Lo) + ", " + format(i.Hi) + "]"
}
