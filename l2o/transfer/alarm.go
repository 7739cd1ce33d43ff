package transfer

// An Alarm compares the transfer of all values, [TransLasso], with none, [TargetOnly], each at its best λ's of the grid, on the same
// held-out rows of the target. Gain is none's squared error minus the transfer's, mean over the rows, SE its standard error.
//
// It is raised where Gain is not above 0, a gain of less than 1e-4 of none's error counting as 0: a β₁ whose signs stage 2 would have found
// leaves w as it is, so that ties are common. Transfer is not better than none then. That is the one-sided test, at the level 5 %, of the hypothesis that the
// true gain is large enough for these rows to show, at least 1.645·SE: under it at most one alarm in twenty is false, as far as the mean of
// the paired differences is normal. A gain too small to show is missed as often as not, and is worth as little.
type Alarm struct {
	Gain, SE float64
	Raised   bool
	Loose    int // fits on folds, of both, whose relative gap is above 1e-5
}

// tie is the share of an error that counts as none: more than the solver leaves open, and far less than rows can show.
const tie = 1e-4

// Alarm asks the question for the given sources together. The error is an *[InputError].
func (c CrossValidation) Alarm(sets []DataSet) (Alarm, error) {
	if err := c.check(sets); err != nil {
		return Alarm{}, err
	}
	all := c.cut(sets)
	none, err := all.alone()
	if err != nil {
		return Alarm{}, err
	}
	a, err := all.alarm(everySource(sets), none)
	a.Loose = all.loose
	return a, err
}

// everySource lists the sources' indices.
func everySource(sets []DataSet) (all []int) {
	for k := range sets[1:] {
		all = append(all, k+1)
	}
	return all
}

// alone returns the losses of the target's best Lasso.
func (c *cuts) alone() ([]float64, error) {
	table, err := c.losses(nil, c.ladders(nil).none())
	if err != nil {
		return nil, err
	}
	return table[table.best()], nil
}

// alarm compares some sources with the losses of none.
func (c *cuts) alarm(sources []int, none []float64) (Alarm, error) {
	table, err := c.losses(sources, c.ladders(sources).values(1))
	if err != nil {
		return Alarm{}, err
	}
	level, _ := meanError(none)
	gain, se := excess(none, table[table.best()])
	return Alarm{Gain: gain, SE: se, Raised: gain <= tie*level}, nil
}

// Sources returns the indices, from 1 up, of the data sets that alone with the target raise no alarm; where there are none, all if together
// they raise none.
func (c CrossValidation) Sources(sets []DataSet) ([]int, error) {
	if err := c.check(sets); err != nil {
		return nil, err
	}
	return c.cut(sets).sources()
}

func (c *cuts) sources() (kept []int, err error) {
	none, err := c.alone()
	if err != nil {
		return nil, err
	}
	all := everySource(c.sets)
	for _, k := range all {
		a, err := c.alarm([]int{k}, none)
		if err != nil {
			return nil, err
		}
		if !a.Raised {
			kept = append(kept, k)
		}
	}
	if len(kept) > 0 || len(all) == 1 {
		return kept, nil
	}
	a, err := c.alarm(all, none)
	if err != nil || a.Raised {
		return nil, err
	}
	return all, nil
}
