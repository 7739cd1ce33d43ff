package eval

import (
	"fmt"
	"math"
	"strings"
)

// turned projects three coordinates onto the page, each axis at 120° from the next (isometric projection).
func turned(v [3]float64) (x, y float64) {
	return (v[1] - v[0]) * math.Sqrt(3) / 2, v[2] - (v[0]+v[1])/2
}

// trajectory draws the flow in three coordinates of β, those that grow largest, with the saddles that it visits; nil where fewer are
// ever active.
func (r *SaddlesResult) trajectory() *Figure {
	p := r.Picture
	at := p.shownCoordinates(3)
	if len(at) < 3 {
		return nil
	}
	names := []string{subscript(at[0]), subscript(at[1]), subscript(at[2])}
	f := &Figure{
		Name: "trajectory", XTitle: "isometric projection of " + strings.Join(names, ", "), YTitle: "same scale",
		Caption: fmt.Sprintf("The flow in three coordinates. Circles: the predicted saddles in their order. Dotted: the axes, %s to the lower left, %s to the "+
			"lower right, %s upwards, each to the furthest saddle.", names[0], names[1], names[2]),
	}
	flow, saddles := Line{Name: "flow"}, Line{Name: "saddles"}
	add := func(l *Line, beta []float64) {
		x, y := turned([3]float64{beta[at[0]], beta[at[1]], beta[at[2]]})
		l.X, l.Y = append(l.X, x), append(l.Y, y)
	}
	for _, frame := range p.Frame {
		add(&flow, frame.Beta)
	}
	beta := make([]float64, p.Path.D)
	reach := make([]float64, p.Path.D)
	for _, s := range p.shown() {
		s.Vector(beta)
		add(&saddles, beta)
		for j, v := range beta {
			if math.Abs(v) > math.Abs(reach[j]) {
				reach[j] = v
			}
		}
	}
	f.Lines = append(f.Lines, flow, saddles)
	for _, j := range at {
		axis := make([]float64, p.Path.D)
		l := Line{Level: true}
		add(&l, axis)
		axis[j] = reach[j]
		add(&l, axis)
		f.Lines = append(f.Lines, l)
	}
	return f
}
