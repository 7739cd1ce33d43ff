package linop_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
)

// Every kind of matrix that has columns, and the dense one that it must equal.
func kinds(rng *rand.Rand, m, n int) map[string]struct{ a, dense linop.Columns } {
	dense := random(rng, m, n)
	sparse := sprinkled(rng, m, n)
	mean, scale := make([]float64, n), make([]float64, n)
	for j := range mean {
		mean[j], scale[j] = rng.NormFloat64(), 0.5+rng.Float64()
	}
	return map[string]struct{ a, dense linop.Columns }{
		"Dense":         {dense, dense},
		"ColMajor":      {linop.NewColMajor(dense), dense},
		"CSC":           {sparse, linop.NewColMajor(sparse)},
		"Scaled":        {&linop.Scaled{A: sparse, Mean: mean, Scale: scale}, changed(linop.NewColMajor(sparse), mean, scale)},
		"Scaled mean":   {&linop.Scaled{A: dense, Mean: mean}, changed(linop.NewColMajor(dense), mean, nil)},
		"Scaled scale":  {&linop.Scaled{A: dense, Scale: scale}, changed(linop.NewColMajor(dense), nil, scale)},
		"Scaled by nil": {&linop.Scaled{A: dense}, dense},
	}
}

// sprinkled is a matrix with one entry in four, some of them twice in their place, and an empty column.
func sprinkled(rng *rand.Rand, m, n int) *linop.CSC {
	a := &linop.CSC{M: m, N: n, Start: []int{0}}
	for j := range n {
		for i := range m {
			for k := rng.IntN(4); j > 0 && k > 1; k-- {
				a.Row, a.Value = append(a.Row, i), append(a.Value, rng.NormFloat64())
			}
		}
		a.Start = append(a.Start, len(a.Row))
	}
	return a
}

// changed centres and divides the columns of a, and returns it.
func changed(a *linop.ColMajor, mean, scale []float64) *linop.ColMajor {
	for k := range a.Data {
		if mean != nil {
			a.Data[k] -= mean[k/a.M]
		}
		if scale != nil {
			a.Data[k] /= scale[k/a.M]
		}
	}
	return a
}

func TestColumnsConformance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, shape := range [][2]int{{1, 1}, {1, 7}, {9, 1}, {5, 8}, {40, 20}} {
		for name, c := range kinds(rng, shape[0], shape[1]) {
			t.Run(fmt.Sprintf("%s/%d×%d", name, shape[0], shape[1]), func(t *testing.T) {
				l2otest.Operator(t, c.a)
				columns(t, c.a, c.dense)
			})
		}
	}
}

// columns compares every column of a, by each of its methods, with that of a matrix known to be right, and with a's own Apply.
func columns(t l2otest.TB, a, right linop.Columns) {
	t.Helper()
	m, n := a.Dims()
	rng := rand.New(rand.NewPCG(2, uint64(m)<<32+uint64(n)))
	r, unit := make([]float64, m), make([]float64, n)
	for i := range r {
		r[i] = rng.NormFloat64()
	}
	for j := range n {
		want, got := make([]float64, m), slices.Repeat([]float64{math.NaN()}, m)
		right.Column(want, j)
		a.Column(got, j)
		near(t, fmt.Sprintf("column %d", j), got, want)
		unit[j] = 1
		a.Apply(got, unit)
		unit[j] = 0
		near(t, fmt.Sprintf("image of unknown %d", j), got, want)
		near(t, fmt.Sprintf("product with column %d", j), []float64{a.DotColumn(j, r)}, []float64{right.DotColumn(j, r)})
		for i := range want {
			got[i], want[i] = r[i], r[i]-1.25*want[i]
		}
		a.AddColumn(got, -1.25, j)
		near(t, fmt.Sprintf("sum with column %d", j), got, want)
	}
}

func near(t l2otest.TB, what string, got, want []float64) {
	t.Helper()
	for i, v := range want {
		if !(math.Abs(got[i]-v) <= 1e-13*float64(len(want)+20)) {
			t.Errorf("linop: %s: entry %d is %.17g, want %.17g", what, i, got[i], v)
			return
		}
	}
}

// A wrongColumns does what matrix does, save for one method.
type wrongColumns struct {
	*linop.Dense
	column func(dst []float64, j int)
	dot    func(j int, r []float64) float64
	add    func(r []float64, v float64, j int)
}

func (w wrongColumns) Column(dst []float64, j int) {
	if w.column == nil {
		w.Dense.Column(dst, j)
		return
	}
	w.column(dst, j)
}

func (w wrongColumns) DotColumn(j int, r []float64) float64 {
	if w.dot == nil {
		return w.Dense.DotColumn(j, r)
	}
	return w.dot(j, r)
}

func (w wrongColumns) AddColumn(r []float64, v float64, j int) {
	if w.add == nil {
		w.Dense.AddColumn(r, v, j)
		return
	}
	w.add(r, v, j)
}

func TestColumnsSuiteRefuses(t *testing.T) {
	a := random(rand.New(rand.NewPCG(1, 0)), 4, 3)
	for _, c := range []struct {
		reason string
		wrong  wrongColumns
	}{
		{"column 0", wrongColumns{column: func(dst []float64, j int) { a.Column(dst, (j+1)%3) }}},
		{"column 2", wrongColumns{column: func(dst []float64, j int) { a.Column(dst, min(j, 1)) }}},
		{"column 0", wrongColumns{column: func(dst []float64, j int) { a.AddColumn(dst, 1, j) }}},
		{"product with column 0", wrongColumns{dot: func(j int, r []float64) float64 { return -a.DotColumn(j, r) }}},
		{"sum with column 0", wrongColumns{add: func(r []float64, v float64, j int) { a.AddColumn(r, -v, j) }}},
		{"sum with column 0", wrongColumns{add: func(r []float64, v float64, j int) { clear(r); a.AddColumn(r, v, j) }}},
	} {
		c.wrong.Dense = a
		l2otest.Refuses(t, c.reason, func(t l2otest.TB) { columns(t, c.wrong, a) })
	}
}

