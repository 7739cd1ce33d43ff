package eval

import (
	"fmt"

	"unroll/data"
)

// What claim (c) asks of learned methods and of classical ones.
const (
	gained   = 2.0 // dB, at least
	ungained = 0.2 // dB, less than
)

// A gain is what a prior on the support is worth to one method.
type gain struct {
	method, prompts string
	without, with   level
	learned         bool
}

func (g gain) change() Difference { return g.without.minus(g.with) }

// prior is claim (c). For a learned method the gain is between the best model of its kind that was trained without the prior and the one that
// was trained with it, on the same prompts with the prior; for ISTA and FISTA between prompts without and with.
func (c Claims) prior(all []Flagship, solvers []PromptSolver) (Finding, []Section, error) {
	const claim = "(c) a common restricted support: learned methods gain, ISTA and FISTA do not"
	support := priorOf(all, solvers)
	if support == 0 {
		return Finding{claim, "not measured", "no model with a support prior is at hand"}, nil, nil
	}
	law := c.Data
	law.N = (c.Data.D + 1) / 2
	plain, err := c.decay(law, c.Seed, nil)
	if err != nil {
		return Finding{}, nil, err
	}
	law.Support = support
	fresh, err := c.decay(law, c.Seed, append(networks(all), contestants(anyMatrix(solvers), law, c.K)...))
	if err != nil {
		return Finding{}, nil, err
	}
	gains := c.freshGains(fresh, all, solvers)
	for _, m := range []string{ista.Name, fista.Name} {
		gains = append(gains, gain{m, "fresh matrices", plain.of(m), fresh.of(m), false})
	}
	sections := []Section{c.priorSection(fresh)}
	law.FixedX = true
	var atOne []PromptSolver
	seed := c.Seed
	for _, s := range solvers {
		if s.Data.FixedX && s.Data.N == law.N {
			atOne, seed = append(atOne, s), s.Seed
		}
	}
	if learned := contestants(atOne, law, c.K); len(learned) > 0 {
		one, err := c.decay(law, seed, learned)
		if err != nil {
			return Finding{}, nil, err
		}
		gains = append(gains, solverGains(one, atOne, "one matrix")...)
	}
	held, why := true, []string(nil)
	for _, g := range gains {
		d := g.change()
		held = held && (g.learned && d.DB >= gained || !g.learned && d.DB < ungained)
		why = append(why, fmt.Sprintf("%s, %s: %+.2f dB [%+.2f, %+.2f].", g.method, g.prompts, d.DB, d.CI.Lo, d.CI.Hi))
	}
	if len(networks(all)) == len(withoutPrior(all)) {
		held, why = false, append(why, "No network with the prior is at hand.")
	}
	why = append(why, fmt.Sprintf("Asked: at least %g dB for what learned the prior, less than %g dB for ISTA and FISTA.", gained, ungained))
	return found(claim, held, why...), append([]Section{gainSection(law, gains)}, sections...), nil
}

// priorOf is the support that models with a prior were told of, 0 for none.
func priorOf(all []Flagship, solvers []PromptSolver) (support int) {
	for _, s := range solvers {
		support = max(support, s.Data.Support)
	}
	for _, f := range all {
		support = max(support, f.Subject.Data.Support)
	}
	return support
}

// networks are all of them as contestants.
func networks(all []Flagship) (learned []Contestant) {
	for _, f := range all {
		learned = append(learned, Contestant{f.Name, f.Subject.Trained})
	}
	return learned
}

// anyMatrix are the solvers that are not bound to one.
func anyMatrix(solvers []PromptSolver) (free []PromptSolver) {
	for _, s := range solvers {
		if !s.Data.FixedX {
			free = append(free, s)
		}
	}
	return free
}

// freshGains pairs every network with a prior with the best of those without, and solvers with their own kind.
func (c Claims) freshGains(r *DecayResult, all []Flagship, solvers []PromptSolver) (gains []gain) {
	without := withoutPrior(all)
	for _, f := range all {
		if f.Subject.Data.Support == 0 || len(without) == 0 {
			continue
		}
		best := r.of(without[0].Name)
		for _, w := range without[1:] {
			if l := r.of(w.Name); l.db < best.db {
				best = l
			}
		}
		gains = append(gains, gain{f.Name + " after " + best.method, "fresh matrices", best, r.of(f.Name), true})
	}
	return append(gains, solverGains(r, anyMatrix(solvers), "fresh matrices")...)
}

// solverGains pairs every solver with a prior with that of its method without one.
func solverGains(r *DecayResult, solvers []PromptSolver, prompts string) (gains []gain) {
	for _, s := range solvers {
		for _, w := range solvers {
			if s.Data.Support > 0 && w.Data.Support == 0 && w.Solver.Config.Method == s.Solver.Config.Method {
				gains = append(gains, gain{s.Name, prompts, r.of(w.Name), r.of(s.Name), true})
			}
		}
	}
	return gains
}

func gainSection(law data.SparseRecovery, gains []gain) Section {
	s := Section{
		Title: fmt.Sprintf("(c) A common support: nonzeros among the first %d of %d coordinates", law.Support, law.D),
		Paragraph: []string{fmt.Sprintf("N = %d. A learned method without the prior is the best one of its kind that was trained on supports anywhere, on the "+
			"same restricted prompts as the one that was trained on them. ISTA and FISTA have the best λ of either law.", law.N)},
		Table:   Table{Header: []string{"method", "prompts", "without the prior (dB)", "with it (dB)", "gain (dB)", "95 % interval"}},
		CSVName: "prior.csv",
	}
	for _, g := range gains {
		d := g.change()
		s.Table.Rows = append(s.Table.Rows, []string{g.method, g.prompts, decimals(g.without.db), decimals(g.with.db), decimals(d.DB), bracket(d.CI, decimals)})
	}
	return s
}

func (c Claims) priorSection(r *DecayResult) Section {
	s := Section{
		Title:     "(c) The error after every layer on restricted supports",
		Paragraph: []string{fmt.Sprintf("Fresh matrices, test prompts %s.", r.Hash)},
		Figure:    c.figure(r, "claims-prior", fmt.Sprintf("Nonzeros among the first %d coordinates, N = %d.", r.Study.Data.Support, r.Study.Data.N)),
		Table:     r.decibels(), CSVName: "prior_curves.csv", full: r.curvesCSV(),
	}
	return s
}
