package eval

import (
	"fmt"
	"math"

	"unroll/l2o"
	"unroll/model/dln"
)

// descentScales and descentSteps are the starts and the steps, in units of the largest stable one, of the study of finite steps.
var (
	descentScales = []float64{1e-3, 1e-6, 1e-9, 1e-12}
	descentSteps  = []float64{0.01, 0.1, 0.5, 0.95}
)

// A Descended is gradient descent on (u, v) from one α: how near it stays to the prediction, and the step at which it breaks.
//
// At a saddle β descent is stable, but for the directions in which the flow leaves it, while η·λ_max(|β|^½H|β|^½) < 1. Limit is the
// largest η for which all saddles are; Breaks is the η, in units of Limit, from which the run no longer ends near the last.
type Descended struct {
	Alpha  float64
	Limit  float64
	Errors []float64 // largest over the middles of the plateaus, over the largest coefficient, per entry of descentSteps
	Ends   []float64 // the same after the last jump
	Flow   float64   // Errors of the flow itself
	Breaks float64
}

// descents runs the instance of the pictures from every α.
func descents(in regression, path *dln.Path) []Descended {
	var all []Descended
	for _, alpha := range descentScales {
		d := Descended{Alpha: alpha, Limit: stableStep(in, path)}
		for _, step := range descentSteps {
			middle, end := descend(in, path, dln.Descent{Alpha: alpha, Step: step * d.Limit})
			d.Errors, d.Ends = append(d.Errors, middle), append(d.Ends, end)
		}
		d.Flow = flowError(in, path, alpha)
		d.Breaks = breaks(in, path, alpha, d.Limit)
		all = append(all, d)
	}
	return all
}

// stableStep is the smallest 1/λ_max(|β|^½H|β|^½) over the saddles.
func stableStep(in regression, path *dln.Path) float64 {
	step := math.Inf(1)
	for _, s := range path.Saddles {
		if len(s.Support) > 0 {
			curvatures := saddleCurvatures(in, &s)
			step = min(step, 1/curvatures[len(curvatures)-1])
		}
	}
	return step
}

// middles returns the middles of the plateaus between two jumps, and last ten times the time of the last jump.
func middles(path *dln.Path) []float64 {
	var times []float64
	for k := 1; k+1 < len(path.Saddles); k++ {
		times = append(times, (path.Saddles[k].Time+path.Saddles[k+1].Time)/2)
	}
	return append(times, 10*path.Last().Time)
}

// descend returns the distance from the path at the middles of its plateaus and at the end; +Inf where the run has diverged.
func descend(in regression, path *dln.Path, d dln.Descent) (middle, end float64) {
	perTime := -math.Log(d.Alpha) / d.Step
	times, at, saddle := middles(path), 0, make([]float64, path.D)
	for k, beta := range d.Iterates(&l2o.Problem{A: in.x, Y: in.y}) {
		if float64(k) < times[at]*perTime {
			continue
		}
		path.At(saddle, times[at])
		error := farthest(beta, saddle) / farthest(saddle, make([]float64, path.D))
		if math.IsNaN(error) {
			error = math.Inf(1)
		}
		if at++; at == len(times) {
			return middle, error
		}
		middle = max(middle, error)
	}
	panic("eval: gradient descent has ended")
}

// flowError is what descend returns for steps that vanish.
func flowError(in regression, path *dln.Path, alpha float64) float64 {
	times, at, worst, saddle := middles(path), 0, 0.0, make([]float64, path.D)
	times = times[:len(times)-1]
	for s := range (dln.Flow{X: in.x, Y: in.y, Alpha: alpha}).States(times...) {
		if at < len(times) && s.Time >= times[at] {
			path.At(saddle, times[at])
			worst = max(worst, farthest(s.Beta, saddle)/farthest(saddle, make([]float64, path.D)))
			at++
		}
	}
	return worst
}

// breaks finds the smallest step, in units of the limit, whose run does not end within a tenth of the last saddle, by bisection to 1 %.
func breaks(in regression, path *dln.Path, alpha, limit float64) float64 {
	works := func(share float64) bool {
		_, end := descend(in, path, dln.Descent{Alpha: alpha, Step: share * limit})
		return end < 0.1
	}
	lo, hi := 0.01, 8.0
	if !works(lo) {
		return math.NaN()
	}
	for hi/lo > 1.01 {
		if mid := math.Sqrt(lo * hi); works(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

func (r *SaddlesResult) descentSection() Section {
	s := Section{
		Title: "Finite steps",
		Paragraph: []string{fmt.Sprintf("Gradient descent on u and v, on the instance above. The steps are in units of η₀ = %s, above which the Hessian at one of the "+
			"saddles has an eigenvalue beyond 2/η. The numbers are the largest distance from the predicted saddle at the middle of a plateau, over that saddle's "+
			"largest coefficient, and in brackets the distance at ten times the time of the last jump. Breaks: the step from which the run no longer ends within a tenth of the last saddle.",
			digits(r.Descents[0].Limit))},
		Table: Table{Header: []string{"α", "flow"}}, CSVName: "descent.csv", full: columns("alpha,step,middle_error,end_error"),
	}
	for _, step := range descentSteps {
		s.Table.Header = append(s.Table.Header, fmt.Sprintf("%g η₀", step))
	}
	s.Table.Header = append(s.Table.Header, "breaks at")
	for _, d := range r.Descents {
		row := []string{fmt.Sprint(d.Alpha), digits(d.Flow)}
		for i, step := range descentSteps {
			row = append(row, fmt.Sprintf("%s (%s)", digits(d.Errors[i]), digits(d.Ends[i])))
			s.full.record([]string{fmt.Sprint(d.Alpha)}, step, d.Errors[i], d.Ends[i])
		}
		s.Table.Rows = append(s.Table.Rows, append(row, decimals(d.Breaks)+" η₀"))
	}
	return s
}
