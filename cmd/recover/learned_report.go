package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"unroll/checkpoints/npy"
	"unroll/l2o"
)

func (l *learned) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d rows, %d unknowns; network %s, %d layers, %d parameters\n\n", l.a.rows, l.a.cols, l.settings.model, l.network.Config.K, l.network.Parameters())
	l.printLayers(w)
	fmt.Fprintln(w)
	line := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	line("error ‖x̂ − x*‖", "%.3g to %.3g, with %g %% on prompts of the training's law with %d rows", l.verdict.Low, l.verdict.High, 100*gateCoverage, l.a.rows)
	trust := "trusted"
	if l.verdict.Classical {
		trust = "not trusted: use a classical solver"
	}
	line("verdict", "%s; score %.3g, flagged above %.3g", trust, l.verdict.Score, l.gate.Threshold)
	if l.labels != nil {
		line("predicted label", "%.6g; %.6g by the linear read-out", l.labels.Quadratic, l.labels.Linear)
	}
	line("λ", "%.10g, %.4g of λ_max", l.lambda, l.lambda/l.top)
	line("certificate", "relative gap %.2g, distance to optimality %.2g", l.estimate.RelativeGap, l.estimate.Distance)
	support := l.estimate.Support
	if s := l.polished; s != nil {
		line("polished", "%v after %d iterations, relative gap %.2g, distance to optimality %.2g", s.Status, s.Iters, s.RelativeGap, s.Distance)
		line("moved by", "%.3g", distance(s.X, l.last()))
		support = s.Support
	}
	line("support", "%d of %d", len(support), l.a.cols)
	for k, j := range largest(l.answer(), support) {
		if k == most {
			line("…", "and %d more", len(support)-most)
			break
		}
		line(l.a.name(j), "%.10g", l.answer()[j])
	}
	return w.Flush()
}

const mostColumns = 6 // unknowns that the table of layers shows

// printLayers prints every layer's residual and its largest unknowns, those of the last layer.
func (l *learned) printLayers(w io.Writer) {
	all := make([]int, l.a.cols)
	for j := range all {
		all[j] = j
	}
	shown := largest(l.last(), all)[:min(l.a.cols, mostColumns)]
	fmt.Fprint(w, "layer\t‖y − Ax‖\tstep")
	for _, j := range shown {
		fmt.Fprintf(w, "\tx %s", l.a.name(j))
	}
	fmt.Fprintln(w)
	for k, x := range l.layers {
		step := 0.0
		if k > 0 {
			step = distance(x, l.layers[k-1])
		}
		fmt.Fprintf(w, "%d\t%.4g\t%.4g", k, l.residual(x), step)
		for _, j := range shown {
			fmt.Fprintf(w, "\t%.4f", x[j])
		}
		fmt.Fprintln(w)
	}
}

// residual is ‖y − Ax‖.
func (l *learned) residual(x []float64) float64 {
	r := make([]float64, l.a.rows)
	l.design.Apply(r, x)
	return distance(r, l.column(0, nil))
}

func distance(a, b []float64) float64 {
	s := 0.0
	for j, v := range a {
		s += (v - b[j]) * (v - b[j])
	}
	return math.Sqrt(s)
}

// largest orders unknowns by the size of x.
func largest(x []float64, of []int) []int {
	order := slices.Clone(of)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(x[b]), math.Abs(x[a])) })
	return order
}

type learnedJSON struct {
	Model       string      `json:"model"`
	Layers      [][]float64 `json:"layers"`
	X           []float64   `json:"x"`
	Low         number      `json:"error_low"`
	High        number      `json:"error_high"`
	Coverage    number      `json:"coverage"`
	Score       number      `json:"score"`
	Threshold   number      `json:"threshold"`
	Classical   bool        `json:"use_classical"`
	Label       *number     `json:"label,omitempty"`
	LabelLinear *number     `json:"label_linear,omitempty"`
	Lambda      number      `json:"lambda"`
	LambdaMax   number      `json:"lambda_max"`
	RelativeGap number      `json:"relative_gap"`
	Distance    number      `json:"distance"`
	Polished    *answerJSON `json:"polished,omitempty"`
}

func (l *learned) object() learnedJSON {
	o := learnedJSON{Model: l.settings.model, Layers: l.layers, X: l.answer(), Low: number(l.verdict.Low), High: number(l.verdict.High),
		Coverage: gateCoverage, Score: number(l.verdict.Score), Threshold: number(l.gate.Threshold), Classical: l.verdict.Classical,
		Lambda: number(l.lambda), LambdaMax: number(l.top), RelativeGap: number(l.estimate.RelativeGap), Distance: number(l.estimate.Distance)}
	if l.labels != nil {
		quadratic, linear := number(l.labels.Quadratic), number(l.labels.Linear)
		o.Label, o.LabelLinear = &quadratic, &linear
	}
	if l.polished != nil {
		polished := (&report{task: l.task}).json(l.asAnswer())
		o.Polished = &polished
	}
	return o
}

// asAnswer is the answer as the rest of the command has it.
func (l *learned) asAnswer() answer {
	a := answer{lambda: l.lambda, top: l.top, x: l.answer(), Solution: l2o.Solution{X: l.last(), Certificate: l.estimate}}
	if l.polished != nil {
		a.Solution = *l.polished
	}
	return a
}

// write puts the answer where -o says; an archive also holds the layers.
func (l *learned) write() error {
	if l.out == "" {
		return nil
	}
	extension := strings.ToLower(filepath.Ext(l.out))
	data, err := (&report{task: l.task, answers: []answer{l.asAnswer()}}).encode(extension)
	if extension == ".npz" {
		var b bytes.Buffer
		err = npy.WriteArchive(&b, []npy.Named{
			{Name: "x", Array: &npy.Array{Shape: []int{l.a.cols}, F64: l.answer()}},
			{Name: "layers", Array: &npy.Array{Shape: []int{len(l.layers), l.a.cols}, F64: slices.Concat(l.layers...)}},
		})
		data = b.Bytes()
	}
	if err == nil {
		err = replace(l.out, data)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", l.out, err)
	}
	return nil
}
