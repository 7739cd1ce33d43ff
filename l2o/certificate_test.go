package l2o_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A = I, y = (5, 0.5), λ = 1: x* = (4, 0). At (4, 0), u = r = (1, 0.5), the gap is 0 and the margin ½. F(0) = 12.625. At (3, 0),
// r = (2, 0.5) and s = ½: the gap is ½(1 + 1/16) + 0; the distance is that of r to (1, [−1, 1]), 1.
func TestCertificateByHand(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 2, N: 2, Data: []float64{1, 0, 0, 1}}, Y: []float64{5, 0.5}, G: prox.L1{Lambda: 1}}
	check(t, "at the minimiser", l2o.Certify(p, []float64{4, 0}),
		l2o.Certificate{Primal: 4.625, Support: []int{0}, Margin: 0.5, Identified: true})
	check(t, "beside it", l2o.Certify(p, []float64{3, 0}),
		l2o.Certificate{Primal: 5.125, Gap: 0.53125, RelativeGap: 0.53125 / 12.625, Distance: 1, Support: []int{0}, Margin: 0.75})
}

// An intercept without a penalty: A = (1, 1)ᵀ beside (1, −1)ᵀ, y = (4, 2), λ = 0.5: x* = (3, 0.75). At (1, 0), r = (3, 1), its projection
// u = (1, −1), Aᵀu = (0, 2), s = ¼, so the gap is ½‖(¼, −¼) − (3, 1)‖² = ½(2.75² + 1.25²). F(0) = 10, and there r = (4, 2) has the same u.
func TestCertificateProjectsByHand(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 2, N: 2, Data: []float64{1, 1, 1, -1}}, Y: []float64{4, 2},
		G: prox.WeightedL1{Lambda: 0.5, Weights: []float64{0, 1}}}
	radius := 2 * math.Sqrt(20) / math.Sqrt2
	check(t, "beside", l2o.Certify(p, []float64{1, 0}), l2o.Certificate{Primal: 5, Gap: 4.5625, RelativeGap: 0.45625,
		Distance: 4.272001872658765, Support: []int{0}, Margin: 0, Radius: radius})
	check(t, "at 0", l2o.Certify(p, []float64{0, 0}), l2o.Certificate{Primal: 10, Gap: 9.5625, RelativeGap: 0.95625,
		Distance: math.Sqrt(6*6 + 1.5*1.5), Radius: radius})
	check(t, "at the minimiser", l2o.Certify(p, []float64{3, 0.75}), l2o.Certificate{Primal: 0.4375, Support: []int{0, 1},
		Margin: math.Inf(1), Identified: true, Radius: radius})
}

// Two free columns 1e-12 apart count as one: A = ((1, 0), (1, 1e-12)), y = (0, 1). At 0 what is left of u = (0, 1) is e = (0, 1e-12), with
// R = 2·1/√2. Within it the best is x = (−√2, √2), which gains R·1e-12 but for its square: that is the gap.
func TestCertificateChargesWhatIsLeft(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 2, N: 2, Data: []float64{1, 1, 0, 1e-12}}, Y: []float64{0, 1}, G: prox.L1{}}
	c := l2o.Certify(p, []float64{0, 0})
	if c.Left != 1e-12 || math.Abs(c.Radius-math.Sqrt2) > 1e-15 || math.Abs(c.Gap-math.Sqrt2*1e-12) > 1e-26 {
		t.Errorf("left %v within %v, gap %v", c.Left, c.Radius, c.Gap)
	}
}

// Separable labels have no minimiser at λ = 0, and the projected dual point leaves the domain; but 0 is in it, so F(x) itself is a gap.
func TestCertificateOfSeparableLabels(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 4, N: 1, Data: []float64{1, 2, -1, -3}}, Y: []float64{1, 1, -1, -1}, Loss: l2o.Logistic{}, G: prox.L1{}}
	for _, x := range []float64{0, 1, 50} {
		if c := l2o.Certify(p, []float64{x}); !(math.Abs(c.Gap-c.Primal) <= 1e-14*c.Primal) {
			t.Errorf("at %v the gap is %v, F is %v", x, c.Gap, c.Primal)
		}
	}
}

// A weight +Inf is no number to multiply by 0: an unknown that it holds at 0 costs nothing, one that escaped everything.
func TestCertificateOfInfiniteWeights(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 1, N: 2, Data: []float64{1, 3}}, Y: []float64{5},
		G: prox.WeightedL1{Lambda: 0, Weights: []float64{1, math.Inf(1)}}}
	check(t, "at 0", l2o.Certify(p, []float64{5, 0}), l2o.Certificate{Support: []int{0}, Margin: math.Inf(1), Identified: true, Radius: 10})
	if c := l2o.Certify(p, []float64{2, 1}); !math.IsInf(c.Primal, 1) || !math.IsInf(c.Gap, 1) || !math.IsInf(c.Distance, 1) {
		t.Errorf("outside the domain: %+v", c)
	}
}

