package transfer_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
	"unroll/l2o/transfer"
)

// small draws problems with one or two sources and knobs that fit their scale.
func small(i int) ([]transfer.DataSet, transfer.TwoStage) {
	rng := rand.New(rand.NewPCG(7, uint64(i)))
	e := transfer.Ensemble{Common: 0.1, Sets: []transfer.Law{{Rows: 0.3 + rng.Float64(), Own: 0.1, Sigma: 0.3}}}
	for range 1 + i%2 {
		e.Sets = append(e.Sets, transfer.Law{Rows: 0.5, Own: 0.1, Sigma: 0.3})
	}
	kappa := []float64{0, 0.3, 0.8, 1}[i%4]
	return e.Draw(60, rng).Sets, transfer.TwoStage{Lambda1: 0.1 + 0.3*rng.Float64(), Lambda2: 0.02 + 0.1*rng.Float64(), Kappa: kappa, DeltaLambda: []float64{0, 0.2, 3}[i%3]}
}

func mustFit(t *testing.T, s transfer.TwoStage, sets []transfer.DataSet) transfer.Fit {
	t.Helper()
	f, err := s.Fit(sets, l2o.Stop{Gap: 1e-13})
	if err != nil {
		t.Fatal(err)
	}
	if !f.Converged() {
		t.Fatalf("%+v: relative gaps %.2g, %.2g", s, f.First.RelativeGap, f.Second.RelativeGap)
	}
	return f
}

// fista solves by another method than Fit does.
func fista(t *testing.T, p *l2o.Problem) []float64 {
	t.Helper()
	s, err := l2o.Solve(l2o.FISTA{}, p, l2o.Stop{Gap: 1e-15, MaxIter: 60_000})
	if err != nil {
		t.Fatal(err)
	}
	return s.X
}

func largest(a, b []float64) float64 {
	d := 0.0
	for j := range a {
		d = max(d, math.Abs(a[j]-b[j]))
	}
	return d
}

// Both stages are the certified solver with rows stacked, an offset and weights, put together here by hand.
func TestFitIsTwoLassos(t *testing.T) {
	worst := 0.0
	for i := range 20 {
		sets, s := small(i)
		f := mustFit(t, s, sets)
		_, n := sets[0].A.Dims()
		all := &linop.Dense{N: n}
		var y []float64
		for _, d := range sets {
			m, _ := d.A.Dims()
			column, rows := make([]float64, m), make([]float64, m*n)
			for j := range n {
				d.A.Column(column, j)
				for r, v := range column {
					rows[r*n+j] = v
				}
			}
			all.M, all.Data, y = all.M+m, append(all.Data, rows...), append(y, d.Y...)
		}
		beta1 := fista(t, &l2o.Problem{A: all, Y: y, G: prox.L1{Lambda: s.Lambda1}})
		offset, weights := make([]float64, len(sets[0].Y)), make([]float64, n)
		sets[0].A.Apply(offset, beta1)
		rest := make([]float64, len(offset))
		for r := range rest {
			rest[r] = sets[0].Y[r] - s.Kappa*offset[r]
		}
		for j, v := range beta1 {
			weights[j] = 1
			if v == 0 {
				weights[j] = 1 + s.DeltaLambda/s.Lambda2
			}
		}
		beta2 := fista(t, &l2o.Problem{A: sets[0].A, Y: rest, G: prox.WeightedL1{Lambda: s.Lambda2, Weights: weights}})
		for j := range beta2 {
			beta2[j] += s.Kappa * beta1[j]
		}
		worst = max(worst, largest(f.W, beta2), largest(f.First.X, beta1))
	}
	t.Logf("20 problems: largest difference %.1e", worst)
	if worst > 1e-8 {
		t.Errorf("difference %.2g, want at most 1e-8", worst)
	}
}

func TestCornersOfTheFit(t *testing.T) {
	sets, _ := small(1)
	alone := fista(t, &l2o.Problem{A: sets[0].A, Y: sets[0].Y, G: prox.L1{Lambda: 0.1}})
	for name, s := range map[string]transfer.TwoStage{
		"TargetOnly": transfer.TargetOnly(0.1), "ValuesOnly κ = 0": transfer.ValuesOnly(0.3, 0.1, 0),
		"SupportOnly Δλ = 0": transfer.SupportOnly(0.3, 0.1, 0), "Pretraining s = 1": transfer.Pretraining(0.3, 0.1, 1),
	} {
		if d := largest(mustFit(t, s, sets).W, alone); d > 1e-8 {
			t.Errorf("%s differs from the target's Lasso by %.2g", name, d)
		}
	}
	f := mustFit(t, transfer.Pooled(0.2), sets)
	if len(f.Second.Support) > 0 || largest(f.W, f.First.X) != 0 {
		t.Error("Pooled is not stage 1")
	}
	for j := range mustFit(t, transfer.Pretraining(0.2, 0.05, 1e-9), sets).Second.X {
		if f.First.X[j] == 0 && f.W[j] != 0 {
			t.Errorf("the support grew at %d where s is 0", j)
		}
	}
	if a, b := transfer.Pretraining(0.2, 0.1, 0.25), (transfer.TwoStage{Lambda1: 0.2, Lambda2: 0.1, Kappa: 0.75, DeltaLambda: 0.3}); math.Abs(a.DeltaLambda-b.DeltaLambda) > 1e-15 || a.Kappa != b.Kappa {
		t.Errorf("Pretraining is %+v, want %+v", a, b)
	}
}

