package model_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"unroll/model"
)

// fista is a network that carries out FISTA, short enough to err.
func fista(t *testing.T) *model.Bound {
	c := model.Config{D: 6, K: 4, Heads: 1, Hidden: 36, Embedding: model.Paired, Attention: model.Linear, Normalise: true, Saturate: 4,
		Start: model.Construction, Tau: 1, Theta: 0.02, Momentum: true, Precision: model.Float64}
	c.Width = c.Fixed() + 2*c.D
	return bind(t, c, c.Init(1))
}

// prompts draws signals (B, 6) of two nonzeros and noiseless prompts of n pairs.
func prompts(seed uint64, size, n int) (x, y, beta []float64) {
	const d = 6
	r := rand.New(rand.NewPCG(seed, 9))
	x = gaussian(r, size*n*d)
	for b := range size {
		signal := make([]float64, d)
		for _, j := range r.Perm(d)[:2] {
			signal[j] = r.NormFloat64()
		}
		beta = append(beta, signal...)
		y = append(y, products(x[b*n*d:(b+1)*n*d], signal)...)
	}
	return x, y, beta
}

var gateConfig = model.GateConfig{S: 2, Coverage: 0.9, Flagged: 0.25}

// calibrated is a gate for prompts of four pairs.
func calibrated(t *testing.T, size int) (*model.Bound, *model.Gate) {
	t.Helper()
	bound := fista(t)
	x, y, beta := prompts(1, size, 4)
	g, err := bound.Calibrate(gateConfig, x, y, beta)
	if err != nil {
		t.Fatal(err)
	}
	return bound, g
}

// On prompts that calibration has not seen, intervals hold the error as often as they say, overall and in every group of scores: the
// number of hits is within 4.5 standard deviations, those of the test and of the calibration together, of its expectation.
func TestGateCovers(t *testing.T) {
	const calibration, size, n = 5000, 10000, 4
	bound, g := calibrated(t, calibration)
	x, y, beta := prompts(2, size, n)
	d := bound.Config.D
	ws, estimate := bound.NewWorkspace(n), make([]float64, d)
	hits, counts := make([]float64, len(g.Low)), make([]float64, len(g.Low))
	held, flagged, caught, total := 0.0, 0.0, 0.0, 0.0
	for b := range size {
		rows, labels := x[b*n*d:(b+1)*n*d], y[b*n:(b+1)*n]
		bound.Estimate(ws, estimate, rows, labels, nil)
		v := g.Judge(rows, labels, estimate)
		e := 0.0
		for j, s := range beta[b*d : (b+1)*d] {
			e = math.Hypot(e, estimate[j]-s)
		}
		k := 0
		for k < len(g.Borders) && v.Score > g.Borders[k] {
			k++
		}
		counts[k]++
		if v.Low <= e && e <= v.High {
			hits[k]++
			held++
		}
		total += e * e
		if v.Classical {
			flagged++
			caught += e * e
		}
	}
	for k, m := range counts {
		sd := math.Sqrt(.9 * .1 * (1/m + 10/(.9*calibration)))
		if rate := hits[k] / m; math.Abs(rate-.9) > 4.5*sd {
			t.Errorf("group %d: %.3f of %.0f intervals hold the error", k, rate, m)
		}
	}
	if sd := math.Sqrt(.9 * .1 * (1./size + 1/(.9*calibration))); math.Abs(held/size-.9) > 4.5*sd {
		t.Errorf("%.3f of all intervals hold the error", held/size)
	}
	if share := flagged / size; math.Abs(share-.25) > .03 {
		t.Errorf("%.3f of the prompts are flagged, want 0.25", share)
	}
	if caught < 0.5*total {
		t.Errorf("the flagged prompts hold %.2f of the squared error", caught/total)
	}
}

