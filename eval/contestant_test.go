package eval

import (
	"errors"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

var law = data.SparseRecovery{D: 8, S: 2, N: 6, Values: data.Gaussian, Design: data.Gaussian}

// thresholded is a learned solver in miniature: FISTA with its own weight, which ends after its layers.
type thresholded struct {
	lambda float64
	layers int
}

func (s thresholded) Check(p *l2o.Problem) error { return l2o.FISTA{}.Check(p) }

func (s thresholded) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] {
	own := &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: s.lambda}}
	return func(yield func(int, []float64) bool) {
		for k, x := range (l2o.FISTA{}).Iterates(own) {
			if !yield(k, x) || k == s.layers {
				return
			}
		}
	}
}

// scripted is a solver whose iterates a test writes down.
type scripted func(p *l2o.Problem, yield func(int, []float64) bool)

func (s scripted) Check(*l2o.Problem) error { return nil }

func (s scripted) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] {
	return func(yield func(int, []float64) bool) { s(p, yield) }
}

type refusing struct{ scripted }

func (refusing) Check(*l2o.Problem) error { return errors.New("refused by its own check") }

// A contestant that is too long for the study is measured on its first layers, and the errors are those of its estimates.
func TestContestantIsMeasured(t *testing.T) {
	b := law.Draw(1, data.Test, 0, 5)
	half := scripted(func(p *l2o.Problem, yield func(int, []float64) bool) {
		x := make([]float64, law.D)
		for k := 0; yield(k, x); k++ {
			x[0]++ // x_k = k·e₁, in one slice that changes
		}
	})
	m, err := Contestant{"counter", half}.squaredErrors(b, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Size {
		for k := range 4 {
			star := slices.Clone(b.At(i).Beta)
			star[0] -= float64(k)
			if want := distance2(star, make([]float64, law.D)); math.Abs(m.Row(i)[k]-want) > 1e-12 {
				t.Errorf("prompt %d, layer %d: squared error %v, want %v", i, k, m.Row(i)[k], want)
			}
		}
	}
}

func TestBrokenContestantsAreRefused(t *testing.T) {
	b := law.Draw(1, data.Test, 0, 20)
	zero := make([]float64, law.D)
	answer := func(p *l2o.Problem) []float64 { // what no contestant can know
		for i := range b.Size {
			if slices.Equal(b.At(i).Y, p.Y) {
				return b.At(i).Beta
			}
		}
		return nil
	}
	for _, c := range []struct {
		say    string
		solver l2o.Solver
	}{
		{"stopped after layer 2 of 4", thresholded{1, 2}},
		{"stopped after layer -1 of 4", scripted(func(*l2o.Problem, func(int, []float64) bool) {})},
		{"layer 0 is not the zero vector", scripted(func(p *l2o.Problem, yield func(int, []float64) bool) { yield(0, answer(p)) })},
		{"it has seen the answer", scripted(func(p *l2o.Problem, yield func(int, []float64) bool) {
			for k, x := 0, zero; yield(k, x); k++ {
				x = answer(p)
			}
		})},
		{"yielded layer 2 with 8 numbers, want layer 1", scripted(func(p *l2o.Problem, yield func(int, []float64) bool) {
			for k := 0; yield(k, zero); k += 2 {
			}
		})},
		{"yielded layer 0 with 7 numbers", scripted(func(p *l2o.Problem, yield func(int, []float64) bool) { yield(0, zero[1:]) })},
		{"the squared error of layer 1 is NaN", scripted(func(p *l2o.Problem, yield func(int, []float64) bool) {
			nan := slices.Repeat([]float64{math.NaN()}, law.D)
			_ = yield(0, zero) && yield(1, nan)
		})},
		{"the squared error of layer 1 is +Inf", scripted(func(p *l2o.Problem, yield func(int, []float64) bool) {
			_ = yield(0, zero) && yield(1, slices.Repeat([]float64{1e200}, law.D))
		})},
		{"changed the prompt", scripted(func(p *l2o.Problem, yield func(int, []float64) bool) {
			for k := 0; yield(k, zero); k++ {
				p.A.(*linop.Dense).Data[3] = 0
			}
		})},
		{"changed the prompt", scripted(func(p *l2o.Problem, yield func(int, []float64) bool) {
			for k := 0; yield(k, zero); k++ {
				p.Y[0] = 0
			}
		})},
		{"refused by its own check", refusing{}},
	} {
		_, err := Contestant{"subject", c.solver}.squaredErrors(b, 4, 3)
		var broken *ContestantError
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), c.say) || broken.Name != "subject" || broken.Prompt > 0 {
			t.Errorf("want a *ContestantError of the first prompt that says %q, got %v", c.say, err)
		}
	}
}
