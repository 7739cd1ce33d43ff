package eval

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"gonum.org/v1/gonum/mat"

	"unroll/data"
	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

var predictionStudy = Study{
	Name:     "prediction",
	Question: "How near is the label that a transformer predicts for the query row, read out linearly or quadratically, beside the baselines of Garg et al.?",
	Figure:   "prediction",
}

// Prediction is the study of the label ŷ_{N+1}: both read-outs of trained networks beside least squares and the Lasso over a grid of
// penalties, as Garg et al. (2022) have them.
type Prediction struct {
	Data    data.SparseRecovery
	Seed    uint64 `yaml:"seed" help:"of the prompts and of the bootstrap"`
	Prompts int    `yaml:"prompts" help:"held-out prompts that are measured at every length"`
	Workers int    `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
	Lengths []int  `yaml:"-"` // the N to measure where Data.N is 0
}

// gargAlphas are the penalties of Garg et al., in the convention of scikit-learn: λ is N times as much.
var gargAlphas = []float64{1, 0.1, 0.01, 0.001, 0.0001}

// NewPrediction returns the study with its defaults for networks of the given one's setting.
func NewPrediction(s *Subject) Prediction {
	p := Prediction{Data: s.Data, Seed: s.Seed, Prompts: 4000, Lengths: []int{(s.Data.D + 1) / 2, (3*s.Data.D + 1) / 4, s.Data.D, 2 * s.Data.D}}
	p.Data.N = 0
	return p
}

func (p Prediction) lengths() []int {
	if p.Data.N != 0 {
		return []int{p.Data.N}
	}
	return p.Lengths
}

// Check returns a *data.FieldError for the first field that has no meaning.
func (p Prediction) Check() error {
	if p.Prompts < 2 {
		return &data.FieldError{Field: "prompts", Value: fmt.Sprint(p.Prompts), Want: "at least 2"}
	}
	if p.Workers < 0 {
		return &data.FieldError{Field: "workers", Value: fmt.Sprint(p.Workers), Want: "at least 0"}
	}
	d := p.Data
	for _, d.N = range p.lengths() {
		if err := d.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// A PredictionResult holds the squared errors of all methods at every length.
type PredictionResult struct {
	Study   Prediction
	Methods []string
	Cells   [][]PredictionCell // [method][length]
	Hashes  []string           // of the prompts of every length
}

// A PredictionCell is the mean of (ŷ − y)²/S, 1 for the prediction 0, with its interval, and the median.
type PredictionCell struct {
	Mean, Median float64
	CI           Interval
}

// Run measures every network of the study's dimension, and the baselines.
func (p Prediction) Run(all []Flagship) (*PredictionResult, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	networks := ofOneSetting(all, p.Data, 1)
	if len(networks) == 0 {
		return nil, fmt.Errorf("eval: no network reads d=%d", p.Data.D)
	}
	r := &PredictionResult{Study: p}
	for _, f := range networks {
		r.Methods = append(r.Methods, f.Name+", quadratic", f.Name+", linear")
	}
	r.Methods = append(r.Methods, "least squares")
	for _, alpha := range gargAlphas {
		r.Methods = append(r.Methods, fmt.Sprintf("Lasso, λ = %g·N", alpha))
	}
	r.Cells = make([][]PredictionCell, len(r.Methods))
	for _, n := range p.lengths() {
		d := p.Data
		d.N = n
		b := d.Draw(p.Seed, data.Test, 0, p.Prompts)
		r.Hashes = append(r.Hashes, b.Hash())
		squared, err := p.squaredErrors(b, networks)
		if err != nil {
			return nil, err
		}
		replicates := bootstrap{p.Seed, p.Workers}.means(squared)
		for m := range r.Methods {
			v := slices.Sorted(slices.Values(squared.Col(m)))
			r.Cells[m] = append(r.Cells[m], PredictionCell{mean(squared.Col(m)), quantile(v, 0.5), percentiles(replicates.Col(m))})
		}
	}
	return r, nil
}

// squaredErrors returns (ŷ − y)²/S of every method on every prompt, (P, methods).
func (p Prediction) squaredErrors(b data.Batch, networks []Flagship) (matrix, error) {
	m := newMatrix(b.Size, 2*len(networks)+1+len(gargAlphas))
	failures := make([]error, b.Size)
	eachPrompt(b, p.Workers, func(i int, problem *l2o.Problem, _ []float64) {
		x, query := problem.A.(*linop.Dense).Data, b.At(i).Query
		var labels []float64
		for _, f := range networks {
			l := f.Subject.Trained.Labels(x, problem.Y, query)
			labels = append(labels, l.Quadratic, l.Linear)
		}
		fit, err := leastNorm(b.N, b.D, x, problem.Y)
		labels = append(labels, inner(query, fit))
		lambdas := make([]float64, len(gargAlphas))
		for k, alpha := range gargAlphas {
			lambdas[k] = alpha * float64(b.N)
		}
		problem.G = prox.L1{Lambda: slices.Min(lambdas)}
		path, pathErr := l2o.Homotopy{}.Path(problem)
		if _, short := errors.AsType[*l2o.PathError](pathErr); short {
			pathErr = nil // its last point stands for the penalties that it did not reach
		}
		failures[i] = errors.Join(err, pathErr)
		for _, lambda := range lambdas {
			labels = append(labels, inner(query, l2o.At(path, lambda)))
		}
		for k, label := range labels {
			miss := label - *b.At(i).Label
			m.Row(i)[k] = miss * miss / float64(p.Data.S)
		}
	})
	return m, errors.Join(failures...)
}

// leastNorm returns the least squares solution of Xβ = y of smallest norm.
func leastNorm(n, d int, x, y []float64) ([]float64, error) {
	var beta mat.VecDense
	err := beta.SolveVec(mat.NewDense(n, d, x), mat.NewVecDense(n, y))
	if _, poor := errors.AsType[mat.Condition](err); poor {
		err = nil // a solution all the same
	}
	return beta.RawVector().Data, err
}

func inner(a, b []float64) (s float64) {
	for j, v := range a {
		s += v * b[j]
	}
	return s
}

// Write makes dir and writes the report.
func (r *PredictionResult) Write(dir string) error {
	return writeReport(dir, page{Title: "Label prediction", Question: predictionStudy.Question}, r.sections(), nil)
}

// WriteTable prints the result for a terminal.
func (r *PredictionResult) WriteTable(w io.Writer) error { return printSections(w, r.sections()) }
