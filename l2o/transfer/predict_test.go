package transfer

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// pair is a target and one source.
func pair(targetRows, sourceRows, common, targetOwn, sourceOwn, variance float64) Ensemble {
	sigma := math.Sqrt(variance)
	return Ensemble{Common: common, Sets: []Law{{targetRows, targetOwn, sigma}, {sourceRows, sourceOwn, sigma}}}
}

// configurations are those of the first table that the equations were checked with.
var configurations = []struct {
	e             Ensemble
	s             TwoStage
	first, second float64 // errors, from a Monte Carlo solution of the equations, good to about 2 %
	training      float64
}{
	{pair(0.4, 1.2, 0.15, 0.05, 0.05, 0.01), TwoStage{0.1, 0.05, 1, 0}, 0.0694, 0.0384, 0.0017},
	{pair(0.4, 1.2, 0.15, 0.05, 0.05, 0.01), TwoStage{0.1, 0.02, 0, 0.2}, 0.0694, 0.0526, 0.0006},
	{pair(0.4, 1.2, 0.15, 0.05, 0.05, 0.01), TwoStage{0.1, 0.03, 0.5, 0.1}, 0.0694, 0.0442, 0.0011},
	{pair(0.6, 0.6, 0.10, 0.10, 0.10, 0.05), TwoStage{0.2, 0.10, 0.7, 0.3}, 0.1060, 0.0767, 0.0140},
}

func mustPredict(t testing.TB, e Ensemble, s TwoStage) Prediction {
	t.Helper()
	p, err := e.Predict(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.12g, want %.12g ± %.0e", what, got, want, tolerance)
	}
}

func TestKnownConfigurations(t *testing.T) {
	for _, c := range configurations {
		p := mustPredict(t, c.e, c.s)
		near(t, "error 1", p.First.Error[0], c.first, 0.02*c.first)
		near(t, "error 2", p.Second.Error[0], c.second, 0.02*c.second)
		near(t, "training", p.Second.Training, c.training, 6e-5)
	}
}

// The Lasso's risk from its own state evolution, in the notation of Bayati and Montanari and by a plain sum over a grid:
// columns of unit length, τ² = σ² + E(η(x+τz; aτ) − x)²/δ, λ = aτ(1 − P(active)/δ).
func lassoRisk(delta, density, sigma, lambda float64) float64 {
	scale := math.Sqrt(delta) // x = √δ·r, and λ/√δ for unit columns
	risk := func(tau, theta float64) (mse, active float64) {
		for _, part := range []struct{ weight, sd float64 }{{density, scale}, {1 - density, 0}} {
			// η(v) − x given v = x + τz is η(v) − E[x|v], and the variance of x given v adds up.
			s := math.Sqrt(part.sd*part.sd + tau*tau)
			shrink := part.sd * part.sd / (s * s)
			const steps = 4001
			active += part.weight * math.Erfc(theta/s/math.Sqrt2)
			h := 20 * s / (steps - 1)
			for i := range steps {
				v := -10*s + h*float64(i)
				w := part.weight * h * math.Exp(-v*v/(2*s*s)) / (s * math.Sqrt(2*math.Pi))
				eta := soft(v, theta)
				mse += w * ((eta-shrink*v)*(eta-shrink*v) + part.sd*part.sd*(1-shrink))
			}
		}
		return mse, active
	}
	lo, hi := 0.3, 6.0 // a
	var mse float64
	for range 40 {
		a := (lo + hi) / 2
		tau := 1.0
		var active float64
		for range 400 {
			mse, active = risk(tau, a*tau)
			next := math.Sqrt(sigma*sigma + mse/delta)
			if math.Abs(next-tau) < 1e-13 {
				break
			}
			tau = next
		}
		if a*tau*(1-active/delta) < lambda/scale {
			lo = a
		} else {
			hi = a
		}
	}
	return mse / delta
}

func TestOneDataSetIsTheLasso(t *testing.T) {
	for _, c := range []struct{ rows, density, sigma, lambda float64 }{{0.5, 0.1, 0.2, 0.15}, {1.3, 0.3, 0.5, 0.4}} {
		e := Ensemble{Sets: []Law{{c.rows, c.density, c.sigma}}}
		p := mustPredict(t, e, TargetOnly(c.lambda))
		near(t, "error of the Lasso", p.First.Error[0], lassoRisk(c.rows, c.density, c.sigma, c.lambda), 2e-6)
	}
}

