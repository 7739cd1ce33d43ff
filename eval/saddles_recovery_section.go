package eval

import (
	"fmt"
	"strconv"
)

// recoveryLines are the methods of the study of fine-tuning.
var recoveryLines = []struct {
	name string
	of   func(RecoveryPoint) Share
}{
	{"saddles", func(p RecoveryPoint) Share { return p.Lacking }},
	{"saddles, wrong signs", func(p RecoveryPoint) Share { return p.Wrong }},
	{"weighted Lasso", func(p RecoveryPoint) Share { return p.Weighted }},
	{"Lasso", func(p RecoveryPoint) Share { return p.Unweighted }},
}

func (r *SaddlesResult) recoverySection() Section {
	f := &Figure{Name: "recovery", XTitle: "coordinates of β* missing from the start", YTitle: "share of trials recovered",
		Caption: "How often the signed support of β* stands on the path. Bands: Wilson's 95 % intervals."}
	s := Section{
		Title: "Fine-tuning",
		Paragraph: []string{
			fmt.Sprintf("n = %d, d = %d, %d nonzeros N(0, 1), columns N(0, I/n), noise %g/√n, %d trials. The start has the support of β* but for the missing "+
				"coordinates, or all of it with as many wrong signs. Recovered: one point of the path, whichever, has exactly the support and signs of β*.",
				recoveryN, recoveryD, recoveryS, recoverySigma, r.Study.Trials),
			fmt.Sprintf("The weighted Lasso has weight 0 on the start's support and is settled by its primal–dual witness at every λ. Paths with a tie: %d.", r.Recovery.Ambiguous),
		},
		Figure: f, Table: Table{Header: []string{"missing"}}, CSVName: "recovery.csv", full: columns("method,missing,share,lo,hi"),
	}
	for _, p := range r.Recovery.Points {
		s.Table.Rows = append(s.Table.Rows, []string{strconv.Itoa(p.Missing)})
	}
	for _, l := range recoveryLines {
		s.Table.Header = append(s.Table.Header, l.name)
		line := Line{Name: l.name}
		for i, p := range r.Recovery.Points {
			v := l.of(p)
			s.Table.Rows[i] = append(s.Table.Rows[i], decimals(v.Value)+" "+bracket(v.CI, decimals))
			s.full.record([]string{l.name, strconv.Itoa(p.Missing)}, v.Value, v.CI.Lo, v.CI.Hi)
			line.X, line.Y = append(line.X, float64(p.Missing)), append(line.Y, v.Value)
			line.Lo, line.Hi = append(line.Lo, v.CI.Lo), append(line.Hi, v.CI.Hi)
		}
		f.Lines = append(f.Lines, line)
	}
	return s
}
