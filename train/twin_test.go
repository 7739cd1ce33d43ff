package train

import (
	"math"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/engine"
	"unroll/engine/kernel"
	"unroll/model"
	"unroll/model/graph"
)

// After training, the stock-op graph, which shares no arithmetic with it, and the bound network read from the run's checkpoint give the
// same estimates at every layer: to 1e-12 in float64, to 1e-5·max(1, ‖β‖∞) in float32.
func TestGraphAndTwinAgreeAfterTraining(t *testing.T) {
	for _, base := range []Recipe{icl(), random()} {
		for _, precision := range []string{model.Float64, model.Float32} {
			r := base
			r.Model.Precision, r.Steps, r.Every, r.Batch, r.Validate, r.LR = precision, 40, 40, 32, 32, 1e-3
			r, err := r.Resolve()
			if err != nil {
				t.Fatal(err)
			}
			path := t.TempDir()
			finish(t, r, path, nil)
			f, err := checkpoints.Open(path + "/" + bestName)
			if err != nil {
				t.Fatal(err)
			}
			bound := 1e-12
			var worst float64
			var at int
			if precision == model.Float64 {
				worst, at = apart[float64](t, r, f)
			} else {
				worst, at = apart[float32](t, r, f)
				bound = 1e-5
			}
			t.Logf("%s, %s: worst on prompt %d, graph and twin differ by %.2g·max(1, ‖β‖∞)", r.Name, precision, at, worst)
			if worst > bound {
				t.Errorf("%s, %s: above %g", r.Name, precision, bound)
			}
		}
	}
}

// apart returns the largest distance of graph and twin, relative to max(1, ‖β‖∞), over layers and test prompts, and its prompt.
func apart[F kernel.Float](t *testing.T, r Recipe, f *checkpoints.File) (worst float64, at int) {
	const size = 64
	l, b := graph.Transformer{Config: r.Model}, r.Data.Draw(r.Seed, data.Test, 0, size)
	input := make([]F, 0, size*l.InputSize(b.N))
	row := make([]float64, l.InputSize(b.N))
	for i := range size {
		p := b.At(i)
		l.Input(row, p.X, p.Y, p.Query)
		for _, v := range row {
			input = append(input, F(v))
		}
	}
	g := gorgonia.NewGraph()
	node := func(name string, backing []F, shape ...int) *gorgonia.Node {
		v := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
		return gorgonia.NewTensor(g, v.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v))
	}
	var w gorgonia.Nodes
	for i := range f.Params {
		w = append(w, node(f.Params[i].Name, valuesOf[F](&f.Params[i]), f.Params[i].Shape...))
	}
	layers, err := l.Plain(w, node("input", input, size, len(row)), b.N)
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.NewMachine(g, layers...)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Run(); err != nil {
		t.Fatal(err)
	}
	twin, err := model.Bind(f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range size {
		p := b.At(i)
		unit := r.Model.Unit(p.Y)
		twin.Estimates(p.X, p.Y, p.Query, func(k int, beta []float64) bool {
			if k == 0 {
				return true
			}
			off, top := 0.0, 1.0
			for j, v := range m.Value(k - 1).Data().([]F)[i*b.D : (i+1)*b.D] {
				off, top = math.Max(off, math.Abs(unit*float64(v)-beta[j])), math.Max(top, math.Abs(beta[j]))
			}
			if off/top > worst {
				worst, at = off/top, i
			}
			return true
		})
	}
	return worst, at
}
