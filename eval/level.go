package eval

import "slices"

// A level is the NMSE of one method on one set of prompts, dB, with its bootstrap replicates. Replicate r of every level with as many rows
// draws the same rows, so that the difference of two levels is paired where their rows are.
type level struct {
	method     string
	db         float64
	replicates []float64
}

// ci is the interval of the level.
func (l level) ci() Interval { return percentiles(l.replicates) }

// minus is how far a level lies above another.
func (l level) minus(o level) Difference {
	apart := slices.Clone(l.replicates)
	for j, v := range o.replicates {
		apart[j] -= v
	}
	return Difference{l.method, o.method, l.db - o.db, percentiles(apart)}
}

// plus is a level moved by a difference, replicate by replicate: l + (a − b).
func (l level) plus(a, b level) level {
	moved := level{l.method, l.db + a.db - b.db, slices.Clone(l.replicates)}
	for j := range moved.replicates {
		moved.replicates[j] += a.replicates[j] - b.replicates[j]
	}
	return moved
}

// of returns the level of a method.
func (r *DecayResult) of(method string) level {
	return r.levels[slices.IndexFunc(r.levels, func(l level) bool { return l.method == method })]
}

// A sheet holds the squared errors of several methods: a row for every prompt or every matrix, a column for every method, and ‖x*‖² in the
// last.
type sheet struct {
	matrix
	replicates matrix
}

func newSheet(m matrix, boot bootstrap) sheet { return sheet{m, boot.means(m)} }

// level is that of column m.
func (s sheet) level(method string, m int) level {
	last := s.Cols - 1
	l := level{method: method, db: decibel(mean(s.Col(m)) / mean(s.Col(last)))}
	power := s.replicates.Col(last)
	for j, v := range s.replicates.Col(m) {
		l.replicates = append(l.replicates, decibel(v/power[j]))
	}
	return l
}
