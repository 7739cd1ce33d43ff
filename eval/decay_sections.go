package eval

import (
	"fmt"
	"strconv"
	"strings"
)

// sections arranges the result for a reader: what was found, with the curves; the last layer, differences and rates in numbers; what was
// measured and against what; and what the caller adds.
func (r *DecayResult) sections() []Section {
	return append([]Section{r.curvesSection(), r.lastSection(), r.differencesSection(), r.rateSection(), r.settingSection(), r.baselineSection()},
		r.Sections...)
}

func (r *DecayResult) curvesSection() Section {
	var found []string
	for _, d := range r.Differences {
		found = append(found, d.String())
	}
	return Section{
		Title: "The error after every layer",
		Paragraph: []string{
			fmt.Sprintf("After %d layers: %s", r.Study.K, strings.Join(found, " ")),
			"NMSE is 10·log₁₀(Σ‖x̂_k−x*‖²/Σ‖x*‖²) over the test prompts; brackets are 95 % intervals.",
		},
		Figure: r.figure(), Table: r.decibels(), CSVName: "curves.csv", full: r.curvesCSV(),
	}
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
			row = append(row, decimals(c.Layers[k].NMSE))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (r *DecayResult) lastSection() Section {
	s := Section{
		Title:     "The last layer",
		Paragraph: []string{"Squared error ‖x̂−x*‖² over the prompts. Where few prompts carry the mean, the median and the last columns show it."},
		Table:     Table{Header: []string{"method", "mean", "95 % interval", "median", "99 % quantile", "prompts above 10 × mean"}},
		CSVName:   "last_layer.csv",
		full:      r.lastCSV(),
	}
	for _, c := range r.Curves {
		l := c.Last()
		s.Table.Rows = append(s.Table.Rows,
			[]string{c.Method, digits(l.Mean), bracket(l.MeanCI, digits), digits(l.Median), digits(l.Q99), strconv.Itoa(l.Outliers)})
	}
	return s
}

func (r *DecayResult) differencesSection() Section {
	s := Section{
		Title:     fmt.Sprintf("Differences after %d layers", r.Study.K),
		Paragraph: []string{"NMSE of the method minus that of the reference; the bootstrap resamples the prompts, the same ones for both."},
		Table:     Table{Header: []string{"method", "reference", "difference (dB)", "95 % interval"}},
		CSVName:   "differences.csv",
		full:      r.differencesCSV(),
	}
	for _, d := range r.Differences {
		s.Table.Rows = append(s.Table.Rows, []string{d.Method, d.Reference, decimals(d.DB), bracket(d.CI, decimals)})
	}
	return s
}

func (r *DecayResult) rateSection() Section {
	s := Section{
		Title: "The rate",
		Paragraph: []string{"Linear: the error is multiplied by one factor per layer. Sublinear: it goes as a power of the layer. " +
			"Plateau: over the last quarter of the layers it no longer falls, or at less than a tenth of its pace before."},
		Table:   Table{Header: []string{"method", "decay"}},
		CSVName: "rates.csv",
		full:    r.ratesCSV(),
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
			"ISTA and FISTA minimise ½‖Xx−y‖² + λ‖x‖₁ from 0 with the step 1/‖X‖². For every depth k they get the λ whose x_k has the smallest " +
				"mean error on the validation prompts: a number for all prompts, or a fraction of each prompt's λ_max = ‖Xᵀy‖∞.",
			fmt.Sprintf("At depth %d that is %s.", r.Study.K, r.chosen()),
			fmt.Sprintf("Lasso is the minimiser itself, certified by a relative duality gap of at most %g, at λ = %g, the best of %s on validation. "+
				"On %d of %d prompts the certificate did not close.",
				lassoGap, r.Lasso.Lambda, strings.Trim(strings.ReplaceAll(fmt.Sprint(lassoWeights), " ", ", "), "[]"), r.Lasso.Unconverged, r.Study.Prompts),
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
