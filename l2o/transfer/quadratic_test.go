package transfer

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// Products give the answers that the certified solver gives on the rows, for every kind of knob.
func TestProductsAreRows(t *testing.T) {
	sets, _ := tasksOf(8, 50, 0.7, 0)
	var list []TwoStage
	for _, lambda1 := range []float64{60, 20} {
		for _, s := range []TwoStage{{}, {Kappa: 1}, {Kappa: 0.5}, {DeltaLambda: 4}, {Kappa: 0.3, DeltaLambda: 2}, {DeltaLambda: 1e9}} {
			for _, lambda2 := range []float64{20, 8, 3} {
				list = append(list, TwoStage{lambda1, lambda2, s.Kappa, s.DeltaLambda * lambda2})
			}
		}
	}
	c := CrossValidation{}.cut(sets)
	var fast [][]float64
	if loose := c.whole[0].each(c.whole[0].plus(c.whole[1], c.whole[2]), list, 1e-14, func(_ int, w []float64) { fast = append(fast, slices.Clone(w)) }); loose != 0 {
		t.Errorf("%d fits without a certificate", loose)
	}
	err := newTasks(sets, l2o.Stop{Gap: 1e-14}).each(list, func(i int, f Fit) {
		for j, w := range f.W {
			near(t, "an unknown", fast[i][j], w, 1e-6)
			if (w == 0) != (fast[i][j] == 0) {
				t.Errorf("%+v: unknown %d is %g by rows and %g by products", list[i], j, w, fast[i][j])
			}
		}
	})
	if err != nil || len(fast) != len(list) {
		t.Fatalf("%d of %d answers, error %v", len(fast), len(list), err)
	}
}

// The gap of the products is that of the rows, at any x, and what the descent returns has no larger one.
func TestGapOfProducts(t *testing.T) {
	sets, _ := tasksOf(9, 30, 1)
	q := quadraticOf(sets[0])
	rng := rand.New(rand.NewPCG(9, 9))
	_, n := sets[0].A.Dims()
	weights := make([]float64, n)
	for j := range weights {
		weights[j] = 2 + rng.Float64()
	}
	residual := func(x []float64) []float64 {
		r := q.apply(x)
		for j := range r {
			r[j] = q.c[j] - r[j]
		}
		return r
	}
	objective := func(x []float64) (f float64) {
		z := make([]float64, len(sets[0].Y))
		sets[0].A.Apply(z, x)
		for i, v := range sets[0].Y {
			f += (v - z[i]) * (v - z[i]) / 2
		}
		for j, v := range x {
			f += weights[j] * max(v, -v)
		}
		return f
	}
	byRows := func(x []float64) float64 { // with s(y − Ax) as the dual point
		z, back := make([]float64, len(sets[0].Y)), make([]float64, n)
		sets[0].A.Apply(z, x)
		var left, fit float64
		for i, v := range sets[0].Y {
			z[i] = v - z[i]
			left, fit = left+v*z[i], fit+z[i]*z[i]
		}
		sets[0].A.Adjoint(back, z)
		room := math.Inf(1)
		for j, v := range back {
			room = min(room, weights[j]/math.Abs(v))
		}
		s := max(-room, min(room, left/fit))
		return objective(x) - (s*left - s*s*fit/2)
	}
	best := make([]float64, n)
	if !q.lasso(best, weights, 1e-13) {
		t.Fatal("no certificate")
	}
	if g := q.gap(best, residual(best), weights); g > 1e-12*q.square {
		t.Errorf("gap %g of ‖y‖² = %g", g, q.square)
	}
	low := objective(best)
	for range 20 {
		x := slices.Clone(best)
		for j := range x {
			x[j] += 0.1 * rng.NormFloat64()
		}
		g := q.gap(x, residual(x), weights)
		near(t, "a gap by products", g, byRows(x), 1e-12*q.square)
		if above := objective(x) - low; g < above {
			t.Errorf("gap %g below the distance %g to the minimum", g, above)
		}
	}
	for _, stop := range []float64{1e-2, 1e-4, 1e-6} {
		x := make([]float64, n)
		if !q.lasso(x, weights, stop) || objective(x)-low > stop*q.square/2 {
			t.Errorf("stop %g: %g above the minimum, allowed %g", stop, objective(x)-low, stop*q.square/2)
		}
	}
}

