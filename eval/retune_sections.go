package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"unroll/l2o/bilevel"
)

func (r *RetuneResult) sections() []Section {
	var all []Section
	if r.Bias != nil {
		all = append(all, r.overK(), r.overT(), r.costSection())
	}
	if len(r.Rows) > 0 {
		all = append(all, r.psnrSection(), r.pairedSection(), r.contractionSection())
		all = append(all, r.descentSections()...)
		all = append(all, r.pictureSections()...)
	}
	return all
}

// overK is the section of hypergradient.csv, which holds the rows over T too.
func (r *RetuneResult) overK() Section {
	b := r.Bias
	t := Table{Header: []string{"K", "T", "q", "relative_error", "bound"}}
	shown := Table{Header: []string{"K", "q", "error", "bound q^K/(1−q^K)", "of the exact gradient"}}
	errors, bounds, shares := Line{Name: "JFB(K)"}, Line{Name: "bound"}, Line{Name: "JFB(K), of the exact gradient"}
	for _, row := range slices.Concat(b.OverK, b.OverT) {
		t.Rows = append(t.Rows, []string{fmt.Sprint(row.K), fmt.Sprint(row.T), significant(row.Q), significant(row.Error), significant(row.Bound)})
	}
	for _, row := range b.OverK {
		shown.Rows = append(shown.Rows, []string{fmt.Sprint(row.K), fmt.Sprintf("%.4f", row.Q), digits(row.Error), digits(row.Bound), digits(row.Share)})
		x := float64(row.K)
		errors.X, errors.Y = append(errors.X, x), append(errors.Y, row.Error)
		bounds.X, bounds.Y = append(bounds.X, x), append(bounds.Y, row.Bound)
		shares.X, shares.Y = append(shares.X, x), append(shares.Y, row.Share)
	}
	return Section{Title: "The hypergradient's error over K", Table: shown, full: &t, CSVName: "hypergradient.csv",
		Paragraph: []string{fmt.Sprintf("%s. At the equilibrium: the distance of JFB's gradient to the exact one, relative to ‖∂_θΦ_K‖·‖∇ℓ‖ as the bound is, and relative to the exact "+
			"gradient itself. q is the K-th root of ‖∂_uΦ_K‖ there, measured by power iteration. By the factor %.3f of one layer a bias of a tenth "+
			"needs K = %d, and a thousandth of the way from the start to the equilibrium T = %d restarts of %d layers.",
			b.Setting, b.Factor, b.Layers, b.Restart, biasK)},
		Figure: &Figure{Name: "hypergradient-K", XTitle: "layers K", YTitle: "relative error", LogY: true, Lines: []Line{errors, bounds, shares},
			Caption: "Error of the gradient through one block of K layers at the equilibrium, and its bound."}}
}

func (r *RetuneResult) overT() Section {
	t := Table{Header: []string{"T", "to the exact gradient", "to that at the equilibrium", "predicted"}}
	away, expected, bias := Line{Name: "to the equilibrium's"}, Line{Name: "predicted"}, Line{Name: "to the exact one"}
	for _, row := range r.Bias.OverT {
		t.Rows = append(t.Rows, []string{fmt.Sprint(row.T), digits(row.Error), digits(row.Away), digits(row.Expected)})
		x := float64(row.T)
		bias.X, bias.Y = append(bias.X, x), append(bias.Y, row.Error)
		if row.Away > 1e-13 {
			away.X, away.Y = append(away.X, x), append(away.Y, row.Away)
			expected.X, expected.Y = append(expected.X, x), append(expected.Y, row.Expected)
		}
	}
	return Section{Title: "The hypergradient's error over T", Table: t, CSVName: "restarts.csv",
		Paragraph: []string{fmt.Sprintf("K = %d. What T restarts leave of the distance to the gradient at the equilibrium falls as the iteration does; the predicted line has the spectral "+
			"radius ϱ of one layer and goes through T = 10. The distance to the exact gradient stays at the bias of K layers.", biasK)},
		Figure: &Figure{Name: "hypergradient-T", XTitle: "restarts T", YTitle: "relative error", LogY: true, Lines: []Line{away, expected, bias},
			Caption: "Error of the gradient after T restarts."}}
}

