package transfer

import "unroll/l2o"

// A Corner is a named estimator of the family at its best knobs by cross-validation.
type Corner struct {
	Name string
	Candidate
	Fit   Fit // on all rows
	Loose int // fits on folds, over the corner's knobs, whose relative gap is above 1e-5
}

// shares are the s of [Pretraining] in the grid.
var shares = []float64{0.25, 0.5, 0.75}

// Corners fits every corner with all sources: none, pooled, Trans-Lasso, values, support, pretraining, in this order. The error is an
// *[InputError].
func (c CrossValidation) Corners(sets []DataSet) ([]Corner, error) {
	if err := c.check(sets); err != nil {
		return nil, err
	}
	t := newTasks(sets, l2o.Stop{})
	all, cut := everySource(sets), c.cut(sets)
	l := cut.ladders(all)
	var out []Corner
	for _, family := range []struct {
		name string
		list []TwoStage
	}{
		{"none", l.none()}, {"pooled", l.pooled()}, {"Trans-Lasso", l.values(1)}, {"values", l.values(kappas...)},
		{"support", l.support(multiples...)}, {"pretraining", l.pretraining()},
	} {
		cut.loose = 0
		table, err := cut.losses(all, family.list)
		if err != nil {
			return nil, err
		}
		at := table.best()
		corner := Corner{Name: family.name, Candidate: Candidate{Knobs: family.list[at]}, Loose: cut.loose}
		corner.Mean, corner.SE = meanError(table[at])
		if corner.Fit, err = t.fit(corner.Knobs); err != nil {
			return nil, err
		}
		out = append(out, corner)
	}
	return out, nil
}

func (l ladders) pooled() (list []TwoStage) {
	for _, first := range l.first {
		list = append(list, Pooled(first))
	}
	return list
}

func (l ladders) pretraining() (list []TwoStage) {
	for _, first := range l.first {
		for _, s := range shares {
			for _, second := range l.second {
				list = append(list, Pretraining(first, second, s))
			}
		}
	}
	return list
}
