package l2o_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// An oracle solves a Lasso in 60 digits: from an active set with signs, the normal equations A_SᵀA_S x_S = A_Sᵀy − λs, and the conditions
// of optimality checked off it. It shares no arithmetic with the solvers; a wrong guess of theirs at S it corrects.
type oracle struct {
	a      []exact // columns
	y      exact
	lambda *big.Float
	active []int
	sign   []float64 // of c_j on the active set
	x      []*big.Float
	c      []*big.Float // Aᵀ(y − Ax)
}

// An exact is a vector of numbers of 60 digits.
type exact []*big.Float

func number(v float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(v) }

func exactOf(v []float64) exact {
	e := make(exact, len(v))
	for i, t := range v {
		e[i] = number(t)
	}
	return e
}

func (e exact) dot(f exact) *big.Float {
	s, t := number(0), number(0)
	for i, v := range e {
		s.Add(s, t.Mul(v, f[i]))
	}
	return s
}

// solved returns the solution; it begins at the support and the signs of a guess.
func solved(t *testing.T, a *linop.ColMajor, y []float64, lambda float64, guess []float64) *oracle {
	t.Helper()
	o := &oracle{y: exactOf(y), lambda: number(lambda), sign: make([]float64, a.N)}
	for j := range a.N {
		o.a = append(o.a, exactOf(a.Data[j*a.M:(j+1)*a.M]))
	}
	for j, v := range guess {
		if v != 0 {
			o.active, o.sign[j] = append(o.active, j), math.Copysign(1, v)
		}
	}
	for range 10 * a.N {
		o.fit()
		if j := o.wrongSign(); j >= 0 {
			o.active = slices.DeleteFunc(o.active, func(i int) bool { return i == j })
			continue
		}
		j := o.violates()
		if j < 0 {
			return o
		}
		o.active, o.sign[j] = append(o.active, j), float64(o.c[j].Sign())
	}
	t.Fatal("the oracle does not find the active set")
	return nil
}

// fit solves for the active set by Cholesky's method, leaves out the columns that depend on those before, and computes c.
func (o *oracle) fit() {
	o.x = make([]*big.Float, len(o.a))
	for j := range o.x {
		o.x[j] = number(0)
	}
	var rows []exact // of L
	var b exact      // L⁻¹(A_Sᵀy − λs)
	var kept []int
	for _, j := range o.active {
		row := make(exact, 0, len(rows)+1)
		for i, above := range rows {
			v := o.a[j].dot(o.a[kept[i]])
			v.Sub(v, row[:i].dot(above[:i]))
			row = append(row, v.Quo(v, above[i]))
		}
		square := o.a[j].dot(o.a[j])
		pivot := number(0).Sub(square, row.dot(row))
		if pivot.Cmp(square.Mul(square, number(1e-40))) <= 0 {
			continue
		}
		v := o.a[j].dot(o.y)
		v.Sub(v, number(0).Mul(o.lambda, number(o.sign[j])))
		v.Sub(v, row.dot(b))
		row = append(row, pivot.Sqrt(pivot))
		rows, kept, b = append(rows, row), append(kept, j), append(b, v.Quo(v, row[len(row)-1]))
	}
	o.active = kept
	for i := len(kept) - 1; i >= 0; i-- {
		v := b[i]
		for k := i + 1; k < len(kept); k++ {
			v.Sub(v, number(0).Mul(rows[k][i], o.x[kept[k]]))
		}
		o.x[kept[i]] = v.Quo(v, rows[i][i])
	}
	r := slices.Clone(o.y)
	for i := range r {
		r[i] = number(0).Sub(o.y[i], o.row(i))
	}
	o.c = make([]*big.Float, len(o.a))
	for j, column := range o.a {
		o.c[j] = column.dot(r)
	}
}

// row returns (Ax)_i.
func (o *oracle) row(i int) *big.Float {
	s, t := number(0), number(0)
	for _, j := range o.active {
		s.Add(s, t.Mul(o.a[j][i], o.x[j]))
	}
	return s
}

// wrongSign returns an active coordinate whose sign is not that of its slope, or −1.
func (o *oracle) wrongSign() int {
	for _, j := range o.active {
		if float64(o.x[j].Sign()) != o.sign[j] {
			return j
		}
	}
	return -1
}

