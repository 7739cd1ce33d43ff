package eval

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/prox"
	"unroll/model/dln"
)

var allScales = flag.Bool("saddles", false, "the study saddles on data of three scales at full size")

// On at least 200 settled plateaus the flow is within 1e-6 of the prediction at its smallest α, its error falls with α, its jump times
// and its average approach theirs like 1/ln(1/α); and none of that changes when y is scaled.
func TestFlowAgreesWithPrediction(t *testing.T) {
	s := Saddles{N: 5, D: 7, Alpha: 1e-40, Seed: 3, Instances: 150}
	a := s.agree(1)
	checkAgreement(t, a)
	if a.Rows[3].Plateaus < 200 {
		t.Errorf("%d plateaus, want 200", a.Rows[3].Plateaus)
	}
	if !*allScales {
		s.Instances = 30
		a = s.agree(1)
	}
	for _, scale := range []float64{1e-3, 1e3} {
		scaled := s.agree(scale)
		checkAgreement(t, scaled)
		for i, r := range a.Rows {
			if q := scaled.Rows[i]; q.Settled != r.Settled || q.Short != r.Short || q.Hitting != r.Hitting || q.Plateaus != r.Plateaus {
				t.Errorf("y times %g, α = %g: %d settled, %d short, %d by the hit alone, want %d, %d, %d",
					scale, r.Alpha, q.Settled, q.Short, q.Hitting, r.Settled, r.Short, r.Hitting)
			}
		}
	}
}

func checkAgreement(t *testing.T, a *Agreement) {
	t.Helper()
	for i, r := range a.Rows {
		t.Logf("α = %g: %d plateaus, errors %.2g (median %.2g), jump times %.3g, averages %.3g; %d settled, %.2g; %d short; %d by the hit alone, %d above 1e-6",
			r.Alpha, r.Plateaus, r.Error, r.Median, r.JumpError, r.MeanError, r.Settled, r.Own, r.Short, r.Hitting, r.Above)
		if r.Own > 1e-6 {
			t.Errorf("α = %g: a settled plateau is off by %g", r.Alpha, r.Own)
		}
		if i > 0 && !(r.Error < a.Rows[i-1].Error && r.Median < a.Rows[i-1].Median) {
			t.Errorf("α = %g: the error does not fall", r.Alpha)
		}
		if r.Settled+r.Short != len(a.Plateaus) {
			t.Errorf("α = %g: %d settled and %d short of %d", r.Alpha, r.Settled, r.Short, len(a.Plateaus))
		}
	}
	for name, slope := range map[string]Slope{"jump times": a.Jump, "averages": a.Mean} {
		t.Logf("%s: ln(1/α) to the power %v", name, slope)
		if math.Abs(slope.Value+1) > 0.1 || !(slope.CI.Hi < -0.8 && slope.CI.Lo > -1.2) {
			t.Errorf("%s: slope %v, want −1", name, slope)
		}
	}
}

// The measure sees a prediction that is wrong: with every value 1e-5 off, or every jump a tenth late.
func TestAgreementSeesWrongPredictions(t *testing.T) {
	s := Saddles{N: 5, D: 7}
	for name, spoil := range map[string]func(*dln.Saddle){
		"values": func(s *dln.Saddle) { s.Values[0] *= 1 + 1e-5 },
		"times":  func(s *dln.Saddle) { s.Time *= 1.1 },
	} {
		var errors, delays []float64
		for seed := range uint64(20) {
			in := s.draw(seed, 1)
			path, err := dln.Saddles(in.x, in.y)
			if err != nil {
				t.Fatal(err)
			}
			for k := 1; k < len(path.Saddles); k++ {
				spoil(&path.Saddles[k])
			}
			for _, p := range watch(in, path, seed) {
				if last := len(agreementScales) - 1; p.Hitting*-math.Log(agreementScales[last]) >= long {
					errors, delays = append(errors, p.Error[last]), append(delays, p.JumpError[last])
				}
			}
		}
		slices.Sort(errors)
		slices.Sort(delays)
		if name == "values" && quantile(errors, 0.5) < 1e-6 || name == "times" && quantile(delays, 0.5) < 0.05 {
			t.Errorf("wrong %s pass: median errors %g and %g", name, quantile(errors, 0.5), quantile(delays, 0.5))
		}
	}
}