// A box that does not hold 0 has F(0) = +Inf; its gaps are relative to F at the nearest point, x = 2 with F = ½. x = 3 costs nothing.
func TestCertificateOfABoxFarFromZero(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 1, N: 1, Data: []float64{1}}, Y: []float64{3}, G: prox.Box{Lo: 2, Hi: 4}}
	check(t, "2", l2o.Certify(p, []float64{2}), l2o.Certificate{Primal: 0.5, Gap: 2, RelativeGap: 4, Distance: 1, Support: []int{0}, Margin: math.Inf(1), Identified: true})
	check(t, "3", l2o.Certify(p, []float64{3}), l2o.Certificate{Support: []int{0}, Margin: math.Inf(1), Identified: true})
}

func TestCertificateOfNothing(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 1, N: 1, Data: []float64{1}}, Y: []float64{0}, G: prox.L1{Lambda: 1}}
	check(t, "y = 0", l2o.Certify(p, []float64{0}), l2o.Certificate{Margin: 1, Identified: true})
	if c := l2o.Certify(p, []float64{1}); !math.IsInf(c.RelativeGap, 1) {
		t.Errorf("F(0) = 0 and x = 1: the relative gap is %v", c.RelativeGap)
	}
}

func check(t *testing.T, name string, got, want l2o.Certificate) {
	t.Helper()
	for _, f := range []struct {
		field     string
		got, want float64
	}{
		{"Primal", got.Primal, want.Primal}, {"Gap", got.Gap, want.Gap}, {"RelativeGap", got.RelativeGap, want.RelativeGap},
		{"Distance", got.Distance, want.Distance}, {"Margin", got.Margin, want.Margin}, {"Left", got.Left, want.Left}, {"Radius", got.Radius, want.Radius},
	} {
		if !(f.got == f.want || math.Abs(f.got-f.want) <= 4e-15) {
			t.Errorf("%s: %s is %.17g, want %.17g", name, f.field, f.got, f.want)
		}
	}
	if !slices.Equal(got.Support, want.Support) || got.Identified != want.Identified {
		t.Errorf("%s: support %v, identified %t, want %v, %t", name, got.Support, got.Identified, want.Support, want.Identified)
	}
}

// What is said to be identified is so: on every pair, at every tenth iterate, the blocks off the support are 0 in the converged answer.
// The gap bounds what is lost against it, whatever the penalty and the loss.
func TestCertificatesAlongTheWay(t *testing.T) {
	identified := 0
	for _, c := range l2otest.Pairs() {
		best, err := l2o.Solve(l2o.Restart{}, c.Problem, l2o.Stop{Gap: 1e-13, MaxIter: 100_000})
		if err != nil || best.Status != l2o.Converged {
			t.Errorf("%s: %v, error %v", c.Name, best.Status, err)
		}
		for k, x := range (l2o.FISTA{}).Iterates(c.Problem) {
			if k%10 != 0 {
				continue
			}
			cert := l2o.Certify(c.Problem, x)
			if !(cert.Gap >= cert.Primal-best.Primal-1e-13*best.Primal) {
				t.Errorf("%s: the gap of x_%d is %.17g, but it loses %.17g", c.Name, k, cert.Gap, cert.Primal-best.Primal)
			}
			if cert.Identified {
				identified++
				free := c.Problem.G.Free(len(x))
				isFree := func(j int) bool { return slices.Contains(free, j) }
				if !slices.Equal(slices.DeleteFunc(cert.Support, isFree), slices.DeleteFunc(slices.Clone(best.Support), isFree)) {
					t.Errorf("%s: x_%d identifies %v, but the answer has %v", c.Name, k, cert.Support, best.Support)
				}
			}
			if k == 300 {
				break
			}
		}
	}
	if identified < 100 {
		t.Errorf("%d iterates were identified: too few to tell", identified)
	}
}

// The same numbers behind an operator without columns, which takes norms and projections another way.
func TestCertificateOfAnOperatorWithoutColumns(t *testing.T) {
	p := l2otest.Random(rand.New(rand.NewPCG(4, 0)), 10, 20, 0.1)
	weights := slices.Repeat([]float64{1}, 20)
	weights[3], weights[7] = 0, 0
	p.G = prox.WeightedL1{Lambda: p.G.(prox.L1).Lambda, Weights: weights}
	hidden := &l2o.Problem{A: blind{p.A}, Y: p.Y, G: p.G}
	x := last(l2o.FISTA{}, p, 500)
	a, b := l2o.Certify(p, x), l2o.Certify(hidden, x)
	b.Identified = a.Identified // its norms are bounds, so it may know less
	check(t, "without columns", b, a)
}

type blind struct{ linop.Operator }
