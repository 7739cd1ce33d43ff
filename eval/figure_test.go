package eval

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Three labels at 0, 1, 2 with gap 10 spread about their mean 1; the one at 50 stays. The two at 100 go to 95 and 105.
func TestLabelsApartByHand(t *testing.T) {
	at := []vg.Length{0, 1, 2, 50, 100, 100}
	apart(at, 10)
	if want := []vg.Length{-9, 1, 11, 50, 95, 105}; !slices.EqualFunc(at, want, func(a, b vg.Length) bool { return math.Abs(float64(a-b)) < 1e-9 }) {
		t.Errorf("labels at %v, want %v", at, want)
	}
}

func TestTicksByHand(t *testing.T) {
	for _, c := range []struct {
		ticker plot.Ticker
		lo, hi float64
		want   []string
	}{
		{linearTicks{}, 0, 12, []string{"0", "2", "4", "6", "8", "10", "12"}},
		{linearTicks{}, -11.8, 0.1, []string{"−10", "−8", "−6", "−4", "−2", "0"}},
		{linearTicks{}, 0, 0.4, []string{"0", "0.1", "0.2", "0.3", "0.4"}},
		{linearTicks{}, 0, 1900, []string{"0", "200", "400", "600", "800", "1000", "1200", "1400", "1600", "1800"}},
		{logTicks{}, -3.2, 1.1, []string{"0.001", "0.01", "0.1", "1", "10"}},
		{logTicks{}, -0.4, 0.5, []string{"0.5", "1", "2"}},
	} {
		var got []string
		for _, tick := range c.ticker.Ticks(c.lo, c.hi) {
			got = append(got, tick.Label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%T from %g to %g: %q, want %q", c.ticker, c.lo, c.hi, got, c.want)
		}
	}
}

// Values that a logarithmic axis cannot show are left out, together with their x.
func TestLogPoints(t *testing.T) {
	p := Figure{LogY: true}.points([]float64{0, 1, 2, 3}, []float64{10, 0, math.NaN(), 100})
	if p.Len() != 2 || p[0].Y != 1 || p[1].X != 3 || p[1].Y != 2 {
		t.Errorf("points %v", p)
	}
}

// The Lasso is a line where the curves leave it room, and a sentence where it would press them together.
func TestDistantLevel(t *testing.T) {
	for _, c := range []struct {
		level float64
		lines int
	}{{-14.9, 2}, {-15.1, 1}} {
		r := &DecayResult{Curves: []Curve{
			{Method: "ISTA", Layers: []Summary{{NMSE: 0}, {NMSE: -5}}},
			{Method: "Lasso", Layers: []Summary{{NMSE: c.level}, {NMSE: c.level}}, Level: true},
		}}
		f := r.figure()
		if said := strings.Contains(f.Caption, "Lasso stands far below, at −15.1 dB."); len(f.Lines) != c.lines || said != (c.lines == 1) {
			t.Errorf("at %g dB: %d lines, %q", c.level, len(f.Lines), f.Caption)
		}
	}
}

// Three names pushed over the upper edge at 10 come back with the one that is in their way; those below stay.
func TestLabelsStayWithin(t *testing.T) {
	at := []vg.Length{1, 7, 8, 11, 12}
	within(at, 2, 0, 10)
	if want := []vg.Length{1, 4, 6, 8, 10}; !slices.Equal(at, want) {
		t.Errorf("labels at %v, want %v", at, want)
	}
	at = []vg.Length{-3, -1, 5}
	within(at, 2, 0, 10)
	if want := []vg.Length{0, 2, 5}; !slices.Equal(at, want) {
		t.Errorf("labels at %v, want %v", at, want)
	}
}
