package engine_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"unroll/engine"
)

// A node in the middle of a chain reads as what it was when computed, though later nodes may have taken its memory.
func TestMachineReadsIntermediates(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", gaussian(rand.New(rand.NewPCG(1, 1)), 6, 1), 2, 3)
	chain := gorgonia.Nodes{x}
	for range 4 {
		chain = append(chain, gorgonia.Must(gorgonia.Tanh(chain[len(chain)-1])))
	}
	m, err := engine.NewMachine(g, chain[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	values := x.Value().Data().([]float64)
	for range 2 {
		if err := m.Run(); err != nil {
			t.Fatal(err)
		}
		for i, want := range values {
			for k := range 4 {
				want = math.Tanh(want)
				if got := m.Value(k).Data().([]float64)[i]; got != want {
					t.Errorf("tanh applied %d times to %g is %g, want %g", k+1, values[i], got, want)
				}
			}
		}
		values[0]++ // the second run sees it
	}
}

// Gorgonia panics where a graph cannot be compiled; a Machine returns an error.
func TestMachineTurnsPanicsIntoErrors(t *testing.T) {
	if _, err := engine.NewMachine(nil); err == nil || !strings.HasPrefix(err.Error(), "engine: compile the graph: ") {
		t.Errorf("error %v", err)
	}
}

// An input without a value is an error of the run.
func TestMachineNamesMissingValues(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, gorgonia.Float64, gorgonia.WithShape(2, 3), gorgonia.WithName("x"))
	m, err := engine.NewMachine(g, gorgonia.Must(gorgonia.Tanh(x)))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Run(); err == nil || !strings.HasPrefix(err.Error(), "engine: run the graph: ") {
		t.Errorf("error %v", err)
	}
}
