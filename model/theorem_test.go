package model_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/model"
)

// The theorem of the construction, by the proof of Chen et al. (2018, theorem 2). With D = M XᵀX/N, M = I, μ = max_{i≠j}|D_ij| and the
// thresholds θ_k = μ‖e_k‖₁, e_k = β_k − β*, no layer leaves the support of β* and
//
//	‖e_{k+1}‖₁ ≤ c·‖e_k‖₁,   c = max_i|1 − D_ii| + (2S−1)μ,   a contraction where (2S−1)μ < 1 − max_i|1 − D_ii|.
const (
	theoremPairs   = 800
	theoremDim     = 20
	theoremS       = 3
	theoremLayers  = 12
	theoremPrompts = 1000
)

// coherence is what the theorem knows of a design.
type coherence struct {
	mu, diagonal float64 // max_{i≠j}|D_ij|, max_i|1−D_ii|
}

func (c coherence) factor() float64 { return c.diagonal + (2*theoremS-1)*c.mu }

// contracts is the condition of the theorem.
func (c coherence) contracts() bool { return (2*theoremS-1)*c.mu < 1-c.diagonal }

func coherenceOf(x []float64, n int) (c coherence) {
	var gram mat.Dense
	rows := mat.NewDense(n, theoremDim, x)
	gram.Mul(rows.T(), rows)
	for i := range theoremDim {
		for j := range theoremDim {
			v := gram.At(i, j) / float64(n)
			if i == j {
				c.diagonal = math.Max(c.diagonal, math.Abs(1-v))
			} else {
				c.mu = math.Max(c.mu, math.Abs(v))
			}
		}
	}
	return c
}

// condensed returns d pairs that are the same prompt to every layer, which sees X and y through XᵀX/N and Xᵀy/N alone: √(d/N)·R and its
// labels, X = QR.
func condensed(x []float64, n int, beta []float64) (rows, labels []float64) {
	var qr mat.QR
	var r mat.Dense
	qr.Factorize(mat.NewDense(n, theoremDim, x))
	qr.RTo(&r)
	rows = make([]float64, theoremDim*theoremDim)
	for i := range theoremDim {
		for j := range theoremDim {
			rows[i*theoremDim+j] = r.At(i, j) * math.Sqrt(float64(theoremDim)/float64(n))
		}
	}
	return rows, products(rows, beta)
}

// products returns ⟨x_i, β⟩ of every row.
func products(x, beta []float64) []float64 {
	y := make([]float64, len(x)/len(beta))
	for i := range y {
		for j, v := range beta {
			y[i] += x[i*len(beta)+j] * v
		}
	}
	return y
}

// theoremSteps are the layers that the theorem asks for on one prompt: their thresholds follow the errors of LISTA-VM itself.
func theoremSteps(x, y, beta []float64, mu float64) []model.Step {
	identity := make([]float64, theoremDim*theoremDim)
	for i := range theoremDim {
		identity[i*theoremDim+i] = 1
	}
	s := stepper{x: x, y: y, w: 1 / float64(len(y)), beta: make([]float64, theoremDim), z: make([]float64, theoremDim)}
	steps := make([]model.Step, theoremLayers)
	for k := range steps {
		steps[k] = model.Step{M: identity, Theta: mu * l1(s.beta, beta)}
		s.step(steps[k])
	}
	return steps
}

// l1 is ‖a−b‖₁.
func l1(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += math.Abs(v - b[i])
	}
	return sum
}

// theoremErrors runs the transformer with those layers and returns ‖e_0‖₁ … ‖e_K‖₁, and the largest entry off the support.
func theoremErrors(t *testing.T, x, y, beta []float64, steps []model.Step) (errors []float64, off float64) {
	t.Helper()
	c := model.Config{D: theoremDim, K: theoremLayers, Heads: 1, Hidden: 4 * theoremDim, Embedding: model.Paired, Attention: model.Linear,
		Start: model.Construction, Tau: 1, Precision: model.Float64}
	c.Width = c.Fixed() + c.D
	bound, err := model.New(c, c.Construct(steps, nil))
	if err != nil {
		t.Fatal(err)
	}
	bound.Estimates(x, y, nil, func(_ int, estimate []float64) bool {
		errors = append(errors, l1(estimate, beta))
		for j, v := range estimate {
			if beta[j] == 0 {
				off = math.Max(off, math.Abs(v))
			}
		}
		return true
	})
	return errors, off
}

func theoremPrompt(r *rand.Rand) (x, beta []float64) {
	beta = make([]float64, theoremDim)
	for _, j := range r.Perm(theoremDim)[:theoremS] {
		beta[j] = r.NormFloat64()
	}
	return gaussian(r, theoremPairs*theoremDim), beta
}

const rounding = 1e-13 // of ‖e‖₁, whose terms are of order 1

// Inside the condition, which 1,000 prompts of 1,000 fulfil, every layer contracts by the factor and stays on the support. The first 20
// go through the network with all their 800 pairs besides, as a check on the condensed ones.
func TestConstructionContracts(t *testing.T) {
	r := rand.New(rand.NewPCG(2024, 1))
	inside, worst, slowest := 0, 0.0, 0.0
	for i := range theoremPrompts {
		x, beta := theoremPrompt(r)
		design := coherenceOf(x, theoremPairs)
		slowest = math.Max(slowest, design.factor())
		if !design.contracts() {
			continue
		}
		inside++
		rows, labels := condensed(x, theoremPairs, beta)
		steps := theoremSteps(rows, labels, beta, design.mu)
		errors, off := theoremErrors(t, rows, labels, beta, steps)
		for k := range theoremLayers {
			worst = math.Max(worst, errors[k+1]-design.factor()*errors[k])
		}
		if off > rounding {
			t.Errorf("prompt %d: an estimate has %.2g off the support", i, off)
		}
		if i < 20 {
			whole, _ := theoremErrors(t, x, products(x, beta), beta, steps)
			if gap := l1(whole, errors); gap > 1e-11 {
				t.Errorf("prompt %d: 800 pairs and the 20 they condense to differ by %.2g", i, gap)
			}
		}
	}
	if inside != theoremPrompts {
		t.Errorf("%d of %d prompts fulfil the condition", inside, theoremPrompts)
	}
	if worst > rounding {
		t.Errorf("a layer exceeds its bound c·‖e‖₁ by %.2g", worst)
	}
	t.Logf("%d prompts, slowest guaranteed factor %.3f", inside, slowest)
}

// Outside it, the same thresholds stop everything: two columns that are nearly one make μ nearly 1, and θ passes what any layer has found.
func TestConstructionOutsideTheCondition(t *testing.T) {
	x, beta := theoremPrompt(rand.New(rand.NewPCG(2024, 2)))
	for i := range theoremPairs {
		x[i*theoremDim+1] = x[i*theoremDim] + 0.01*x[i*theoremDim+1]
	}
	clear(beta)
	beta[0], beta[1], beta[2] = 1, -1, 1
	design := coherenceOf(x, theoremPairs)
	if design.contracts() {
		t.Fatalf("the planted prompt fulfils the condition: %+v", design)
	}
	rows, labels := condensed(x, theoremPairs, beta)
	errors, _ := theoremErrors(t, rows, labels, beta, theoremSteps(rows, labels, beta, design.mu))
	for k := range theoremLayers {
		if errors[k+1] < errors[k] {
			t.Errorf("layer %d takes the error from %.3g to %.3g", k+1, errors[k], errors[k+1])
		}
	}
}
