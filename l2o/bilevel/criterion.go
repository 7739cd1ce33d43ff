package bilevel

import (
	"fmt"
	"math"
	"math/rand/v2"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// A Criterion judges solutions. Problems returns the problems to be solved, always the same ones, to which the search adds the penalty; Judge
// returns the value at their solutions x and sets w[i] (n) to its gradient with respect to x[i].
type Criterion interface {
	Problems() []*l2o.Problem
	Judge(x, w [][]float64) float64
}

// HeldOut is the mean squared error on other rows: ‖Bx − b‖²/(rows of B).
type HeldOut struct {
	Train *l2o.Problem // without a penalty
	B     linop.Operator
	Y     []float64 // b
}

// Problems returns Train.
func (c HeldOut) Problems() []*l2o.Problem { return []*l2o.Problem{c.Train} }

// Judge returns the error and sets w to its gradient 2Bᵀ(Bx − b)/(rows of B).
func (c HeldOut) Judge(x, w [][]float64) float64 { return meanSquared(c.B, c.Y, x[0], w[0], 1) }

// CrossValidation is the mean of the held-out errors of K folds, of which fold k holds out the rows i with i mod K = k.
type CrossValidation struct{ folds []HeldOut }

// NewCrossValidation cuts A and y into folds. It returns an *[l2o.InputError] for fewer than two, for more than there are rows, and for a y
// that does not fit A.
func NewCrossValidation(a *linop.Dense, y []float64, folds int) (*CrossValidation, error) {
	if len(y) != a.M {
		return nil, &l2o.InputError{Arg: "y", Value: fmt.Sprintf("of length %d", len(y)), Want: fmt.Sprintf("length %d, the rows of A", a.M)}
	}
	if folds < 2 || folds > a.M {
		return nil, &l2o.InputError{Arg: "folds", Value: folds, Want: fmt.Sprintf("2 to %d, the rows of A", a.M)}
	}
	c := &CrossValidation{}
	for k := range folds {
		in, out := &linop.Dense{N: a.N}, &linop.Dense{N: a.N}
		var yIn, yOut []float64
		for i, v := range y {
			part, values := in, &yIn
			if i%folds == k {
				part, values = out, &yOut
			}
			part.M++
			part.Data = append(part.Data, a.Data[i*a.N:(i+1)*a.N]...)
			*values = append(*values, v)
		}
		c.folds = append(c.folds, HeldOut{&l2o.Problem{A: linop.NewColMajor(in), Y: yIn}, out, yOut})
	}
	return c, nil
}

// Problems returns one problem a fold.
func (c *CrossValidation) Problems() []*l2o.Problem {
	var all []*l2o.Problem
	for _, f := range c.folds {
		all = append(all, f.Train)
	}
	return all
}

// Judge returns the mean over the folds.
func (c *CrossValidation) Judge(x, w [][]float64) float64 {
	sum := 0.0
	for k, f := range c.folds {
		sum += meanSquared(f.B, f.Y, x[k], w[k], 1/float64(len(c.folds)))
	}
	return sum
}

// SURE estimates the prediction error ‖A(x−x*)‖² of y = Ax* + N(0, σ²) from y alone (Stein 1981), with the degrees of freedom by a finite
// difference along a random probe δ (Deledalle, Vaiter, Fadili and Peyré 2014):
//
//	‖y − Ax(y)‖² − mσ² + 2σ² ⟨A (x(y + εδ) − x(y)), δ⟩/ε.
type SURE struct {
	problem *l2o.Problem
	sigma   float64
	probe   []float64 // δ
	epsilon float64
}

// NewSURE draws the probe. A σ that is not positive is an *[l2o.InputError].
func NewSURE(p *l2o.Problem, sigma float64, rng *rand.Rand) (*SURE, error) {
	if !(sigma > 0 && sigma <= math.MaxFloat64) {
		return nil, &l2o.InputError{Arg: "sigma", Value: sigma, Want: "a finite number > 0"}
	}
	m := len(p.Y)
	s := &SURE{p, sigma, make([]float64, m), 2 * sigma / math.Pow(float64(m), 0.3)}
	for i := range s.probe {
		s.probe[i] = rng.NormFloat64()
	}
	return s, nil
}

// Problems returns the problem and the one with the probe added to y.
func (c *SURE) Problems() []*l2o.Problem {
	moved := *c.problem
	moved.Y = make([]float64, len(c.probe))
	for i, v := range c.problem.Y {
		moved.Y[i] = v + c.epsilon*c.probe[i]
	}
	return []*l2o.Problem{c.problem, &moved}
}

// Judge returns the estimate.
func (c *SURE) Judge(x, w [][]float64) float64 {
	m := len(c.probe)
	a, factor := c.problem.A, 2*c.sigma*c.sigma/c.epsilon
	fit, moved, back := make([]float64, m), make([]float64, m), make([]float64, m)
	a.Apply(fit, x[0])
	a.Apply(moved, x[1])
	value := -float64(m) * c.sigma * c.sigma
	for i, d := range c.probe {
		r := fit[i] - c.problem.Y[i]
		value += r*r + factor*(moved[i]-fit[i])*d
		back[i] = 2*r - factor*d
	}
	a.Adjoint(w[0], back)
	a.Adjoint(w[1], c.probe)
	for j := range w[1] {
		w[1][j] *= factor
	}
	return value
}

// MSE is the squared distance to a truth that is known, as in a simulation: ‖x − x*‖².
type MSE struct {
	Train *l2o.Problem
	Star  []float64 // x*
}

// Problems returns Train.
func (c MSE) Problems() []*l2o.Problem { return []*l2o.Problem{c.Train} }

// Judge returns the distance and its gradient 2(x − x*).
func (c MSE) Judge(x, w [][]float64) float64 {
	sum := 0.0
	for j, v := range c.Star {
		d := x[0][j] - v
		sum += d * d
		w[0][j] = 2 * d
	}
	return sum
}

// meanSquared returns share times the mean squared error of x on the rows of b, and sets w to its gradient.
func meanSquared(b linop.Operator, y, x, w []float64, share float64) float64 {
	r := make([]float64, len(y))
	b.Apply(r, x)
	sum := 0.0
	for i, v := range y {
		r[i] -= v
		sum += r[i] * r[i]
		r[i] *= 2 * share / float64(len(y))
	}
	b.Adjoint(w, r)
	return share * sum / float64(len(y))
}
