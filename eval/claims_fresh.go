package eval

import (
	"cmp"
	"fmt"
	"slices"

	"unroll/data"
)

// What claim (b) asks: a solver bound to one matrix loses lost dB or more on others, and what was made for any matrix less than kept.
const (
	lost = 10.0
	kept = 0.5
)

// An elsewhere is what one method has on the prompts of its training law and on those of the other matrices, beside ISTA on the same prompts.
type elsewhere struct {
	name              string
	bound             bool
	home, others      level
	istaHome, istaOut level
}

// change is the method's change relative to ISTA's.
func (e elsewhere) change() Difference {
	return e.others.minus(e.home.plus(e.istaOut, e.istaHome))
}

// fresh is claim (b): every method on as many matrices that none was bound to.
func (c Claims) fresh(all []Flagship, solvers []PromptSolver) (Finding, []Section, error) {
	const claim = "(b) other matrices: what is bound to one fails, networks and LISTA-VM do not"
	var sections []Section
	var why []string
	held := true
	for _, n := range boundLengths(solvers) {
		rows, section, err := c.freshAt(n, all, solvers)
		if err != nil {
			return Finding{}, nil, err
		}
		for _, e := range rows {
			d := e.change()
			held = held && (e.bound && d.DB >= lost || !e.bound && d.DB < kept)
			why = append(why, fmt.Sprintf("N = %d, %s: %+.1f dB [%+.1f, %+.1f].", n, e.name, d.DB, d.CI.Lo, d.CI.Hi))
		}
		sections = append(sections, section)
	}
	if len(sections) == 0 {
		return Finding{claim, "not measured", "no bound solver is at hand"}, nil, nil
	}
	why = append(why, fmt.Sprintf("Asked: at least +%g dB for what is bound, less than +%g dB for the others, relative to ISTA.", lost, kept))
	return found(claim, held, why...), sections, nil
}

// freshAt measures all methods on prompts of n pairs: of a fresh matrix each, of the matrix that solvers are bound to, and of the others.
func (c Claims) freshAt(n int, all []Flagship, solvers []PromptSolver) (rows []elsewhere, s Section, err error) {
	law := c.Data
	law.N = n
	var entrants []Contestant
	var boundTo []bool
	seed := c.Seed
	for _, t := range withoutPrior(all) {
		entrants, boundTo = append(entrants, t), append(boundTo, false)
	}
	for _, s := range solvers {
		if s.Data.Support == 0 && s.reads(law.D, n) && (!s.Data.FixedX || s.Data.N == n) {
			entrants, boundTo = append(entrants, Contestant{s.Name, s.Solver}), append(boundTo, s.Data.FixedX)
			if s.Data.FixedX {
				seed = s.Seed
			}
		}
	}
	validation := law.Draw(c.Seed, data.Validation, 0, c.Validation)
	best := tune(ista.squaredErrors(validation, weights(), c.K, c.Workers), weights())
	boot := bootstrap{c.Seed, c.Workers}
	one := law
	one.FixedX = true
	fresh, err := c.sheet(law, c.Seed, c.Prompts, entrants, best)
	if err != nil {
		return nil, s, err
	}
	home, err := c.sheet(one, seed, c.Prompts, entrants, best)
	if err != nil {
		return nil, s, err
	}
	others := newMatrix(c.Matrices, len(entrants)+2) // mean squared error of every method, ISTA's, mean ‖x*‖²
	for j := range c.Matrices {
		m, err := c.sheet(one, otherSeed(seed, j), max(2, c.Prompts/c.Matrices), entrants, best)
		if err != nil {
			return nil, s, err
		}
		for k := range others.Cols {
			others.Row(j)[k] = mean(m.Col(k))
		}
	}
	atFresh, atHome, out := newSheet(fresh, boot), newSheet(home, boot), newSheet(others, boot)
	k := len(entrants)
	for i, e := range entrants {
		at := atFresh
		if boundTo[i] {
			at = atHome
		}
		rows = append(rows, elsewhere{e.Name, boundTo[i], at.level(e.Name, i), out.level(e.Name, i), at.level(ista.Name, k), out.level(ista.Name, k)})
	}
	return rows, c.freshSection(n, rows, entrants, home, others), nil
}

// otherSeed is the seed of the j-th other matrix.
func otherSeed(seed uint64, j int) uint64 { return seed + 1000 + uint64(j) }

// sheet returns the squared errors of the last layers of the entrants, of ISTA at the weight that is best on fresh matrices, and ‖x*‖².
func (c Claims) sheet(law data.SparseRecovery, seed uint64, prompts int, entrants []Contestant, best []Weight) (matrix, error) {
	test := law.Draw(seed, data.Test, 0, prompts)
	m := newMatrix(prompts, len(entrants)+2)
	put := func(column int, v []float64) {
		for i, e := range v {
			m.Row(i)[column] = e
		}
	}
	for k, e := range entrants {
		errors, err := e.squaredErrors(test, c.K, c.Workers)
		if err != nil {
			return m, err
		}
		put(k, errors.Col(c.K))
	}
	last := best[c.K : c.K+1]
	put(len(entrants), ista.squaredErrors(test, last, c.K, c.Workers).Col(c.K))
	put(len(entrants)+1, signals(test).Data)
	return m, nil
}

func (c Claims) freshSection(n int, rows []elsewhere, entrants []Contestant, home, others matrix) Section {
	s := Section{
		Title: fmt.Sprintf("(b) Other matrices, N = %d", n),
		Paragraph: []string{fmt.Sprintf("Every method on the law that it was trained on (for a bound solver the prompts of its one matrix, for all else a fresh "+
			"matrix per prompt) and on %d matrices that it was not bound to, %d prompts each. The last column is the method's change less that of ISTA on the "+
			"same prompts; its interval resamples the matrices.", c.Matrices, max(2, c.Prompts/c.Matrices))},
		Table:   Table{Header: []string{"method", "bound", "at home (dB)", "elsewhere (dB)", "ISTA's change (dB)", "change less ISTA's (dB)", "95 % interval"}},
		CSVName: fmt.Sprintf("fresh_N%d.csv", n),
		Figure: &Figure{Name: fmt.Sprintf("claims-fresh-N%d", n), XTitle: "matrix: 0 the one of the bound solvers, then the others by ISTA's error",
			YTitle: "NMSE (dB)", Caption: fmt.Sprintf("The last layer on each of %d matrices, N = %d; errors above %g dB are drawn there.", c.Matrices+1, n, ceiling)},
	}
	for _, e := range rows {
		d, is := e.change(), e.istaOut.minus(e.istaHome)
		s.Table.Rows = append(s.Table.Rows, []string{e.name, yes(e.bound), decimals(e.home.db), decimals(e.others.db), decimals(is.DB), decimals(d.DB),
			bracket(d.CI, decimals)})
	}
	k := len(entrants)
	order := make([]int, others.Rows)
	for j := range order {
		order[j] = j
	}
	at := func(j, m int) float64 { return decibel(others.Row(j)[m] / others.Row(j)[k+1]) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at(a, k), at(b, k)) })
	for m := range k + 1 {
		l := Line{Name: ista.Name, X: []float64{0}, Y: []float64{decibel(mean(home.Col(m)) / mean(home.Col(k+1)))}}
		if m < k {
			l.Name = entrants[m].Name
		}
		for x, j := range order {
			l.X, l.Y = append(l.X, float64(x+1)), append(l.Y, min(at(j, m), ceiling))
		}
		s.Figure.Lines = append(s.Figure.Lines, l)
	}
	return s
}

func yes(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}
