package transfer

import (
	"errors"
	"testing"
)

// A quadratic with a narrow, oblique valley, and one whose minimum lies outside of the box.
func TestHookeJeeves(t *testing.T) {
	f := func(x point) float64 {
		a, b := x[1]+1, x[2]-0.4
		return 1 + 50*(a+b)*(a+b) + (a-b)*(a-b) + x[3]*x[3]
	}
	x, low := hookeJeeves(f, point{0, 2, 1, 3}, axes{second: true, kappa: true, delta: true})
	near(t, "the minimum", low, 1, 1e-3)
	near(t, "its place", x[1], -1, 0.05)
	near(t, "its place", x[2], 0.4, 0.05)
	x, _ = hookeJeeves(func(x point) float64 { return 1 + (x[2]-3)*(x[2]-3) + (x[0]+1)*(x[0]+1) }, point{0.3}, axes{kappa: true})
	if x != (point{0.3, 0, 1, 0}) {
		t.Errorf("at the bound: %v", x)
	}
}

// Every strategy is at least as good as those it contains, and as every point of a grid within it.
func TestOptima(t *testing.T) {
	e := pair(0.4, 1.2, 0.15, 0.05, 0.05, 0.01)
	local, err := e.Optima(Local)
	if err != nil {
		t.Fatal(err)
	}
	global, err := e.Optima(Global)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Optima{local, global} {
		for _, inside := range []Strategy{Values, Support} {
			if o[inside].Error() > o[None].Error()*(1+1e-6) || o[Both].Error() > o[inside].Error()*(1+1e-6) {
				t.Errorf("none %.6g, %v %.6g, both %.6g", o[None].Error(), inside, o[inside].Error(), o[Both].Error())
			}
		}
		if o[Values].Knobs.DeltaLambda != 0 || o[Support].Knobs.Kappa != 0 || o[None].Knobs.Kappa != 0 || o[None].Knobs.DeltaLambda != 0 {
			t.Errorf("a knob that is not free was turned: %+v", o)
		}
	}
	for s := range global {
		if global[s].Error() > local[s].Error()*(1+1e-6) {
			t.Errorf("%v: global %.6g above local %.6g", Strategy(s), global[s].Error(), local[s].Error())
		}
	}
	for _, l1 := range []float64{0.05, 0.15, 0.5} {
		for _, l2 := range []float64{0.01, 0.03, 0.1} {
			for _, kappa := range []float64{0, 0.5, 1} {
				for _, delta := range []float64{0, 0.05, 0.3} {
					if v := mustPredict(t, e, TwoStage{l1, l2, kappa, delta}).Second.Error[0]; v < global[Both].Error()*(1-1e-3) {
						t.Errorf("λ₁ %g λ₂ %g κ %g Δλ %g has error %.6g, below the optimum %.6g", l1, l2, kappa, delta, v, global[Both].Error())
					}
				}
			}
		}
	}
}

func TestBest(t *testing.T) {
	make := func(errors ...float64) (o Optima) {
		for s, v := range errors {
			o[s].Prediction.Second.Error = []float64{v}
		}
		return o
	}
	for want, o := range map[Strategy]Optima{
		None: make(1, 1, 1, 0.9999), Values: make(2, 1, 1, 0.9999), Support: make(2, 1.5, 1, 0.9999), Both: make(2, 1.5, 1.2, 1),
	} {
		if got := o.Best(1e-3); got != want {
			t.Errorf("best is %v, want %v", got, want)
		}
	}
	if s := Strategy(7).String(); s != "Strategy(7)" {
		t.Error(s)
	}
	if _, err := (Ensemble{}).Optima(Local); err == nil {
		t.Error("an empty ensemble was accepted")
	} else if _, ok := errors.AsType[*InputError](err); !ok {
		t.Errorf("error %v", err)
	}
}
