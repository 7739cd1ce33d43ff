package transfer

import "slices"

// The grid from which knobs are chosen by data. λ's fall from the least that gives 0 by a factor a step; Δλ is a multiple of λ₂.
// The largest multiple leaves nothing outside stage 1's support at any λ₂ of the ladder.
const (
	firstSteps  = 6
	firstFactor = 0.6
	lastSteps   = 10
	lastFactor  = 0.7
)

var (
	kappas    = []float64{0.5, 1}
	multiples = []float64{1, 4, 16, 64}
)

// ladder returns top·factor, top·factor², …
func ladder(top, factor float64, steps int) []float64 {
	l := make([]float64, steps)
	for i := range l {
		top *= factor
		l[i] = top
	}
	return l
}

// A ladders holds the λ₁ and the λ₂ of a grid.
type ladders struct{ first, second []float64 }

// none is the target's Lasso along its path. All of them have one λ₁, which takes no part.
func (l ladders) none() (list []TwoStage) {
	for _, lambda := range l.second {
		list = append(list, TwoStage{Lambda1: l.first[0], Lambda2: lambda})
	}
	return list
}

// values has every κ of the grid, support every multiple.
func (l ladders) values(kappas ...float64) (list []TwoStage) {
	for _, first := range l.first {
		for _, kappa := range kappas {
			for _, second := range l.second {
				list = append(list, ValuesOnly(first, second, kappa))
			}
		}
	}
	return list
}

func (l ladders) support(multiples ...float64) (list []TwoStage) {
	for _, first := range l.first {
		for _, multiple := range multiples {
			for _, second := range l.second {
				list = append(list, SupportOnly(first, second, multiple*second))
			}
		}
	}
	return list
}

// strategies are the knobs of none, values and support. Without a source there are no values, and stage 1 is the target's own.
func (l ladders) strategies(sources int) [Support + 1][]TwoStage {
	all := [...][]TwoStage{l.none(), nil, l.support(multiples...)}
	if sources > 0 {
		all[Values] = l.values(kappas...)
	}
	return all
}

// Grid visits the answers of all knobs among which [CrossValidation.Auto] chooses, on all rows of the target and of some sources: their
// indices, from 1 up; none is the target alone. w is valid until the next. The error is an *[InputError].
func Grid(sets []DataSet, sources []int, visit func(s TwoStage, w []float64)) error {
	if err := (CrossValidation{}).check(sets); err != nil {
		return err
	}
	if err := checkSources(sets, sources); err != nil {
		return err
	}
	c := CrossValidation{}.cut(sets)
	all := c.ladders(sources).strategies(len(sources))
	list := slices.Concat(all[:]...)
	return c.fits(sources, list, func(i int, w []float64) { visit(list[i], w) })
}

// each fits a list in its order, every fit from the one before. Knobs with the λ₁ of those before share their stage 1.
func (t *tasks) each(list []TwoStage, visit func(i int, f Fit)) error {
	var fit Fit
	for i, s := range list {
		var err error
		if i == 0 || s.Lambda1 != list[i-1].Lambda1 {
			if fit.First, err = t.first(s.Lambda1, fit.First.X); err != nil {
				return err
			}
		}
		if fit, err = t.second(s, fit.First, fit.Second.X); err != nil {
			return err
		}
		visit(i, fit)
	}
	return nil
}
