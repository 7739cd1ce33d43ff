package prox_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"unroll/l2o/prox"
)

var inf = math.Inf(1)

// What each penalty says at one x, w and v, worked out by hand from its formula.
func TestByHand(t *testing.T) {
	for _, c := range []struct {
		name                        string
		g                           prox.Separable
		x, w                        []float64
		value, gap, scale, distance float64
		v                           []float64
		tau                         float64
		prox                        []float64
		direction, jacobian         []float64
		block                       int
		slack                       float64 // of that block at its entries of w
		free                        []int
	}{
		// λω = (0, 2, +Inf, 1): 4·0 + 1·2 + 0 + 0; gap 1·(2 − 1); the distance is that of 1 to 2 and of 1.5 to [−1, 1].
		{"weighted ℓ1", prox.WeightedL1{Lambda: 2, Weights: []float64{0, 1, inf, 0.5}},
			[]float64{4, 1, 0, 0}, []float64{0, 1, 99, 1.5}, 2, inf, 1 / 1.5, math.Sqrt(1 + 0.25),
			[]float64{3, -3, 7, 1}, 0.5, []float64{3, -2, 0, 0.5}, []float64{1, 2, 3, 4}, []float64{1, 2, 0, 4}, 3, -0.5, []int{0}},
		// λ = 2: 2·4; gap 4·(2 − 1) + 0·(2 + 5); −5 lies in (−∞, 2].
		{"non-negative ℓ1", prox.NonNegL1{Lambda: 2},
			[]float64{4, 0}, []float64{1, -5}, 8, 4, 1, 1,
			[]float64{3, -3}, 0.5, []float64{2, 0}, []float64{1, 2}, []float64{1, 0}, 1, 7, nil},
		// λ = 2, ρ = 1: 2·4 + ½·16; at w = (5, −1) the clipped parts are (2, −1), the excess (3, 0): gap 4·(2−2) + ½(4−3)²; the subgradient at
		// x is (6, [−2, 2]).
		{"elastic net", prox.ElasticNet{Lambda: 2, Ridge: 1},
			[]float64{4, 0}, []float64{5, -1}, 16, 0.5, 1, 1,
			[]float64{4, 0.5}, 0.5, []float64{2, 0}, []float64{3, 3}, []float64{2, 0}, 1, 1, nil},
		// x at the lower bound, inside, at the upper one: gap (x−Lo)·0 … 0 + 0.5·3 + (2−2)·1; inside the cone is {0}, at 2 it is [0, ∞).
		{"box", prox.Box{Lo: -1, Hi: 2},
			[]float64{-1, 1.5, 2}, []float64{-4, 3, 1}, 0, 1.5, 1, 3,
			[]float64{-7, 0.5, 7}, 9, []float64{-1, 0.5, 2}, []float64{1, 2, 3}, []float64{0, 2, 0}, 0, -inf, nil},
		// λ = 1, groups {0, 2} of weight √2 and {1}: 5√2 + 1; w = (0.6, 0, 0.8)·√2 is √2 x/‖x‖, so its gap is 0 and the other's 1·(1 − 0).
		// v = (3, 0, 4)·√2 shrinks by 1 − 1/5; along (1, ·, 0) the Jacobian is (4/5)·(1, 0) + (1/5)·0.6·(0.6, 0.8).
		{"group", prox.Group{Lambda: 1, Groups: [][]int{{0, 2}, {1}}},
			[]float64{3, 1, 4}, []float64{0.6 * math.Sqrt2, 0, 0.8 * math.Sqrt2}, 5*math.Sqrt2 + 1, 1, 1, 1,
			[]float64{3 * math.Sqrt2, 0.5, 4 * math.Sqrt2}, 1, []float64{2.4 * math.Sqrt2, 0, 3.2 * math.Sqrt2},
			[]float64{1, 1, 0}, []float64{0.8 + 0.072, 0, 0.096}, 1, 1, nil},
		{"squared ℓ2", prox.SquaredL2{Lambda: 2},
			[]float64{3, -1}, []float64{2, 2}, 10, 8, 1, math.Sqrt(32),
			[]float64{4, -2}, 0.5, []float64{2, -1}, []float64{1, 2}, []float64{0.5, 1}, 0, -inf, nil},
	} {
		n := len(c.x)
		near(t, c.name+": Value", c.g.Value(c.x), c.value)
		near(t, c.name+": FenchelYoung", c.g.FenchelYoung(c.x, c.w), c.gap)
		near(t, c.name+": DualScale", c.g.DualScale(c.w), c.scale)
		near(t, c.name+": Distance", c.g.Distance(c.w, c.x), c.distance)
		p, j := make([]float64, n), make([]float64, n)
		c.g.Prox(p, c.v, c.tau)
		c.g.Jacobian(j, c.v, c.tau, c.direction)
		for i := range n {
			near(t, c.name+": Prox", p[i], c.prox[i])
			near(t, c.name+": Jacobian", j[i], c.jacobian[i])
		}
		var w []float64
		block := c.g.Block(c.block)
		if block == nil {
			block = []int{c.block}
		}
		for _, i := range block {
			w = append(w, c.w[i])
		}
		near(t, c.name+": Slack", c.g.Slack(c.block, w), c.slack)
		if got := c.g.Free(n); !slices.Equal(got, c.free) {
			t.Errorf("%s: Free is %v, want %v", c.name, got, c.free)
		}
	}
}

