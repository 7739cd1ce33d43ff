package eval

import (
	"fmt"
	"math"
	"slices"

	"unroll/l2o"
	"unroll/l2o/diff"
)

// A modeRow is one way to differentiate the same run: what it stores and takes, and how far the gradient with respect to the penalty's
// weights is from that of the solution, beside its bar.
type modeRow struct {
	Name       string
	States     int
	Seconds    float64
	Error, Bar float64
}

// modes differentiates FISTA's x_K, K a quarter of the study's, in all ways.
func modes(p *l2o.Problem, K int) ([]modeRow, error) {
	L, limit, err := limitOf(p)
	if err != nil {
		return nil, err
	}
	K /= 4
	_, n := p.A.Dims()
	s := diff.Tabulate(K, l2o.Constant(1/L), l2o.BeckTeboulle)
	w := make([]float64, n)
	for j := range w {
		w[j] = 1
	}
	star := limit.Gradient(w, nil)
	all := make([]diff.Direction, n)
	for j := range all {
		all[j].Weights = make([]float64, n)
		all[j].Weights[j] = 1
	}
	var rows []modeRow
	for _, m := range []struct {
		name string
		diff.Mode
	}{
		{"unrolled, checkpoints", diff.Mode{}},
		{"unrolled, all stored", diff.Mode{States: K + 4}},
		{fmt.Sprintf("truncated, last %d", K/4), diff.Mode{Rule: diff.Truncated, Last: K / 4}},
		{"truncated, last 1", diff.Mode{Rule: diff.Truncated, Last: 1}},
		{"implicit", diff.Mode{Rule: diff.Implicit}},
	} {
		var g *diff.Gradient
		row := modeRow{Name: m.name}
		row.Seconds = seconds(func() {
			_, g, err = diff.Reverse(p, s, nil, m.Mode, func([]float64) []float64 { return w }, nil)
		})
		if err != nil {
			return nil, err
		}
		row.States, row.Error, row.Bar = g.States, math.Sqrt(distance2(g.Weights, star.Weights)), g.Bars.Weights
		rows = append(rows, row)
	}
	forward := modeRow{Name: fmt.Sprintf("forwards, %d weights", n), States: 2 * n}
	var tangents []diff.Tangent
	forward.Seconds = seconds(func() { _, tangents, err = diff.Forward(p, s, nil, diff.Mode{}, all...) })
	if err != nil {
		return nil, err
	}
	g := make([]float64, n)
	for j, t := range tangents {
		for _, v := range t.DX {
			g[j] += v
		}
		forward.Bar = math.Hypot(forward.Bar, math.Sqrt(float64(n))*t.Bar.Error)
	}
	forward.Error = math.Sqrt(distance2(g, star.Weights))
	return append(rows, forward), nil
}

// A curse is an instance on which the derivative of the iterates gets worse before it gets better, and its cure: a start of the derivative
// once the support is known.
type curse struct {
	Draw        int
	Rise        float64 // the largest error of the derivative over its first, that of 0
	Begin       int     // where the late start begins
	Early, Late []float64
}

// curse takes the draw whose error rises most under the first schedule.
func (d Derivative) curse(draws []drawRates) (curse, error) {
	var c curse
	for _, draw := range draws {
		if rise := slices.Max(draw.Rates[0].derivatives); rise > c.Rise {
			c = curse{Draw: draw.Draw, Rise: rise, Begin: draw.Rates[0].Identified, Early: draw.Rates[0].derivatives}
		}
	}
	p := lassoDraw(d.Seed, c.Draw)
	L, limit, err := limitOf(p)
	if err != nil {
		return c, err
	}
	star, _ := limit.Tangent(diff.Direction{Lambda: 1})
	slope := math.Sqrt(distance2(star, make([]float64, len(star))))
	c.Late = []float64{1}
	_, err = diff.Trace(p, derivativeSchedules[0].Make(L, d.K, d.Seed), nil, diff.Mode{Rule: diff.Truncated, Last: d.K - c.Begin},
		diff.Direction{Lambda: 1}, func(_ int, _, dx []float64) { c.Late = append(c.Late, math.Sqrt(distance2(dx, star))/slope) })
	return c, err
}
