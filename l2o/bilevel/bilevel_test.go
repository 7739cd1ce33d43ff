package bilevel_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/bilevel"
	"unroll/l2o/diff"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A split is a problem with validation rows and untouched ones, of the law of W5: N(0, 1) rows, five ones, noise 0.1.
type split struct {
	train, validation, third *linop.Dense
	y, yValidation, yThird   []float64
	star                     []float64
}

func draw(seed uint64, train, validation, third, n int) split {
	rng := rand.New(rand.NewPCG(seed, 5))
	s := split{star: make([]float64, n)}
	for _, j := range rng.Perm(n)[:5] {
		s.star[j] = 1
	}
	rows := func(m int) (*linop.Dense, []float64) {
		a := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}
		for i := range a.Data {
			a.Data[i] = rng.NormFloat64()
		}
		y := make([]float64, m)
		a.Apply(y, s.star)
		for i := range y {
			y[i] += 0.1 * rng.NormFloat64()
		}
		return a, y
	}
	s.train, s.y = rows(train)
	s.validation, s.yValidation = rows(validation)
	s.third, s.yThird = rows(third)
	return s
}

func (s split) heldOut() bilevel.HeldOut {
	return bilevel.HeldOut{Train: &l2o.Problem{A: s.train, Y: s.y}, B: s.validation, Y: s.yValidation}
}

func (s split) onThird(x []float64) float64 {
	w := [][]float64{make([]float64, len(x))}
	return bilevel.HeldOut{B: s.third, Y: s.yThird}.Judge([][]float64{x}, w)
}

func (s split) lambdaMax() float64 { return l2o.LambdaMax(s.train, s.y) }

// The slope of every criterion agrees with central differences of its value at certified solutions, for one θ and for one each.
func TestSlopes(t *testing.T) {
	s := draw(1, 30, 20, 10, 25)
	p := &l2o.Problem{A: s.train, Y: s.y}
	cv, err := bilevel.NewCrossValidation(s.train, s.y, 3)
	if err != nil {
		t.Fatal(err)
	}
	sure, err := bilevel.NewSURE(p, 0.1, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]bilevel.Criterion{"held out": s.heldOut(), "cross-validation": cv, "SURE": sure, "MSE": bilevel.MSE{Train: p, Star: s.star}} {
		for _, unknowns := range []int{1, 25} {
			start := make([]float64, unknowns)
			for j := range start {
				start[j] = math.Log(0.1*s.lambdaMax()) + 0.1*float64(j%3)
			}
			l2otest.CheckGrad(t, func(theta []float64) (float64, []float64, uint64) { return evaluate(t, c, theta) }, start, l2otest.GradOptions{Directions: 4, Step: 1e-4, Tol: 1e-6, Seed: uint64(len(name))})
		}
	}
}

