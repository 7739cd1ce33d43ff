package eval

import (
	"fmt"
	"math"
)

func (r *TrustResult) sections() []Section {
	return []Section{r.coverageSection(), r.flagSection(), r.scoresSection(), r.ledgerSection(), r.polishSection()}
}

// deciles cuts the judged prompts by their score, lowest first.
func (r *TrustResult) deciles() [10][]judgement {
	var cut [10][]judgement
	sorted := by(r.judged, score)
	for k := range cut {
		cut[k] = sorted[k*len(sorted)/len(cut) : (k+1)*len(sorted)/len(cut)]
	}
	return cut
}

// coverage summarises the intervals: how often they hold the error, the least and most over the deciles of the score, and the median width
// in the first decile over that in the last.
func (r *TrustResult) coverage() (overall, least, most, widths float64) {
	cut := r.deciles()
	least = 1
	for _, decile := range cut {
		c := covered(decile)
		least, most = min(least, c), max(most, c)
	}
	return covered(r.judged), least, most, median(cut[0], width) / median(cut[len(cut)-1], width)
}

func (r *TrustResult) coverageSection() Section {
	d := r.Study.Data
	overall, least, most, widths := r.coverage()
	s := Section{
		Title: "Does the interval hold the error?",
		Paragraph: []string{
			fmt.Sprintf("The gate of %s, calibrated on %d prompts with d = %d, S = %d, N = %d, σ = %g, judged on %d others (hash %s, seed %d). "+
				"Its score is the distance of the estimate to the least squares fit on its S largest entries, with the misfit of that fit.",
				r.Network, r.Gate.Prompts, d.D, d.S, d.N, d.Sigma, len(r.judged), r.Hash, r.Study.Seed),
			fmt.Sprintf("Asked for %s. Overall %s of the intervals hold the error; over the deciles of the score from %s to %s. The median width in the "+
				"easiest decile is %s of that in the hardest.", percent1(r.Study.Coverage), percent1(overall), percent1(least), percent1(most), digits(widths)),
		},
		Table:   Table{Header: []string{"decile of the score", "score up to", "coverage", "median width", "median error", "mean squared error", "share of squared error"}},
		CSVName: "deciles.csv",
	}
	total := meanSquare(r.judged)
	for k, decile := range r.deciles() {
		s.Table.Rows = append(s.Table.Rows, []string{fmt.Sprint(k + 1), digits(decile[len(decile)-1].Score), percent1(covered(decile)),
			digits(median(decile, width)), digits(median(decile, trueError)), digits(meanSquare(decile)),
			percent1(meanSquare(decile) * float64(len(decile)) / (total * float64(len(r.judged))))})
	}
	return s
}

// percent1 is a share in percent with one decimal.
func percent1(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

// flagShare is the share of the squared error that the gate's own flag finds.
func (r *TrustResult) flagShare() float64 {
	var flagged, all float64
	for _, j := range r.judged {
		all += j.Error * j.Error
		if j.Classical {
			flagged += j.Error * j.Error
		}
	}
	return flagged / all
}

func (r *TrustResult) flagSection() Section {
	byScore, byError := by(r.judged, score), by(r.judged, trueError)
	s := Section{
		Title: "Does the flag find the error?",
		Paragraph: []string{fmt.Sprintf("The gate flags %s of the prompts, and they hold %s of the squared error. No flag of that rate can hold more than %s, "+
			"which is what sorting by the error itself gives.", percent1(flagRate(r.judged)), percent1(r.flagShare()), percent1(caught(byError, flagRate(r.judged))))},
		Table:   Table{Header: []string{"flagged", "share of squared error", "at best"}},
		CSVName: "flags.csv",
	}
	gate, best := Line{Name: "gate", X: []float64{0}, Y: []float64{0}}, Line{Name: "at best", X: []float64{0}, Y: []float64{0}}
	for _, rate := range []float64{0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1} {
		found, most := caught(byScore, rate), caught(byError, rate)
		s.Table.Rows = append(s.Table.Rows, []string{percent1(rate), percent1(found), percent1(most)})
		gate.X, gate.Y = append(gate.X, 100*rate), append(gate.Y, 100*found)
		best.X, best.Y = append(best.X, 100*rate), append(best.Y, 100*most)
	}
	s.Figure = &Figure{Name: trustStudy.Figure, XTitle: "prompts flagged (%)", YTitle: "squared error that they hold (%)", Lines: []Line{gate, best},
		Caption: "What a flag on the highest scores finds, beside one that knows the errors."}
	return s
}

// ledgerRank is the rank correlation of flag rate and squared error over the ledger, its mean and its median.
func (r *TrustResult) ledgerRank() (withMean, withMedian float64) {
	var flags, means, medians []float64
	for _, s := range r.Ledger {
		flags, means, medians = append(flags, s.Flagged), append(means, s.Mean), append(medians, s.Median)
	}
	return spearman(flags, means), spearman(flags, medians)
}

func (r *TrustResult) ledgerSection() Section {
	withMean, withMedian := r.ledgerRank()
	s := Section{
		Title: "Other laws than the calibration's",
		Paragraph: []string{fmt.Sprintf("The same gate on %d prompts each of other laws, one change at a time. Coverage is promised for the first row alone. Over the "+
			"rows, the flag rate has the rank correlation %.2f with the mean squared error, %.2f with its median, which no single prompt can move.",
			r.Study.Shifted, withMean, withMedian)},
		Table:   Table{Header: []string{"prompts", "mean squared error", "median", "flagged", "coverage"}},
		CSVName: "shifts.csv",
	}
	for _, l := range r.Ledger {
		s.Table.Rows = append(s.Table.Rows, []string{l.Name, digits(l.Mean), digits(l.Median), percent1(l.Flagged), percent1(l.Coverage)})
	}
	return s
}

func (r *TrustResult) polishSection() Section {
	s := Section{
		Title: "Polish",
		Paragraph: []string{fmt.Sprintf("From the estimates of %d prompts to Lasso solutions with a relative duality gap of %.0e: sweeps of cyclic coordinate "+
			"descent from the estimate and from zero (medians, and the ratio of the totals), and the largest gap that l2o.Polish left.",
			min(r.Study.Polished, len(r.judged)), polishGap)},
		Table:   Table{Header: []string{"λ", "sweeps from estimate", "from zero", "ratio of totals", "unfinished", "largest gap", "uncertified", "error before", "after"}},
		CSVName: "polish.csv",
	}
	for _, p := range r.Polish {
		s.Table.Rows = append(s.Table.Rows, []string{p.Lambda, fmt.Sprint(math.Round(p.Sweeps)), fmt.Sprint(math.Round(p.Zero)), fmt.Sprintf("%.3f", p.Ratio), fmt.Sprint(p.Unfinished),
			fmt.Sprintf("%.1e", p.WorstGap), fmt.Sprint(p.Uncertified), digits(p.Before), digits(p.After)})
	}
	return s
}
