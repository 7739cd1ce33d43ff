package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o/transfer"
)

// alarm counts alarms with good sources, where they are false, and with unrelated ones.
func (r *TransferResult) alarm(run cellRunner) ([]Section, error) {
	const perCell = 10
	var cells []cell
	for _, good := range []int{taskSources, 0} {
		for lo := 0; lo < r.Study.Alarms; lo += perCell {
			hi := min(lo+perCell, r.Study.Alarms)
			cells = append(cells, cell{
				Name: fmt.Sprintf("alarm-%d-%d", good, lo), Setting: fmt.Sprintf("gain ≤ 0, seed %d, draws to %d", r.Study.Seed, hi),
				Work: func() ([]float64, error) { return alarms(relatedTasks{good}, r.Study.Seed, lo, hi) },
			})
		}
	}
	numbers, err := run(cells)
	if err != nil {
		return nil, err
	}
	t := Table{Header: []string{"sources", "draws", "alarms", "rate", "95 % interval", "mean gain", "mean standard error"}}
	each := len(cells) / 2
	for i, name := range []string{"all informative", "all unrelated"} {
		v := slices.Concat(numbers[i*each : (i+1)*each]...)
		var gain, se []float64
		raised := 0
		for at := 0; at < len(v); at += 3 {
			gain, se = append(gain, v[at]), append(se, v[at+1])
			raised += int(v[at+2])
		}
		n := len(gain)
		t.Rows = append(t.Rows, []string{name, fmt.Sprint(n), fmt.Sprint(raised), percent(float64(raised) / float64(n)), bracket(wilson(raised, n), percent),
			significant(mean(gain)), significant(mean(se))})
	}
	return []Section{{
		Title: "The alarm",
		Paragraph: []string{"Raised where the transfer of all values is not better than none on held-out rows, by the mean of the paired differences: " +
			"a test at the level 5 % of a gain of at least 1.645 of its standard errors. With informative sources every alarm is false."},
		Table: t, CSVName: "alarm.csv",
	}}, nil
}

// alarms returns gain, standard error and whether the alarm was raised, for draws lo to hi.
func alarms(g relatedTasks, seed uint64, lo, hi int) ([]float64, error) {
	var numbers []float64
	for i := lo; i < hi; i++ {
		sets, _ := g.draw(rand.New(rand.NewPCG(seed, uint64(200+g.Informative)<<32|uint64(i))))
		a, err := transfer.CrossValidation{}.Alarm(sets)
		if err != nil {
			return nil, err
		}
		raised := 0.0
		if a.Raised {
			raised = 1
		}
		numbers = append(numbers, a.Gain, a.SE, raised)
	}
	return numbers, nil
}

// wilson is the 95 % interval of a rate (E. B. Wilson 1927).
func wilson(hits, n int) Interval {
	const z = 1.96
	p, m := float64(hits)/float64(n), float64(n)
	centre, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	out := Interval{(centre - half) / (1 + z*z/m), (centre + half) / (1 + z*z/m)}
	if hits == 0 {
		out.Lo = 0 // exactly, and 1 below
	}
	if hits == n {
		out.Hi = 1
	}
	return out
}