func (r *RetuneResult) costSection() Section {
	t := Table{Header: []string{"hypergradient", "vectors stored", "MB", "ms", "layers run", "error", "cosine"}}
	for _, c := range r.Costs {
		t.Rows = append(t.Rows, []string{c.Name, fmt.Sprint(c.States), fmt.Sprintf("%.3f", c.Memory), fmt.Sprintf("%.1f", 1e3*c.Seconds), fmt.Sprint(c.Layers), digits(c.Error), fmt.Sprintf("%.4f", c.Cosine)})
	}
	return Section{Title: "Five hypergradients", Table: t, CSVName: "costs.csv", Paragraph: []string{
		"On one training crop, at learned parameters: what is stored to differentiate, the time of one gradient, and its distance and angle to the exact one. " +
			"The exact one uses blocks of one layer; its vectors are those of the Krylov space."}}
}

func (r *RetuneResult) psnrSection() Section {
	t := Table{Header: []string{"task", "family", "method", "psnr", "lo", "hi", "memory_mb", "seconds"}}
	for _, row := range r.Rows {
		t.Rows = append(t.Rows, []string{row.Task, row.Family, row.Method, fmt.Sprintf("%.3f", row.PSNR), fmt.Sprintf("%.3f", row.CI.Lo),
			fmt.Sprintf("%.3f", row.CI.Hi), fmt.Sprintf("%.4f", row.Memory), fmt.Sprintf("%.4f", row.Seconds)})
	}
	methods := Table{Header: []string{"method"}}
	for _, m := range retuneMethods {
		methods.Rows = append(methods.Rows, []string{m.Name})
	}
	for _, row := range r.Rows {
		if row.Method == retuneMethods[0].Name {
			methods.Header = append(methods.Header, row.Task+" "+row.Family)
			for at := range methods.Rows {
				methods.Rows[at] = append(methods.Rows[at], "–")
			}
		}
		at := slices.IndexFunc(retuneMethods, func(m retuneMethod) bool { return m.Name == row.Method })
		methods.Rows[at][len(methods.Header)-1] = decimals(row.PSNR)
	}
	text := []string{fmt.Sprintf("Mean PSNR in dB over %d test crops of %d×%d pixels, %s, with K = %d layers a block and T = %d restarts; intervals, memory and time of one training "+
		"gradient of one crop are in the file.", r.Study.Images, r.Study.Size, r.Study.Size, r.Images, r.Study.K, r.Study.T)}
	families, _ := r.Study.families()
	for _, f := range families {
		if !slices.ContainsFunc(r.Rows, func(row psnrRow) bool { return row.Family == f.Name }) {
			continue
		}
		text = append(text, fmt.Sprintf("%s: %s.", f.Name, f.About))
	}
	if len(r.Left) > 0 {
		text = append(text, fmt.Sprintf("Without learned parameters in the checkpoint, and so left out: %s.", strings.Join(r.Left, ", ")))
	}
	return Section{Title: "PSNR", Table: methods, full: &t, CSVName: "psnr.csv", Paragraph: append(text,
		"DRUNet's weights and the images of DIV2K are downloads that this study does without; data=DIR takes a folder of photographs.")}
}

// pairedSection shows a row for each task and family; paired.csv has one for each difference.
func (r *RetuneResult) pairedSection() Section {
	t := Table{Header: []string{"task", "family", "difference", "dB", "lo", "hi", "wanted", "holds"}}
	shown := Table{Header: []string{"task", "family"}}
	for _, c := range retuneComparisons {
		shown.Header = append(shown.Header, strings.TrimSpace(c.name()+" "+c.want))
	}
	var failed []string
	for i, row := range r.Paired {
		t.Rows = append(t.Rows, []string{row.Task, row.Family, row.Comparison, fmt.Sprintf("%.3f", row.DB), fmt.Sprintf("%.3f", row.CI.Lo), fmt.Sprintf("%.3f", row.CI.Hi), row.Want, row.Holds})
		if row.Holds == "no" {
			failed = append(failed, fmt.Sprintf("%s %s, %s", row.Task, row.Family, row.Comparison))
		}
		if i == 0 || row.Task != r.Paired[i-1].Task || row.Family != r.Paired[i-1].Family {
			shown.Rows = append(shown.Rows, append([]string{row.Task, row.Family}, slices.Repeat([]string{"–"}, len(retuneComparisons))...))
		}
		at := slices.IndexFunc(retuneComparisons, func(c retuneComparison) bool { return c.name() == row.Comparison })
		shown.Rows[len(shown.Rows)-1][2+at] = decimals(row.DB) + " " + bracket(row.CI, decimals)
	}
	text := "All means are where they are wanted."
	if len(failed) > 0 {
		text = fmt.Sprintf("Not where they are wanted: %s.", strings.Join(failed, "; "))
	}
	return Section{Title: "Paired differences", Table: shown, full: &t, CSVName: "paired.csv", Paragraph: []string{
		"Differences in dB on the same crops with 95 % intervals of the paired bootstrap, under what is wanted of their mean, where less than 0.0005 dB counts as none. The last restarts the truncated network, for which nothing is wanted. " + text}}
}