// violates returns the coordinate with the largest |c_j| above λ(1 + 10⁻⁴⁰), or −1.
func (o *oracle) violates() int {
	at, top := -1, number(0).Mul(o.lambda, number(0).Add(number(1), number(1e-40)))
	for j, c := range o.c {
		if size := number(0).Abs(c); size.Cmp(top) > 0 {
			at, top = j, size
		}
	}
	return at
}

func (o *oracle) solution() []float64 {
	x := make([]float64, len(o.x))
	for j, v := range o.x {
		x[j], _ = v.Float64()
	}
	return x
}

// fitted returns Ax, ‖x‖₁ and F(x) in float64, computed in 60 digits.
func (o *oracle) fitted() (z []float64, norm, value float64) {
	square, sum := number(0), number(0)
	for i, y := range o.y {
		v := o.row(i)
		f, _ := v.Float64()
		z = append(z, f)
		v.Sub(v, y)
		square.Add(square, v.Mul(v, v))
	}
	for _, v := range o.x {
		sum.Add(sum, number(0).Abs(v))
	}
	norm, _ = sum.Float64()
	square.Mul(square, number(0.5))
	value, _ = square.Add(square, sum.Mul(sum, o.lambda)).Float64()
	return z, norm, value
}

// unique reports whether the columns with |c_j| = λ, to 10⁻⁴⁰, are independent: then no other x is optimal (Tibshirani, "The Lasso problem
// and uniqueness", 2013, Lemma 2). cond is that of the active columns.
func (o *oracle) unique(a *linop.ColMajor) (is bool, cond float64) {
	least := number(0).Mul(o.lambda, number(0).Sub(number(1), number(1e-40)))
	count := 0
	for _, c := range o.c {
		if number(0).Abs(c).Cmp(least) >= 0 {
			count++
		}
	}
	if len(o.active) == 0 {
		return count == 0, 1
	}
	s := mat.NewDense(a.M, len(o.active), nil)
	for i, j := range o.active {
		s.SetCol(i, a.Data[j*a.M:(j+1)*a.M])
	}
	return count == len(o.active), mat.Cond(s, 2)
}

// An oracleKind is a law of matrices; group says which columns are the same but for a sign or a little.
type oracleKind struct {
	name string
	draw func(rng *rand.Rand) (a *linop.ColMajor, group []int)
}

var oracleKinds = []oracleKind{
	{"tall", func(rng *rand.Rand) (*linop.ColMajor, []int) { return chain(rng, 40, 15, 0), nil }},
	{"wide", func(rng *rand.Rand) (*linop.ColMajor, []int) { return chain(rng, 15, 40, 0), nil }},
	{"correlated", func(rng *rand.Rand) (*linop.ColMajor, []int) { return chain(rng, 20, 30, 0.95), nil }},
	{"duplicated columns", func(rng *rand.Rand) (*linop.ColMajor, []int) { return twins(rng, 20, 30, 0) }},
	{"columns 1e-3 apart", func(rng *rand.Rand) (*linop.ColMajor, []int) { return twins(rng, 20, 30, 1e-3) }},
	{"columns 1e-6 apart", func(rng *rand.Rand) (*linop.ColMajor, []int) { return twins(rng, 20, 30, 1e-6) }},
}

// chain draws columns of normal entries, each correlated with that before.
func chain(rng *rand.Rand, m, n int, rho float64) *linop.ColMajor {
	a := &linop.ColMajor{M: m, N: n, Data: make([]float64, m*n)}
	for k := range a.Data {
		a.Data[k] = rng.NormFloat64()
		if k >= m {
			a.Data[k] = rho*a.Data[k-m] + math.Sqrt(1-rho*rho)*a.Data[k]
		}
	}
	return a
}

// twins makes every third column of a chain the same as that before, but for the distance.
func twins(rng *rand.Rand, m, n int, apart float64) (*linop.ColMajor, []int) {
	a := chain(rng, m, n, 0)
	group := make([]int, n)
	for j := range n {
		group[j] = j
		if j%3 == 2 {
			group[j] = j - 1
			for i := range m {
				a.Data[j*m+i] = a.Data[(j-1)*m+i] + apart*a.Data[j*m+i]
			}
		}
	}
	return a, group
}

