package l2o_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
)

func TestLosses(t *testing.T) {
	for _, c := range []struct {
		loss l2o.Loss
		data []float64
	}{{l2o.Squared{}, []float64{-1.3, 0, 2, 0.4}}, {l2o.Logistic{}, []float64{1, -1, -1, 1}}} {
		t.Run(fmt.Sprintf("%T", c.loss), func(t *testing.T) { l2otest.Loss(t, c.loss, c.data) })
	}
}

// log(1 + exp(−yz)) at z = log 3: log(4/3) for y = 1, log 4 for y = −1, with slopes −1/4 and 3/4 and curvature 3/16.
func TestLogisticByHand(t *testing.T) {
	z, y, d := []float64{math.Log(3), math.Log(3)}, []float64{1, -1}, make([]float64, 2)
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-15 {
			t.Errorf("%s = %.17g, want %.17g", what, got, want)
		}
	}
	near("Value", l2o.Logistic{}.Value(z, y), math.Log(16.0/3))
	l2o.Logistic{}.Grad(d, z, y)
	near("Grad", d[0], -0.25)
	near("Grad", d[1], 0.75)
	l2o.Logistic{}.Hess(d, z, y)
	near("Hess", d[0], 3.0/16)
	// p = ½ against q = ¼: ½ log 2 + ½ log(2/3).
	near("FenchelYoung", l2o.Logistic{}.FenchelYoung(z[:1], []float64{0.5}, y[:1]), 0.5*math.Log(4.0/3))
}

// Far out nothing overflows: at margin ±1000 the loss is 0 or 1000, the slope 0 or −y.
func TestLogisticFarOut(t *testing.T) {
	z, y, d := []float64{1000, -1000}, []float64{1, 1}, make([]float64, 2)
	if v := (l2o.Logistic{}).Value(z, y); v != 1000 {
		t.Errorf("Value = %v", v)
	}
	if (l2o.Logistic{}).Grad(d, z, y); d[0] != 0 || d[1] != -1 {
		t.Errorf("Grad = %v", d)
	}
	if v := (l2o.Logistic{}).FenchelYoung(z, []float64{0, 1}, y); v != 0 {
		t.Errorf("FenchelYoung at the slopes = %v", v)
	}
}

// Close to the slope the gap is e²/(2q(1−q)) to first order, where p log(p/q) + (1−p) log((1−p)/(1−q)) has cancelled to nothing: against
// 200 binary digits of the series of logarithms.
func TestLogisticGapDoesNotCancel(t *testing.T) {
	for _, q := range []float64{0.5, 0.25, 1e-3, 1e-8} {
		for _, e := range []float64{1e-3, 1e-6, 1e-9, 1e-12} {
			z := math.Log((1 - q) / q)
			slope := []float64{0}
			l2o.Logistic{}.Grad(slope, []float64{z}, []float64{1})
			p := -slope[0] * (1 + e)
			got := l2o.Logistic{}.FenchelYoung([]float64{z}, []float64{p}, []float64{1})
			want := entropy(p, -slope[0])
			if math.Abs(got-want) > 1e-10*want {
				t.Errorf("q = %v, p = q(1 + %v): %.6g, want %.6g", q, e, got, want)
			}
		}
	}
}

// entropy returns p log(p/q) + (1−p) log((1−p)/(1−q)) for p near q, with log(1+t) = 2 artanh(t/(2+t)).
func entropy(p, q float64) float64 {
	number := func(v float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(v) }
	one := number(1)
	term := func(a, b *big.Float) *big.Float {
		w := new(big.Float).Quo(new(big.Float).Sub(a, b), new(big.Float).Add(a, b))
		square, sum, power := new(big.Float).Mul(w, w), number(0), new(big.Float).Set(w)
		for k := 1.0; k < 60; k += 2 {
			sum.Add(sum, new(big.Float).Quo(power, number(k)))
			power.Mul(power, square)
		}
		return sum.Mul(sum, a)
	}
	P, Q := number(p), number(q)
	sum := term(P, Q)
	sum.Add(sum, term(new(big.Float).Sub(one, P), new(big.Float).Sub(one, Q)))
	v, _ := sum.Mul(sum, number(2)).Float64()
	return v
}

func TestLogisticRefusesLabels(t *testing.T) {
	for _, bad := range []float64{0, 2, 0.999, math.NaN()} {
		e, ok := errors.AsType[*l2o.InputError](l2o.Logistic{}.Check([]float64{1, -1, bad}))
		if !ok || e.Arg != "Y[2]" {
			t.Errorf("label %v: %v", bad, e)
		}
	}
}
