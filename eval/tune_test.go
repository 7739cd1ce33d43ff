package eval

import (
	"slices"
	"testing"

	"unroll/data"
)

// Two weights, layers 0 and 1, two prompts. Layer 0: sums 4 and 4, the first of equals. Layer 1: sums 5 and 4.
func TestTuneByHand(t *testing.T) {
	ws := []Weight{{Value: 1}, {Value: 0.5, Relative: true}}
	m := matrix{2, 4, []float64{
		1, 2, 2, 3,
		3, 3, 2, 1,
	}}
	if got := tune(m, ws); !slices.Equal(got, []Weight{ws[0], ws[1]}) {
		t.Errorf("best weights %v, want %v", got, ws)
	}
	if got := ws[0].String() + ", " + ws[1].String(); got != "1, 0.5·λ_max" {
		t.Errorf("printed as %s", got)
	}
}

// At λ_max of each prompt every iterate of both methods is 0; an absolute weight is the same for all.
func TestRelativeWeight(t *testing.T) {
	b := law.Draw(1, data.Test, 0, 30)
	zero := signals(b)
	for _, c := range []classical{ista, fista} {
		m := c.squaredErrors(b, []Weight{{Value: 1, Relative: true}, {Value: 0.5}}, 3, 2)
		moved := false
		for i := range m.Rows {
			for k := range 4 {
				if m.Row(i)[k] != zero.Data[i] {
					t.Errorf("%s moves at λ_max on prompt %d", c.Name, i)
				}
				moved = moved || m.Row(i)[4+k] != zero.Data[i]
			}
		}
		if !moved {
			t.Errorf("%s does not move at λ = 0.5", c.Name)
		}
	}
}

// The curve of a tuned method takes, at every depth, the iterate of that depth's weight.
func TestAtBest(t *testing.T) {
	b := law.Draw(1, data.Test, 0, 30)
	ws := []Weight{{Value: 0.5}, {Value: 2}}
	all := fista.squaredErrors(b, ws, 2, 1)
	m := fista.atBest(b, []Weight{ws[0], ws[1], ws[0]}, 2)
	for i := range m.Rows {
		if want := []float64{all.Row(i)[0], all.Row(i)[3+1], all.Row(i)[2]}; !slices.Equal(m.Row(i), want) {
			t.Errorf("prompt %d: %v, want %v", i, m.Row(i), want)
		}
	}
}