// evaluate returns a criterion's value and slope at θ.
func evaluate(t *testing.T, c bilevel.Criterion, theta []float64) (value float64, slope []float64, signs uint64) {
	t.Helper()
	r, err := bilevel.Evaluate(c, bilevel.Inner{}, theta)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.X {
		for _, v := range x {
			signs = signs*3 + uint64(1+sign(v))
		}
	}
	return r.Value, r.Slope, signs
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// W5: the λ-gradient of the held-out error, through implicit, unrolled and truncated differentiation.
func TestModesAgree(t *testing.T) {
	s := draw(1, 50, 50, 1, 200)
	theta := []float64{math.Log(0.1 * s.lambdaMax())}
	exact, err := bilevel.Evaluate(s.heldOut(), bilevel.Inner{}, theta)
	if err != nil {
		t.Fatal(err)
	}
	for name, inner := range map[string]bilevel.Inner{
		"implicit after FISTA": {Mode: diff.Mode{Rule: diff.Implicit}, Iterations: 4000},
		"unrolled":             {Iterations: 4000},
		"truncated":            {Mode: diff.Mode{Rule: diff.Truncated, Last: 3500}, Iterations: 4000},
	} {
		r, err := bilevel.Evaluate(s.heldOut(), inner, theta)
		if err != nil {
			t.Fatal(err)
		}
		d := math.Abs(r.Slope[0]-exact.Slope[0]) / math.Abs(exact.Slope[0])
		t.Logf("%s: %.15g, relative difference %.1e", name, r.Slope[0], d)
		if !(d <= 1e-10) {
			t.Errorf("%s: slope %.15g, want %.15g", name, r.Slope[0], exact.Slope[0])
		}
	}
}

// On 50 instances a weight for each unknown beats the best of 100 values of one λ on rows that neither has seen, in fewer solutions.
func TestWeightsBeatAGrid(t *testing.T) {
	const instances = 50
	var grid, one, each, free, validationEach, validationFree []float64
	solvesGrid, solvesEach := 0, 0
	for seed := range uint64(instances) {
		s := draw(100+seed, 100, 100, 100, 200)
		best, bestX := math.Inf(1), []float64(nil)
		x, start := make([]float64, 200), 0.0
		a := linop.NewColMajor(s.train)
		for i := range 100 {
			lambda := s.lambdaMax() * math.Pow(1e-3, float64(i)/99)
			sol, err := l2o.SolveFrom(l2o.CD{}, &l2o.Problem{A: a, Y: s.y, G: prox.L1{Lambda: lambda}}, x, l2o.Stop{Gap: 1e-6})
			if err != nil {
				t.Fatal(err)
			}
			x = sol.X
			solvesGrid++
			if v := s.heldOut().Judge([][]float64{x}, [][]float64{make([]float64, 200)}); v < best {
				best, bestX = v, slices.Clone(x)
			}
		}
		grid = append(grid, s.onThird(bestX))
		start = math.Log(0.1 * s.lambdaMax())
		r, err := bilevel.Search{Criterion: s.heldOut(), Start: []float64{start}}.Run()
		if err != nil {
			t.Fatal(err)
		}
		one = append(one, s.onThird(r.X[0]))
		theta := make([]float64, 200)
		for j := range theta {
			theta[j] = r.Theta[0]
		}
		for _, c := range []struct {
			tie  float64
			into *[]float64
		}{{0, &free}, {tie, &each}} {
			w, err := bilevel.Search{Criterion: s.heldOut(), Start: theta, Tie: c.tie}.Run()
			if err != nil {
				t.Fatal(err)
			}
			*c.into = append(*c.into, s.onThird(w.X[0]))
			if c.tie == 0 {
				validationFree = append(validationFree, w.Value)
				continue
			}
			solvesEach += r.Solves + w.Solves
			validationEach = append(validationEach, w.Value)
		}
	}
	t.Logf("median error on the third rows: grid %.5g, one θ %.5g, a θ each %.5g tied and %.5g free", median(grid), median(one), median(each), median(free))
	t.Logf("on the validation rows a θ each has %.5g tied and %.5g free: the difference is what overfits", median(validationEach), median(validationFree))
	t.Logf("solutions per instance: grid %d, one θ and then one each %d", solvesGrid/instances, solvesEach/instances)
	if !(median(each) < median(grid)) || solvesEach >= solvesGrid {
		t.Error("weights do not beat the grid")
	}
}

const tie = 1e-4

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func TestBadInput(t *testing.T) {
	s := draw(1, 8, 6, 4, 5)
	if _, err := bilevel.NewCrossValidation(s.train, s.y, 1); err == nil {
		t.Error("one fold is accepted")
	}
	if _, err := bilevel.NewSURE(&l2o.Problem{A: s.train, Y: s.y}, 0, rand.New(rand.NewPCG(1, 1))); err == nil {
		t.Error("σ = 0 is accepted")
	}
	for want, spoil := range map[string]func(s *bilevel.Search){
		"Criterion":              func(s *bilevel.Search) { s.Criterion = nil },
		"Start is of length 3":   func(s *bilevel.Search) { s.Start = make([]float64, 3) },
		"Start[0] is NaN":        func(s *bilevel.Search) { s.Start = []float64{math.NaN()} },
		"Tie is -1":              func(s *bilevel.Search) { s.Tie = -1 },
		"Inner.Iterations is -1": func(s *bilevel.Search) { s.Inner.Iterations = -1 },
		"Mode.Last is 9":         func(s *bilevel.Search) { s.Inner = bilevel.Inner{Iterations: 5, Mode: diff.Mode{Last: 9}} },
		"Y is of length 7":       func(c *bilevel.Search) { c.Criterion = bilevel.HeldOut{Train: &l2o.Problem{A: s.train, Y: s.y[:7]}} },
	} {
		search := bilevel.Search{Criterion: s.heldOut(), Start: []float64{0}}
		spoil(&search)
		if _, err := search.Run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
