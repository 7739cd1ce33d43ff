package transfer

import (
	"fmt"
	"math"
)

// A Strategy says which knobs are free.
type Strategy int

const (
	None    Strategy = iota // κ = 0, Δλ = 0: the target's Lasso
	Values                  // κ free, Δλ = 0
	Support                 // κ = 0, Δλ free
	Both                    // κ and Δλ free
)

func (s Strategy) String() string {
	if s < None || s > Both {
		return fmt.Sprintf("Strategy(%d)", int(s))
	}
	return [...]string{"none", "values", "support", "both"}[s]
}

// A Search says how λ₁ is chosen.
type Search int

const (
	Local  Search = iota // λ₁ where stage 1 is best on the target, then the rest
	Global               // all together
)

// Optima are the best knobs of every [Strategy], indexed by it.
type Optima [Both + 1]Optimum

// An Optimum is the best of one strategy.
type Optimum struct {
	Knobs      TwoStage
	Prediction Prediction
}

// Error is the target's, ‖r₁ − w‖²/N.
func (o Optimum) Error() float64 { return o.Prediction.Second.Error[0] }

// Best returns the strategy of the lowest error. Of those that lose less than the share slack to it, it is the one with the fewest knobs,
// values before support.
func (o Optima) Best(slack float64) Strategy {
	low := math.Inf(1)
	for _, at := range o {
		low = min(low, at.Error())
	}
	for s, at := range o {
		if at.Error() <= low*(1+slack) {
			return Strategy(s)
		}
	}
	panic("transfer: no strategy attains the lowest error")
}

// Optima finds the knobs with the least predicted error on the target. Every knob has a range: λ from 1e-4 to 10, κ from 0 to 1, Δλ from 0
// to 20; the search of a strategy starts from several points, among them the optima of those it contains. It needs no data.
func (e Ensemble) Optima(search Search) (Optima, error) {
	local, global, err := e.search(search == Global)
	if search == Global {
		return global, err
	}
	return local, err
}

// LocalAndGlobal are the [Optima] of both searches, in the time of the global one, which starts at the local.
func (e Ensemble) LocalAndGlobal() (local, global Optima, err error) { return e.search(true) }

func (e Ensemble) search(far bool) (local, global Optima, err error) {
	if err := e.Check(); err != nil {
		return local, global, err
	}
	v := valley{e, &solver{rule: legendre(searchNodes), goal: residualBound}}
	l1, err := v.firstStage()
	if err != nil {
		return local, global, err
	}
	none := v.descend([]point{{l1, math.Log(0.1), 0, 0}, {l1, math.Log(0.01), 0, 0}}, axes{second: true})
	values := v.descend([]point{with(none, kappaAxis, 0), with(none, kappaAxis, 0.5), with(none, kappaAxis, 1)}, axes{second: true, kappa: true})
	support := v.descend([]point{none, with(none, deltaAxis, 1.5), with(none, deltaAxis, 3)}, axes{second: true, delta: true})
	both := v.descend([]point{values, support, with(with(none, kappaAxis, 0.5), deltaAxis, 1.5)}, axes{second: true, kappa: true, delta: true})
	if local, err = e.at(none, values, support, both); err != nil || !far {
		return local, global, err
	}
	values = v.descend([]point{values, with(none, kappaAxis, 0.3), with(none, kappaAxis, 1)}, axes{first: true, second: true, kappa: true})
	support = v.descend([]point{support, with(none, deltaAxis, 0.6), with(none, deltaAxis, 1.5)}, axes{first: true, second: true, delta: true})
	both = v.descend([]point{both, values, support}, axes{first: true, second: true, kappa: true, delta: true})
	global, err = e.at(none, values, support, both)
	return local, global, err
}

// at predicts at the points of all strategies.
func (e Ensemble) at(points ...point) (o Optima, err error) {
	for s, x := range points {
		o[s].Knobs = x.knobs()
		if o[s].Prediction, err = e.Predict(o[s].Knobs); err != nil {
			return Optima{}, err
		}
	}
	return o, nil
}
