package eval

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/data"
	"unroll/l2o/linop"
	"unroll/l2o/transfer"
)

func smallTransfer(part string) Transfer {
	s := NewTransfer()
	s.Part, s.N, s.Runs, s.Draws, s.Alarms, s.Splits = part, 100, 4, 2, 2, 2
	return s
}

// The same numbers for one worker, for three, and after an interruption.
func TestTransferIsReproducible(t *testing.T) {
	var reports [3][]byte
	for i, workers := range []int{1, 3, 2} {
		s := smallTransfer("simulation")
		s.Workers = workers
		dir := t.TempDir()
		cells := ""
		if i == 2 {
			cells = filepath.Join(dir, "cells")
			var stop Progress = func(done, _ int, _ string) {
				if done == 5 {
					panic("interrupted")
				}
			}
			func() {
				defer func() { _ = recover() }()
				s.Workers = 1
				run := func(c []cell) ([][]float64, error) { return interrupted(c, cells, stop) }
				_, _ = (&TransferResult{Study: s}).simulation(run)
			}()
		}
		r, err := s.Run(cells, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Write(dir); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"report.html", "report.md", "theory.csv", "z.csv"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			reports[i] = append(reports[i], b...)
		}
	}
	if !bytes.Equal(reports[0], reports[1]) || !bytes.Equal(reports[0], reports[2]) {
		t.Error("reports differ")
	}
	if !bytes.Contains(reports[0], []byte("config,quantity,N,simulated,se,predicted\nvalues,error 1,100,")) {
		t.Error("theory.csv lacks its header")
	}
}

// interrupted runs cells one after the other until progress panics, as a process that is killed between two of them.
func interrupted(cells []cell, dir string, progress Progress) ([][]float64, error) {
	for i, c := range cells {
		if _, err := c.run(dir); err != nil {
			return nil, err
		}
		progress(i+1, len(cells), c.Name)
	}
	return nil, errors.New("not interrupted")
}

func TestTransferMistakes(t *testing.T) {
	for field, spoil := range map[string]func(*Transfer){
		"part": func(s *Transfer) { s.Part = "sizes" }, "N": func(s *Transfer) { s.N = 10 }, "runs": func(s *Transfer) { s.Runs = 1 },
		"draws": func(s *Transfer) { s.Draws = 0 }, "alarms": func(s *Transfer) { s.Alarms = 1 }, "splits": func(s *Transfer) { s.Splits = 0 },
		"workers": func(s *Transfer) { s.Workers = -1 }, "data": func(s *Transfer) { s.Part = "reviews" }, "digits": func(s *Transfer) { s.Part = "digits" },
	} {
		s := NewTransfer()
		spoil(&s)
		_, err := s.Run("", nil)
		if bad, ok := errors.AsType[*data.FieldError](err); !ok || bad.Field != field {
			t.Errorf("%s: error %v", field, err)
		}
	}
}

// The generator's covariance and its excess error, against sums over the matrix.
func TestRelatedTasks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	d, truth := make([]float64, 40), make([]float64, 40)
	for j := range d {
		d[j], truth[j] = rng.NormFloat64(), rng.NormFloat64()
	}
	want := 0.0
	for i := range d {
		for j := range d {
			want += (d[i] - truth[i]) * (d[j] - truth[j]) * math.Pow(0.5, math.Abs(float64(i-j)))
		}
	}
	if got := taskExcess(d, truth); math.Abs(got-want) > 1e-12*want {
		t.Errorf("excess %.15g, want %.15g", got, want)
	}
	sets, beta := relatedTasks{2}.draw(rng)
	if len(sets) != 6 || sum(beta) != 2.5 {
		t.Fatalf("%d data sets, coefficients that add up to %v", len(sets), sum(beta))
	}
	rows := taskRows(beta, make([]float64, taskUnknowns), 7, 4000, rng)
	a := rows.A.(*linop.ColMajor)
	for lag, want := range []float64{1, 0.5, 0.25} {
		got := 0.0
		for i := range a.M {
			got += a.Data[100*a.M+i] * a.Data[(100+lag)*a.M+i] / float64(a.M)
		}
		if math.Abs(got-want) > 0.08 {
			t.Errorf("covariance at lag %d is %.3f, want %.3f", lag, got, want)
		}
	}
	if m := mean(rows.Y); math.Abs(m) > 1e-12 {
		t.Errorf("the response's mean is %v", m)
	}
}

