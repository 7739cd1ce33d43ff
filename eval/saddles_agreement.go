package eval

import (
	"math"
	"slices"

	"unroll/l2o"
	"unroll/l2o/prox"
	"unroll/model/dln"
)

// agreementScales are the α of the study of agreement.
var agreementScales = []float64{1e-10, 1e-20, 1e-40, 1e-80}

// long is the exponent ln(1/α)·w·rate from which a plateau of width w counts as long: what has not settled at its middle is e^−30 of what
// it was at its ends.
const long = 30

// A SaddlePlateau is one plateau between two jumps of one instance, and how the flow sees it at each α.
type SaddlePlateau struct {
	Seed  uint64
	Index int // of its saddle
	// Hitting·ln(1/α) is the exponent by which the coordinate about to hit is still away at the middle: w·|∇L|. Settled is the smallest of
	// that and of the same for every other coordinate at 0, 2(1−|s|), and for the active ones, w times the smallest eigenvalue of
	// |β|^½H|β|^½, at which they relax.
	Hitting, Settled float64
	Lasso            bool      // every coordinate that was active has kept |s| = 1 up to its middle
	Error            []float64 // ‖β_flow − β_k‖∞ at the middle over the path's largest coefficient, per α
	JumpError        []float64 // |t_flow − t_k|/t_k of the jump that leads to it, per α; NaN where the flow has no such jump
	MeanError        []float64 // ‖mean_flow − Lasso(1/t)‖∞ at the middle over the Lasso's, per α; NaN unless Lasso
}

// An Agreement is what the flow says to the prediction, over all plateaus of all instances.
type Agreement struct {
	Plateaus  []SaddlePlateau
	Ambiguous int // instances left out
	Rows      []AgreementRow
	Jump      Slope // of ln(jump time error) in ln ln(1/α)
	Mean      Slope // of ln(distance of the mean from the Lasso) in ln ln(1/α)
}

// An AgreementRow is one α. The errors are over the plateaus that are settled at the smallest α, the same for every α.
type AgreementRow struct {
	Alpha     float64
	Plateaus  int
	Error     float64 // largest at the middles
	Median    float64 // at the middles
	JumpError float64 // mean over the jumps that lead to those plateaus
	MeanError float64 // mean over those where the path's average is a Lasso solution

	Settled, Short int     // plateaus with Settled·ln(1/α) ≥ long at this α, and the others
	Own            float64 // largest error at the middles of the settled ones
	Hitting, Above int     // plateaus with Hitting·ln(1/α) ≥ long, and those of them with an error above 1e-6
}

// agree runs the flow on every instance, its y multiplied by scale, which must change nothing.
func (s Saddles) agree(scale float64) *Agreement {
	found := make([][]SaddlePlateau, s.Instances)
	doubtful := make([]bool, s.Instances)
	split(s.Workers, s.Instances, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			in := s.draw(s.Seed+uint64(i), scale)
			path, err := dln.Saddles(in.x, in.y)
			if doubtful[i] = err != nil; err == nil {
				found[i] = watch(in, path, s.Seed+uint64(i))
			}
		}
	})
	a := &Agreement{}
	for i, p := range found {
		a.Plateaus = append(a.Plateaus, p...)
		if doubtful[i] {
			a.Ambiguous++
		}
	}
	a.summarise(s)
	return a
}

// watch measures every plateau between two jumps of one instance at every α.
func watch(in regression, path *dln.Path, seed uint64) []SaddlePlateau {
	w := newWatcher(in, path, seed)
	for _, alpha := range agreementScales {
		w.run(alpha)
	}
	return w.plateaus
}

// A watcher compares flows with the path of one instance.
type watcher struct {
	in       regression
	path     *dln.Path
	plateaus []SaddlePlateau // of the saddles 1 to the last but one
	middles  []float64       // their times
	lassos   [][]float64     // the Lasso solutions of weight 1/t at the middles; nil unless it is the path's mean
	size     float64         // largest coefficient of the path
}