// Stage 2 alone is the Lasso of the target, though its equations still hold stage 1's; and a frozen stage 2 is stage 1.
func TestCornersOfTheTheory(t *testing.T) {
	for _, c := range configurations {
		for _, lambda1 := range []float64{0.05, 0.7} {
			alone := Ensemble{Common: c.e.Common, Sets: c.e.Sets[:1]}
			want := mustPredict(t, alone, TargetOnly(0.12)).First
			for _, fresh := range []bool{false, true} {
				e := c.e
				e.Fresh = fresh
				got := mustPredict(t, e, TwoStage{Lambda1: lambda1, Lambda2: 0.12}).Second
				near(t, "error of the target alone", got.Error[0], want.Error[0], 1e-10)
				near(t, "training residual of the target alone", got.Training, want.Training, 1e-10)
				near(t, "true positives of the target alone", got.TruePositive, want.TruePositive, 1e-10)
				near(t, "false positives of the target alone", got.FalsePositive, want.FalsePositive, 1e-10)
			}
		}
		p := mustPredict(t, c.e, Pooled(0.2))
		for k := range c.e.Sets {
			near(t, "error of the pooled Lasso", p.Second.Error[k], p.First.Error[k], 1e-12)
		}
		near(t, "training residual of the pooled Lasso", p.Second.Training, p.First.Training, 1e-12)
		near(t, "pretraining at s = 1", mustPredict(t, c.e, Pretraining(0.1, 0.12, 1)).Second.Error[0], mustPredict(t, c.e, TargetOnly(0.12)).Second.Error[0], 1e-10)
	}
}

func TestSymmetries(t *testing.T) {
	a, b := Law{0.5, 0.04, 0.2}, Law{0.8, 0.1, 0.4}
	s := TwoStage{0.2, 0.1, 0.6, 0.2}
	one := mustPredict(t, Ensemble{Common: 0.1, Sets: []Law{{0.4, 0.05, 0.1}, a, b}}, s)
	other := mustPredict(t, Ensemble{Common: 0.1, Sets: []Law{{0.4, 0.05, 0.1}, b, a}}, s)
	for _, p := range [][2][]float64{{one.First.Error, other.First.Error}, {one.Second.Error, other.Second.Error}} {
		near(t, "target after an exchange of sources", p[0][0], p[1][0], 1e-11)
		near(t, "source after an exchange of sources", p[0][1], p[1][2], 1e-11)
		near(t, "source after an exchange of sources", p[0][2], p[1][1], 1e-11)
	}
	same := mustPredict(t, Ensemble{Common: 0.1, Sets: []Law{a, a, a}}, s)
	near(t, "stage 1 on equal data sets", same.First.Error[1], same.First.Error[0], 1e-12)
	near(t, "stage 2 on equal sources", same.Second.Error[2], same.Second.Error[1], 1e-12)
	// A source that is two halves is the two halves together where both have one truth.
	whole := mustPredict(t, Ensemble{Common: 0.1, Sets: []Law{a, {1, 0, 0.3}}}, s)
	halves := mustPredict(t, Ensemble{Common: 0.1, Sets: []Law{a, {0.25, 0, 0.3}, {0.75, 0, 0.3}}}, s)
	near(t, "a source in two pieces", halves.Second.Error[0], whole.Second.Error[0], 1e-11)
	// Scale: noise, values and weights by c give errors by c²; values are N(0, 1), so rows stay and this shows in the false positives of
	// the pure-noise ensemble.
	quiet := mustPredict(t, Ensemble{Sets: []Law{{0.5, 0, 0.1}, {0.5, 0, 0.1}}}, TwoStage{0.1, 0.05, 0.5, 0.05})
	loud := mustPredict(t, Ensemble{Sets: []Law{{0.5, 0, 0.4}, {0.5, 0, 0.4}}}, TwoStage{0.4, 0.2, 0.5, 0.2})
	near(t, "false positives of noise, scaled", loud.Second.FalsePositive, quiet.Second.FalsePositive, 1e-10)
	near(t, "error of noise, scaled", loud.Second.Error[0], 16*quiet.Second.Error[0], 1e-10)
}