// Every solver that ends on a vertex against 60 digits: Ax, ‖x‖₁ and F to 1e-9 on all problems, x itself where it is unique to
// max(1e-9, 1e-14·cond(A_S)), and the sum over each group of equal columns where they are duplicated.
func TestOracle(t *testing.T) {
	const each = 50
	for _, s := range []l2o.Solver{l2o.CD{}, l2o.Homotopy{}} {
		for k, kind := range oracleKinds {
			unique, worst, both := 0, 0.0, 0
			for i := range each {
				rng := rand.New(rand.NewPCG(uint64(i), uint64(k)))
				a, group := kind.draw(rng)
				y := observed(rng, a)
				lambda := []float64{0.5, 0.1, 0.02}[i%3] * l2o.LambdaMax(a, y)
				if s == (l2o.CD{}) && i%2 == 1 { // the homotopy does not tell λ apart that are as close as there
					lambda = bothActive(a, y, group, lambda)
				}
				p := &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: lambda}}
				sol, err := l2o.Solve(s, p, l2o.Stop{Gap: 1e-12})
				if err != nil || sol.Status != l2o.Converged {
					t.Errorf("%T, %s %d: %v, gap %.2g, error %v", s, kind.name, i, sol.Status, sol.RelativeGap, err)
					continue
				}
				o := solved(t, a, y, lambda, sol.X)
				is, off := o.compare(t, kind.name, i, a, group, p, sol.X)
				if is {
					unique++
				}
				if o.twins(group) {
					both++
				}
				worst = max(worst, off)
			}
			t.Logf("%T, %s: %d problems, %d with a unique x, %d with both of two twins, at most %.2g of the tolerance off",
				s, kind.name, each, unique, both, worst)
		}
	}
}

// bothActive returns a λ at which both of two twins are active, the last one above the given, or else the given. Such λ are rare: the
// closer the columns are, the sooner the one takes over from the other.
func bothActive(a *linop.ColMajor, y []float64, group []int, lambda float64) float64 {
	path, _ := l2o.Homotopy{}.Path(&l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: lambda}})
	for k := len(path) - 1; k > 0; k-- {
		half := 0.5 * (path[k-1].Lambda + path[k].Lambda)
		x := l2o.At(path, half)
		for j, g := range group {
			if g != j && x[j] != 0 && x[g] != 0 {
				return half
			}
		}
	}
	return lambda
}

// twins reports whether both of two twins are active.
func (o *oracle) twins(group []int) bool {
	return slices.ContainsFunc(o.active, func(j int) bool {
		return group != nil && group[j] != j && slices.Contains(o.active, group[j])
	})
}

// compare holds x against the oracle; off is the largest error as a part of what is allowed.
func (o *oracle) compare(t *testing.T, name string, i int, a *linop.ColMajor, group []int, p *l2o.Problem, x []float64) (unique bool, off float64) {
	z, norm, value := o.fitted()
	ax := make([]float64, a.M)
	a.Apply(ax, x)
	star := o.solution()
	got := p.G.Value(x) / p.G.(prox.L1).Lambda
	unique, cond := o.unique(a)
	tol := max(1e-9, 1e-14*cond)
	errs := map[string]float64{
		"Ax": largestGap(ax, z) / largest(z) / 1e-9, "‖x‖₁": math.Abs(got-norm) / norm / 1e-9,
		"F": math.Abs(l2o.Objective(p, x)-value) / value / 1e-9,
	}
	if unique {
		errs["x"] = largestGap(x, star) / largest(star) / tol
	} else if group != nil {
		errs["sums over groups"] = largestGap(sums(x, group), sums(star, group)) / largest(star) / tol
	}
	for what, e := range errs {
		if off = max(off, e); !(e <= 1) {
			t.Errorf("%s %d: %s is off by %.2g of what is allowed, cond %.2g", name, i, what, e, cond)
		}
	}
	return unique, off
}

// observed returns A times a vector of which a third is not 0, with noise.
func observed(rng *rand.Rand, a *linop.ColMajor) []float64 {
	x, y := make([]float64, a.N), make([]float64, a.M)
	for j := 0; j < a.N; j += 3 {
		x[j] = rng.NormFloat64()
	}
	a.Apply(y, x)
	for i := range y {
		y[i] += 0.1 * rng.NormFloat64()
	}
	return y
}

func sums(x []float64, group []int) []float64 {
	s := make([]float64, len(x))
	for j, g := range group {
		s[g] += x[j]
	}
	return s
}

func largest(v []float64) float64 { return largestGap(v, make([]float64, len(v))) }

func largestGap(a, b []float64) float64 {
	top := 0.0
	for i, v := range a {
		top = max(top, math.Abs(v-b[i]))
	}
	return top
}
