package graph_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
	"unroll/engine/kernel"
	"unroll/model"
	"unroll/model/graph"
)

// The fused layer is the stock one, in values and in every weight's gradient; where there is a saturation, it bites.
func TestFusedIsPlain(t *testing.T) {
	each(func(name string, c model.Config) {
		bitten, entries := 0, 0
		for batch := 1; batch <= 9; batch++ {
			c.Saturate = 0.5
			if batch%3 == 0 {
				c.Saturate = 0
			}
			fused, values, grads := fusedAndPlain[float64](t, c, amplified(c, uint64(batch), 2), draw(uint64(batch), batch, 3, c.D))
			if max(values, grads) > 1e-12 {
				t.Errorf("%s, batch %d, saturate %g: values differ by %.2g, gradients by %.2g", name, batch, c.Saturate, values, grads)
			}
			if c.Saturate > 0 {
				for _, beta := range fused {
					entries += len(beta)
					bitten += beyond(beta, c.Saturate)
				}
			}
		}
		if bitten < entries/10 || bitten > entries*9/10 {
			t.Errorf("%s: %d of %d estimates are saturated, want some of each kind", name, bitten, entries)
		}
	})
}

// Prompts go through the fused layer in blocks, of which the last is ragged, and long ones in chunks, of which linear scores meet the
// first as moments. Both precisions.
func TestFusedIsPlainOverBlocksAndChunks(t *testing.T) {
	for _, size := range []struct{ batch, n int }{{31, 8}, {3, 30}} {
		for _, embedding := range []string{model.Paired, model.Interleaved} {
			for _, attention := range []string{model.Linear, model.ReLU} {
				c := config(embedding, attention, 2, false)
				c.K, c.Saturate = 3, 0.5
				p := draw(1, size.batch, size.n, c.D)
				if _, values, grads := fusedAndPlain[float64](t, c, c.Init(1), p); max(values, grads) > 1e-12 {
					t.Errorf("%s/%s, %+v, float64: values differ by %.2g, gradients by %.2g", embedding, attention, size, values, grads)
				}
				c.Precision = model.Float32
				if _, values, grads := fusedAndPlain[float32](t, c, c.Init(1), p); max(values, grads) > 1e-5 {
					t.Errorf("%s/%s, %+v, float32: values differ by %.2g, gradients by %.2g", embedding, attention, size, values, grads)
				}
			}
		}
	}
}

// fusedAndPlain runs both and returns the fused one's estimates and how far apart the two are.
func fusedAndPlain[F kernel.Float](t *testing.T, c model.Config, params []checkpoints.Param, p prompts) (estimates [][]F, values, grads float64) {
	fused, fusedGrads, _ := compile[F](t, c, params, p, graph.Transformer.Graph).run(t)
	plain, plainGrads, _ := compile[F](t, c, params, p, graph.Transformer.Plain).run(t)
	return fused, apart(fused, plain), apart(fusedGrads, plainGrads)
}

// Gorgonia makes inputs of one name and shape one node: another config's mask in the same graph must not be taken for this one's.
func TestPlainConfigsShareAGraph(t *testing.T) {
	c := config(model.Paired, model.ReLU, 1, false)
	params, p := c.Init(1), draw(1, 2, 3, c.D)
	beside := func(t graph.Transformer, w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error) {
		other := t
		other.Normalise = !t.Normalise
		if _, err := other.Plain(w, in, n); err != nil {
			return nil, err
		}
		return t.Plain(w, in, n)
	}
	alone, _, _ := compile[float64](t, c, params, p, graph.Transformer.Plain).run(t)
	shared, _, _ := compile[float64](t, c, params, p, beside).run(t)
	if off := apart(shared, alone); off != 0 {
		t.Errorf("beside another config the values differ by %.2g", off)
	}
}

// A network on the graph and the same network bound from its weights give the same estimates, in both precisions.
func TestGraphIsBound(t *testing.T) {
	worst64, worst32 := 0.0, 0.0
	each(func(name string, c model.Config) {
		c.D, c.K, c.Hidden, c.Saturate = 5, 6, 40, 3
		c.Width = c.Fixed() + 2*c.D + 1
		for _, start := range []string{model.Random, model.Construction} {
			for _, momentum := range []bool{false, true} {
				c.Start, c.Momentum, c.Normalise, c.Tau, c.Theta = start, momentum, momentum, 0.2, 0.01
				if c.Validate() != nil {
					continue // a construction that this attention or so few heads cannot hold
				}
				c.Precision = model.Float64
				off64 := fromBound[float64](t, c)
				c.Precision = model.Float32
				off32 := fromBound[float32](t, c)
				worst64, worst32 = max(worst64, off64), max(worst32, off32)
				if off64 > 1e-12 || off32 > 1e-5 {
					t.Errorf("%s, %s, momentum=%t: graph and twin differ by %.2g in float64, %.2g in float32", name, start, momentum, off64, off32)
				}
			}
		}
	})
	t.Logf("graph and twin differ by at most %.2g in float64, %.2g·max(1, ‖β‖∞) in float32", worst64, worst32)
}

// fromBound returns the largest distance of the graph's estimates from the twin's, relative to max(1, ‖β‖∞) of the prompt and layer.
func fromBound[F kernel.Float](t *testing.T, c model.Config) float64 {
	params, p := c.Init(5), draw(6, 4, 5, c.D)
	layers, _, _ := compile[F](t, c, params, p, graph.Transformer.Graph).run(t)
	bound, err := model.New(c, params)
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for b := range p.batch {
		x, y, query := p.at(b)
		bound.Estimates(x, y, query, func(k int, beta []float64) bool {
			if k > 0 {
				worst = max(worst, apart([][]F{layers[k-1][b*c.D : (b+1)*c.D]}, [][]F{convert[F](beta)}))
			}
			return true
		})
	}
	return worst
}

// Weights that do not fit the config are an error, from either builder.
func TestWrongWeights(t *testing.T) {
	c := config(model.Paired, model.Linear, 2, false)
	wide := c
	wide.Width++
	for name, f := range map[string]build{"fused": graph.Transformer.Graph, "plain": graph.Transformer.Plain} {
		for want, params := range map[string][]checkpoints.Param{"": c.Init(1), "layer 1": wide.Init(1)} {
			g := gorgonia.NewGraph()
			w, _ := weightNodes[float64](g, params)
			_, err := f(graph.Transformer{Config: c}, w, tokenNode[float64](g, c, draw(1, 2, 3, c.D)), 3)
			if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%s: error %q, want one with %q", name, got, want)
			}
		}
	}
}

func beyond[F kernel.Float](v []F, c float64) (count int) {
	for _, x := range v {
		if math.Abs(float64(x)) > c {
			count++
		}
	}
	return count
}
