package eval

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"unroll/data"
	"unroll/l2o/bilevel"
)

var retuneStudy = Study{
	Name:     "retune",
	Question: "What is learned at the equilibrium of a forward–backward iteration for images, at which memory and how exactly, beside unrolling and grids?",
	Figure:   "hypergradient-K",
}

// Retune is the study of learning at equilibrium for inverse problems of imaging, after Davy, Briceño-Arias and Pustelnik (2025). It runs from
// learned parameters; [Retune.Learn] learns them.
type Retune struct {
	Seed    uint64 `yaml:"seed" help:"of the images, the noise and the bootstrap"`
	Part    string `yaml:"part" help:"all, hypergradient or psnr; train learns the parameters anew; adopt takes those of family C from a run on the graph"`
	Tasks   string `yaml:"tasks" help:"all, or the names of some, with commas: noise, inpaint-0.5, inpaint-0.1, inpaint-0.9, blur-0.05, blur-0.1"`
	Family  string `yaml:"family" help:"all that have learned parameters, or some of A, A12, B, B-tv, B-net, C, with commas"`
	Size    int    `yaml:"size" help:"pixels across a crop, a multiple of 16 from 32 up"`
	K       int    `yaml:"K" help:"layers of a block"`
	T       int    `yaml:"T" help:"restarts before the block that is differentiated"`
	Images  int    `yaml:"images" help:"test crops"`
	Train   int    `yaml:"train" help:"training crops, half as many for validation"`
	Epochs  int    `yaml:"epochs" help:"of a training, with three crops a step"`
	Stop    bool   `yaml:"stop" help:"end a training where a block does not contract; otherwise it is warned of"`
	Data    string `yaml:"data" help:"folder of photographs (.png, .jpg); none: made images"`
	From    string `yaml:"from" json:"-" help:"with part=adopt, a checkpoint of train equilibrium-noise or equilibrium-inpaint"`
	Workers int    `yaml:"workers" help:"goroutines; 0: one per processor; no result depends on it"`
}

// NewRetune returns the study at its defaults.
func NewRetune() Retune {
	return Retune{Seed: 1, Part: "all", Tasks: "all", Family: "all", Size: 48, K: 10, T: 10, Images: 24, Train: 12, Epochs: 8}
}

// Check returns a *data.FieldError for the first field that has no meaning.
func (s Retune) Check() error {
	for _, c := range []struct {
		field        string
		value, least int
	}{{"K", s.K, 1}, {"T", s.T, 1}, {"images", s.Images, 2}, {"train", s.Train, 2}, {"epochs", s.Epochs, 1}, {"workers", s.Workers, 0}} {
		if c.value < c.least {
			return &data.FieldError{Field: c.field, Value: fmt.Sprint(c.value), Want: fmt.Sprintf("at least %d", c.least)}
		}
	}
	if s.Size < 32 || s.Size%16 != 0 {
		return &data.FieldError{Field: "size", Value: fmt.Sprint(s.Size), Want: "a multiple of 16 from 32 up: four levels of wavelets and lines of 25 pixels"}
	}
	if !slices.Contains(retuneParts, s.Part) {
		return &data.FieldError{Field: "part", Value: s.Part, Want: strings.Join(retuneParts, ", ")}
	}
	if (s.Part == "adopt") != (s.From != "") {
		return &data.FieldError{Field: "from", Value: s.From, Want: "a checkpoint with part=adopt, and none with another part"}
	}
	if _, err := s.tasks(); err != nil {
		return err
	}
	_, err := s.families()
	return err
}

var retuneParts = []string{"all", "hypergradient", "psnr", "train", "adopt"}

// tasks are those that are asked for.
func (s Retune) tasks() ([]imagingTask, error) {
	return chosen("tasks", s.Tasks, imagingTasks, func(t imagingTask) string { return t.Name })
}

func (s Retune) families() ([]imagingFamily, error) {
	return chosen("family", s.Family, imagingFamilies, func(f imagingFamily) string { return f.Name })
}

// chosen returns the elements of a list whose names stand between commas, all of them for "all".
func chosen[E any](field, names string, all []E, name func(E) string) (list []E, err error) {
	if names == "all" {
		return all, nil
	}
	for _, want := range strings.Split(names, ",") {
		at := slices.IndexFunc(all, func(e E) bool { return name(e) == want })
		if at < 0 {
			var known []string
			for _, e := range all {
				known = append(known, name(e))
			}
			return nil, &data.FieldError{Field: field, Value: want, Want: "all, or some of " + strings.Join(known, ", ") + " with commas"}
		}
		list = append(list, all[at])
	}
	return list, nil
}

// A RetuneResult is everything a report of the study says.
type RetuneResult struct {
	Study    Retune
	Images   string // where the crops come from
	Bias     *retuneBias
	Costs    []gradientCost
	Learned  []retuneLearned
	Rows     []psnrRow
	Paired   []pairedRow
	Descents []retuneDescent
	Pictures []Raster
	Left     []string // tasks and families without learned parameters
}

// Run measures from learned parameters.
func (s Retune) Run(l *RetuneWeights) (*RetuneResult, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	images, err := s.source()
	if err != nil {
		return nil, err
	}
	r := &RetuneResult{Study: s, Images: images.name}
	if s.Part != "psnr" {
		if r.Bias, err = s.bias(); err != nil {
			return nil, err
		}
		if r.Costs, err = s.costs(images, l); err != nil {
			return nil, err
		}
	}
	if s.Part != "hypergradient" {
		err = s.measure(images, l, r)
	}
	return r, err
}

// WriteTable prints the result for a terminal.
func (r *RetuneResult) WriteTable(w io.Writer) error {
	var b strings.Builder
	for _, s := range r.sections() {
		if len(s.Table.Header) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s\n%s\n\n%v\n", s.Title, strings.Join(s.Paragraph, "\n"), s.Table.Shown())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Write makes dir and writes the report, its figures, pictures and tables.
func (r *RetuneResult) Write(dir string) error {
	return writeReport(dir, page{Title: "Learning at equilibrium", Question: retuneStudy.Question}, r.sections(), nil)
}

// learning is the outer descent of the study.
func (s Retune) learning(rate float64, r bilevel.ReTune, train, validation []bilevel.Instance, start []float64) bilevel.Learning {
	return bilevel.Learning{ReTune: r, Train: train, Validation: validation, Start: start, Epochs: s.Epochs, Batch: 3, Rate: rate, Seed: s.Seed, Workers: s.Workers, StopAtOne: s.Stop}
}
