package transfer

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o"
)

// moments5 holds running sums of five quantities.
type moments5 struct {
	sum, square [5]float64
	n           float64
}

func (m *moments5) add(v [5]float64) {
	for i, x := range v {
		m.sum[i] += x
		m.square[i] += x * x
	}
	m.n++
}

// z returns the means' distances to want in standard errors.
func (m *moments5) z(want [5]float64) (z [5]float64) {
	for i := range z {
		mean := m.sum[i] / m.n
		se := math.Sqrt((m.square[i]/m.n - mean*mean) / (m.n - 1))
		z[i] = (mean - want[i]) / se
	}
	return z
}

func expected(p Prediction) [5]float64 {
	return [5]float64{p.First.Error[0], p.Second.Error[0], p.Second.Training, p.Second.TruePositive, p.Second.FalsePositive}
}

// simulated draws, fits and measures.
func simulated(t *testing.T, e Ensemble, s TwoStage, n int, rng *rand.Rand) [5]float64 {
	t.Helper()
	sample := e.Draw(n, rng)
	sets := sample.Sets
	tasks := newTasks(sets, l2o.Stop{Gap: 1e-8})
	first, err := tasks.first(s.Lambda1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sample.Fresh != nil {
		tasks.sets[0] = *sample.Fresh
	}
	f, err := tasks.second(s, first, nil)
	if err != nil || !f.Converged() {
		t.Fatalf("%v %+v", err, f.Second.Status)
	}
	var out [5]float64
	truth, target := sample.Truth[0], tasks.sets[0]
	z := make([]float64, len(target.Y))
	target.A.Apply(z, f.W)
	for i := range z {
		out[2] += (z[i] - target.Y[i]) * (z[i] - target.Y[i]) / float64(n)
	}
	var nonzero, zero float64
	for j, w := range f.W {
		out[0] += (f.First.X[j] - truth[j]) * (f.First.X[j] - truth[j]) / float64(n)
		out[1] += (w - truth[j]) * (w - truth[j]) / float64(n)
		selected := 0.0
		if w != 0 {
			selected = 1
		}
		if truth[j] != 0 {
			nonzero++
			out[3] += selected
		} else {
			zero++
			out[4] += selected
		}
	}
	out[3] /= nonzero
	out[4] /= zero
	return out
}

// Finite problems agree with the prediction, with the target's data used twice and with fresh data, and each of the two disagrees with
// the prediction of the other. At N = 400 the limit's own error is below the standard errors.
func TestPredictionAgainstSimulation(t *testing.T) {
	for i, c := range configurations[:3:3] {
		var seen [2]moments5
		var want [2][5]float64
		for fresh := range 2 {
			e := c.e
			e.Fresh = fresh == 1
			want[fresh] = expected(mustPredict(t, e, c.s))
			for r := range 16 {
				seen[fresh].add(simulated(t, e, c.s, 400, rand.New(rand.NewPCG(11, uint64(100*i+r)))))
			}
		}
		for fresh := range 2 {
			right, wrong := seen[fresh].z(want[fresh]), seen[fresh].z(want[1-fresh])
			t.Logf("configuration %d, fresh %d: z %.2f; against the other theory %.1f", i, fresh, right, wrong)
			far := 0.0
			for q := range right {
				if math.Abs(right[q]) > 4 {
					t.Errorf("configuration %d, fresh %d, quantity %d: z = %.1f", i, fresh, q, right[q])
				}
				far = max(far, math.Abs(wrong[q]))
			}
			if far < 5 && c.s.Kappa == 1 {
				t.Errorf("configuration %d, fresh %d: the theory of the other case is within %.1f standard errors", i, fresh, far)
			}
		}
	}
}

func TestDraw(t *testing.T) {
	e := Ensemble{Common: 0.1, Sets: []Law{{0.5, 0.05, 0.3}, {1.2, 0.2, 0}}}
	s := e.Draw(1000, rand.New(rand.NewPCG(1, 1)))
	shared, own := 0, [2]int{}
	for j, v := range s.Truth[0] {
		switch other := s.Truth[1][j]; {
		case v != 0 && v == other:
			shared++
		case v != 0 && other != 0:
			t.Fatalf("coordinate %d is in two supports with %v and %v", j, v, other)
		case v != 0:
			own[0]++
		case other != 0:
			own[1]++
		}
	}
	if shared != 100 || own != [2]int{50, 200} {
		t.Errorf("%d shared nonzeros and %v own, want 100 and 50, 200", shared, own)
	}
	for k, rows := range []int{500, 1200} {
		m, n := s.Sets[k].A.Dims()
		if m != rows || n != 1000 {
			t.Errorf("data set %d is %d×%d", k+1, m, n)
		}
		z := make([]float64, m)
		s.Sets[k].A.Apply(z, s.Truth[k])
		noise := 0.0
		for i := range z {
			noise += (s.Sets[k].Y[i] - z[i]) * (s.Sets[k].Y[i] - z[i]) / float64(m)
		}
		if want := e.Sets[k].Sigma * e.Sets[k].Sigma; math.Abs(noise-want) > 0.2*want {
			t.Errorf("data set %d: noise %.3g, want %.3g", k+1, noise, want)
		}
	}
}
