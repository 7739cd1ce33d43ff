package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func sequence(layers int, e func(k float64) float64) []float64 {
	v := make([]float64, layers+1)
	for k := range v {
		v[k] = e(float64(k))
	}
	return v
}

var decays = []struct {
	name string
	e    func(k float64) float64
	want Verdict
	fell int // of 12 layers, for a plateau
}{
	{"0.9^k", func(k float64) float64 { return 3 * math.Pow(0.9, k) }, Linear, 0},
	{"0.5^k", func(k float64) float64 { return 3 * math.Pow(0.5, k) }, Linear, 0},
	{"geometric after an idle layer", func(k float64) float64 { return math.Pow(0.6, max(0, k-1)) }, Linear, 0},
	{"geometric after a great first step", func(k float64) float64 { return math.Pow(0.6, k+min(3*k, 3)) }, Linear, 0},
	{"faster and faster", func(k float64) float64 { return math.Pow(0.98, k*k) }, Linear, 0},
	{"1/k from layer 1", func(k float64) float64 { return 1 / max(k, 1) }, Sublinear, 0},
	{"1/k² from layer 1", func(k float64) float64 { return 1 / max(k, 1) / max(k, 1) }, Sublinear, 0},
	{"1/(k+1)", func(k float64) float64 { return 5 / (k + 1) }, Sublinear, 0},
	{"2/(k+1)²", func(k float64) float64 { return 2 / (k + 1) / (k + 1) }, Sublinear, 0},
	{"1/√(k+1)", func(k float64) float64 { return 1 / math.Sqrt(k+1) }, Sublinear, 0},
	{"constant", func(float64) float64 { return 0.7 }, Plateau, 0},
	{"0.5^k to a floor at layer 5", func(k float64) float64 { return math.Pow(0.5, min(k, 5)) }, Plateau, 5},
	{"0.5^k + 0.05", func(k float64) float64 { return math.Pow(0.5, k) + 0.05 }, Plateau, 6},
}

func TestExactDecays(t *testing.T) {
	for _, d := range decays {
		r := fitRate(sequence(12, d.e), matrix{})
		if r.Verdict != d.want || r.Fell != d.fell {
			t.Errorf("%s: %v", d.name, r)
		}
	}
	for _, layers := range []int{4, 8, 12, 48, 200} {
		for _, c := range []struct {
			want Verdict
			e    func(k float64) float64
		}{
			{Linear, func(k float64) float64 { return math.Pow(0.8, k) }},
			{Sublinear, func(k float64) float64 { return 1 / (k + 1) }},
			{Sublinear, func(k float64) float64 { return 1 / max(k, 1) / max(k, 1) }},
			{Plateau, func(k float64) float64 { return math.Pow(0.3, min(k, float64(layers)/2)) }},
		} {
			if r := fitRate(sequence(layers, c.e), matrix{}); r.Verdict != c.want {
				t.Errorf("%d layers: %v, want %s", layers, r, c.want)
			}
		}
	}
}

// On exact sequences the parameters are those the sequence was made of.
func TestRateParameters(t *testing.T) {
	if r := fitRate(sequence(12, func(k float64) float64 { return 7 * math.Pow(0.83, k) }), matrix{}); math.Abs(r.Factor-0.83) > 1e-12 {
		t.Errorf("0.83^k has factor %v", r.Factor)
	}
	if r := fitRate(sequence(12, func(k float64) float64 { return 7 / math.Pow(max(k, 1), 1.5) }), matrix{}); math.Abs(r.Exponent-1.5) > 1e-12 {
		t.Errorf("k^−1.5 has exponent %v", r.Exponent)
	}
	if r := fitRate(sequence(12, func(k float64) float64 { return math.Pow(0.6, k+min(3*k, 3)) }), matrix{}); math.Abs(r.Factor-0.6) > 1e-12 {
		t.Errorf("0.6^k after another first step has factor %v", r.Factor)
	}
	if r := fitRate([]float64{1, 0.5, 0.25}, matrix{}); r.Verdict != "" {
		t.Errorf("two layers are called %q", r.Verdict)
	}
	if r := fitRate(sequence(12, func(k float64) float64 { return max(0, 1-k) }), matrix{}); r.Verdict != Plateau || r.Fell != 1 {
		t.Errorf("an error that vanishes after one layer: %v", r)
	}
}

// Each prompt's error is the sequence times log-normal noise, common to its layers and of each layer: the mean is the sequence up to a
// factor, and its replicates spread. The verdict must stand, and the interval hold the true factor.
func TestNoisyDecays(t *testing.T) {
	const prompts, layers = 1000, 12
	for _, d := range decays {
		for seed := range uint64(2) {
			t.Run(fmt.Sprint(d.name, "/", seed), func(t *testing.T) {
				r := rand.New(rand.NewPCG(11, seed))
				m := newMatrix(prompts, layers+1)
				for i := range prompts {
					common := r.NormFloat64()
					for k := range m.Row(i) {
						m.Row(i)[k] = d.e(float64(k)) * math.Exp(common+0.3*r.NormFloat64())
					}
				}
				means := make([]float64, layers+1)
				for k := range means {
					means[k] = mean(m.Col(k))
				}
				rate := fitRate(means, bootstrap{seed, 2}.means(m))
				if rate.Verdict != d.want || rate.Share < 0.95 {
					t.Errorf("%v", rate)
				}
				if d.want == Plateau && (rate.Fell < d.fell-1 || rate.Fell > d.fell+1) {
					t.Errorf("%v, want %d layers that fell", rate, d.fell)
				}
				if d.name == "0.9^k" && !(rate.FactorCI.Contains(0.9) && rate.FactorCI.Hi-rate.FactorCI.Lo < 0.01) {
					t.Errorf("%v", rate)
				}
			})
		}
	}
}
