package eval

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A derivativeProblem is a problem whose solution is differentiated with respect to λ.
type derivativeProblem struct {
	Name, Setting string
	CSVName       string
	Problem       *l2o.Problem
}

// lassoDraw is the law of Mehmood and Ochs' first experiment: 60×100, N(0, 1/60), eight nonzeros, λ = 0.1.
func lassoDraw(seed uint64, draw int) *l2o.Problem {
	const m, n, nonzeros, sigma = 60, 100, 8, 0.05
	rng := rand.New(rand.NewPCG(seed, uint64(draw)))
	a, star, y := gaussianRows(rng, m, n), make([]float64, n), make([]float64, m)
	for _, j := range rng.Perm(n)[:nonzeros] {
		star[j] = rng.NormFloat64()
	}
	a.Apply(y, star)
	for i := range y {
		y[i] += sigma * rng.NormFloat64()
	}
	return &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: 0.1}}
}

// logisticDraw is that of their second: labels of a linear rule with noise, and a squared penalty.
func logisticDraw(seed uint64) *l2o.Problem {
	const m, n, lambda = 120, 80, 0.005
	rng := rand.New(rand.NewPCG(seed, 1<<32))
	a, star, y := gaussianRows(rng, m, n), make([]float64, n), make([]float64, m)
	for j := range star {
		star[j] = rng.NormFloat64()
	}
	a.Apply(y, star)
	for i, v := range y {
		y[i] = math.Copysign(1, 3*v+rng.NormFloat64())
	}
	return &l2o.Problem{A: a, Y: y, Loss: l2o.Logistic{}, G: prox.SquaredL2{Lambda: lambda}}
}

func gaussianRows(rng *rand.Rand, m, n int) *linop.Dense {
	a := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}
	for i := range a.Data {
		a.Data[i] = rng.NormFloat64() / math.Sqrt(float64(m))
	}
	return a
}

// debianData is where the package python3-sklearn keeps its data sets.
const debianData = "/usr/lib/python3/dist-packages/sklearn/datasets/data"

// diabetes is the data set of Efron, Hastie, Johnstone and Tibshirani (2004), 442 patients and ten measurements, in columns of mean 0 and
// norm 1, with λ a tenth of λ_max. The error is that of a file which is not there or is another.
func diabetes(folder string) (*l2o.Problem, error) {
	rows, err := readNumbers(filepath.Join(folder, "diabetes_data_raw.csv.gz"), 0)
	if err != nil {
		return nil, err
	}
	target, err := readNumbers(filepath.Join(folder, "diabetes_target.csv.gz"), 0)
	if err != nil {
		return nil, err
	}
	if len(rows) != len(target) || len(rows[0]) != 10 {
		return nil, fmt.Errorf("eval: diabetes: %d rows of %d numbers and %d targets, want 10 numbers and as many targets", len(rows), len(rows[0]), len(target))
	}
	y, mean := make([]float64, len(target)), 0.0
	for i, t := range target {
		y[i] = t[0]
		mean += t[0] / float64(len(target))
	}
	for i := range y {
		y[i] -= mean
	}
	a := unitColumns(rows, len(rows[0]))
	return &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: 0.1 * l2o.LambdaMax(a, y)}}, nil
}

// breastCancer is the data set of Wolberg, Street and Mangasarian (1995), 569 tumours and thirty measurements, in columns of mean 0 and norm 1.
func breastCancer(folder string) (*l2o.Problem, error) {
	rows, err := readNumbers(filepath.Join(folder, "breast_cancer.csv"), 1)
	if err != nil {
		return nil, err
	}
	if len(rows[0]) != 31 {
		return nil, fmt.Errorf("eval: breast cancer: rows of %d numbers, want 30 and a label", len(rows[0]))
	}
	y := make([]float64, len(rows))
	for i, row := range rows {
		y[i] = 2*row[30] - 1
	}
	return &l2o.Problem{A: unitColumns(rows, 30), Y: y, Loss: l2o.Logistic{}, G: prox.SquaredL2{Lambda: 0.02}}, nil
}

// unitColumns centres and scales the first n numbers of the rows.
func unitColumns(rows [][]float64, n int) *linop.Dense {
	a := &linop.Dense{M: len(rows), N: n, Data: make([]float64, len(rows)*n)}
	for j := range n {
		mean, squares := 0.0, 0.0
		for _, row := range rows {
			mean += row[j] / float64(len(rows))
		}
		for _, row := range rows {
			squares += (row[j] - mean) * (row[j] - mean)
		}
		for i, row := range rows {
			a.Data[i*n+j] = (row[j] - mean) / math.Sqrt(squares)
		}
	}
	return a
}

// readNumbers reads a file of numbers, separated by commas or spaces, perhaps compressed, after so many lines of header.
func readNumbers(path string, header int) (rows [][]float64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := io.Reader(f)
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	table := csv.NewReader(strings.NewReader(strings.ReplaceAll(string(text), " ", ",")))
	table.FieldsPerRecord = -1
	records, err := table.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(records) <= header {
		return nil, fmt.Errorf("%s: %d lines, want more than the header", path, len(records))
	}
	for i, record := range records[header:] {
		row := make([]float64, len(record))
		for j, word := range record {
			if row[j], err = strconv.ParseFloat(word, 64); err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", path, i+header+1, err)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Diabetes returns the diabetes data set as Debian's python3-sklearn ships it.
func Diabetes() (*l2o.Problem, error) { return diabetes(debianData) }
