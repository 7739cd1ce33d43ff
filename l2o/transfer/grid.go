package transfer

import (
	"math"
	"slices"

	"unroll/l2o/linop"
)

// The grid from which knobs are chosen by data. λ's fall from the least that gives 0 by a factor a step; Δλ is a multiple of λ₂.
const (
	firstSteps  = 5
	firstFactor = 0.5
	lastSteps   = 10
	lastFactor  = 0.63
)

var (
	kappas    = []float64{0.5, 1}
	multiples = []float64{1, 4, 16}
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

// ladders reads the tops off the data.
func (t *tasks) ladders() ladders {
	target := t.sets[0]
	return ladders{
		ladder(lambdaMax(DataSet{t.pooled.A.(*linop.ColMajor), t.pooled.Y}), firstFactor, firstSteps),
		ladder(lambdaMax(target), lastFactor, lastSteps),
	}
}

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

// strategies are the knobs of none, values and support.
func (l ladders) strategies() [Support + 1][]TwoStage {
	return [...][]TwoStage{l.none(), l.values(kappas...), l.support(multiples...)}
}

// Grid visits the fits of all knobs among which [CrossValidation] chooses, on all rows. The error is an *[InputError].
func Grid(sets []DataSet, visit func(s TwoStage, f Fit)) error {
	if err := checkSets(sets); err != nil {
		return err
	}
	t := newTasks(sets, chosenStop)
	all := t.ladders().strategies()
	list := slices.Concat(all[:]...)
	return t.each(list, func(i int, f Fit) { visit(list[i], f) })
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

// lambdaMax is the least λ at which the Lasso of a data set is 0, and 1 where that is 0.
func lambdaMax(d DataSet) float64 {
	_, n := d.A.Dims()
	w := make([]float64, n)
	d.A.Adjoint(w, d.Y)
	top := 0.0
	for _, v := range w {
		top = max(top, math.Abs(v))
	}
	if top == 0 {
		return 1
	}
	return top
}
