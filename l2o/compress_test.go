package l2o

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

func tall(seed uint64, m, n int) *Problem {
	rng := rand.New(rand.NewPCG(seed, 54))
	return &Problem{A: &linop.ColMajor{M: m, N: n, Data: normal(rng, m*n)}, Y: normal(rng, m), G: prox.L1{}}
}

func falling(p *Problem, count int) (lambdas []float64) {
	for k := range count {
		lambdas = append(lambdas, LambdaMax(p.A, p.Y)*math.Pow(0.9, float64(k)))
	}
	return lambdas
}

// On the compression a path has the solutions of A itself, and the certificates that a judge finds who has A, for penalties of all kinds.
func TestCompressedPath(t *testing.T) {
	p := tall(1, 800, 24)
	weights := make([]float64, 24)
	var groups [][]int
	for j := range weights {
		weights[j] = float64(j % 3) // some free
		if j%2 == 0 {
			groups = append(groups, []int{j, j + 1})
		}
	}
	weights[5] = math.Inf(1)
	for _, g := range []prox.Sparse{prox.L1{}, prox.NonNegL1{}, prox.ElasticNet{Ridge: 0.1}, prox.WeightedL1{Weights: weights}, prox.Group{Groups: groups}} {
		q := &Problem{A: p.A, Y: p.Y, G: g}
		lambdas := falling(p, 40)
		path, err := Path(CD{}, q, lambdas, Stop{})
		if err != nil {
			t.Fatal(err)
		}
		c := compress(q, len(lambdas))
		if c == nil {
			t.Fatal("not compressed")
		}
		for i, sol := range path {
			one := &Problem{A: p.A, Y: p.Y, G: g.WithLambda(lambdas[i])}
			cert := Certify(one, sol.X)
			if !c.tells(sol.X, 800, defaultGap) || sol.Status != Converged || !(cert.RelativeGap <= defaultGap) ||
				math.Abs(cert.Gap-sol.Gap) > 1e-11*cert.Primal || math.Abs(cert.Primal-sol.Primal) > 1e-12*cert.Primal ||
				math.Abs(cert.Margin-sol.Margin) > 1e-11*lambdas[0] || math.Abs(cert.Distance-sol.Distance) > 1e-11*lambdas[0] ||
				cert.Identified != sol.Identified {
				t.Errorf("%T at λ_%d: %v with\n%+v, on A\n%+v", g, i, sol.Status, sol.Certificate, cert)
			}
		}
	}
}

// What a Gram matrix cannot tell is left to A: columns that are nearly dependent, numbers whose squares overflow, gaps near rounding.
func TestCompressionRefuses(t *testing.T) {
	p := tall(2, 400, 10)
	if c := compress(p, 20); c == nil || c.tells(make([]float64, 10), 400, 1e-13) || !c.tells(make([]float64, 10), 400, 1e-6) {
		t.Error("a plain problem is not compressed, or to a gap that rounding does not allow")
	}
	for name, change := range map[string]func(a *linop.ColMajor){
		"close":    func(a *linop.ColMajor) { kernel.Scale(a.Data[400:800], 1+1e-9, a.Data[:400]) },
		"huge":     func(a *linop.ColMajor) { kernel.Scale(a.Data[400:800], 1e150, a.Data[:400]) },
		"NaN":      func(a *linop.ColMajor) { a.Data[7] = math.NaN() },
		"a zero":   func(a *linop.ColMajor) { clear(a.Data[:400]) },
		"few λ":    func(a *linop.ColMajor) { *a = *tall(3, 4000, 1000).A.(*linop.ColMajor) },
		"not tall": func(a *linop.ColMajor) { *a = *tall(3, 30, 10).A.(*linop.ColMajor) },
	} {
		q := tall(2, 400, 10)
		a := q.A.(*linop.ColMajor)
		change(a)
		q.Y = append(q.Y, make([]float64, 4000)...)[:a.M]
		if compress(q, 20) != nil {
			t.Errorf("%s: compressed", name)
		}
	}
	if p.Loss = (Logistic{}); compress(p, 20) != nil {
		t.Error("the logistic loss is compressed")
	}
}

// A factor from which rows were removed is the factor of what is left.
func TestCholeskyRemove(t *testing.T) {
	const k = 12
	rng := rand.New(rand.NewPCG(55, 55))
	a := normal(rng, 20*k)
	gram := func(i, j int) float64 { return kernel.Dot(a[20*i:20*i+20], a[20*j:20*j+20]) }
	factor := func(places []int) (l cholesky) {
		for i := range places {
			var row []float64
			for _, j := range places[:i+1] {
				row = append(row, gram(places[i], j))
			}
			l.append(row, 0)
		}
		return l
	}
	places := make([]int, k)
	for i := range places {
		places[i] = i
	}
	l := factor(places)
	for _, i := range []int{0, 4, 9, 5, 7, 0} {
		l.remove(i)
		places = append(places[:i], places[i+1:]...)
		want := factor(places)
		if len(l.rows) != len(places) {
			t.Fatalf("%d rows of %d", len(l.rows), len(places))
		}
		for r, row := range l.rows {
			for c, v := range row {
				if math.Abs(v-want.rows[r][c]) > 1e-13 {
					t.Errorf("after %d entry %d,%d is off by %.2g", i, r, c, v-want.rows[r][c])
				}
			}
		}
	}
}
