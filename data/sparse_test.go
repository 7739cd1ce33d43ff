package data_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"unroll/data"
)

// small is a distribution that every test starts from.
func small() data.SparseRecovery {
	return data.SparseRecovery{D: 6, S: 2, N: 4, Values: data.Gaussian, Design: data.Gaussian}
}

// Validate names the field that is wrong, its value and what is allowed, and Draw panics with the same words.
func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name         string
		change       func(d *data.SparseRecovery)
		field, value string
	}{
		{"no dimension", func(d *data.SparseRecovery) { d.D = 0 }, "d", "0"},
		{"no pairs", func(d *data.SparseRecovery) { d.N = 0 }, "N", "0"},
		{"no nonzeros", func(d *data.SparseRecovery) { d.S = 0 }, "S", "0"},
		{"S beyond d", func(d *data.SparseRecovery) { d.S = 7 }, "S", "7"},
		{"S beyond the support", func(d *data.SparseRecovery) { d.S, d.Support = 3, 2 }, "S", "3"},
		{"negative support", func(d *data.SparseRecovery) { d.Support = -1 }, "support", "-1"},
		{"support beyond d", func(d *data.SparseRecovery) { d.Support = 7 }, "support", "7"},
		{"negative noise", func(d *data.SparseRecovery) { d.Sigma = -0.1 }, "sigma", "-0.1"},
		{"noise is NaN", func(d *data.SparseRecovery) { d.Sigma = math.NaN() }, "sigma", "NaN"},
		{"noise is infinite", func(d *data.SparseRecovery) { d.Sigma = math.Inf(1) }, "sigma", "+Inf"},
		{"unknown values", func(d *data.SparseRecovery) { d.Values = "gausian" }, "values", "gausian"},
		{"unknown design", func(d *data.SparseRecovery) { d.Design = "" }, "design", ""},
		{"negative correlation", func(d *data.SparseRecovery) { d.Rho = -0.5 }, "rho", "-0.5"},
		{"full correlation", func(d *data.SparseRecovery) { d.Rho = 1 }, "rho", "1"},
		{"correlation is NaN", func(d *data.SparseRecovery) { d.Rho = math.NaN() }, "rho", "NaN"},
		{"more orthonormal rows than dimensions", func(d *data.SparseRecovery) { d.Design, d.N = data.Orthonormal, 7 }, "N", "7"},
	} {
		d := small()
		c.change(&d)
		bad, ok := errors.AsType[*data.FieldError](d.Validate())
		if !ok || bad.Field != c.field || bad.Value != c.value || bad.Want == "" {
			t.Errorf("%s: error %v, want one for %s=%s", c.name, d.Validate(), c.field, c.value)
			continue
		}
		if got := drawPanics(d); got != "data: Draw: "+bad.Error() {
			t.Errorf("%s: Draw panics with %q", c.name, got)
		}
	}
}

func drawPanics(d data.SparseRecovery) (message string) {
	defer func() { message, _ = recover().(string) }()
	d.Draw(1, data.Train, 0, 1)
	return ""
}

// What is allowed up to its edge.
func TestValidateAccepts(t *testing.T) {
	for _, change := range []func(d *data.SparseRecovery){
		func(d *data.SparseRecovery) {},
		func(d *data.SparseRecovery) { d.D, d.S, d.N = 1, 1, 1 },
		func(d *data.SparseRecovery) { d.S = 6 },
		func(d *data.SparseRecovery) { d.S, d.Support = 2, 2 },
		func(d *data.SparseRecovery) { d.Sigma = 1e6 },
		func(d *data.SparseRecovery) { d.Values = data.Sign },
		func(d *data.SparseRecovery) { d.Design, d.Rho = data.AR, 0.99 },
		func(d *data.SparseRecovery) { d.Design, d.Rho = data.Coherent, 0 },
		func(d *data.SparseRecovery) { d.Design, d.N = data.Orthonormal, 6 },
		func(d *data.SparseRecovery) { d.N, d.FixedX = 50, true },
	} {
		d := small()
		change(&d)
		if err := d.Validate(); err != nil {
			t.Errorf("%+v: %v", d, err)
		}
		if b := d.Draw(1, data.Test, 1<<62-1, 1); b.Size != 1 || strings.Trim(b.Hash(), "0123456789abcdef") != "" {
			t.Errorf("%+v: %d prompts with hash %s", d, b.Size, b.Hash())
		}
	}
}
