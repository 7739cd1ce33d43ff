package transfer

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// tasksOf draws a target and sources; a source of likeness 1 has the target's truth, of 0 one on other coordinates.
func tasksOf(seed uint64, targetRows int, likeness ...float64) (sets []DataSet, truth []float64) {
	const n, nonzeros = 80, 6
	rng := rand.New(rand.NewPCG(seed, 0))
	truth = make([]float64, n)
	for j := range nonzeros {
		truth[j] = 1
	}
	draw := func(m int, beta []float64) DataSet {
		a := &linop.ColMajor{M: m, N: n, Data: make([]float64, m*n)}
		for i := range a.Data {
			a.Data[i] = rng.NormFloat64()
		}
		y := make([]float64, m)
		a.Apply(y, beta)
		for i := range y {
			y[i] += rng.NormFloat64()
		}
		return DataSet{a, y}
	}
	sets = []DataSet{draw(targetRows, truth)}
	for _, l := range likeness {
		beta := make([]float64, n)
		for j := range nonzeros {
			beta[j], beta[nonzeros+j] = l, 2*(1-l)
		}
		sets = append(sets, draw(120, beta))
	}
	return sets, truth
}

// Every held-out row is predicted by a fit without it, with weights that shrink with the rows.
func TestLossesByHand(t *testing.T) {
	sets, _ := tasksOf(1, 20, 1)
	c := CrossValidation{Folds: 20}
	list := []TwoStage{{5, 3, 0.5, 1}, {5, 1, 0, 0}}
	table, err := c.cut(sets).losses([]int{1}, list)
	if err != nil {
		t.Fatal(err)
	}
	for row := range 20 {
		var others []int
		for i := range 20 {
			if i != row {
				others = append(others, i)
			}
		}
		left := []DataSet{rowsOf(sets[0], others), sets[1]}
		for i, s := range list {
			s.Lambda1 *= math.Sqrt(139.0 / 140)
			s.Lambda2 *= math.Sqrt(19.0 / 20)
			s.DeltaLambda *= math.Sqrt(19.0 / 20)
			f, err := s.Fit(left, l2o.Stop{})
			if err != nil {
				t.Fatal(err)
			}
			z := make([]float64, 1)
			one := rowsOf(sets[0], []int{row})
			one.A.Apply(z, f.W)
			d := one.Y[0] - z[0]
			near(t, "loss of a row", table[i][row], d*d, 1e-2*(1+d*d))
		}
	}
}

