package eval

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The study on one draw: rates beside each other and beside theory, limits beside the implicit derivative, and the files it promises.
func TestDerivativeStudy(t *testing.T) {
	d := NewDerivative()
	d.K, d.Draws = 1000, 4
	r, err := d.Run()
	if err != nil {
		t.Fatal(err)
	}
	for _, missing := range r.Missing {
		t.Run("real data", func(t *testing.T) { t.Skip(missing) })
	}
	if len(r.Problems)+len(r.Missing) != 4 {
		t.Errorf("%d problems and %d missing ones", len(r.Problems), len(r.Missing))
	}
	for _, p := range r.Problems {
		for i, row := range p.Rates {
			if row.Schedule != derivativeSchedules[i].Name {
				t.Errorf("%s: schedule %s at %d", p.Name, row.Schedule, i)
			}
			if strings.HasPrefix(row.Schedule, "PGD") && !(math.Abs(row.Iterate-row.Derivative) <= 0.002 && math.Abs(row.Iterate-row.Theory) <= 0.002) {
				t.Errorf("%s, %s: rates %.5f and %.5f, theory %.5f", p.Name, row.Schedule, row.Iterate, row.Derivative, row.Theory)
			}
			if p.Problem.Loss == nil && !(row.LimitError <= 1e-9) {
				t.Errorf("%s, %s: the derivative ends %.1e from the implicit one", p.Name, row.Schedule, row.LimitError)
			}
		}
	}
	for _, m := range r.Modes {
		if !(m.Bar >= m.Error) {
			t.Errorf("%s: error %g above the bar %g", m.Name, m.Error, m.Bar)
		}
	}
	if c := r.Curse; !(c.Rise > 1 && c.Late[2*c.Begin] < c.Early[2*c.Begin]) {
		t.Errorf("no curse of unrolling: rise %g, at iteration %d %g late and %g early", c.Rise, 2*c.Begin, c.Late[2*c.Begin], c.Early[2*c.Begin])
	}
	dir := t.TempDir()
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	csv, err := os.ReadFile(filepath.Join(dir, "rates.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(csv), "\n")
	if lines[0] != "schedule,rate_iterate,rate_derivative,rate_theory,limit_error" || len(lines) != 9 || !strings.HasPrefix(lines[1], "PGD 1/L,0.9") {
		t.Errorf("rates.csv:\n%s", csv)
	}
	for _, name := range []string{"report.html", "report.md", "derivatives.png", "curse.svg", "modes.csv", "rates_draws.csv"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// A fit returns the factor of a geometric sequence, and the window leaves out what comes before identification and what is rounding.
func TestFittedFactor(t *testing.T) {
	e := make([]float64, 400)
	for k := range e {
		e[k] = math.Max(math.Pow(0.9, float64(k)), 1e-15)
		if k < 50 {
			e[k] = 1
		}
	}
	lo, hi := fallWindow(e, e, 50)
	if got := fittedFactor(e, lo, hi); math.Abs(got-0.9) > 1e-12 || lo < 85 || hi > 242 {
		t.Errorf("factor %v over [%d, %d], want 0.9", got, lo, hi)
	}
}

func TestDerivativeCheck(t *testing.T) {
	for want, spoil := range map[string]func(d *Derivative){
		"K=10": func(d *Derivative) { d.K = 10 }, "draws=0": func(d *Derivative) { d.Draws = 0 },
	} {
		d := NewDerivative()
		spoil(&d)
		if _, err := d.Run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
