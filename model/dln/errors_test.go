package dln_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/l2o/linop"
	"unroll/model/dln"
)

func TestBadInput(t *testing.T) {
	good := &linop.Dense{M: 2, N: 2, Data: []float64{1, 2, 3, 5}}
	with := func(v float64) *linop.Dense { return &linop.Dense{M: 2, N: 2, Data: []float64{1, 2, v, 5}} }
	saddles := func(x linop.Columns, y ...float64) error { _, err := dln.Saddles(x, y); return err }
	tuned := func(start ...float64) error { _, err := dln.FineTune(good, []float64{1, 2}, start); return err }
	flow := func(alpha, tol float64) error {
		return dln.Flow{X: good, Y: []float64{1, 2}, Alpha: alpha, Tol: tol}.Check()
	}
	for _, c := range []struct {
		err  error
		want []string
	}{
		{saddles(nil), []string{"X", "matrix"}},
		{saddles(&linop.Dense{N: 2}), []string{"X", "0×2", "at least one row"}},
		{saddles(good, 1), []string{"y", "length 1", "length 2"}},
		{saddles(good, 1, math.NaN()), []string{"y[1]", "NaN", "finite"}},
		{saddles(with(math.Inf(1)), 1, 2), []string{"X[1,0]", "+Inf", "finite"}},
		{saddles(with(1e200), 1, 2), []string{"column 0 of X", "overflow"}},
		{saddles(good, 1e-300, 0), []string{"y", "vanish"}},
		{saddles(good, 0, 0), []string{"y", "orthogonal to every column", "no jump"}},
		{saddles(&linop.Dense{M: 2, N: 1, Data: []float64{1, 1}}, 1, -1), []string{"y", "orthogonal to every column", "no jump"}},
		{tuned(1), []string{"start", "length 1", "length 2"}},
		{tuned(1, math.NaN()), []string{"start[1]", "NaN"}},
		{flow(0, 0), []string{"alpha", "0", "between 0 and 1"}},
		{flow(1, 0), []string{"alpha", "1", "between 0 and 1"}},
		{flow(-1e-3, 0), []string{"alpha", "-0.001"}},
		{flow(math.NaN(), 0), []string{"alpha", "NaN"}},
		{flow(0.1, 1e-14), []string{"Tol", "1e-14", "1e-12"}},
	} {
		if _, ok := errors.AsType[*dln.InputError](c.err); !ok {
			t.Errorf("error %v, want an *InputError with %q", c.err, c.want)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(c.err.Error(), want) || strings.Contains(c.err.Error(), "\n") {
				t.Errorf("%q is not in %q", want, c.err)
			}
		}
	}
}

// A flow that leaves the range of float64, at its start or on its way to a solution that has no float64, says so where it ends.
func TestStuckFlow(t *testing.T) {
	one := func(x float64) *linop.Dense { return &linop.Dense{M: 1, N: 1, Data: []float64{x}} }
	pair := func(x float64) *linop.Dense { return &linop.Dense{M: 1, N: 2, Data: []float64{x, x}} }
	for name, c := range map[string]struct {
		flow  dln.Flow
		stuck bool
	}{
		"an infinite rate":     {dln.Flow{X: one(1e150), Y: []float64{1}, Alpha: 0.1, Start: []float64{1e100}}, true},
		"a rate that is NaN":   {dln.Flow{X: pair(1e150), Y: []float64{1}, Alpha: 0.1, Start: []float64{1e100, -1e100}}, true},
		"a solution of 1e310":  {dln.Flow{X: one(1e-160), Y: []float64{1e150}, Alpha: 0.1}, true},
		"a solution of 1e290":  {dln.Flow{X: one(1e-145), Y: []float64{1e145}, Alpha: 0.1}, false},
		"an ordinary solution": {dln.Flow{X: one(2), Y: []float64{3}, Alpha: 0.1}, false},
	} {
		if err := c.flow.Check(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var last dln.State
		states := 0
		for s := range c.flow.States(1, 1e15) {
			if last.Stuck {
				t.Errorf("%s: a state after the one that is stuck", name)
			}
			last = s
			states++
		}
		if last.Stuck != c.stuck || (last.Time == 1e15) == c.stuck || math.IsNaN(last.Time) {
			t.Errorf("%s: after %d states, t = %g and β = %v, stuck %t", name, states, last.Time, last.Beta, last.Stuck)
		}
	}
}

// Two equal columns tie; the path that comes with the error still ends at a point as short as any.
func TestDuplicatedColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, factor := range []float64{1, -1} {
		x, y := gaussian(rng, 4, 6, 0), normals(rng, 4)
		single, err := dln.Saddles(x, y)
		if err != nil {
			t.Fatal(err)
		}
		twin := single.Saddles[2].Hit[0]
		double := &linop.Dense{M: 4, N: 7}
		for i := range 4 {
			row := x.Data[i*6 : (i+1)*6]
			double.Data = append(append(double.Data, row...), factor*row[twin])
		}
		p, err := dln.Saddles(double, y)
		doubt, ok := errors.AsType[*dln.AmbiguityError](err)
		if !ok || doubt.Step != 2 || !slices.Equal(doubt.Coordinates, []int{twin, 6}) || !strings.Contains(err.Error(), "jump 2") {
			t.Errorf("column %d twice: %v", twin, err)
		}
		if p == nil || math.Abs(sumAbs(p.Last().Values)-sumAbs(single.Last().Values)) > 1e-12 {
			t.Errorf("column %d twice: the end is %+v, want the length of %+v", twin, p.Last(), single.Last())
		}
	}
}

// A column that has to enter and lies in the span of the active ones up to 1e-10 is told, not divided by: column 1 is (1, 0, 1e-10), hits
// first and takes the place of column 0, whose dual then crosses to −1.
func TestSingularBlock(t *testing.T) {
	x := &linop.Dense{M: 3, N: 2, Data: []float64{1, 1, 0, 0, 0, 1e-10}}
	p, err := dln.Saddles(x, []float64{1, 0, 1000})
	doubt, ok := errors.AsType[*dln.AmbiguityError](err)
	if !ok || !doubt.Singular || doubt.Step != 2 || !slices.Equal(doubt.Coordinates, []int{1, 0}) || !strings.Contains(err.Error(), "linearly dependent") {
		t.Errorf("error %v, want columns 1 and 0 dependent at jump 2", err)
	}
	if p == nil || len(p.Saddles) != 2 {
		t.Errorf("path %+v, want the start and one saddle", p)
	}
}