// The oracle's answer is the fit of its knobs, and a search from it only lowers the error: with both knobs free further than with one.
func TestTaskOracle(t *testing.T) {
	g := relatedTasks{5}
	sets, truth := g.draw(rand.New(rand.NewPCG(3, 0)))
	best, err := g.oracle(sets, truth, []int{2})
	if err != nil {
		t.Fatal(err)
	}
	knobs := best.knobs
	if len(best.sources) == 0 {
		knobs.Lambda1 *= 2
	}
	fit, err := knobs.Fit(best.used(sets), simulationStop)
	if err != nil {
		t.Fatal(err)
	}
	if e := taskExcess(fit.W, truth); math.Abs(e-best.error) > 1e-3 || best.error != taskExcess(best.w, truth) {
		t.Errorf("%+v: %v by its fit, %v by the grid", best.knobs, e, best.error)
	}
	v, err := best.refine(sets, truth)
	if err != nil || v[0] != best.error || v[1] > v[0] || v[2] > v[1] {
		t.Errorf("refined %v, error %v", v, err)
	}
	for _, both := range []bool{false, true} {
		for _, n := range neighbours(transfer.SupportOnly(1, 2, 4), 0.5, both) {
			if err := n.Check(); err != nil || n.Kappa > 0 && !both {
				t.Errorf("both %v: %+v, error %v", both, n, err)
			}
		}
	}
}

func TestRates(t *testing.T) {
	if s := slope([]float64{0, 1, 2, 3}, []float64{5, 4.5, 4, 3.5}); s != -0.5 {
		t.Errorf("slope %v, want −0.5", s)
	}
	for _, c := range []struct{ hits, n int }{{0, 500}, {25, 500}, {500, 500}} {
		i := wilson(c.hits, c.n)
		if p := float64(c.hits) / float64(c.n); !i.Contains(p) || i.Hi-i.Lo > 0.05 || i.Lo < 0 || i.Hi > 1 {
			t.Errorf("%d of %d: %+v", c.hits, c.n, i)
		}
	}
	// 1.96² / (500 + 1.96²): the upper end for no hit.
	if i := wilson(0, 500); math.Abs(i.Hi-3.8416/503.8416) > 1e-12 || i.Lo != 0 {
		t.Errorf("none of 500: %+v", i)
	}
	// On a line a + b/N the limit is a, and its error that of weighted least squares by hand: s² = 4 for runs whose se is 2/√(runs·N).
	var line []theoryRow
	for _, n := range []int{100, 200} {
		line = append(line, theoryRow{N: n, Predicted: 2, Simulated: 2 * (1 + 0.01 + 3/float64(n)), SE: 2 * 2 / math.Sqrt(float64(5*n)), runs: 5})
	}
	// a = 2y₂₀₀ − y₁₀₀ with variances 4/1000 and 4/500.
	if a, se := limit(line); math.Abs(a-0.01) > 1e-12 || math.Abs(se-math.Sqrt(4*0.004+0.008)) > 1e-12 {
		t.Errorf("limit %v ± %v", a, se)
	}
	// scipy.stats.t.sf, 15 degrees of freedom.
	if got := byStudent(1000, 16); got != "24.5 are above 2.5, 9.0 above 3 and 1.16 above 4" {
		t.Errorf("Student's law: %s", got)
	}
	a := make([]float64, 15)
	b := make([]float64, 15)
	for r, v := range []float64{1, 2, 3} {
		a[5*r+1], b[5*r+1] = 1.1*v, v
	}
	if ratio, se := pairedRatio(a, b); math.Abs(ratio-0.1) > 1e-15 || se > 1e-15 {
		t.Errorf("paired ratio %v ± %v, want 0.1 ± 0", ratio, se)
	}
}

