package eval

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"unroll/model"
)

// constructed is a network with known steps.
func constructed(t *testing.T, momentum bool, steps []model.Step) *model.Bound {
	t.Helper()
	c := model.Config{D: law.D, K: len(steps), Heads: 1, Width: 3*law.D + 2, Hidden: 6 * law.D, Embedding: model.Paired, Attention: model.Linear,
		Normalise: true, Start: model.Construction, Tau: 0.8, Theta: 0.02, Momentum: momentum, Precision: model.Float64}
	b, err := model.New(c, c.Construct(steps, nil))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func smallInsight() Insight {
	s := NewInsight(&Subject{Data: law, Seed: 3})
	s.Prompts, s.Repeats, s.Workers = 400, 20, 2
	return s
}

// The fits find the constants of a network that is known to take accelerated proximal steps, and the free slots to hold their extrapolated point.
func TestInsightFindsTheConstruction(t *testing.T) {
	mu := []float64{0.3, 0.5, 0.2}
	var steps []model.Step
	for _, m := range mu {
		steps = append(steps, model.Step{Theta: 0.02, Mu: m})
	}
	s := smallInsight()
	b := constructed(t, true, steps)
	r, err := s.Run([]Flagship{{"known", &Subject{Data: law, Trained: b, Untrained: b}}})
	if err != nil {
		t.Fatal(err)
	}
	n := r.Networks[0]
	for k, l := range n.Steps {
		before := 0.0
		if k > 0 {
			before = mu[k-1]
		}
		if k == 0 {
			l.Momentum, l.Image = 0, 0 // there is nothing to see them by
		}
		for name, apart := range map[string]float64{"a": l.Step - 0.8, "b": l.Momentum - before, "c": l.Image - 0.8*before, "e": l.Second, "θ": l.Theta - 0.02,
			"M's diagonal": l.Diagonal - 0.8, "M beside it": l.Beside} {
			if math.Abs(apart) > 1e-3 {
				t.Errorf("layer %d: %s is off by %g", k+1, name, apart)
			}
		}
		if !(l.R2[1] > 1-1e-6 && l.R2[2] > 1-1e-6 && l.R2[3] > 1-1e-6) || k > 0 && l.R2[0] > 1-1e-6 {
			t.Errorf("layer %d: R² %v", k+1, l.R2)
		}
		if all := n.Probes[k].Explains[len(n.Probes[k].Explains)-1]; all < 1-1e-6 {
			t.Errorf("layer %d: linear maps explain %g of the extrapolated point", k+1, all)
		}
	}
	if got, want := n.Repeats[0].Layers[3], n.Repeats[2].Layers[3]; got != want {
		t.Errorf("two orders differ before the first repeated layer: %+v and %+v", got, want)
	}
	s.Workers = 1
	again, err := s.Run([]Flagship{{"known", &Subject{Data: law, Trained: b, Untrained: b}}})
	if err != nil {
		t.Fatal(err)
	}
	again.Study.Workers = 2
	if !reflect.DeepEqual(again, r) {
		t.Error("one worker and two found different numbers")
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}

// A dense preconditioner is found by the fourth family alone.
func TestInsightFindsAPreconditioner(t *testing.T) {
	d := law.D
	m := make([]float64, d*d)
	for i := range m {
		m[i] = 0.2 * math.Sin(float64(3*i))
	}
	diagonal, beside := 0.0, 0.0
	for j := range d {
		for i := range d {
			if i == j {
				m[j*d+j] = 0.7 + 0.02*float64(j)
				diagonal += m[j*d+j] / float64(d)
			} else {
				beside += m[j*d+i] * m[j*d+i] / float64(d*(d-1))
			}
		}
	}
	b := constructed(t, false, []model.Step{{M: m, Theta: 0.02}, {M: m, Theta: 0.02}})
	r, err := smallInsight().Run([]Flagship{{"known", &Subject{Data: law, Trained: b, Untrained: b}}})
	if err != nil {
		t.Fatal(err)
	}
	l := r.Networks[0].Steps[1]
	if l.R2[3] < 1-1e-6 || l.R2[2] > 0.99 || math.Abs(l.Diagonal-diagonal) > 1e-3 || math.Abs(l.Beside-math.Sqrt(beside)) > 1e-3 {
		t.Errorf("found %+v, want diagonal %g and %g beside it", l, diagonal, math.Sqrt(beside))
	}
}

// (1, 1)·w ≈ 3 and (1, −1)·w ≈ 1 have w = (2, 1); a column of zeros gets 0.
func TestNormalByHand(t *testing.T) {
	q := newNormal(3, 2)
	q.add([]float64{1, 1, 0}, 3, 0)
	q.add([]float64{1, -1, 0}, 1, 2)
	for i, want := range [][]float64{{2, 1, 0}, {1, -1, 0}} {
		got := q.solve()[i]
		for a := range want {
			if math.Abs(got[a]-want[a]) > 1e-9 {
				t.Errorf("problem %d: %v, want %v", i, got, want)
			}
		}
	}
}

func TestInsightRefuses(t *testing.T) {
	s := smallInsight()
	s.Prompts = 10
	if _, err := s.Run(nil); err == nil || !strings.Contains(err.Error(), "prompts=10") {
		t.Errorf("error %v", err)
	}
	s = smallInsight()
	s.Data.D++
	if _, err := s.Run(flagships(t)); err == nil || !strings.Contains(err.Error(), "no network reads d=9") {
		t.Errorf("error %v", err)
	}
}

// A slot that is the last of three features is explained by all of them or that one, and not at all by one that is orthogonal to it; a slot that
// does not change has nothing to explain.
func TestExplainedByHand(t *testing.T) {
	x := matrix{4, 3, []float64{1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1}} // a constant, u, w
	slot := matrix{4, 1, []float64{5, 1, 5, 1}}                          // 3 + 2w
	for _, c := range []struct {
		lo, hi int
		want   float64
	}{{1, 3, 1}, {2, 3, 1}, {1, 2, 0}} {
		if got := explained(x, slot, x, slot, c.lo, c.hi); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("features %d to %d explain %g, want %g", c.lo, c.hi-1, got, c.want)
		}
	}
	if got := explained(x, matrix{4, 1, []float64{2, 2, 2, 2}}, x, matrix{4, 1, []float64{2, 2, 2, 2}}, 1, 3); got != 0 {
		t.Errorf("a constant is explained by %g", got)
	}
}