func newWatcher(in regression, path *dln.Path, seed uint64) *watcher {
	w := &watcher{in: in, path: path}
	for _, s := range path.Saddles {
		for _, v := range s.Values {
			w.size = max(w.size, math.Abs(v))
		}
	}
	law := newDualLaw(in)
	for k := range path.Saddles[:len(path.Saddles)-1] {
		p := law.plateau(path, k)
		if k == 0 {
			continue
		}
		p.Seed = seed
		middle := (path.Saddles[k].Time + path.Saddles[k+1].Time) / 2
		var lasso []float64
		if p.Lasso {
			lasso = lassoAt(in, path.Lambda(middle))
		}
		w.plateaus, w.middles, w.lassos = append(w.plateaus, p), append(w.middles, middle), append(w.lassos, lasso)
	}
	return w
}

// lassoAt returns the minimiser of ½‖Xβ−y‖² + λ‖β‖₁, from the exact path of another algorithm; nil where that ends before λ.
func lassoAt(in regression, lambda float64) []float64 {
	path, err := l2o.Homotopy{}.Path(&l2o.Problem{A: in.x, Y: in.y, G: prox.L1{Lambda: lambda}})
	if err != nil {
		return nil
	}
	return l2o.At(path, lambda)
}

// run follows the flow of one α through the middles of the plateaus.
func (w *watcher) run(alpha float64) {
	if len(w.middles) == 0 {
		return
	}
	beta, before := make([]float64, w.in.x.N), dln.State{Dual: make([]float64, w.in.x.N)}
	jumps := make([]float64, len(w.plateaus))
	for k := range jumps {
		jumps[k] = math.NaN()
	}
	k := 0
	for s := range (dln.Flow{X: w.in.x, Y: w.in.y, Alpha: alpha}).States(w.middles...) {
		if math.IsNaN(jumps[k]) {
			jumps[k] = w.crossing(k, alpha, before, s)
		}
		before.Time = s.Time
		copy(before.Dual, s.Dual)
		if s.Time < w.middles[k] {
			continue
		}
		p, saddle := &w.plateaus[k], &w.path.Saddles[k+1]
		saddle.Vector(beta)
		p.Error = append(p.Error, farthest(beta, s.Beta)/w.size)
		p.JumpError = append(p.JumpError, math.Abs(jumps[k]-saddle.Time)/saddle.Time)
		p.MeanError = append(p.MeanError, meanError(w.lassos[k], s))
		if k++; k == len(w.middles) {
			return
		}
	}
}

// crossing returns the time between two states, after the middle of the plateau before, at which |β_i| of the coordinate that hits to reach
// plateau k crosses half its value there; NaN if it does not.
func (w *watcher) crossing(k int, alpha float64, from, to dln.State) float64 {
	saddle := w.path.Saddles[k+1]
	i := saddle.Hit[0]
	at := slices.Index(saddle.Support, i)
	if at < 0 {
		return math.NaN()
	}
	half := dln.Dual(alpha, saddle.Values[at]/2)
	if sign := math.Copysign(1, half); sign*from.Dual[i] < sign*half && sign*half <= sign*to.Dual[i] {
		return from.Time + (to.Time-from.Time)*(half-from.Dual[i])/(to.Dual[i]-from.Dual[i])
	}
	return math.NaN()
}

func meanError(lasso []float64, s dln.State) float64 {
	if lasso == nil {
		return math.NaN()
	}
	mean := make([]float64, len(lasso))
	for i, v := range s.Integral {
		mean[i] = v / s.Time
	}
	return farthest(mean, lasso) / farthest(lasso, make([]float64, len(lasso)))
}

// farthest returns ‖a−b‖∞.
func farthest(a, b []float64) float64 {
	top := 0.0
	for i, v := range a {
		top = max(top, math.Abs(v-b[i]))
	}
	return top
}