// Where every coordinate that was active has kept |s| = 1 the path's average is the Lasso solution at 1/t, by another algorithm.
func TestPathAverageIsLasso(t *testing.T) {
	s := Saddles{N: 6, D: 9}
	compared := 0
	for seed := range uint64(200) {
		in := s.draw(seed, 1)
		path, err := dln.Saddles(in.x, in.y)
		if err != nil {
			t.Fatal(err)
		}
		law, mean := newDualLaw(in), make([]float64, s.D)
		for k := range path.Saddles[:len(path.Saddles)-1] {
			if p := law.plateau(path, k); !p.Lasso || k == 0 {
				continue
			}
			middle := (path.Saddles[k].Time + path.Saddles[k+1].Time) / 2
			path.Mean(mean, middle)
			compared++
			lasso := lassoAt(in, path.Lambda(middle))
			if lasso == nil {
				t.Fatalf("seed %d: the Lasso path ends early", seed)
			}
			if got := farthest(mean, lasso); got > 1e-8*farthest(mean, make([]float64, s.D)) {
				t.Errorf("seed %d, plateau %d: %g from the Lasso", seed, k, got)
			}
		}
	}
	if t.Logf("%d averages compared", compared); compared < 300 {
		t.Errorf("%d averages compared", compared)
	}
}

// By hand: with orthonormal columns, λ = 1 and nothing known, a support is recovered iff its coefficients are above all others.
func TestWitnessAndRecovery(t *testing.T) {
	for _, c := range []struct {
		share Share
		lo    float64
	}{{share(0, 200), 0}, {share(200, 200), 0.981}, {share(100, 200), 0.431}} {
		if math.Abs(c.share.CI.Lo-c.lo) > 1e-3 {
			t.Errorf("Wilson's interval of %v begins at %v, want %v", c.share.Value, c.share.CI.Lo, c.lo)
		}
	}
	found := 0
	for i := range uint64(20) {
		tr := newTrial(3, i)
		if !tr.lasso(tr.order) || !tr.tuned(tr.start(0, 0), new(float64)) {
			t.Errorf("trial %d: the support is given and not recovered", i)
		}
		// The witness against the homotopy: for nothing known, a support that it finds is on the path and the other way round.
		got := tr.lasso(nil)
		if want := onLassoPath(t, tr); got != want {
			t.Errorf("trial %d: the witness says %v, the path %v", i, got, want)
		}
		found += int(count(got))
	}
	if found == 0 || found == 20 {
		t.Errorf("%d of 20 supports are found: nothing was compared", found)
	}
}

// onLassoPath looks for the signed support of β* between the breakpoints of the Lasso path, where it does not change.
func onLassoPath(t *testing.T, tr trial) bool {
	t.Helper()
	p := tr.problem()
	p.G = prox.L1{Lambda: 1e-3}
	path, err := l2o.Homotopy{}.Path(p)
	if err != nil {
		t.Fatal(err)
	}
	for k := 1; k < len(path); k++ {
		x := l2o.At(path, (path[k-1].Lambda+path[k].Lambda)/2)
		wrong := 0
		for j, v := range x {
			if v != 0 && !(v*tr.star[j] > 0) || v == 0 && tr.star[j] != 0 {
				wrong++
			}
		}
		if wrong == 0 {
			return true
		}
	}
	return false
}

