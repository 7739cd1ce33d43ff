package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"unroll/checkpoints/npy"
)

// By hand: two folds of 1 and 2 rows, three λ; the squared errors over 3 rows are (4+5)/3, (2+4)/3 and again 2, of which the larger λ is
// taken. The folds' means there are 2 and 2, so that the standard error is 0; at the first λ alone they are 4 and 5/2, and 3 over all:
// √((1 + ¼)/1/2).
func TestChooseByHand(t *testing.T) {
	lambdas, sizes := []float64{4, 2, 1}, []float64{1, 2}
	squares := [][]float64{{4, 2, 1}, {5, 4, 5}}
	if c := choose(lambdas, squares, sizes); c.lambda != 2 || c.mse != 2 || c.deviance != 0 {
		t.Errorf("%+v, want λ = 2 with the error 2 ± 0", c)
	}
	first := [][]float64{{4}, {5}}
	if c := choose(lambdas[:1], first, sizes); c.mse != 3 || math.Abs(c.deviance-math.Sqrt(0.625)) > 1e-15 {
		t.Errorf("%+v, want the error 3 ± √0.625", c)
	}
}

// The error at the λ chosen is that of fits by the same command to the rows of each training set, with their part of λ, and no other λ that
// is tried has a smaller one.
func TestCrossValidation(t *testing.T) {
	dir, folds := folder(t), 4
	a, err := readArray(filepath.Join(dir, "A.npy"), "")
	if err != nil {
		t.Fatal(err)
	}
	y, err := readArray(filepath.Join(dir, "y.npy"), "")
	if err != nil {
		t.Fatal(err)
	}
	order := rand.New(rand.NewPCG(cvSeed, 20)).Perm(20)
	mse := func(lambda float64) (sum float64) {
		for fold := range folds {
			part := t.TempDir()
			A, Y, test := &npy.Array{Shape: []int{15, 30}}, &npy.Array{Shape: []int{15}}, []int{}
			for k, i := range order {
				if k%folds == fold {
					test = append(test, i)
					continue
				}
				A.F64, Y.F64 = append(A.F64, a.data[30*i:30*i+30]...), append(Y.F64, y.data[i])
			}
			var matrix, data bytes.Buffer
			if err := errors.Join(npy.Write(&matrix, A), npy.Write(&data, Y)); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(part, "A.npy"), matrix.Bytes())
			write(t, filepath.Join(part, "y.npy"), data.Bytes())
			got := recovered(t, part, "-intercept", "-standardize", "-lambda", fmt.Sprint(lambda*15/20))
			for _, i := range test {
				e := y.data[i] - float64(got.Intercept)
				for _, n := range got.Nonzeros {
					e -= float64(n.Value) * a.data[30*i+n.Column-1]
				}
				sum += e * e / 20
			}
		}
		return sum
	}
	got := recovered(t, dir, "-intercept", "-standardize", "-cv", fmt.Sprint(folds))
	if want := mse(float64(got.Lambda)); math.Abs(float64(got.MSE)/want-1) > 1e-3 || got.Folds != folds || got.Loose != 0 {
		t.Errorf("error %v in %d folds with %d loose fits, want %v", got.MSE, got.Folds, got.Loose, want)
	}
	for _, part := range []float64{0.5, 0.1, 0.03, 0.005} {
		if other := mse(part * float64(got.LambdaMax)); other < float64(got.MSE)*(1-1e-3) {
			t.Errorf("at %v·λ_max the error is %v, less than the %v chosen", part, other, got.MSE)
		}
	}
}

// An answer in JSON has the error of its λ, the standard error and the loose fits also where they are 0, and none of them where λ was given.
func TestCrossValidationInJSON(t *testing.T) {
	r := &report{task: &task{settings: &settings{folds: 4}, a: &array{cols: 1}, y: &array{cols: 1}}}
	for want, c := range map[string]*choice{
		`"cv_folds":4,"cv_mse":0,"cv_se":0,"cv_uncertified":0,`:       {},
		`"cv_folds":4,"cv_mse":2.5,"cv_se":0.125,"cv_uncertified":3,`: {mse: 2.5, deviance: 0.125, loose: 3},
		`"lambda_max":0,"primal"`:                                     nil,
	} {
		got, err := json.Marshal(r.json(answer{choice: c}))
		if err != nil || !strings.Contains(string(got), want) || c == nil && strings.Contains(string(got), "cv_") {
			t.Errorf("%s is not in %s, error %v", want, got, err)
		}
	}
}

// Each index is worked on once, whatever the number of workers.
func TestParallel(t *testing.T) {
	for workers := range 5 {
		var calls [7]atomic.Int32
		parallel(workers, len(calls), func(i int) { calls[i].Add(1) })
		for i := range calls {
			if n := calls[i].Load(); n != 1 {
				t.Errorf("%d workers: %d calls for index %d", workers, n, i)
			}
		}
	}
	if got := foldSizes(7, 3); !slices.Equal(got, []float64{3, 2, 2}) {
		t.Errorf("folds of %v rows", got)
	}
}
