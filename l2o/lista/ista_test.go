package lista_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/lista"
	"unroll/l2o/prox"
)

// At ISTA's constants every method whose layer is a proximal gradient step is ISTA: where it starts, or for ALISTA with W = A and γ = 1/L.
// HyperLISTA and TISTA have tests of their own.
func TestAtISTAsConstantsItIsISTA(t *testing.T) {
	worst := 0.0
	for _, method := range lista.Methods() {
		if method == lista.TISTA || method == lista.HyperLISTA {
			continue
		}
		for seed := range uint64(5) {
			p, a := random(seed, 12, 20)
			c := config(method, 30, a)
			c.Shared = seed%2 == 1
			params := c.Init(a.Data)
			if method == lista.ALISTA {
				atISTA(params, a)
			}
			p.G = prox.L1{Lambda: c.Lambda}
			off := furthest(bind(t, c, params), l2o.ISTA{}, p)
			if off > 1e-12 {
				t.Errorf("%s, seed %d: %.2g from ISTA", method, seed, off)
			}
			worst = max(worst, off)
		}
	}
	t.Logf("at most %.2g from ISTA over 30 layers", worst)
}

// atISTA sets ALISTA's W = A and γ = 1/L.
func atISTA(params []checkpoints.Param, a *linop.Dense) {
	for _, p := range params {
		if p.Name == "fixed/W" {
			copy(p.F64, a.Data)
		} else if strings.HasSuffix(p.Name, "loggamma") {
			p.F64[0] = -2 * math.Log(linop.Norm(a))
		}
	}
}

// furthest is the largest distance of the iterates of two solvers, up to the last of s.
func furthest(s, reference l2o.Solver, p *l2o.Problem) (worst float64) {
	var want [][]float64
	for k, x := range reference.Iterates(p) {
		want = append(want, slices.Clone(x))
		if k == 30 {
			break
		}
	}
	for k, x := range s.Iterates(p) {
		worst = max(worst, apart(x, want[k]))
	}
	return worst
}

func random(seed uint64, m, n int) (*l2o.Problem, *linop.Dense) {
	p := l2otest.Random(rand.New(rand.NewPCG(seed, 8)), m, n, 0.1)
	return p, p.A.(*linop.Dense)
}

// A learned solver is a solver like any other, in both precisions.
func TestBoundIsASolver(t *testing.T) {
	for _, method := range lista.Methods() {
		for _, precision := range []string{lista.Float32, lista.Float64} {
			p, a := random(1, 5, 8)
			c := selecting(config(method, 4, a), .2, .5)
			c.Precision = precision
			b := bind(t, c, c.Init(a.Data))
			l2otest.Sequence(t, b, p)
			last := -1
			for k := range b.Iterates(p) {
				last = k
			}
			if last != c.K {
				t.Errorf("%s: the iterates end at %d, want %d", method, last, c.K)
			}
		}
	}
}

// Relabelling the unknowns relabels the estimates: nothing depends on the order of A's columns.
func TestPermutedColumns(t *testing.T) {
	for _, method := range lista.Methods() {
		p, a := random(3, 10, 16)
		permutation := rand.New(rand.NewPCG(4, 4)).Perm(a.N)
		moved := &linop.Dense{M: a.M, N: a.N, Data: make([]float64, len(a.Data))}
		for i := range a.Data {
			moved.Data[i] = a.Data[i/a.N*a.N+permutation[i%a.N]]
		}
		c := selecting(config(method, 8, a), .02, .1)
		want, got := last(bind(t, c, c.Init(a.Data)), p), last(bind(t, c, c.Init(moved.Data)), &l2o.Problem{A: moved, Y: p.Y})
		for j, v := range got {
			if math.Abs(v-want[permutation[j]]) > 1e-10 {
				t.Errorf("%s: unknown %d is %g, and %g under another label", method, j, want[permutation[j]], v)
				break
			}
		}
	}
}

// A batch is its signals one by one.
func TestBatchIsItsSignals(t *testing.T) {
	const size = 5
	for _, method := range lista.Methods() {
		_, a := random(4, 12, 20)
		c := selecting(config(method, 6, a), .02, .1)
		b := bind(t, c, c.Init(a.Data))
		r := rand.New(rand.NewPCG(5, 5))
		y, want := make([]float64, size*12), [][]float64{}
		for i := range y {
			y[i] = r.NormFloat64()
		}
		for i := range size {
			k := 0
			for _, x := range b.Iterates(&l2o.Problem{A: a, Y: y[i*12 : (i+1)*12]}) {
				if i == 0 {
					want = append(want, nil)
				}
				want[k] = append(want[k], x...)
				k++
			}
		}
		b.Estimates(a.Data, y, func(k int, x []float64) bool {
			if off := apart(x, want[k]); len(x) != size*20 || off > 1e-12 {
				t.Errorf("%s: layer %d of a batch is %.2g from its signals'", method, k, off)
			}
			return true
		})
	}
}

func last(s l2o.Solver, p *l2o.Problem) (x []float64) {
	for _, next := range s.Iterates(p) {
		x = append(x[:0], next...)
	}
	return x
}

// LISTA, LISTA-CP and TiLISTA with the analytic matrix are ALISTA where that starts.
func TestAnalyticStartIsALISTA(t *testing.T) {
	p, a := random(2, 12, 20)
	want := last(bind(t, config(lista.ALISTA, 6, a), config(lista.ALISTA, 6, a).Init(a.Data)), p)
	for _, method := range []string{lista.LISTA, lista.LISTACP, lista.LISTACPSS, lista.TiLISTA} {
		c := config(method, 6, a)
		c.Analytic = true
		if off := apart(last(bind(t, c, c.Init(a.Data)), p), want); off > 1e-10 {
			t.Errorf("%s: %.2g from ALISTA", method, off)
		}
	}
}
