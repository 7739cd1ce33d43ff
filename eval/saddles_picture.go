package eval

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"unroll/model/dln"
)

// picture predicts the saddles of an instance and runs the flow as far as the picture goes. A tie is no reason not to look; a path that ends at
// linearly dependent columns is.
func (s Saddles) picture(in regression) (Picture, error) {
	path, err := dln.Saddles(in.x, in.y)
	if doubt, tie := errors.AsType[*dln.AmbiguityError](err); err != nil && (!tie || doubt.Singular) {
		return Picture{}, err
	}
	for _, s := range path.Saddles {
		if s.Loss-s.Loss != 0 || s.Time-s.Time != 0 {
			return Picture{}, fmt.Errorf("the path leaves the range of float64 at t = %g: scale X and y", s.Time)
		}
	}
	p := Picture{Path: path, Doubt: err}
	flow := dln.Flow{X: in.x, Y: in.y, Alpha: s.Alpha, Tol: 1e-6}
	if err := flow.Check(); err != nil {
		return Picture{}, err
	}
	for state := range flow.States(horizon(path)) {
		p.Frame = append(p.Frame, Frame{state.Time, state.Arc, state.Loss, slices.Clone(state.Beta)})
		if state.Stuck {
			return Picture{}, fmt.Errorf("the flow leaves the range of float64 at t = %g: scale X and y", state.Time)
		}
	}
	p.Frame = thin(p.Frame, frames)
	return p, nil
}

// horizon is where a picture ends: a fifth beyond the jump after which a thousandth of the loss is left that the path takes away. Later
// jumps fit noise, and are many and far apart.
func horizon(path *dln.Path) float64 {
	first, last := path.Saddles[0].Loss, path.Last().Loss
	k := slices.IndexFunc(path.Saddles, func(s dln.Saddle) bool { return s.Loss-last <= 1e-3*(first-last) })
	return 1.2 * path.Saddles[k].Time
}

// frames is how many points of the flow a picture keeps: more than it has pixels across.
const frames = 1500

// thin keeps about the given number of frames, at even distances in time plus way: the flow rests and jumps, and both must be seen.
func thin(all []Frame, most int) []Frame {
	way := 0.0
	for i := 1; i < len(all); i++ {
		way += all[i].Arc - all[i].Time - all[i-1].Arc + all[i-1].Time
	}
	progress := func(f Frame) float64 {
		return f.Time/all[len(all)-1].Time + (f.Arc-f.Time)/max(way, math.SmallestNonzeroFloat64)
	}
	kept := all[:1]
	for i, f := range all[1:] {
		if i+2 == len(all) || progress(f)-progress(kept[len(kept)-1]) >= 2/float64(most) {
			kept = append(kept, f)
		}
	}
	return kept
}

// staircase draws the loss of the flow over accelerated time, with the predicted losses and jumps.
func (r *SaddlesResult) staircase() *Figure {
	p := r.Picture
	f := &Figure{
		Name: saddlesStudy.Figure, XTitle: "accelerated time t", YTitle: "loss ‖Xβ−y‖²/2n",
		Caption: "The loss of the flow falls in stairs. Dotted: the predicted losses, and upright the predicted jump times.",
	}
	flow := Line{Name: "flow"}
	for _, frame := range p.Frame {
		flow.X, flow.Y = append(flow.X, frame.Time), append(flow.Y, frame.Loss)
	}
	stairs := Line{Level: true}
	for k, s := range p.shown() {
		stairs.X = append(stairs.X, s.Time, p.leave(k))
		stairs.Y = append(stairs.Y, s.Loss, s.Loss)
	}
	f.Lines = append(f.Lines, flow, stairs)
	for _, s := range p.shown()[1:] {
		f.Lines = append(f.Lines, Line{Level: true, X: []float64{s.Time, s.Time}, Y: []float64{0, p.Path.Saddles[0].Loss}})
	}
	return f
}

// shown are the saddles that the picture reaches.
func (p Picture) shown() []dln.Saddle {
	end := horizon(p.Path)
	k := slices.IndexFunc(p.Path.Saddles, func(s dln.Saddle) bool { return s.Time > end })
	if k < 0 {
		return p.Path.Saddles
	}
	return p.Path.Saddles[:k]
}

// leave is the time at which the path leaves saddle k, or the picture ends.
func (p Picture) leave(k int) float64 {
	if k+1 < len(p.shown()) {
		return p.Path.Saddles[k+1].Time
	}
	return horizon(p.Path)
}

// most is how many coordinates a picture draws.
const most = 6

// shownCoordinates are those that are active in the picture, the largest ones of them, ascending.
func (p Picture) shownCoordinates(count int) []int {
	reach := make([]float64, p.Path.D)
	for _, s := range p.shown() {
		for i, j := range s.Support {
			reach[j] = max(reach[j], math.Abs(s.Values[i]))
		}
	}
	var active []int
	for j, v := range reach {
		if v > 0 {
			active = append(active, j)
		}
	}
	slices.SortStableFunc(active, func(a, b int) int {
		if reach[a] > reach[b] {
			return -1
		}
		return 1
	})
	active = active[:min(count, len(active))]
	slices.Sort(active)
	return active
}

// coordinates draws the flow's coordinates over accelerated time, with the predicted plateaus.
func (r *SaddlesResult) coordinates() *Figure {
	p := r.Picture
	f := &Figure{
		Name: "coordinates", XTitle: "accelerated time t", YTitle: "coordinates of β",
		Caption: "The flow's coordinates and, dotted, the predicted plateaus.",
	}
	var plateaus []Line
	at := make([]float64, p.Path.D)
	for _, j := range p.shownCoordinates(most) {
		flow, rest := Line{Name: subscript(j)}, Line{Level: true}
		for _, frame := range p.Frame {
			flow.X, flow.Y = append(flow.X, frame.Time), append(flow.Y, frame.Beta[j])
		}
		for k, s := range p.shown() {
			s.Vector(at)
			rest.X, rest.Y = append(rest.X, s.Time, p.leave(k)), append(rest.Y, at[j], at[j])
		}
		f.Lines, plateaus = append(f.Lines, flow), append(plateaus, rest)
	}
	f.Lines = append(f.Lines, plateaus...)
	return f
}

// subscript names a coordinate, counted from 1.
func subscript(j int) string {
	digits := []rune("₀₁₂₃₄₅₆₇₈₉")
	name := []rune{}
	for v := j + 1; v > 0; v /= 10 {
		name = append([]rune{digits[v%10]}, name...)
	}
	return "β" + string(name)
}