// The score is in units of β: where X and y are divided by a number nothing changes, where β is multiplied by it the interval is. It is the
// error itself where the fit on the largest entries is the signal.
func TestVerdictByHand(t *testing.T) {
	_, g := calibrated(t, 2000)
	x := []float64{1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0}
	y := []float64{4, 6, 0} // β = (4, 3, 0, 0, 0, 0)
	near := g.Judge(x, y, []float64{4, 2.5, 0.25, 0, 0, 0})
	if want := math.Hypot(0.5, 0.25); math.Abs(near.Score-want) > 1e-14 {
		t.Errorf("score %g of an estimate with the right support, want its error %g", near.Score, want)
	}
	// The fit on {0, 2} is (4, 0, 0, …); it leaves 6 of y unexplained, ‖X‖_F² is 14.
	far := g.Judge(x, y, []float64{4, 0, 1, 0, 0, 0})
	if want := math.Sqrt(1 + 6./14*36); math.Abs(far.Score-want) > 1e-14 {
		t.Errorf("score %g of an estimate with a wrong support, want %g", far.Score, want)
	}
	if !far.Classical || far.Low > far.High || near.High > far.High {
		t.Errorf("verdicts %+v and %+v", near, far)
	}
	small := g.Judge(scaled(x, 0.125), scaled(y, 0.125), []float64{4, 0, 1, 0, 0, 0})
	if small != far {
		t.Errorf("the prompt over 8 is judged %+v, not %+v", small, far)
	}
	large := g.Judge(x, scaled(y, 8), []float64{32, 0, 8, 0, 0, 0})
	if large.Score != 8*far.Score {
		t.Errorf("the score of the prompt with y times 8 is %g, want %g", large.Score, 8*far.Score)
	}
	// Columns (1, 0) and (1, 1): the fit on both is (2, 1) with nothing left.
	if v := g.Judge([]float64{1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, []float64{3, 1}, []float64{3, 1, 0, 0, 0, 0}); math.Abs(v.Score-1) > 1e-15 {
		t.Errorf("score %g with columns that are not orthogonal, want 1", v.Score)
	}
	equal := append(x[:6:6], x[:6]...) // one row twice, and columns that depend on each other
	if v := g.Judge(equal, []float64{4, 4}, []float64{4, 1, 0, 0, 0, 0}); v.Score != 1 {
		t.Errorf("score %g with dependent columns, want 1", v.Score)
	}
}

// An estimate that is not finite is not to be trusted.
func TestGateFlagsWhatIsNotFinite(t *testing.T) {
	_, g := calibrated(t, 2000)
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		if got := g.Judge([]float64{1, 0, 0, 0, 0, 0}, []float64{4}, []float64{4, v, 0, 0, 0, 0}); !got.Classical {
			t.Errorf("an estimate with %g is judged %+v", v, got)
		}
	}
}

func TestGateIsATableOfNumbers(t *testing.T) {
	_, g := calibrated(t, 2000)
	var read model.Gate
	text, err := json.Marshal(g)
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil || !reflect.DeepEqual(*g, read) {
		t.Errorf("%s was read as %+v: %v", text, read, err)
	}
}

func TestCalibrateRefuses(t *testing.T) {
	bound := fista(t)
	for want, c := range map[string]struct {
		model.GateConfig
		prompts int
	}{
		"S":                   {model.GateConfig{S: 0, Coverage: .9, Flagged: .25}, 1000},
		"coverage":            {model.GateConfig{S: 2, Coverage: 1, Flagged: .25}, 1000},
		"flagged":             {model.GateConfig{S: 2, Coverage: .9, Flagged: math.NaN()}, 1000},
		"calibration prompts": {gateConfig, 200},
	} {
		for _, size := range []int{c.prompts, 0} {
			x, y, beta := prompts(1, size, 4)
			_, err := bound.Calibrate(c.GateConfig, x, y, beta)
			if e, ok := errors.AsType[*model.ConfigError](err); !ok || e.Field != want {
				t.Errorf("%+v with %d prompts: error %v, want one of %s", c.GateConfig, size, err, want)
			}
		}
	}
}