func TestSaddlesReport(t *testing.T) {
	s := Saddles{N: 5, D: 7, Alpha: 1e-40, Seed: 3, Instances: 6, Trials: 1}
	var reports [2][]byte
	for i, workers := range []int{1, 3} {
		s.Workers = workers
		r, err := s.Run(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "report")
		var terminal bytes.Buffer
		if err := errors.Join(r.WriteTable(&terminal), r.Write(dir)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"report.html", "report.md", "flow.html", "jumps.csv", "agreement.csv", "plateaus.csv", "descent.csv", "recovery.csv"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			reports[i] = append(reports[i], b...)
		}
		checkJumps(t, read(t, dir, "jumps.csv"), r.Picture.Path)
		if got, _, _ := strings.Cut(read(t, dir, "agreement.csv"), "\n"); got != "alpha,plateaus,mid_plateau_error,jump_time_error" {
			t.Errorf("agreement.csv begins %q", got)
		}
		for _, page := range []string{"flow.html", "report.html"} {
			if text := read(t, dir, page); strings.Contains(text, "http") && !strings.Contains(text, "www.w3.org") || strings.Contains(text, "NaN,") {
				t.Errorf("%s needs another file or holds what is no number", page)
			}
		}
	}
	if !bytes.Equal(reports[0], reports[1]) {
		t.Error("one worker and three made different reports")
	}
}

// checkJumps reads the path back from its file, to the bit.
func checkJumps(t *testing.T, text string, path *dln.Path) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != len(path.Saddles) || strings.Join(rows[0], ",") != "jump,time,support,values" {
		t.Fatalf("jumps.csv: %v, %d rows beginning with %v", err, len(rows), rows[0])
	}
	for k, row := range rows[1:] {
		s := path.Saddles[k+1]
		time, err := strconv.ParseFloat(row[1], 64)
		support, values := strings.Fields(row[2]), strings.Fields(row[3])
		if err != nil || time != s.Time || len(support) != len(s.Support) {
			t.Fatalf("row %v, want %+v", row, s)
		}
		for i, v := range s.Values {
			if got, _ := strconv.ParseFloat(values[i], 64); got != v || support[i] != strconv.Itoa(s.Support[i]) {
				t.Errorf("row %v, want %+v", row, s)
			}
		}
	}
}

// A caller's own data gives the pictures alone; what cannot be predicted is a typed error, a tie a sentence in the report.
func TestSaddlesOnOwnData(t *testing.T) {
	s := DefaultSaddles()
	s.N, s.D = 2, 3
	r, err := s.Run([]float64{1, 0, 1, 0, 2, 0}, []float64{1, 1})
	if err != nil || r.Picture.Doubt == nil || r.Agreement != nil || r.Recovery != nil {
		t.Fatalf("two equal columns: %v, %+v", err, r)
	}
	if text := r.jumpsSection().Paragraph; !strings.Contains(text[len(text)-1], "ambiguous") {
		t.Errorf("the report does not tell the tie: %q", text)
	}
	if _, err := s.Run(make([]float64, 6), []float64{1, 1}); err == nil {
		t.Error("a matrix of zeros was accepted")
	} else if _, ok := errors.AsType[*dln.InputError](err); !ok {
		t.Errorf("a matrix of zeros: %v", err)
	}
	if _, err := s.Run(make([]float64, 5), []float64{1, 1}); err == nil {
		t.Error("five numbers for two rows of three were accepted")
	}
	for _, spoil := range []func(*Saddles){
		func(s *Saddles) { s.N = 0 }, func(s *Saddles) { s.D = 1 }, func(s *Saddles) { s.Alpha = 1 }, func(s *Saddles) { s.Alpha = 0 },
		func(s *Saddles) { s.Instances = -1 }, func(s *Saddles) { s.Trials = -1 }, func(s *Saddles) { s.Workers = -1 },
	} {
		s := DefaultSaddles()
		spoil(&s)
		if bad, ok := errors.AsType[*data.FieldError](s.Check()); !ok {
			t.Errorf("%+v: %v", s, bad)
		}
	}
}