// glmnetScript reads problems written by writeProblem and prints w of each, one number a line.
const glmnetScript = `
suppressMessages(library(glmnet))
glmnet.control(fdev = 0, devmax = 1)
for (d in commandArgs(trailingOnly = TRUE)) {
  k <- scan(file.path(d, "knobs"), quiet = TRUE)
  X <- as.matrix(read.table(file.path(d, "X"))); y <- scan(file.path(d, "y"), quiet = TRUE)
  m1 <- k[5]
  path <- function(X, y, lambda, ...) {
    l <- lambda * 2^seq(6, 0, by = -0.5)
    f <- glmnet(X, y, lambda = l, intercept = FALSE, standardize = FALSE, thresh = 1e-22, maxit = 1e8, ...)
    as.numeric(f$beta[, length(l)])
  }
  b1 <- path(X, y, k[1] / nrow(X))
  X1 <- X[1:m1, ]; y1 <- y[1:m1]
  p <- k[2] + k[4] * (b1 == 0)
  b2 <- path(X1, y1, mean(p) / m1, offset = as.numeric(k[3] * X1 %*% b1), penalty.factor = p)
  cat(sprintf("%.17g\n", k[3] * b1 + b2), sep = "")
}
`

// writeProblem stacks the data sets for R.
func writeProblem(t *testing.T, dir string, sets []transfer.DataSet, s transfer.TwoStage) {
	t.Helper()
	var x, y bytes.Buffer
	for _, d := range sets {
		a := d.A.(*linop.ColMajor)
		for i := range a.M {
			for j := range a.N {
				fmt.Fprintf(&x, "%.17g ", a.Data[j*a.M+i])
			}
			x.WriteByte('\n')
			fmt.Fprintf(&y, "%.17g\n", d.Y[i])
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	knobs := fmt.Sprintf("%.17g %.17g %.17g %.17g %d\n", s.Lambda1, s.Lambda2, s.Kappa, s.DeltaLambda, len(sets[0].Y))
	for name, text := range map[string]string{"X": x.String(), "y": y.String(), "knobs": knobs} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The conventions of λ in the package's documentation, against glmnet with offset and penalty.factor.
func TestGlmnet(t *testing.T) {
	if out, err := exec.Command("Rscript", "-e", `cat(as.character(packageVersion("glmnet")))`).Output(); err != nil {
		t.Skipf("glmnet is not installed: %v", err)
	} else {
		t.Logf("glmnet %s", out)
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "two.R")
	if err := os.WriteFile(script, []byte(glmnetScript), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{script}
	var want []float64
	for i := range 20 {
		sets, s := small(i)
		at := filepath.Join(dir, strconv.Itoa(i))
		writeProblem(t, at, sets, s)
		args = append(args, at)
		want = append(want, mustFit(t, s, sets).W...)
	}
	out, err := exec.Command("Rscript", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []float64
	for _, line := range strings.Fields(string(out)) {
		v, err := strconv.ParseFloat(line, 64)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if len(got) != len(want) {
		t.Fatalf("glmnet gave %d numbers, want %d", len(got), len(want))
	}
	d := largest(got, want)
	t.Logf("20 problems: largest difference %.1e", d)
	if d > 1e-6 {
		t.Errorf("difference %.2g, want at most 1e-6", d)
	}
}

func TestDataMistakes(t *testing.T) {
	good := func() ([]transfer.DataSet, transfer.TwoStage) { return small(0) }
	for _, c := range []struct {
		where, field string
		spoil        func(sets []transfer.DataSet, s *transfer.TwoStage) []transfer.DataSet
	}{
		{"data sets", "number", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet { return d[:1] }},
		{"data sets", "number", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet { return nil }},
		{"data set 2", "A", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet { d[1].A = nil; return d }},
		{"data set 1", "A", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet { d[0].A = nil; return d }},
		{"data set 2", "A", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet {
			d[1] = transfer.DataSet{A: &linop.ColMajor{M: 2, N: 59, Data: make([]float64, 118)}, Y: make([]float64, 2)}
			return d
		}},
		{"data set 2", "A", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet {
			d[1] = transfer.DataSet{A: &linop.ColMajor{N: 60}}
			return d
		}},
		{"data set 2", "Y", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet { d[1].Y = d[1].Y[1:]; return d }},
		{"data set 1", "Y[3]", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet { d[0].Y[3] = math.NaN(); return d }},
		{"data set 2", "A[1,2]", func(d []transfer.DataSet, _ *transfer.TwoStage) []transfer.DataSet {
			a := d[1].A.(*linop.ColMajor)
			a.Data[2*a.M+1] = math.Inf(1)
			return d
		}},
		{"two-stage", "Kappa", func(d []transfer.DataSet, s *transfer.TwoStage) []transfer.DataSet { s.Kappa = -0.1; return d }},
		{"two-stage", "Lambda1", func(d []transfer.DataSet, s *transfer.TwoStage) []transfer.DataSet { s.Lambda1 = -1; return d }},
		{"two-stage", "DeltaLambda", func(d []transfer.DataSet, s *transfer.TwoStage) []transfer.DataSet {
			s.DeltaLambda = math.NaN()
			return d
		}},
	} {
		sets, s := good()
		sets = c.spoil(sets, &s)
		_, err := s.Fit(sets, l2o.Stop{})
		bad, ok := errors.AsType[*transfer.InputError](err)
		if !ok || bad.Where != c.where || bad.Field != c.field || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %s: error %v", c.where, c.field, err)
		}
		if c.where == "two-stage" {
			continue
		}
		if _, other := (transfer.CrossValidation{}).Auto(sets); fmt.Sprint(other) != fmt.Sprint(err) {
			t.Errorf("Auto: error %v, want %v", other, err)
		}
	}
}
