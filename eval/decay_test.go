package eval

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"unroll/data"
)

func smallStudy() Decay {
	return Decay{Data: law, K: 5, Seed: 3, Prompts: 300, Validation: 100, Workers: 2}
}

func smallResult(t *testing.T) *DecayResult {
	t.Helper()
	r, err := smallStudy().Run([]Contestant{{"transformer", thresholded{0.3, 5}}, {"transformer-untrained", thresholded{2, 5}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestResultDoesNotDependOnWorkers(t *testing.T) {
	want := smallResult(t)
	for _, workers := range []int{0, 1, 5} {
		d := smallStudy()
		d.Workers = workers
		got, err := d.Run([]Contestant{{"transformer", thresholded{0.3, 5}}, {"transformer-untrained", thresholded{2, 5}}})
		if err != nil {
			t.Fatal(err)
		}
		got.Study.Workers = want.Study.Workers
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers give another result than 2", workers)
		}
	}
}

// What holds of every result: layer 0 is x̂ = 0, whose NMSE is 0 dB without spread; every interval holds its estimate; FISTA and ISTA share
// their first step; the Lasso stands at every layer; all are measured on the prompts whose hash is printed.
func TestInvariants(t *testing.T) {
	r := smallResult(t)
	var names []string
	for _, c := range r.Curves {
		names = append(names, c.Method)
		if len(c.Layers) != r.Study.K+1 {
			t.Fatalf("%s has %d layers", c.Method, len(c.Layers))
		}
		if zero := c.Layers[0]; c.Method != "Lasso" && (zero.NMSE != 0 || zero.NMSECI != Interval{}) {
			t.Errorf("%s starts at %v dB %v", c.Method, zero.NMSE, zero.NMSECI)
		}
		for k, s := range c.Layers {
			if !s.MeanCI.Contains(s.Mean) || !s.NMSECI.Contains(s.NMSE) || s.Q99 < s.Median {
				t.Errorf("%s, layer %d: %+v", c.Method, k, s)
			}
			if c.Level && s != c.Layers[0] {
				t.Errorf("%s changes at layer %d", c.Method, k)
			}
		}
	}
	if want := []string{"transformer", "transformer-untrained", "ISTA", "FISTA", "Lasso"}; !slices.Equal(names, want) {
		t.Errorf("methods %v, want %v", names, want)
	}
	if ista, fista := r.Curves[2], r.Curves[3]; ista.Layers[1] != fista.Layers[1] {
		t.Error("the first steps of ISTA and FISTA differ")
	}
	if want := law.Draw(3, data.Test, 0, 300).Hash(); r.Hash != want {
		t.Errorf("hash %s, want %s", r.Hash, want)
	}
	if r.Lasso.Unconverged != 0 {
		t.Errorf("%d certificates are open", r.Lasso.Unconverged)
	}
	if !(r.Curves[4].Last().Mean < r.Curves[3].Last().Mean && r.Curves[3].Last().Mean < r.Curves[2].Last().Mean) {
		t.Error("Lasso, FISTA and ISTA are not in this order after five iterations")
	}
}

// A contestant beside itself differs by nothing, and the interval says so because the prompts are paired.
func TestDifferences(t *testing.T) {
	r, err := smallStudy().Run([]Contestant{{"a", thresholded{0.3, 5}}, {"b", thresholded{0.3, 5}}})
	if err != nil {
		t.Fatal(err)
	}
	if d := r.Differences[0]; d.DB != 0 || d.CI != (Interval{}) || d.String() != "a cannot be told from b: 0.00 dB [0.00, 0.00]." {
		t.Errorf("%+v: %v", d, d)
	}
	for i, d := range r.Differences {
		other := r.Curves[i+1]
		want := r.Curves[0].Last().NMSE - other.Last().NMSE
		if d.Reference != other.Method || math.Abs(d.DB-want) > 1e-12 || !d.CI.Contains(d.DB) {
			t.Errorf("%+v, want a difference of %v", d, want)
		}
	}
	for _, c := range []struct {
		d    Difference
		want string
	}{
		{Difference{"transformer", "FISTA", -2.104, Interval{-2.3, -1.9}}, "transformer is 2.10 dB [1.90, 2.30] below FISTA."},
		{Difference{"transformer", "Lasso", 3.5, Interval{3.25, 3.75}}, "transformer is 3.50 dB [3.25, 3.75] above Lasso."},
	} {
		if got := c.d.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestBadStudiesAreRefused(t *testing.T) {
	for want, spoil := range map[string]func(*Decay){
		"K=0: want at least 1":          func(d *Decay) { d.K = 0 },
		"prompts=1: want at least 2":    func(d *Decay) { d.Prompts = 1 },
		"validation=0: want at least 1": func(d *Decay) { d.Validation = 0 },
		"workers=-1: want at least 0":   func(d *Decay) { d.Workers = -1 },
		"S=9: want 1 to 8":              func(d *Decay) { d.Data.S = 9 },
		"sigma=-1: want 0 to":           func(d *Decay) { d.Data.Sigma = -1 },
	} {
		d := smallStudy()
		spoil(&d)
		_, err := d.Run(nil)
		var field *data.FieldError
		if !errors.As(err, &field) || !strings.Contains(err.Error(), want) {
			t.Errorf("want a *data.FieldError that says %q, got %v", want, err)
		}
	}
	good := thresholded{1, 5}
	for _, name := range []string{"", "ISTA", "FISTA", "Lasso", "twin"} {
		_, err := smallStudy().Run([]Contestant{{"twin", good}, {name, good}})
		var broken *ContestantError
		if !errors.As(err, &broken) || broken.Name != name {
			t.Errorf("a second contestant named %q: %v", name, err)
		}
	}
	_, err := smallStudy().Run([]Contestant{{"short", thresholded{1, 4}}})
	if err == nil || !strings.Contains(err.Error(), "stopped after layer 4 of 5") {
		t.Errorf("a contestant of four layers in a study of five: %v", err)
	}
}
