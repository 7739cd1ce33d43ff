package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/checkpoints/npy"
	"unroll/cmd/internal/cli"
)

// folder is one with A (20×30, five unknowns in use) and y in A.npy and y.npy, and three problems in Y.npy.
func folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 0))
	a := &npy.Array{Shape: []int{20, 30}, F64: make([]float64, 600)}
	for i := range a.F64 {
		a.F64[i] = rng.NormFloat64()
	}
	one := &npy.Array{Shape: []int{20}, F64: make([]float64, 20)}
	three := &npy.Array{Shape: []int{20, 3}, F64: make([]float64, 60)}
	for i := range 20 {
		for c := range 3 {
			for j := range 5 {
				three.F64[3*i+c] += a.F64[30*i+6*j+c] * float64(j+1)
			}
			three.F64[3*i+c] += 4 + 0.1*rng.NormFloat64()
		}
		one.F64[i] = three.F64[3*i]
	}
	for name, v := range map[string]*npy.Array{"A.npy": a, "y.npy": one, "Y.npy": three} {
		var b bytes.Buffer
		if err := npy.Write(&b, v); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), b.Bytes())
	}
	return dir
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// recovered runs the command with -json on files of dir and returns its one answer.
func recovered(t testing.TB, dir string, args ...string) answerJSON {
	t.Helper()
	var out bytes.Buffer
	if err := run(append([]string{"-json", "-A", filepath.Join(dir, "A.npy"), "-y", filepath.Join(dir, "y.npy")}, args...), &out); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	var a answerJSON
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		t.Fatalf("%v: %v in %s", args, err, &out)
	}
	return a
}

// By hand: A = diag(2, 4), y = (6, 4), λ = 2. Each unknown is (a·y − λ)/a², where that is positive: 10/4 and 14/16.
func TestByHand(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "A.csv"), []byte("first,second\r\n2,0\r\n0,4\r\n"))
	write(t, filepath.Join(dir, "y.csv"), []byte("6\n4\n"))
	out := filepath.Join(dir, "x.csv")
	var printed bytes.Buffer
	if err := run([]string{"-A", filepath.Join(dir, "A.csv"), "-y", filepath.Join(dir, "y.csv"), "-lambda", "2", "-o", out}, &printed); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil || string(got) != "unknown,x\nfirst,2.5\nsecond,0.875\n" {
		t.Errorf("wrote %q, %v", got, err)
	}
	// ½(1 + ¼) + 2·(2.5 + 0.875), λ_max = max(12, 16), and α = λ/2 rows.
	for _, want := range []string{"0.125 of λ_max", "7.375", "Lasso(alpha=1, fit_intercept=False)", "lambda=1, intercept=FALSE", "2 of 2", "converged", "second  ", " 0.875"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q is not in\n%s", want, &printed)
		}
	}
}

func TestOneObject(t *testing.T) {
	dir := folder(t)
	var out bytes.Buffer
	if err := run([]string{"-A", dir + "/A.npy", "-y", dir + "/y.npy", "-intercept", "-json"}, &out); err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(out.Bytes(), &object); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Fields("solver lambda primal dual gap relative_gap support_size identified iterations status seconds") {
		if _, ok := object[key]; !ok {
			t.Errorf("no %s in %s", key, &out)
		}
	}
	if gap := object["relative_gap"].(float64); gap > 1e-10 || object["status"] != "converged" || object["identified"] != true {
		t.Errorf("the answer is %s", &out)
	}
}

// With an intercept and standardised columns, the answer is that of the same command on data so changed beforehand, but for the map back.
func TestInterceptAndStandardize(t *testing.T) {
	dir, changed := folder(t), t.TempDir()
	a, err := readArray(filepath.Join(dir, "A.npy"), "")
	if err != nil {
		t.Fatal(err)
	}
	y, err := readArray(filepath.Join(dir, "y.npy"), "")
	if err != nil {
		t.Fatal(err)
	}
	center := func(v []float64, start, step int) (mean, deviation float64) {
		for i := start; i < len(v); i += step {
			mean += v[i] / 20
		}
		for i := start; i < len(v); i += step {
			v[i] -= mean
			deviation += v[i] * v[i] / 20
		}
		return mean, math.Sqrt(deviation)
	}
	means, deviations := make([]float64, 30), make([]float64, 30)
	for j := range means {
		means[j], deviations[j] = center(a.data, j, 30)
		for i := range 20 {
			a.data[30*i+j] /= deviations[j]
		}
	}
	level, _ := center(y.data, 0, 1)
	for name, v := range map[string]*npy.Array{"A.npy": {Shape: []int{20, 30}, F64: a.data}, "y.npy": {Shape: []int{20}, F64: y.data}} {
		var b bytes.Buffer
		if err := npy.Write(&b, v); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(changed, name), b.Bytes())
	}
	got, want := recovered(t, dir, "-intercept", "-standardize"), recovered(t, changed)
	if len(got.Nonzeros) != len(want.Nonzeros) || math.Abs(float64(got.Primal/want.Primal-1)) > 1e-10 {
		t.Fatalf("%+v, want %+v", got, want)
	}
	intercept := level
	for k, n := range want.Nonzeros {
		x := float64(n.Value) / deviations[n.Column-1]
		intercept -= x * means[n.Column-1]
		if g := got.Nonzeros[k]; g.Column != n.Column || math.Abs(float64(g.Value)-x) > 1e-9 {
			t.Errorf("nonzero %+v, want column %d and %v", g, n.Column, x)
		}
	}
	if math.Abs(float64(got.Intercept)-intercept) > 1e-9 {
		t.Errorf("intercept %v, want %v", got.Intercept, intercept)
	}
}