func TestReviews(t *testing.T) {
	text := "[t]a title\n* a remark\nscreen[+2],sound[-3][u]##The screen is good and the sound bad.\nsize[-]##it's big\n##nothing to say: it's it's\n"
	all := parseReviews([]byte(text))
	if len(all) != 3 || all[0].strength != -1 || all[1].strength != -1 || all[2].strength != 0 {
		t.Fatalf("%+v", all)
	}
	if !slices.Equal(all[2].words, []string{"it's", "nothing", "say", "to"}) {
		t.Errorf("words %q", all[2].words)
	}
	bag := bagOfWords(all, []string{"bad", "it's", "the"})
	if a := bag.A.(*linop.ColMajor); !slices.Equal(a.Data, []float64{1, 0, 0, 0, 1, 1, 1, 0, 0}) {
		t.Errorf("%v", a.Data)
	}
	dir := t.TempDir()
	if _, err := readReviews(dir); err == nil || !strings.Contains(err.Error(), "no zip files") {
		t.Errorf("an empty folder: %v", err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"p/one.txt", "p/two.txt", "p/Readme.txt"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(strings.Repeat(text, 60))); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), os.WriteFile(filepath.Join(dir, "r.zip"), b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	c, err := readReviews(dir)
	if err != nil || len(c.sets) != 2 || len(c.sets[0].Y) != 180 {
		t.Fatalf("%+v, error %v", c.names, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "r.zip"), b.Bytes()[:200], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readReviews(dir); err == nil || !strings.Contains(err.Error(), "r.zip") {
		t.Errorf("half a file: %v", err)
	}
}

func TestReadIDX(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gz")
	for name, c := range map[string]struct {
		bytes []byte
		ok    bool
	}{
		"two items":     {[]byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}, true},
		"other size":    {[]byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4}, false},
		"part of one":   {[]byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4}, false},
		"floats":        {[]byte{0, 0, 13, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}, false},
		"header alone":  {[]byte{0, 0, 8, 2, 0, 0, 0, 2}, false},
		"empty":         {nil, false},
		"overflow size": {append([]byte{0, 0, 8, 255}, bytes.Repeat([]byte{255}, 1020)...), false},
	} {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(c.bytes); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(z.Close(), os.WriteFile(path, b.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
		got, err := readIDX(path, 3)
		if (err == nil) != c.ok || c.ok && !slices.Equal(got, []byte{1, 2, 3, 4, 5, 6}) {
			t.Errorf("%s: %v, error %v", name, got, err)
		}
	}
}

// A split shares no row between training and test, centres by the training rows, and leaves the corpus as it is.
func TestSplit(t *testing.T) {
	make := func(m int, level float64) transfer.DataSet {
		d := transfer.DataSet{A: &linop.ColMajor{M: m, N: 1, Data: make([]float64, m)}, Y: make([]float64, m)}
		for i := range m {
			d.Y[i] = level + float64(i*i)
			d.A.(*linop.ColMajor).Data[i] = float64(i)
		}
		return d
	}
	c := corpus{names: []string{"a", "b"}, sets: []transfer.DataSet{make(10, 0), make(8, 50)}, keep: 5}
	sets, test := c.split(0, 4, rand.New(rand.NewPCG(1, 0)))
	if len(sets) != 2 || len(sets[0].Y) != 4 || len(sets[1].Y) != 5 || len(test.Y) != 6 {
		t.Fatalf("%d data sets", len(sets))
	}
	if math.Abs(sum(sets[0].Y)) > 1e-9 || math.Abs(sum(sets[1].Y)) > 1e-9 {
		t.Error("training rows are not centred")
	}
	// Shifted by one mean, the columns together are 0 … 9 again.
	all := append(slices.Clone(sets[0].A.(*linop.ColMajor).Data), test.A.(*linop.ColMajor).Data...)
	slices.Sort(all)
	for i, v := range all {
		if math.Abs(v-all[0]-float64(i)) > 1e-12 {
			t.Errorf("row %d has %v, the first %v", i, v, all[0])
		}
	}
	if c.sets[0].Y[3] != 9 {
		t.Error("the corpus was changed")
	}
}