// randomPoint draws an ensemble and knobs over the ranges that the studies use.
func randomPoint(rng *rand.Rand) (Ensemble, TwoStage) {
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	e := Ensemble{Common: between(0, 0.3), Fresh: rng.IntN(4) == 0}
	for range 1 + rng.IntN(4) {
		e.Sets = append(e.Sets, Law{between(0.05, 2), between(0, 0.15), between(0, 1)})
	}
	return e, TwoStage{math.Exp(between(-5, 1)), math.Exp(between(-5, 1)), between(0, 1), between(0, 2)}
}

func TestEquationsAreSolved(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	worst, most := 0.0, 0
	for i := range 300 {
		e, s := randomPoint(rng)
		p := mustPredict(t, e, s)
		worst, most = max(worst, p.Residual), max(most, p.Sweeps)
		if i%10 == 0 {
			fine, err := (&solver{rule: legendre(5 * nodes), goal: residualGoal}).predict(e, s)
			if err != nil {
				t.Fatal(err)
			}
			coarse, err := (&solver{rule: legendre(searchNodes), goal: residualBound}).predict(e, s)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "height of a search", coarse.Second.Error[0], p.Second.Error[0], gain/2*p.Second.Error[0])
			near(t, "error with five times the nodes", p.Second.Error[0], fine.Second.Error[0], 1e-11*(1+p.Second.Error[0]))
		}
		if p.Second.Error[0] < 0 || p.Second.Training < 0 || p.Second.TruePositive > 1+1e-12 {
			t.Fatalf("%+v %+v: %+v", e, s, p)
		}
	}
	t.Logf("300 points: largest residual %.1e, most sweeps %d", worst, most)
	if worst > residualBound {
		t.Errorf("residual %.2g", worst)
	}
}

// The moments of stage 2's scalar problem against a sum over a grid in the plane.
func TestJointMoments(t *testing.T) {
	for _, j := range []joint{
		{a: 0.9, sd: 0.8, p: 0.4, slope: 0.5, tau: 0.2, pull: 0.3, qh1: 1.1, qh2: 0.3, kappa: 0.7, lambda1: 0.4, inside: 0.05, outside: 0.3},
		{a: 0, sd: 0.3, p: 0, slope: -0.2, tau: 0.05, pull: -0.2, qh1: 0.9, qh2: 0.5, kappa: 0, lambda1: 0.1, inside: 0.1, outside: 0.1},
	} {
		got := j.moments(legendre(nodes))
		var want fieldMoments
		const steps = 2401
		grid := func(i int) (z, weight float64) {
			h := 16.0 / (steps - 1)
			z = -8 + h*float64(i)
			return z, h * density(z)
		}
		for i := range steps {
			zu, wu := grid(i)
			u := j.sd * zu
			beta1, level := soft(u, j.lambda1)/j.qh1, j.inside
			if beta1 == 0 {
				level = j.outside
			}
			for k := range steps {
				zg, wg := grid(k)
				beta2 := soft(j.slope*u+j.tau*zg-j.pull*beta1, level) / j.qh2
				w := wu * wg
				want.square += w * beta2 * beta2
				want.withFirst += w * beta1 * beta2
				want.withField += w * u * beta2 / (j.sd * j.sd)
				if beta2 != 0 {
					want.active += w
				}
				if beta2 != 0 || j.kappa > 0 && beta1 != 0 {
					want.selected += w
				}
			}
		}
		near(t, "E β₂²", got.square, want.square, 2e-3*want.square)
		near(t, "E β₁β₂", got.withFirst, want.withFirst, 2e-3*math.Abs(want.withFirst))
		near(t, "E uβ₂/s²", got.withField, want.withField, 2e-3*math.Abs(want.withField))
		near(t, "P(β₂≠0)", got.active, want.active, 4e-3)
		near(t, "P(w≠0)", got.selected, want.selected, 4e-3)
	}
}