// What is not finite in a column shows in its product with 0, and a wrong column or length panics.
func TestColumnsManners(t *testing.T) {
	for name, c := range kinds(rand.New(rand.NewPCG(1, 0)), 6, 5) {
		switch a := c.a.(type) {
		case *linop.Dense:
			a.Data[2] = math.Inf(1)
		case *linop.ColMajor:
			a.Data[2*6+1] = math.NaN()
		case *linop.CSC:
			a.Value[a.Start[2]] = math.Inf(-1)
		case *linop.Scaled:
			if a.Mean == nil && a.Scale == nil {
				continue
			}
			for _, v := range [][]float64{a.Mean, a.Scale} {
				if v != nil {
					v[2] = math.NaN()
				}
			}
		}
		if v := c.a.DotColumn(2, make([]float64, 6)); v == v {
			t.Errorf("%s: product of column 2 with 0 is %v", name, v)
		}
		for what, call := range map[string]func(){
			"Column 5":             func() { c.a.Column(make([]float64, 6), 5) },
			"Column −1":            func() { c.a.Column(make([]float64, 6), -1) },
			"Column of length 5":   func() { c.a.Column(make([]float64, 5), 0) },
			"DotColumn 5":          func() { c.a.DotColumn(5, make([]float64, 6)) },
			"DotColumn, length 7":  func() { c.a.DotColumn(0, make([]float64, 7)) },
			"AddColumn 5":          func() { c.a.AddColumn(make([]float64, 6), 1, 5) },
			"AddColumn, length 5":  func() { c.a.AddColumn(make([]float64, 5), 1, 0) },
			"Adjoint of length 5":  func() { c.a.Adjoint(make([]float64, 5), make([]float64, 5)) },
			"Apply from length 60": func() { c.a.Apply(make([]float64, 6), make([]float64, 60)) },
		} {
			if said := panics(call); !strings.HasPrefix(said, "linop: ") {
				t.Errorf("%s: %s panics with %q, want why", name, what, said)
			}
		}
	}
}

// panics returns what a call panics with.
func panics(call func()) (said string) {
	defer func() { said = fmt.Sprint(recover()) }()
	call()
	return ""
}

// A = [1 0; 0 3; 2 0] and the same with the means (1, 1) taken and the scales (2, 1) divided out: [0 −1; −½ 2; ½ −1].
func TestSparseAndScaledByHand(t *testing.T) {
	sparse := &linop.CSC{M: 3, N: 2, Start: []int{0, 2, 3}, Row: []int{2, 0, 1}, Value: []float64{2, 1, 3}}
	for _, c := range []struct {
		a                    linop.Columns
		apply, adjoint, last []float64
	}{
		{sparse, []float64{2, -3, 4}, []float64{7, 6}, []float64{0, 3, 0}},
		{&linop.Scaled{A: sparse, Mean: []float64{1, 1}, Scale: []float64{2, 1}}, []float64{1, -3, 2}, []float64{0.5, 0}, []float64{-1, 2, -1}},
	} {
		y, x := make([]float64, 3), make([]float64, 2)
		if c.a.Apply(y, []float64{2, -1}); !slices.Equal(y, c.apply) {
			t.Errorf("Ax = %v, want %v", y, c.apply)
		}
		if c.a.Adjoint(x, []float64{1, 2, 3}); !slices.Equal(x, c.adjoint) {
			t.Errorf("Aᵀy = %v, want %v", x, c.adjoint)
		}
		if c.a.Column(y, 1); !slices.Equal(y, c.last) {
			t.Errorf("A₁ = %v, want %v", y, c.last)
		}
	}
}

func TestCSCCheck(t *testing.T) {
	good := func() *linop.CSC {
		return &linop.CSC{M: 3, N: 2, Start: []int{0, 2, 3}, Row: []int{0, 2, 1}, Value: []float64{1, 2, 3}}
	}
	if err := good().Check(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		want  string
		spoil func(a *linop.CSC)
	}{
		{"linop: len(Start) of a sparse matrix is 3, want 2, one more than columns", func(a *linop.CSC) { a.N = 1 }},
		{"linop: len(Row) of a sparse matrix is 2, want 3, as many as values", func(a *linop.CSC) { a.Row = a.Row[:2] }},
		{"linop: Start[0] of a sparse matrix is 1, want 0", func(a *linop.CSC) { a.Start[0] = 1 }},
		{"linop: Start[1] of a sparse matrix is -1, want at least Start[0] = 0", func(a *linop.CSC) { a.Start[1] = -1 }},
		{"linop: Start[2] of a sparse matrix is 4, want 3, the number of nonzeros", func(a *linop.CSC) { a.Start[2] = 4 }},
		{"linop: Row[1] of a sparse matrix is 3, want a row from 0 to 2", func(a *linop.CSC) { a.Row[1] = 3 }},
		{"linop: Row[1] of a sparse matrix is -1, want a row from 0 to 2", func(a *linop.CSC) { a.Row[1] = -1 }},
	} {
		a := good()
		c.spoil(a)
		if err := a.Check(); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}