// contractionSection shows what a descent ends at; contraction.csv has every epoch.
func (r *RetuneResult) contractionSection() Section {
	t := Table{Header: []string{"task", "family", "gradient", "epoch", "block's factor", "bias bound", "validation dB"}}
	shown := Table{Header: []string{"task", "family", "gradient", "factor before", "after", "bias bound after", "largest factor"}}
	f := &Figure{Name: "contraction", XTitle: "epoch", YTitle: "factor of a block",
		Caption: "The measured factor ‖∂_uΦ_K‖ of a block over the epochs of ReTune, at one validation crop, in the first family."}
	for _, l := range r.Learned {
		if l.Way == byImplicit {
			continue // measures one layer
		}
		line := Line{Name: l.Task}
		for e, q := range l.Q {
			t.Rows = append(t.Rows, []string{l.Task, l.Family, l.Way, fmt.Sprint(e), fmt.Sprintf("%.4f", q), boundText(q), fmt.Sprintf("%.3f", l.PSNR[e])})
			line.X, line.Y = append(line.X, float64(e)), append(line.Y, q)
		}
		last := l.Q[len(l.Q)-1]
		shown.Rows = append(shown.Rows, []string{l.Task, l.Family, l.Way, fmt.Sprintf("%.4f", l.Q[0]), fmt.Sprintf("%.4f", last), boundText(last), fmt.Sprintf("%.4f", slices.Max(l.Q))})
		if l.Way == byReTune && l.Family == r.Learned[0].Family {
			f.Lines = append(f.Lines, line)
		}
	}
	s := Section{Title: "Contraction", Table: shown, full: &t, CSVName: "contraction.csv", Paragraph: []string{
		"What the epochs measured, and the bound on the bias of JFB that it implies. A factor of 1 or more has none. Pixels that are not seen, and frequencies that a blur " +
			"removes, are held by the penalty alone. No norm is strongly convex, and there a block hardly contracts: with a factor of 0.985 ten blocks leave 0.86 of the distance to the " +
			"equilibrium. So family A has a ridge for each band, in units in which every band of a blur has the same norm, and for blurs it stands around what was observed and not " +
			"around zero; plug-and-play is drawn there too. Both are ours and not the paper's, and learned like all else."}}
	if len(f.Lines) > 0 {
		s.Figure = f
	}
	return s
}

// boundText is the bound on the bias that a factor implies.
func boundText(q float64) string {
	if b := bilevel.BiasBound(q); !math.IsInf(b, 1) {
		return digits(b)
	}
	return "none"
}

func (r *RetuneResult) descentSections() []Section {
	var all []Section
	for _, d := range r.Descents {
		all = append(all, Section{Title: fmt.Sprintf("Objective, %s", d.Task), Figure: &Figure{Name: "objective-" + d.Task, XTitle: "layers", YTitle: "objective above its end, relative",
			LogY: true, Lines: d.Lines, Caption: fmt.Sprintf("Family %s: the objective of each along K(T+1) layers on one crop, above what it is after %d blocks.", d.Family, longer+1)}})
	}
	return all
}

func (r *RetuneResult) pictureSections() []Section {
	var all []Section
	for i := range r.Pictures {
		all = append(all, Section{Title: "Pictures: " + r.Pictures[i].Name[len("pictures-"):], Picture: &r.Pictures[i]})
	}
	return all
}