func TestThresholdByHand(t *testing.T) {
	// τ = 0 is a point, t = 0 no threshold, and at μ = 0, t = 1: E S² = 2[2Φ(−1) − φ(1)].
	if v := threshold(2, 0, 0.5); v != (thresholded{1.5, 2.25, 1}) {
		t.Errorf("a point: %+v", v)
	}
	if v := threshold(0.3, 0, 0.5); v != (thresholded{}) {
		t.Errorf("a point within: %+v", v)
	}
	v := threshold(0.3, 2, 0)
	near(t, "mean", v.mean, 0.3, 1e-15)
	near(t, "square", v.square, 4.09, 1e-14)
	near(t, "active", v.active, 1, 1e-15)
	v = threshold(0, 1, 1)
	near(t, "square", v.square, 2*(2*0.15865525393145707-0.24197072451914337), 1e-15)
	near(t, "active", v.active, 2*0.15865525393145707, 1e-15)
}

func TestNoSolution(t *testing.T) {
	for stage, s := range map[int]TwoStage{1: {0, 0.1, 0.5, 0}, 2: {0.1, 0, 0.5, 0}} {
		_, err := pair(0.3, 0.3, 0.1, 0.1, 0.1, 0.01).Predict(s)
		if e, ok := errors.AsType[*ConvergenceError](err); !ok || e.Stage != stage || strings.Contains(err.Error(), "\n") {
			t.Errorf("λ = 0 in stage %d with fewer rows than unknowns: %v", stage, err)
		}
	}
}

func TestEnsembleMistakes(t *testing.T) {
	good := func() Ensemble { return pair(0.4, 1.2, 0.15, 0.05, 0.05, 0.01) }
	for _, c := range []struct {
		where, field string
		spoil        func(e *Ensemble, s *TwoStage)
	}{
		{"ensemble", "Sets", func(e *Ensemble, _ *TwoStage) { e.Sets = nil }},
		{"ensemble", "Common", func(e *Ensemble, _ *TwoStage) { e.Common = -0.1 }},
		{"ensemble", "Common", func(e *Ensemble, _ *TwoStage) { e.Common = math.NaN() }},
		{"data set 1", "Rows", func(e *Ensemble, _ *TwoStage) { e.Sets[0].Rows = 0 }},
		{"data set 2", "Rows", func(e *Ensemble, _ *TwoStage) { e.Sets[1].Rows = math.Inf(1) }},
		{"data set 2", "Own", func(e *Ensemble, _ *TwoStage) { e.Sets[1].Own = 0.9 }},
		{"data set 2", "Sigma", func(e *Ensemble, _ *TwoStage) { e.Sets[1].Sigma = -1 }},
		{"two-stage", "Lambda1", func(_ *Ensemble, s *TwoStage) { s.Lambda1 = -1 }},
		{"two-stage", "Lambda2", func(_ *Ensemble, s *TwoStage) { s.Lambda2 = math.NaN() }},
		{"two-stage", "DeltaLambda", func(_ *Ensemble, s *TwoStage) { s.DeltaLambda = -1e-9 }},
		{"two-stage", "DeltaLambda", func(_ *Ensemble, s *TwoStage) { s.DeltaLambda = math.Inf(1) }},
		{"two-stage", "Kappa", func(_ *Ensemble, s *TwoStage) { s.Kappa = 1.01 }},
		{"two-stage", "Kappa", func(_ *Ensemble, s *TwoStage) { s.Kappa = math.NaN() }},
	} {
		e, s := good(), TwoStage{0.1, 0.1, 0.5, 0.1}
		c.spoil(&e, &s)
		_, err := e.Predict(s)
		if bad, ok := errors.AsType[*InputError](err); !ok || bad.Where != c.where || bad.Field != c.field {
			t.Errorf("%s %s: error %v", c.where, c.field, err)
		}
	}
}

// The prediction is a function of its arguments to the bit, and leaves the ensemble as it is.
func TestPredictIsPure(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	for range 5 {
		e, s := randomPoint(rng)
		sets := slices.Clone(e.Sets)
		one := mustPredict(t, e, s)
		mustPredict(t, pair(1, 1, 0.1, 0.1, 0.1, 1), s)
		if other := mustPredict(t, e, s); other.Second.Error[0] != one.Second.Error[0] || other.Order.Chi21 != one.Order.Chi21 {
			t.Error("two predictions of one point differ")
		}
		if !slices.Equal(sets, e.Sets) {
			t.Error("the ensemble was changed")
		}
	}
}

func BenchmarkPredict(b *testing.B) {
	for b.Loop() {
		for _, c := range configurations {
			mustPredict(b, c.e, c.s)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*len(configurations)), "ms/point")
}