func TestLambdaMaxByHand(t *testing.T) {
	w := []float64{3, -8, 1, 0.5}
	for _, c := range []struct {
		g    prox.Sparse
		want float64
	}{
		{prox.L1{}, 8},
		{prox.WeightedL1{Weights: []float64{1, inf, 0, 0.1}}, 5},
		{prox.NonNegL1{}, 3},
		{prox.ElasticNet{Ridge: 7}, 8},
		{prox.Group{Groups: [][]int{{0, 1}, {2, 3}}, Weights: []float64{0, 1}}, math.Hypot(1, 0.5)},
		{prox.Group{Groups: [][]int{{0, 1}, {2, 3}}}, math.Hypot(3, 8) / math.Sqrt2},
	} {
		near(t, "LambdaMax", c.g.LambdaMax(w), c.want)
		// Just above it 0 is in the interior of the optimal, just below it is not.
		for share, is := range map[float64]bool{1.001: true, 0.999: false} {
			g := c.g.WithLambda(share * c.want)
			inside := slices.Clone(w)
			for _, j := range c.g.WithLambda(1).Free(4) {
				inside[j] = 0
			}
			if d := g.Distance(inside, make([]float64, 4)); (d == 0) != is {
				t.Errorf("%T: at %v·λ_max the distance of w to the subdifferential at 0 is %v", c.g, share, d)
			}
		}
	}
}

func TestCheckNamesTheParameter(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		param string
		g     prox.Func
	}{
		{"Lambda", prox.NonNegL1{Lambda: -1}},
		{"Lambda", prox.ElasticNet{Lambda: nan}},
		{"Ridge", prox.ElasticNet{Ridge: inf}},
		{"Lo", prox.Box{Lo: -inf}},
		{"Hi", prox.Box{Lo: 1, Hi: 0.5}},
		{"Hi", prox.Box{Hi: nan}},
		{"Lambda", prox.WeightedL1{Lambda: inf, Weights: []float64{1, 1}}},
		{"Weights", prox.WeightedL1{Weights: []float64{1}}},
		{"Weights[1]", prox.WeightedL1{Weights: []float64{1, -1}}},
		{"Weights[0]", prox.WeightedL1{Lambda: 1e300, Weights: []float64{1e300, 1}}},
		{"Lambda", prox.Group{Lambda: -1, Groups: [][]int{{0, 1}}}},
		{"Groups", prox.Group{Groups: [][]int{{0}}}},
		{"Groups[0][1]", prox.Group{Groups: [][]int{{0, 0}, {1}}}},
		{"Groups[1][0]", prox.Group{Groups: [][]int{{0}, {2}}}},
		{"Groups[1]", prox.Group{Groups: [][]int{{0}, {}, {1}}}},
		{"Weights", prox.Group{Groups: [][]int{{0, 1}}, Weights: []float64{}}},
		{"Weights[0]", prox.Group{Groups: [][]int{{0, 1}}, Weights: []float64{nan}}},
	} {
		if e, ok := errors.AsType[*prox.ParamError](c.g.Check(2)); !ok || e.Param != c.param {
			t.Errorf("%T: Check names %v, want %s", c.g, e, c.param)
		}
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(got == want || math.Abs(got-want) <= 4e-15*(1+math.Abs(want))) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}
