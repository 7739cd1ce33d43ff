package eval

import (
	"fmt"
	"math"
)

// near is how far above the best of them the last of the methods that the first claim compares may be, and half of the error is how far below
// FISTA all of them must be.
const (
	near = 3.0 // dB
	far  = 3.0 // dB
)

// fixed is claim (a): solvers bound to one matrix and networks that have never seen it, on the prompts of that matrix. It holds where all of
// them end within near of the best and at least far below FISTA at every length.
func (c Claims) fixed(all []Flagship, solvers []PromptSolver) (Finding, []Section, error) {
	const claim = "(a) one matrix: learned methods near each other, far below ISTA and FISTA"
	var sections []Section
	var why []string
	held := true
	for _, n := range boundLengths(solvers) {
		law := c.Data
		law.N, law.FixedX = n, true
		learned := withoutPrior(all)
		compared := len(learned)
		seed := c.Seed
		for _, s := range solvers {
			if s.Data.FixedX && s.Data.N == n && s.Data.Support == 0 {
				learned, seed = append(learned, Contestant{s.Name, s.Solver}), s.Seed
				compared++
			}
		}
		for _, s := range solvers { // made for any matrix, and shown beside
			if !s.Data.FixedX && s.Data.Support == 0 && s.reads(law.D, n) {
				learned = append(learned, Contestant{s.Name, s.Solver})
			}
		}
		r, err := c.decay(law, seed, learned)
		if err != nil {
			return Finding{}, nil, err
		}
		best, worst := math.Inf(1), math.Inf(-1)
		for _, l := range r.levels[:compared] {
			best, worst = min(best, l.db), max(worst, l.db)
		}
		fista := r.of(fista.Name).db
		held = held && worst-best <= near && fista-worst >= far
		why = append(why, fmt.Sprintf("N = %d: from %.1f to %.1f dB, FISTA %.1f dB.", n, best, worst, fista))
		if n >= c.Data.D && c.Data.Sigma == 0 {
			why = append(why, "With N ≥ d a solver bound to X can learn its inverse, which a network that never saw X cannot.")
		}
		sections = append(sections, c.fixedSection(r, seed))
	}
	if len(sections) == 0 {
		return Finding{claim, "not measured", "no bound solver is at hand"}, nil, nil
	}
	why = append(why, fmt.Sprintf("Asked: within %g dB of each other, %g dB below FISTA.", near, far))
	return found(claim, held, why...), sections, nil
}

func (c Claims) fixedSection(r *DecayResult, seed uint64) Section {
	n := r.Study.Data.N
	s := Section{
		Title: fmt.Sprintf("(a) One matrix, N = %d", n),
		Paragraph: []string{fmt.Sprintf("All prompts have the matrix of seed %d. Solvers whose name holds N%d were trained on it and on no other; the networks "+
			"and LISTA-VM have never seen it. Test prompts %s.", seed, n, r.Hash)},
		Figure:  c.figure(r, fmt.Sprintf("claims-fixed-N%d", n), fmt.Sprintf("One matrix for all prompts, N = %d.", n)),
		Table:   Table{Header: []string{"method", "NMSE (dB)", "95 % interval", "from FISTA (dB)", "95 % interval"}},
		CSVName: fmt.Sprintf("fixed_N%d.csv", n),
	}
	reference := r.of(fista.Name)
	for _, l := range r.levels {
		d := l.minus(reference)
		s.Table.Rows = append(s.Table.Rows, []string{l.method, decimals(l.db), bracket(l.ci(), decimals), decimals(d.DB), bracket(d.CI, decimals)})
	}
	return s
}
