package eval

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"unroll/data"
	"unroll/l2o/linop"
	"unroll/model"
)

var insightStudy = Study{
	Name: "insight",
	Question: "What has training found: what step does each layer take, what does it keep in the free slots, and what happens when layers are repeated " +
		"at test time?",
	Figure: "insight-step",
}

// Insight is the study of what trained networks do, layer by layer. The layers' maps are fitted by proximal steps, and the free slots by
// what such steps need, on some prompts; how well is said on others.
type Insight struct {
	Data    data.SparseRecovery
	Seed    uint64 `yaml:"seed" help:"of the prompts and of the bootstrap"`
	Prompts int    `yaml:"prompts" help:"prompts to fit on, and as many others to say how well"`
	Repeats int    `yaml:"repeats" help:"prompts on which layers are repeated"`
	Workers int    `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// NewInsight returns the study with its defaults, on prompts of as many pairs as unknowns, where the networks converge.
func NewInsight(s *Subject) Insight {
	i := Insight{Data: s.Data, Seed: s.Seed, Prompts: 1000, Repeats: 500}
	i.Data.N = s.Data.D
	return i
}

// Check returns a *data.FieldError for the first field that has no meaning.
func (s Insight) Check() error {
	if least := 4 * (probeWidth(s.Data.D) + 1); s.Prompts < least {
		return &data.FieldError{Field: "prompts", Value: fmt.Sprint(s.Prompts), Want: fmt.Sprintf("at least %d, four for each number that is fitted", least)}
	}
	for _, f := range []struct {
		field        string
		value, least int
	}{{"repeats", s.Repeats, 2}, {"workers", s.Workers, 0}} {
		if f.value < f.least {
			return &data.FieldError{Field: f.field, Value: fmt.Sprint(f.value), Want: fmt.Sprintf("at least %d", f.least)}
		}
	}
	return s.Data.Validate()
}

// An InsightResult is everything a report of the study says.
type InsightResult struct {
	Study    Insight
	Networks []NetworkInsight
}

// A NetworkInsight is what was found of one network.
type NetworkInsight struct {
	Name    string
	Config  model.Config
	Steps   []LayerStep // (K)
	Probes  []Probe     // of the query token's free slots, after every layer
	Demos   []Probe     // of those of the first demonstration pair
	Repeats []Curve     // the error after every layer of an order
}

// file is the network's name in the names of files: that of its checkpoint without the folder.
func (n NetworkInsight) file() string { return strings.TrimSuffix(filepath.Base(n.Name), ".gob") }

// Run looks into the networks of the study's dimension.
func (s Insight) Run(all []Flagship) (*InsightResult, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := &InsightResult{Study: s}
	for _, f := range ofOneSetting(all, s.Data, 1) {
		network := f.Subject.Trained
		fit := s.states(network, s.Data.Draw(s.Seed, data.Validation, 0, s.Prompts))
		test := s.states(network, s.Data.Draw(s.Seed, data.Test, 0, s.Prompts))
		one := NetworkInsight{Name: f.Name, Config: network.Config, Repeats: s.repeat(network)}
		one.Steps = make([]LayerStep, network.Config.K)
		split(s.Workers, network.Config.K, func(lo, hi int) {
			for k := lo; k < hi; k++ {
				one.Steps[k] = layerStep(fit, test, k)
			}
		})
		one.Probes, one.Demos = s.probes(fit, test, false), s.probes(fit, test, true)
		r.Networks = append(r.Networks, one)
	}
	if len(r.Networks) == 0 {
		return nil, fmt.Errorf("eval: no network reads d=%d", s.Data.D)
	}
	return r, nil
}

// states is what a network holds on a batch of prompts, and what a proximal step would need, both in the units of its embedding.
type states struct {
	size, d int
	beta    []matrix // (K+1) of (P, d): the estimate
	free    []matrix // (K+1) of (P, free slots): of the query token
	demo    []matrix // the same of the first demonstration's token with y
	x       matrix   // (P, N·d)
	y       matrix   // (P, N)
}

// states runs a network on a batch.
func (s Insight) states(network *model.Bound, b data.Batch) *states {
	c := network.Config
	free := c.Writable() - c.D
	st := &states{size: b.Size, d: b.D, x: newMatrix(b.Size, b.N*b.D), y: newMatrix(b.Size, b.N)}
	for range c.K + 1 {
		st.beta, st.free, st.demo = append(st.beta, newMatrix(b.Size, c.D)), append(st.free, newMatrix(b.Size, free)), append(st.demo, newMatrix(b.Size, free))
	}
	query, demo := c.Tokens(b.N)-1, 0
	if c.Embedding == model.Interleaved {
		demo = 1
	}
	order := straight(c.K)
	split(s.Workers, b.Size, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			p, scale := b.At(i), 1.0
			if norm := linop.Norm(&linop.Dense{M: b.N, N: b.D, Data: p.X}); c.Normalise && norm > 0 {
				scale = 1 / norm
			}
			for j, v := range p.X {
				st.x.Row(i)[j] = scale * v
			}
			for j, v := range p.Y {
				st.y.Row(i)[j] = scale * v
			}
			network.Trace(order, p.X, p.Y, func(k int, tokens []float64) bool {
				at := query*c.Width + c.Fixed()
				copy(st.beta[k].Row(i), tokens[at:])
				copy(st.free[k].Row(i), tokens[at+c.D:])
				copy(st.demo[k].Row(i), tokens[demo*c.Width+c.Fixed()+c.D:])
				return true
			})
		}
	})
	return st
}

// straight is the order 0, 1, …, K−1.
func straight(K int) []int {
	order := make([]int, K)
	for k := range order {
		order[k] = k
	}
	return order
}

// gram sets dst = XᵀXv of prompt i.
func (s *states) gram(dst, v []float64, i int) {
	a := &linop.Dense{M: s.y.Cols, N: s.d, Data: s.x.Row(i)}
	image := make([]float64, a.M)
	a.Apply(image, v)
	a.Adjoint(dst, image)
}

// gradient sets dst = Xᵀ(Xβ − y) of prompt i.
func (s *states) gradient(dst, beta []float64, i int) {
	a := &linop.Dense{M: s.y.Cols, N: s.d, Data: s.x.Row(i)}
	residual := make([]float64, a.M)
	a.Apply(residual, beta)
	for j, y := range s.y.Row(i) {
		residual[j] -= y
	}
	a.Adjoint(dst, residual)
}

// Write makes dir and writes the report.
func (r *InsightResult) Write(dir string) error {
	return writeReport(dir, page{Title: "What training finds", Question: insightStudy.Question}, r.sections(), nil)
}

// WriteTable prints the result for a terminal.
func (r *InsightResult) WriteTable(w io.Writer) error { return printSections(w, r.sections()) }
