package transfer

// An Alarm compares the transfer of all values, [TransLasso], with none, [TargetOnly], each at its best λ's of the grid, on the same
// held-out rows of the target. Gain is none's squared error minus the transfer's, mean over the rows, SE its standard error.
//
// It is raised where Gain ≤ 0: transfer is not better than none. That is the one-sided test, at the level 5 %, of the hypothesis that the
// true gain is large enough for these rows to show, at least 1.645·SE: under it at most one alarm in twenty is false, as far as the mean of
// the paired differences is normal. A gain too small to show is missed as often as not, and is worth as little.
type Alarm struct {
	Gain, SE float64
	Raised   bool
}

// Alarm asks the question for the given sources together. The error is an *[InputError].
func (c CrossValidation) Alarm(sets []DataSet) (Alarm, error) {
	if err := c.check(sets); err != nil {
		return Alarm{}, err
	}
	l := newTasks(sets, chosenStop).ladders()
	none, all := l.none(), l.values(1)
	table, err := c.losses(sets, append(none, all...))
	if err != nil {
		return Alarm{}, err
	}
	without, with := table[:len(none)], table[len(none):]
	a, b := without[without.best()], with[with.best()]
	gains := make([]float64, len(a))
	for i := range gains {
		gains[i] = a[i] - b[i]
	}
	var out Alarm
	out.Gain, out.SE = meanError(gains)
	out.Raised = out.Gain <= 0
	return out, nil
}

// Sources returns the indices, from 1 up, of the data sets that alone with the target raise no alarm; where there are none, all if together
// they raise none.
func (c CrossValidation) Sources(sets []DataSet) ([]int, error) {
	if err := c.check(sets); err != nil {
		return nil, err
	}
	var kept, all []int
	for k := range sets[1:] {
		a, err := c.Alarm([]DataSet{sets[0], sets[k+1]})
		if err != nil {
			return nil, err
		}
		all = append(all, k+1)
		if !a.Raised {
			kept = append(kept, k+1)
		}
	}
	if len(kept) > 0 || len(all) == 1 {
		return kept, nil
	}
	a, err := c.Alarm(sets)
	if err != nil || a.Raised {
		return nil, err
	}
	return all, nil
}
