package eval

import (
	"fmt"
	"math/rand/v2"

	"unroll/data"
	"unroll/l2o/linop"
	"unroll/model/dln"
)

var saddlesStudy = Study{
	Name:     "saddles",
	Question: "Does gradient flow on a diagonal linear network jump where, when and whereto the algorithm of successive saddles says?",
	Figure:   "staircase",
}

// Saddles is the study of saddle-to-saddle dynamics: one instance in pictures, predicted and run; then, over many instances, how the flow
// approaches the prediction as α → 0, how far gradient descent with finite steps stays near it, and what fine-tuning recovers.
//
// The instances are those of Pesme and Flammarion (2023): x_i ~ N(0, I), y = Xβ* with β* = (10, 20, 0, …).
type Saddles struct {
	N         int     `yaml:"n" help:"rows of X"`
	D         int     `yaml:"d" help:"columns of X"`
	Alpha     float64 `yaml:"alpha" help:"scale of the network's start, in the pictures"`
	Seed      uint64  `yaml:"seed" help:"of the instance in the pictures; the studies count up from it"`
	Instances int     `yaml:"instances" help:"of the study of agreement; 0: no such study"`
	Trials    int     `yaml:"trials" help:"of the study of fine-tuning, per point; 0: no such study"`
	Workers   int     `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// DefaultSaddles returns the study as the report shows it.
func DefaultSaddles() Saddles {
	return Saddles{N: 5, D: 7, Alpha: 1e-40, Seed: 3, Instances: 200, Trials: 200}
}

// Check returns a *data.FieldError for the first field that has no meaning.
func (s Saddles) Check() error {
	for _, c := range []struct {
		ok    bool
		field string
		value any
		want  string
	}{
		{s.N >= 1, "n", s.N, "at least 1"},
		{s.D >= 2, "d", s.D, "at least 2"},
		{s.Alpha > 0 && s.Alpha < 1, "alpha", s.Alpha, "between 0 and 1, both excluded"},
		{s.Instances >= 0, "instances", s.Instances, "at least 0"},
		{s.Trials >= 0, "trials", s.Trials, "at least 0"},
		{s.Workers >= 0, "workers", s.Workers, "at least 0"},
	} {
		if !c.ok {
			return &data.FieldError{Field: c.field, Value: fmt.Sprint(c.value), Want: c.want}
		}
	}
	return nil
}

// Run makes the study. X, row by row with D columns, and y are the caller's own data for the pictures; nil draws them.
func (s Saddles) Run(x, y []float64) (*SaddlesResult, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	in, given := s.draw(s.Seed, 1), x != nil
	if given {
		if len(x) != len(y)*s.D {
			return nil, &data.FieldError{Field: "d", Value: fmt.Sprint(s.D), Want: fmt.Sprintf("%d numbers in %d rows of that many", len(x), len(y))}
		}
		in = regression{&linop.Dense{M: len(y), N: s.D, Data: x}, y}
	}
	picture, err := s.picture(in)
	if err != nil {
		return nil, err
	}
	r := &SaddlesResult{Study: s, Given: given, Picture: picture}
	if !given {
		r.Descents = descents(in, picture.Path)
	}
	if s.Instances > 0 && !given {
		r.Agreement = s.agree(1)
	}
	if s.Trials > 0 && !given {
		r.Recovery = s.recover()
	}
	return r, nil
}

// A regression is data of one instance.
type regression struct {
	x *linop.Dense
	y []float64
}

// draw returns the instance of a seed, its y multiplied by scale.
func (s Saddles) draw(seed uint64, scale float64) regression {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := &linop.Dense{M: s.N, N: s.D, Data: make([]float64, s.N*s.D)}
	for i := range x.Data {
		x.Data[i] = rng.NormFloat64()
	}
	star, y := make([]float64, s.D), make([]float64, s.N)
	star[0], star[1] = 10*scale, 20*scale
	x.Apply(y, star)
	return regression{x, y}
}

// gradient sets g to ∇L(β) = Xᵀ(Xβ−y)/n.
func (in regression) gradient(g, beta []float64) {
	r := make([]float64, in.x.M)
	in.x.Apply(r, beta)
	for i, v := range in.y {
		r[i] = (r[i] - v) / float64(len(r))
	}
	in.x.Adjoint(g, r)
}

// A SaddlesResult is everything a report of the study says.
type SaddlesResult struct {
	Study     Saddles
	Given     bool // the instance is the caller's
	Picture   Picture
	Descents  []Descended // nil on the caller's data, as all that follows
	Agreement *Agreement
	Recovery  *Recovery
}

// A Picture is one instance, predicted and run.
type Picture struct {
	Path  *dln.Path
	Doubt error // the *dln.AmbiguityError of the prediction
	Frame []Frame
}

// A Frame is a point of the flow.
type Frame struct {
	Time, Arc, Loss float64
	Beta            []float64
}
