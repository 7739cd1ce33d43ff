package l2otest

import (
	"errors"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A HostileCase is an input that is bad or extreme, with what must come of it.
type HostileCase struct {
	Name    string
	Problem *l2o.Problem
	Stop    l2o.Stop
	// Arg begins the Arg of the *[l2o.InputError] that is due. "" means a problem at the edge of what is allowed: then the answer may be
	// an error, too, a certified x, or a status that says that it is not certified.
	Arg string
}

// Hostile is the input battery: whatever the input, a solver does not panic, does not change it, and does not return what is not finite or
// is called converged and is not. It returns how many cases ended with an error, certified, and with another status.
func Hostile(t TB, s l2o.Solver) (refused, certified, open int) {
	t.Helper()
	for _, c := range HostileCases() {
		before := fingerprint(c.Problem)
		sol, crash, err := guarded(s, c)
		if crash != nil {
			t.Errorf("solver: hostile: on %s it panics: %v", c.Name, crash)
			continue
		}
		if fingerprint(c.Problem) != before {
			t.Errorf("solver: hostile: on %s it changes its input", c.Name)
		}
		if err != nil {
			refused++
			checkHostileError(t, c, err)
			continue
		}
		if c.Arg != "" {
			t.Errorf("solver: hostile: on %s there is no error, want one that names %s", c.Name, c.Arg)
		}
		if sum := dot(sol.X, scaled(sol.X, 0)); sum != 0 {
			t.Errorf("solver: hostile: on %s x is %v", c.Name, sol.X)
		}
		if sol.Status != l2o.Converged {
			open++
			continue
		}
		certified++
		tol := c.Stop.Gap
		if tol == 0 {
			tol = 1e-6
		}
		if cert := l2o.Certify(c.Problem, sol.X); !(cert.RelativeGap <= tol) {
			t.Errorf("solver: hostile: on %s it converges to a relative gap of %v", c.Name, cert.RelativeGap)
		}
	}
	return refused, certified, open
}

func guarded(s l2o.Solver, c HostileCase) (sol l2o.Solution, crash any, err error) {
	defer func() { crash = recover() }()
	sol, err = l2o.Solve(s, c.Problem, c.Stop)
	return sol, nil, err
}

func checkHostileError(t TB, c HostileCase, err error) {
	t.Helper()
	if text := err.Error(); strings.Contains(text, "\n") {
		t.Errorf("solver: hostile: on %s the error has more than one line: %q", c.Name, text)
	}
	if _, ok := errors.AsType[*l2o.UnsupportedError](err); ok {
		return
	}
	bad, ok := errors.AsType[*l2o.InputError](err)
	switch {
	case !ok:
		t.Errorf("solver: hostile: on %s the error is a %T: %v", c.Name, err, err)
	case !strings.HasPrefix(bad.Arg, c.Arg) || bad.Arg == "":
		t.Errorf("solver: hostile: on %s the error names %q, want %q", c.Name, bad.Arg, c.Arg)
	}
}

// fingerprint hashes every number of a problem, those of a view's neighbourhood included.
func fingerprint(p *l2o.Problem) uint64 {
	h := fnv.New64a()
	add := func(v []float64) {
		for _, f := range v[:cap(v)] {
			bits := math.Float64bits(f)
			for shift := 0; shift < 64; shift += 8 {
				h.Write([]byte{byte(bits >> shift)})
			}
		}
	}
	switch a := p.A.(type) {
	case *linop.Dense:
		add(a.Data)
	case *linop.ColMajor:
		add(a.Data)
	case *linop.CSC:
		add(a.Value)
		for _, k := range slices.Concat(a.Start, a.Row) {
			add([]float64{float64(k)})
		}
	}
	add(p.Y)
	switch g := p.G.(type) {
	case prox.WeightedL1:
		add(g.Weights)
	case prox.Group:
		add(g.Weights)
		for _, k := range slices.Concat(g.Groups...) {
			add([]float64{float64(k)})
		}
	}
	return h.Sum64()
}

// HostileCases returns the battery: [Broken] and [BrokenPenalties] among them, on a Lasso of 4 rows and 6 columns.
func HostileCases() []HostileCase {
	p := Random(rand.New(rand.NewPCG(23, 0)), 4, 6, 0.1)
	var cases []HostileCase
	for _, c := range slices.Concat(Broken(p), BrokenPenalties(p)) {
		cases = append(cases, HostileCase{Name: c.Name, Problem: c.Problem, Arg: c.Arg})
	}
	for _, c := range Odd() {
		cases = append(cases, HostileCase{Name: c.Name, Problem: c.Problem, Stop: l2o.Stop{Gap: 1e-8, MaxIter: 3000}})
	}
	cases = append(cases, brokenEntries(p)...)
	cases = append(cases, brokenParameters(p)...)
	return append(cases, extremes(p)...)
}
