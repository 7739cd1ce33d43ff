package dln_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/model/dln"
)

// The certificate must refuse each of these changes of a right path, of which the last is orthogonal matching pursuit: what the
// algorithm would be if nothing were ever switched off.
func TestCertificateRefuses(t *testing.T) {
	in := twoLarge(rand.New(rand.NewPCG(3, 0)), 5, 7)
	for name, spoil := range map[string]func(p *dln.Path){
		"a jump 1e-9 late":              func(p *dln.Path) { p.Saddles[2].Time *= 1 + 1e-9 },
		"a value off by 1e-9":           func(p *dln.Path) { p.Saddles[2].Values[0] *= 1 + 1e-9 },
		"a saddle left out":             func(p *dln.Path) { p.Saddles = slices.Delete(p.Saddles, 2, 3) },
		"the end left out":              func(p *dln.Path) { p.Saddles = p.Saddles[:len(p.Saddles)-1] },
		"another coordinate hits":       func(p *dln.Path) { p.Saddles[2].Hit = []int{3} },
		"nothing hits":                  func(p *dln.Path) { p.Saddles[2].Hit = nil },
		"a saddle that comes too early": func(p *dln.Path) { s := p.Saddles; s[1].Values, s[1].Support = s[2].Values, s[2].Support },
		"no deactivation":               func(p *dln.Path) { pursue(in, p) },
	} {
		p, err := dln.Saddles(in.x, in.y)
		if err != nil || certify(in, p, make([]float64, p.D)) != nil {
			t.Fatalf("the right path: %v, %v", err, certify(in, p, make([]float64, p.D)))
		}
		if switchedOff(p) == 0 {
			t.Fatal("the instance has no deactivation")
		}
		spoil(p)
		if err := certify(in, p, make([]float64, p.D)); err == nil {
			t.Errorf("%s: certified", name)
		}
	}
}

// pursue replaces every saddle by the least squares on all coordinates that have hit.
func pursue(in instance, p *dln.Path) {
	n, d := in.x.Dims()
	x := mat.NewDense(n, d, in.x.Data)
	var active []int
	for k := range p.Saddles[1:] {
		s := &p.Saddles[k+1]
		active = append(active, s.Hit...)
		slices.Sort(active)
		sub := mat.NewDense(n, len(active), nil)
		for j, i := range active {
			sub.SetCol(j, mat.Col(nil, i, x))
		}
		var z mat.Dense
		if err := z.Solve(sub, mat.NewVecDense(n, in.y)); err != nil {
			panic(err)
		}
		s.Support, s.Values = slices.Clone(active), mat.Col(nil, 0, &z)
	}
}
