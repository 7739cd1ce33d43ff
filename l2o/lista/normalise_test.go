package lista_test

import (
	"math"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/lista"
)

// A normalised solver gives the same estimates for A, y and for 64·A, 64·y, and starts at ISTA's step whatever the size of A.
func TestNormalised(t *testing.T) {
	p, a := random(1, 6, 9)
	large := &linop.Dense{M: a.M, N: a.N}
	for _, v := range a.Data {
		large.Data = append(large.Data, 64*v)
	}
	q := &l2o.Problem{A: large, G: p.G}
	for _, v := range p.Y {
		q.Y = append(q.Y, 64*v)
	}
	for _, method := range []string{lista.LISTA, lista.LISTACP, lista.LISTAVM} {
		c := config(method, 4, a)
		norm := linop.Norm(a)
		c.Normalise = true
		plain := c
		plain.Normalise, plain.Lambda = false, c.Lambda*norm*norm // one threshold λ/L
		want := last(bind(t, plain, plain.Init(a.Data)), p)
		for name, got := range map[string][]float64{
			"A": last(bind(t, c, c.Init(a.Data)), p), "64·A": last(bind(t, c, c.Init(large.Data)), q),
		} {
			for j, v := range got {
				if !(math.Abs(v-want[j]) <= 1e-12*(1+math.Abs(want[j]))) {
					t.Errorf("%s, %s: entry %d is %g, want ISTA's %g", method, name, j, v, want[j])
				}
			}
		}
	}
	if c := (lista.Config{N: 3, Normalise: true}); c.Scale(make([]float64, 6)) != 1 {
		t.Error("a matrix of zeros is divided by its norm")
	}
}

// hidden is a matrix that does not say that it is dense.
type hidden struct{ linop.Operator }

// An operator without rows at hand is divided in its products, with the same estimates.
func TestNormalisedOperator(t *testing.T) {
	p, a := random(2, 6, 9)
	c := config(lista.LISTAVM, 4, a)
	c.Normalise = true
	b := bind(t, c, c.Init(a.Data))
	want := last(b, p)
	for j, v := range last(b, &l2o.Problem{A: hidden{a}, Y: p.Y, G: p.G}) {
		if math.Abs(v-want[j]) > 1e-12 {
			t.Errorf("entry %d is %g, want %g", j, v, want[j])
		}
	}
}