// Every penalty is solved and certified, and those of which another is a special case agree with it.
func TestPenalties(t *testing.T) {
	dir := folder(t)
	single, ones, mixed := filepath.Join(dir, "single.csv"), filepath.Join(dir, "ones.csv"), filepath.Join(dir, "mixed.csv")
	var a, b, c strings.Builder
	for j := range 30 {
		fmt.Fprintln(&a, 7-j)
		fmt.Fprintln(&b, 1)
		fmt.Fprintln(&c, []string{"0", "1", "inf", "2.5"}[min(j, 3)])
	}
	write(t, single, []byte(a.String()))
	write(t, ones, []byte(b.String()))
	write(t, mixed, []byte(c.String()))
	plain := recovered(t, dir)
	for _, args := range [][]string{{"-weights", ones}, {"-penalty", "elasticnet", "-ridge", "0"}, {"-penalty", "group", "-groups", single},
		{"-solver", "fista"}, {"-solver", "restart"}, {"-solver", "admm"}, {"-solver", "homotopy"}} {
		got := recovered(t, dir, args...)
		if math.Abs(float64(got.Lambda/plain.Lambda-1)) > 1e-12 || math.Abs(float64(got.Primal/plain.Primal-1)) > 1e-9 || got.SupportSize != plain.SupportSize {
			t.Errorf("%v: %+v, want as without: %+v", args, got, plain)
		}
	}
	for _, args := range [][]string{{"-penalty", "nonneg"}, {"-penalty", "elasticnet"}, {"-penalty", "box"}, {"-penalty", "squaredl2", "-lambda", "3"},
		{"-weights", mixed}, {"-weights", mixed, "-path", "5"}, {"-cv", "4", "-penalty", "nonneg", "-intercept"}} {
		var out bytes.Buffer
		if err := run(append([]string{"-A", dir + "/A.npy", "-y", dir + "/y.npy"}, args...), &out); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
	if free, all := recovered(t, dir, "-weights", mixed), recovered(t, dir); !(free.Radius > 0) || all.Radius != 0 || all.Left != 0 {
		t.Errorf("the gap holds within %v where an unknown has no penalty, and within %v where all have", free.Radius, all.Radius)
	}
	if none := recovered(t, dir, "-penalty", "elasticnet", "-ridge", "0", "-lambda", "0"); none.Sklearn != "" || none.Glmnet != "" {
		t.Errorf("without a penalty it is %s, %s elsewhere", none.Sklearn, none.Glmnet)
	}
	top := recovered(t, dir, "-weights", mixed, "-lambda-ratio", "1")
	if below := recovered(t, dir, "-weights", mixed, "-lambda-ratio", "0.999"); top.SupportSize != 1 || top.Nonzeros[0].Column != 1 || below.SupportSize != 2 {
		t.Errorf("at λ_max the unknowns %+v are not 0, below it %+v; want the first alone, and one more", top.Nonzeros, below.Nonzeros)
	}
}

// The bits of every answer are the same for any number of workers, and each problem's are those that it has alone.
func TestWorkers(t *testing.T) {
	dir := folder(t)
	var files [2][]byte
	for i, workers := range []string{"1", "3"} {
		out := filepath.Join(dir, workers+".npz")
		if err := run([]string{"-A", dir + "/A.npy", "-y", dir + "/Y.npy", "-cv", "5", "-intercept", "-o", out, "-workers", workers}, io.Discard); err != nil {
			t.Fatal(err)
		}
		var err error
		if files[i], err = os.ReadFile(out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("one worker and three wrote different files")
	}
	whole, err := npy.OpenArchive(bytes.NewReader(files[0]), int64(len(files[0])))
	if err != nil {
		t.Fatal(err)
	}
	x, err := whole.Read("x")
	if err != nil {
		t.Fatal(err)
	}
	if x.Shape[0] != 30 || x.Shape[1] != 3 {
		t.Fatalf("x has the shape %v", x.Shape)
	}
	for _, n := range recovered(t, dir, "-cv", "5", "-intercept").Nonzeros {
		if got := x.F64[3*(n.Column-1)]; got != float64(n.Value) {
			t.Errorf("unknown %d is %v among three problems, %v alone", n.Column, got, n.Value)
		}
	}
}

// What was not certified is written and printed, and ends with status 3.
func TestNotCertified(t *testing.T) {
	dir := folder(t)
	var out bytes.Buffer
	err := run([]string{"-A", dir + "/A.npy", "-y", dir + "/y.npy", "-solver", "ista", "-lambda-ratio", "1e-9", "-tol", "1e-15", "-o", dir + "/x.npy"}, &out)
	if e, ok := errors.AsType[*cli.StatusError](err); !ok || e.Status != 3 || !strings.Contains(out.String(), "maximum of iterations") {
		t.Errorf("error %v and\n%s", err, &out)
	}
	if _, err := os.Stat(filepath.Join(dir, "x.npy")); err != nil {
		t.Error(err)
	}
}

func BenchmarkWorkers(b *testing.B) {
	dir := b.TempDir()
	rng := rand.New(rand.NewPCG(1, 0))
	for name, shape := range map[string][]int{"A.npy": {200, 1000}, "y.npy": {200, 64}} {
		a := &npy.Array{Shape: shape, F64: make([]float64, shape[0]*shape[1])}
		for i := range a.F64 {
			a.F64[i] = rng.NormFloat64()
		}
		var file bytes.Buffer
		if err := npy.Write(&file, a); err != nil {
			b.Fatal(err)
		}
		write(b, filepath.Join(dir, name), file.Bytes())
	}
	for _, workers := range []string{"1", "2"} {
		b.Run(workers, func(b *testing.B) {
			for b.Loop() {
				if err := run([]string{"-A", dir + "/A.npy", "-y", dir + "/y.npy", "-workers", workers}, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
