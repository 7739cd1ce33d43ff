package eval

import (
	"math"
	"slices"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
	"unroll/model"
)

// A ScoreRow says how well a number that is known without x* tells the error of an estimate.
type ScoreRow struct {
	Name   string
	Caught float64 // share of the squared error among the prompts with the highest scores, at the study's flag rate
	Rank   float64 // correlation with the error
	Spread float64 // 95 % quantile of error/score over the 5 % quantile: 1 for a score that is the error, up to a factor
}

// scoredPrompts is the number of prompts on which scores are compared.
const scoredPrompts = 4000

// scoreNames are the candidates; the last is the gate's.
var scoreNames = []string{"residual ‖y − Xβ̂‖", "movement of the last layer", "Lasso gap at 0.1·λ_max", "norm beyond the S largest entries", "the gate's score"}

// scores compares what a gate could go by, on the first prompts of a batch.
func (t Trust) scores(network *model.Bound, b data.Batch, judged []judgement) []ScoreRow {
	size := min(scoredPrompts, b.Size)
	m := newMatrix(size, len(scoreNames))
	split(t.Workers, size, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			t.candidates(m.Row(i), network, b.At(i))
			m.Row(i)[len(scoreNames)-1] = judged[i].Score
		}
	})
	errors := make([]float64, size)
	for i := range errors {
		errors[i] = judged[i].Error
	}
	rows := make([]ScoreRow, len(scoreNames))
	for k, name := range scoreNames {
		scored, ratios := make([]judgement, size), make([]float64, size)
		for i, s := range m.Col(k) {
			scored[i], ratios[i] = judgement{model.Verdict{Score: s}, errors[i]}, errors[i]/s
		}
		slices.Sort(ratios)
		rows[k] = ScoreRow{name, caught(by(scored, score), t.Flagged), spearman(m.Col(k), errors), quantile(ratios, 0.95) / quantile(ratios, 0.05)}
	}
	return rows
}

// candidates fills the scores of one prompt but for the gate's.
func (t Trust) candidates(row []float64, network *model.Bound, p data.Prompt) {
	last, before := make([]float64, len(p.Beta)), make([]float64, len(p.Beta))
	network.Estimates(p.X, p.Y, nil, func(_ int, x []float64) bool {
		copy(before, last)
		copy(last, x)
		return true
	})
	a := &linop.Dense{M: len(p.Y), N: len(p.Beta), Data: p.X}
	fitted := make([]float64, a.M)
	a.Apply(fitted, last)
	row[0] = math.Sqrt(distance2(fitted, p.Y))
	row[1] = math.Sqrt(distance2(last, before))
	row[2] = l2o.Gap(&l2o.Problem{A: a, Y: p.Y, G: prox.L1{Lambda: 0.1 * l2o.LambdaMax(a, p.Y)}}, last)
	size := make([]float64, len(last))
	for j, v := range last {
		size[j] = math.Abs(v)
	}
	slices.Sort(size)
	for _, v := range size[:len(size)-min(t.Data.S, len(size))] {
		row[3] = math.Hypot(row[3], v)
	}
}

func (r *TrustResult) scoresSection() Section {
	s := Section{
		Title: "What a gate could go by",
		Paragraph: []string{"Numbers that are known without x*: the share of the squared error among the prompts that would be flagged, the rank correlation with " +
			"the error, and the ratio of the 95 % to the 5 % quantile of error over score, which is how wide an interval must be."},
		Table:   Table{Header: []string{"score", "share of squared error", "rank correlation", "spread of error/score"}},
		CSVName: "scores.csv",
	}
	for _, row := range r.Scores {
		s.Table.Rows = append(s.Table.Rows, []string{row.Name, percent1(row.Caught), decimals(row.Rank), digits(row.Spread)})
	}
	return s
}
