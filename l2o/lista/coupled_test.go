package lista_test

import (
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/l2o/lista"
)

// A coupled solver at the weights of an ALISTA or TiLISTA takes its steps.
func TestCoupledTakesTheSteps(t *testing.T) {
	p, a := random(6, 12, 20)
	for _, method := range []string{lista.ALISTA, lista.TiLISTA} {
		from := config(method, 5, a)
		params := from.Init(a.Data)
		for i, p := range params {
			if lista.Learned(p.Name) {
				for j := range p.F64 {
					p.F64[j] += .02 * float64(i+1)
				}
			}
		}
		b := bind(t, from, params)
		for _, precision := range []string{lista.Float64, lista.Float32} {
			c := config(lista.LISTACP, 5, a)
			c.Precision = precision
			start, err := c.Coupled(b)
			if err != nil {
				t.Fatal(err)
			}
			close := 1e-12
			if precision == lista.Float32 {
				close = 1e-5
			}
			var want [][]float64
			for _, x := range b.Iterates(p) {
				want = append(want, append([]float64{}, x...))
			}
			for k, x := range bind(t, c, start).Iterates(p) {
				if off := apart(x, want[k]); off > close {
					t.Errorf("%s, %s: layer %d is %.2g apart", method, precision, k, off)
				}
			}
		}
	}
}

func TestCoupledRefuses(t *testing.T) {
	_, a := random(1, 6, 9)
	alista := bind(t, config(lista.ALISTA, 3, a), config(lista.ALISTA, 3, a).Init(a.Data))
	for want, start := range map[string]func() ([]checkpoints.Param, error){
		"lista cannot start at the weights of alista":               func() ([]checkpoints.Param, error) { return config(lista.LISTA, 3, a).Coupled(alista) },
		"lista-cp with K=4 for 6×9 cannot start at alista with K=3": func() ([]checkpoints.Param, error) { return config(lista.LISTACP, 4, a).Coupled(alista) },
		"lista-cp with normalise=true cannot start at alista with normalise=false": func() ([]checkpoints.Param, error) {
			c := config(lista.LISTACP, 3, a)
			c.Normalise = true
			return c.Coupled(alista)
		},
		"lista-cp cannot start at the weights of lista-vm": func() ([]checkpoints.Param, error) {
			return config(lista.LISTACP, 3, a).Coupled(bind(t, config(lista.LISTAVM, 3, a), config(lista.LISTAVM, 3, a).Init(a.Data)))
		},
	} {
		if _, err := start(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