// With too many unknowns for Gram matrices the same cross-validation goes through the rows.
func TestLossesWithoutProducts(t *testing.T) {
	sets, _ := tasksOf(10, 40, 1, 0)
	with := CrossValidation{}.cut(sets)
	without := *with
	without.whole = nil
	list := with.ladders([]int{1, 2}).values(kappas...)
	a, err := with.losses([]int{2, 1}, list)
	if err != nil {
		t.Fatal(err)
	}
	b, err := without.losses([]int{2, 1}, list)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		m, _ := meanError(a[i])
		want, _ := meanError(b[i])
		near(t, "a mean loss", m, want, 1e-2*want)
	}
}

// Fits that end above the gap asked for are counted, by either stage and on either way: all of those that are asked for a gap below none, and
// of two columns that are all but the same, with the response in their difference, those in which the descent creeps along it.
func TestLooseFits(t *testing.T) {
	sets, _ := tasksOf(11, 20, 1)
	list := []TwoStage{{60, 20, 1, 0}, {60, 10, 1, 0}, {20, 10, 0, 5}}
	c := CrossValidation{Folds: 2}.cut(sets)
	if loose := c.whole[0].each(c.whole[0].plus(c.whole[1]), list, -1, func(int, []float64) {}); loose != len(list) {
		t.Errorf("%d of %d fits are loose", loose, len(list))
	}
	creeping := quadratic{[]float64{1 + 1e-6, 1, 1, 1}, []float64{1e-3, 0}, 1} // (1, 1e-3), (1, 0) and y = (0, 1)
	for stage, want := range []TwoStage{{1e-5, 1, 0, 0}, {1, 1e-5, 0, 0}} {
		pair, easy := [2]quadratic{creeping, creeping}, quadratic{[]float64{1, 0, 0, 1}, []float64{1, 1}, 2}
		pair[1-stage] = easy
		if loose := pair[1].each(pair[0], []TwoStage{want, {1, 1, 0, 0}}, 1e-5, func(int, []float64) {}); loose != 1 {
			t.Errorf("stage %d creeps: %d of 2 fits are loose", stage+1, loose)
		}
	}

	defer func(stop l2o.Stop) { chosenStop = stop }(chosenStop)
	chosenStop = l2o.Stop{Gap: 1e-15, MaxIter: 1}
	c.whole = nil
	if _, err := c.losses([]int{1}, list); err != nil || c.loose != 2*len(list) {
		t.Errorf("%d of %d fits of two folds are loose, error %v", c.loose, 2*len(list), err)
	}
	chosenStop = l2o.Stop{Gap: -1}
	small := DataSet{&linop.ColMajor{M: 4, N: 2, Data: []float64{1, 0, 2, 1, 0, 1, 1, -1}}, []float64{1, 2, 3, 4}}
	corners, err := CrossValidation{Folds: 2}.Corners([]DataSet{small, small})
	if err != nil || corners[0].Loose != 2*lastSteps || corners[1].Loose != 2*firstSteps {
		t.Errorf("of two folds, %d fits of %d and %d of %d are loose, error %v", corners[0].Loose, 2*lastSteps, corners[1].Loose, 2*firstSteps, err)
	}
	a, err := CrossValidation{Folds: 2}.Alarm([]DataSet{small, small})
	if want := 2 * (1 + firstSteps) * lastSteps; err != nil || a.Loose != want {
		t.Errorf("%d of %d fits of an alarm are loose, error %v", a.Loose, want, err)
	}
}