func TestAutoTakesWhatHelps(t *testing.T) {
	excess := func(w, truth []float64) (s float64) {
		for j := range w {
			s += (w[j] - truth[j]) * (w[j] - truth[j])
		}
		return s
	}
	sets, truth := tasksOf(2, 40, 1, 0, 1)
	choice, err := CrossValidation{}.Auto(sets)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := choice.Best[None].Knobs.Fit(sets, l2o.Stop{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(choice.Sources, []int{1, 3}) || choice.Strategy == None || !(excess(choice.W, truth) < 0.7*excess(alone.W, truth)) {
		t.Errorf("sources %v, %v, excess %.3g against %.3g: %s", choice.Sources, choice.Strategy, excess(choice.W, truth), excess(alone.W, truth), choice.Reason)
	}
	if !strings.HasPrefix(choice.Reason, choice.Strategy.String()+" of sources [1 3]: cross-validated error") || !strings.Contains(choice.Rule, "With 40 rows for 80 unknowns it says support") {
		t.Errorf("reason %q, rule %q", choice.Reason, choice.Rule)
	}
	if !choice.Converged() || choice.Loose != 0 || !strings.HasSuffix(choice.Reason, "; 0 fits with a gap above 1e-05") {
		t.Errorf("converged: %v, %d loose fits: %s", choice.Converged(), choice.Loose, choice.Reason)
	}
	again, err := CrossValidation{}.Auto(sets)
	if err != nil || !slices.Equal(again.W, choice.W) {
		t.Errorf("a second run differs, error %v", err)
	}
	sets, _ = tasksOf(3, 80, 0, 0)
	choice, err = CrossValidation{}.Auto(sets)
	if err != nil {
		t.Fatal(err)
	}
	if len(choice.Sources) != 0 || !strings.Contains(choice.Reason, "without a source") || strings.Contains(choice.Reason, "Inf") {
		t.Errorf("unrelated sources: %v, %v, %s", choice.Sources, choice.Strategy, choice.Reason)
	}
}

// Of candidates whose losses are known the rule takes the fewest nonzeros that the test at 5 % leaves and that are no worse than none, of
// as many the lowest. Against the lowest, a constant difference is told apart, one of mean 1 and standard error 0.8 is not, one of 1 and
// 0.5 is, whatever rows have in common.
func TestChooseByHand(t *testing.T) {
	sets, _ := tasksOf(12, 16, 1)
	c := CrossValidation{}.cut(sets)
	make := func(s Strategy, nonzeros int, lambda, mean, se float64) trial {
		out := trial{strategy: s, nonzeros: nonzeros, Candidate: Candidate{Knobs: TargetOnly(lambda)}}
		for i := range 16 {
			out.losses = append(out.losses, float64(5*i)+mean+se*math.Sqrt(15)*float64(1-2*(i%2)))
		}
		out.Mean, out.SE = meanError(out.losses)
		return out
	}
	all := []trial{make(Support, 1, 1, 1, 0.5), make(Support, 2, 2, 0.9, 0.8), make(Values, 2, 3, 0.8, 0.8), make(Support, 2, 4, 0.85, 0.8),
		make(Support, 9, 5, 0, 0), make(Support, 0, 6, 0.1, 0), make(Support, 0, 7, 1.2, 0.8), make(None, 20, 8, 1.1, 0.8)}
	c.loose = 7
	out, err := c.choose(all)
	if out.Loose != 7 || !strings.HasSuffix(out.Reason, "; 7 fits with a gap above 1e-05") {
		t.Errorf("%d loose fits of 7: %s", out.Loose, out.Reason)
	}
	if err != nil || out.Knobs != TargetOnly(3) || out.Strategy != Values || out.Lowest.Knobs != TargetOnly(5) || out.Nonzeros != 2 {
		t.Errorf("took %+v with %d nonzeros, lowest %+v, error %v", out.Knobs, out.Nonzeros, out.Lowest.Knobs, err)
	}
}

// A candidate is fitted on the target and its own sources, and on no other.
func TestCandidateFit(t *testing.T) {
	sets, _ := tasksOf(13, 40, 1, 0, 0.5)
	knobs := TwoStage{30, 5, 0.5, 3}
	got, err := Candidate{Knobs: knobs, Sources: []int{1, 3}}.Fit(sets)
	if err != nil {
		t.Fatal(err)
	}
	want, err := knobs.Fit([]DataSet{sets[0], sets[1], sets[3]}, l2o.Stop{})
	if err != nil || !slices.Equal(got.W, want.W) || !got.Converged() {
		t.Errorf("another answer than on the three data sets, error %v", err)
	}
	for _, k := range []int{0, -1, 4, 1} { // 1 a second time
		_, err := Candidate{Knobs: knobs, Sources: []int{1, k}}.Fit(sets)
		if bad, ok := errors.AsType[*InputError](err); !ok || bad.Where != "sources" || bad.Value != k {
			t.Errorf("source %d: error %v", k, err)
		}
		if other := Grid(sets, []int{1, k}, func(TwoStage, []float64) {}); fmt.Sprint(other) != fmt.Sprint(err) {
			t.Errorf("source %d: Grid's error %v", k, other)
		}
	}
	if _, err := (Candidate{Knobs: TwoStage{Kappa: 2}}).Fit(sets); err == nil {
		t.Error("κ = 2 was taken")
	}
}

func TestAlarm(t *testing.T) {
	for seed := range uint64(5) {
		for _, likeness := range []float64{1, 0} {
			sets, _ := tasksOf(10+seed, 120, likeness, likeness)
			a, err := CrossValidation{}.Alarm(sets)
			if err != nil {
				t.Fatal(err)
			}
			if a.Raised != (likeness == 0) || a.Raised != (a.Gain <= 0) || !(a.SE > 0) {
				t.Errorf("seed %d, likeness %v: %+v", seed, likeness, a)
			}
		}
	}
}

// A gain of less than 1e-4 of none's error is a tie, which raises the alarm.
func TestAlarmAtATie(t *testing.T) {
	sets, _ := tasksOf(14, 60, 1)
	c := CrossValidation{}.cut(sets)
	table, err := c.losses([]int{1}, c.ladders([]int{1}).values(1))
	if err != nil {
		t.Fatal(err)
	}
	for share, raised := range map[float64]bool{-1e-3: true, 0.5e-4: true, 2e-4: false} {
		none := slices.Clone(table[table.best()])
		for i := range none {
			none[i] *= 1 + share
		}
		if a, err := c.alarm([]int{1}, none); err != nil || a.Raised != raised {
			t.Errorf("a gain of %g of the error: %+v, error %v", share, a, err)
		}
	}
}

// Sources that are each too small to help may help together.
func TestSourcesTogether(t *testing.T) {
	e := Ensemble{Common: 0.03, Sets: []Law{{0.4, 0.02, 0.3}, {0.3, 0.02, 0.3}, {0.3, 0.02, 0.3}}}
	sets := e.Draw(300, rand.New(rand.NewPCG(1, 1))).Sets
	for k := range sets[1:] {
		if a, err := (CrossValidation{}).Alarm([]DataSet{sets[0], sets[k+1]}); err != nil || !a.Raised {
			t.Fatalf("source %d alone: %+v, error %v", k+1, a, err)
		}
	}
	if kept, err := (CrossValidation{}).Sources(sets); err != nil || !slices.Equal(kept, []int{1, 2}) {
		t.Errorf("sources %v, error %v", kept, err)
	}
}

// A list of knobs gives each the fit that it has alone.
func TestEach(t *testing.T) {
	sets, _ := tasksOf(6, 50, 0.7)
	var list []TwoStage
	for _, lambda1 := range []float64{40, 10, 20} {
		for _, s := range []TwoStage{{Lambda2: 10}, {Lambda2: 3, Kappa: 1}, {Lambda2: 1, Kappa: 0.5, DeltaLambda: 4}} {
			s.Lambda1 = lambda1
			list = append(list, s)
		}
	}
	seen := 0
	err := newTasks(sets, l2o.Stop{Gap: 1e-13}).each(list, func(i int, f Fit) {
		alone, err := list[i].Fit(sets, l2o.Stop{Gap: 1e-13})
		if err != nil {
			t.Fatal(err)
		}
		for j := range f.W {
			near(t, "an unknown", f.W[j], alone.W[j], 1e-9)
		}
		seen++
	})
	if err != nil || seen != len(list) {
		t.Errorf("%d of %d fits, error %v", seen, len(list), err)
	}
}

func TestCorners(t *testing.T) {
	sets, _ := tasksOf(4, 50, 1)
	list, err := CrossValidation{Folds: 3}.Corners(sets)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"none", "pooled", "Trans-Lasso", "values", "support", "pretraining"}
	for i, c := range list {
		if c.Name != names[i] || !c.Fit.Converged() || !(c.Mean > 0 && c.SE > 0) {
			t.Errorf("corner %d is %s: %+v", i, c.Name, c.Candidate)
		}
	}
	if values, trans := list[3], list[2]; values.Mean > trans.Mean {
		t.Errorf("values contains Trans-Lasso, but %.4g > %.4g", values.Mean, trans.Mean)
	}
}

func TestCrossValidationMistakes(t *testing.T) {
	sets, _ := tasksOf(5, 12, 1)
	for _, c := range []struct {
		cv    CrossValidation
		rows  int
		field string
	}{{CrossValidation{Folds: 1}, 12, "Folds"}, {CrossValidation{Folds: -2}, 12, "Folds"}, {CrossValidation{Folds: 13}, 12, "rows"}, {CrossValidation{}, 4, "rows"}} {
		some := []DataSet{rowsOf(sets[0], []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}[:c.rows]), sets[1]}
		_, err := c.cv.Alarm(some)
		if bad, ok := errors.AsType[*InputError](err); !ok || bad.Field != c.field {
			t.Errorf("%+v on %d rows: error %v", c.cv, c.rows, err)
		}
		_, other := c.cv.Auto(some)
		if other == nil || other.Error() != err.Error() {
			t.Errorf("Auto: error %v", other)
		}
	}
	// Responses that are all 0 are data: every answer is 0.
	zero := []DataSet{{sets[0].A, make([]float64, 12)}, {sets[1].A, make([]float64, 120)}}
	choice, err := CrossValidation{}.Auto(zero)
	if err != nil || slices.ContainsFunc(choice.W, func(v float64) bool { return v != 0 }) || math.IsNaN(choice.Best[None].Mean) {
		t.Errorf("zero responses: %+v, error %v", choice.Best, err)
	}
	// So are those of a target alone, which no stage 1 fits.
	sets, _ = tasksOf(5, 100, 1)
	clear(sets[0].Y)
	if choice, err := (CrossValidation{Folds: 2}).Auto(sets); err != nil || !choice.Converged() {
		t.Errorf("a target of zero responses: %+v, error %v", choice.Knobs, err)
	}
	if a, err := (CrossValidation{}).Alarm(zero); err != nil || a != (Alarm{Raised: true}) {
		t.Errorf("zero responses: %+v, error %v; want an alarm at a gain of 0", a, err)
	}
}
