package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// commands are problems of which other packages know the answer too.
var commands = []string{
	"",
	"-lambda-ratio 0.03 -intercept",
	"-intercept -standardize",
	"-standardize",
	"-penalty nonneg -intercept",
	"-penalty elasticnet -ridge 2",
	"-penalty elasticnet -ridge 2 -intercept -standardize -lambda 3",
	"-penalty squaredl2 -lambda 5 -intercept",
	"-penalty squaredl2 -lambda 5",
	"-weights WEIGHTS -intercept",
	"-weights WEIGHTS",
}

// answers runs every command, in a folder that also gets the weights, and returns what it said.
func answers(t *testing.T) (dir string, all []answerJSON) {
	dir = folder(t)
	weights := "0\n1\ninf\n" + strings.Repeat("2.5\n", 27)
	write(t, filepath.Join(dir, "weights.csv"), []byte(weights))
	for _, c := range commands {
		all = append(all, recovered(t, dir, strings.Fields(strings.ReplaceAll(c, "WEIGHTS", filepath.Join(dir, "weights.csv")))...))
	}
	return dir, all
}

// compare asserts that other solved the same problems, [intercept, x...] each, an empty one for those that it was not asked.
func compare(t *testing.T, all []answerJSON, other [][]float64) {
	t.Helper()
	if len(other) != len(all) {
		t.Fatalf("%d answers, want %d", len(other), len(all))
	}
	compared := 0
	for k, a := range all {
		if len(other[k]) == 0 {
			continue
		}
		compared++
		want := make([]float64, 31)
		want[0] = float64(a.Intercept)
		for _, n := range a.Nonzeros {
			want[n.Column] = float64(n.Value)
		}
		for j, v := range other[k] {
			if math.Abs(v-want[j]) > 1e-5 {
				t.Errorf("recover %s: unknown %d is %v elsewhere, %v here", commands[k], j, v, want[j])
				break
			}
		}
	}
	t.Logf("%d problems compared", compared)
}

// What -h and the output say of scikit-learn holds: the expression that is printed gives the same answer there.
func TestSklearnAgrees(t *testing.T) {
	if out, err := exec.Command("/usr/bin/python3", "-c", "import sklearn").CombinedOutput(); err != nil {
		t.Skipf("needs scikit-learn (on Debian: apt-get install python3-sklearn): %v %s", err, out)
	}
	dir, all := answers(t)
	var script strings.Builder
	script.WriteString(`
import json, numpy as np
from sklearn.linear_model import Lasso, ElasticNet, Ridge
from sklearn.preprocessing import StandardScaler
A, y, all = np.load("A.npy"), np.load("y.npy"), []
def fit(model, scaler=None):
    X = scaler.fit_transform(A) if scaler else A
    model.set_params(tol=1e-12, max_iter=100_000).fit(X, y)
    all.append([model.intercept_, *(model.coef_ / (scaler.scale_ if scaler else 1))])
`)
	for _, a := range all {
		if a.Sklearn == "" {
			fmt.Fprintln(&script, "all.append([])")
			continue
		}
		fmt.Fprintf(&script, "fit(%s)\n", strings.ReplaceAll(a.Sklearn, " after ", ", "))
	}
	script.WriteString("print(json.dumps(all))\n")
	compare(t, all, ask(t, dir, exec.Command("/usr/bin/python3", "-W", "ignore", "-c", script.String())))
}

func TestGlmnetAgrees(t *testing.T) {
	if out, err := exec.Command("Rscript", "-e", "library(glmnet)").CombinedOutput(); err != nil {
		t.Skipf("needs glmnet (on Debian: apt-get install r-cran-glmnet): %v %s", err, out)
	}
	dir, all := answers(t)
	a, err := readArray(filepath.Join(dir, "A.npy"), "")
	if err != nil {
		t.Fatal(err)
	}
	y, err := readArray(filepath.Join(dir, "y.npy"), "")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	vector := func(v []float64) string {
		return "c(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(v), " ", ","), "[]") + ")"
	}
	fmt.Fprintf(&script, `suppressPackageStartupMessages(library(glmnet))
A <- matrix(%s, 20, 30, byrow = TRUE)
y <- %s
weights <- scan("weights.csv", quiet = TRUE)
fit <- function(...) {
  model <- glmnet(A, y, ..., thresh = 1e-20, maxit = 1e7)
  paste0("[", paste(format(c(model$a0, as.numeric(model$beta)), digits = 17), collapse = ","), "]")
}
`, vector(a.data), vector(y.data))
	var calls []string
	for _, a := range all {
		calls = append(calls, "fit("+a.Glmnet+")")
	}
	fmt.Fprintf(&script, "cat('[', paste(c(%s), collapse = ','), ']')\n", strings.Join(calls, ","))
	write(t, filepath.Join(dir, "fit.R"), []byte(script.String()))
	compare(t, all, ask(t, dir, exec.Command("Rscript", "fit.R")))
}

// ask runs another program in a folder and reads the answers that it prints.
func ask(t *testing.T, dir string, cmd *exec.Cmd) (other [][]float64) {
	t.Helper()
	var said strings.Builder
	cmd.Dir, cmd.Stderr = dir, &said
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &other)
	}
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, said.String())
	}
	return other
}
