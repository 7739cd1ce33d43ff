package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
)

func smooth() uint64 { return 0 }

// Slots of tokens numbered 0 … 23, worked by hand: prompt 0 begins at 0, prompt 1 at 12, token 1 four further, slot 2 two further.
func TestSlots(t *testing.T) {
	g := gorgonia.NewGraph()
	numbers := make([]float64, 24)
	for i := range numbers {
		numbers[i] = float64(i)
	}
	h := input(g, "h", numbers, 2, 3, 4)
	out, err := engine.Slots(h, 1, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	p := compile(t, g, out, h)
	got, _, _ := p.run(t)
	if want := []float64{6, 7, 18, 19}; !slices.Equal(got, want) {
		t.Errorf("slots are %v, want %v", got, want)
	}
	p.checkGrad(t, smooth)
}

func TestReshape(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", gaussian(rand.New(rand.NewPCG(1, 1)), 12, 1), 3, 4)
	out, err := engine.Reshape(x, 2, 1, 6)
	if err != nil {
		t.Fatal(err)
	}
	p := compile(t, g, out, x)
	got, _, _ := p.run(t)
	if !slices.Equal(got, p.inputs[0]) || fmt.Sprint(out.Shape()) != "(2, 1, 6)" {
		t.Errorf("%v reshaped to %v is %v", p.inputs[0], out.Shape(), got)
	}
	p.checkGrad(t, smooth)
}

// Impossible slots and shapes are errors that name them.
func TestImpossibleSlotsAndShapes(t *testing.T) {
	h := input(gorgonia.NewGraph(), "h", make([]float64, 24), 2, 3, 4)
	for _, c := range [][3]int{{-1, 0, 1}, {3, 0, 1}, {0, -1, 1}, {0, 0, 0}, {0, 3, 2}} {
		if _, err := engine.Slots(h, c[0], c[1], c[2]); err == nil || !strings.Contains(err.Error(), "(2, 3, 4)") {
			t.Errorf("token %d, slots %d+%d: error %v", c[0], c[1], c[2], err)
		}
	}
	flat, err := engine.Reshape(h, 6, 4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Slots(flat, 0, 0, 1); err == nil || !strings.Contains(err.Error(), "(6, 4)") {
		t.Errorf("slots of a matrix: error %v", err)
	}
	for _, shape := range [][]int{{5, 5}, {}, {-6, -4}, {0}} {
		if _, err := engine.Reshape(h, shape...); err == nil || !strings.Contains(err.Error(), "(2, 3, 4)") {
			t.Errorf("reshape to %v: error %v", shape, err)
		}
	}
}

// Where stock Reshape would fail: x → reshape → tanh in place → residual sum with x. Run twice, the same bits; x stays as it was.
func TestReshapeKeepsItsInput(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", gaussian(rand.New(rand.NewPCG(1, 1)), 12, 1), 3, 4)
	e := gorgonia.Must(gorgonia.Square(x))
	flat, err := engine.Reshape(e, 12)
	if err != nil {
		t.Fatal(err)
	}
	back, err := engine.Reshape(gorgonia.Must(gorgonia.Tanh(flat)), 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	p := compile(t, g, gorgonia.Must(gorgonia.Add(back, e)), x)
	start := slices.Clone(p.inputs[0])
	for range 2 {
		got, _, _ := p.run(t)
		for i, v := range start {
			if want := math.Tanh(v*v) + v*v; math.Abs(got[i]-want) > 1e-14 || p.inputs[0][i] != v {
				t.Fatalf("x=%g (was %g): tanh(x²)+x² is %g, want %g", p.inputs[0][i], v, got[i], want)
			}
		}
	}
	p.checkGrad(t, smooth)
}

// Two slices of one tensor, and a weight that two layers share, have gradients of their own.
func TestOpsAreNeverMerged(t *testing.T) {
	g := gorgonia.NewGraph()
	h := input(g, "h", gaussian(rand.New(rand.NewPCG(1, 1)), 2*1*260, 1), 2, 1, 260)
	a, err1 := engine.Slots(h, 0, 0, 4) // stock slices hash byte(start), where 256 is 0
	b, err2 := engine.Slots(h, 0, 256, 4)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if a == b || a.Hashcode() == b.Hashcode() {
		t.Error("slots 0 and 256 are one node")
	}
	p := compile(t, g, gorgonia.Must(gorgonia.HadamardProd(a, gorgonia.Must(gorgonia.Square(b)))), h)
	p.checkGrad(t, smooth)
}

// Gorgonia may add another gradient to an op's output in place: the next run must not find it there.
func TestSlotsGradientIsRewritten(t *testing.T) {
	g := gorgonia.NewGraph()
	h := input(g, "h", make([]float64, 24), 2, 3, 4)
	out, err := engine.Slots(h, 1, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(out)), h)
	if err != nil {
		t.Fatal(err)
	}
	ones := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 1, 1, 1}))
	for range 2 {
		value, err := grads[0].Op().Do(ones)
		if err != nil {
			t.Fatal(err)
		}
		grad := value.Data().([]float64)
		for i, v := range grad {
			if want := indicator(slices.Contains([]int{6, 7, 18, 19}, i)); v != want {
				t.Errorf("gradient in number %d is %g, want %g", i, v, want)
			}
			grad[i] += 5
		}
	}
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
