package l2o

import (
	"math"
	"math/rand/v2"
	"testing"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

func normal(rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

// Through sweeps, extrapolations and Newton steps the slope stays Aᵀu − Gd and the residual u − Ad, with a Gram matrix, with a weighted one
// and without one.
func TestModelKeepsItsSlope(t *testing.T) {
	for _, c := range []struct {
		name     string
		m, n     int
		weighted bool
	}{{"Gram matrix", 30, 60, false}, {"weighted Gram matrix", 200, 60, true}, {"residual", 5, 700, false}} {
		rng := rand.New(rand.NewPCG(51, 51))
		p := &Problem{A: &linop.ColMajor{M: c.m, N: c.n, Data: normal(rng, c.m*c.n)}, Y: normal(rng, c.m), G: prox.ElasticNet{Lambda: 0.5, Ridge: 0.01}}
		d := newDescent(p, nil)
		for b := range c.n {
			d.set.add(d, b)
		}
		var h []float64
		if c.weighted {
			h = normal(rng, c.m)
			for i, v := range h {
				h[i] = v * v
			}
		}
		q := d.set.model(d, h)
		if (q.gram == nil) != (c.name == "residual") {
			t.Fatalf("%s: the other model", c.name)
		}
		q.minimise(true)
		image := make([]float64, c.m)
		for i, j := range q.coords {
			d.a.AddColumn(image, q.x[i], j)
		}
		for i, v := range image {
			if h != nil {
				v *= h[i]
			}
			image[i] = d.u[i] - v
		}
		if q.filled() == 0 {
			t.Errorf("%s: nothing happened", c.name)
		}
		for i, j := range q.coords {
			if want := d.a.DotColumn(j, image); math.Abs(q.slopeAt(i)-want) > 1e-10*math.Sqrt(d.squares[j]) {
				t.Fatalf("%s: slope %d is %.17g, want %.17g", c.name, i, q.slopeAt(i), want)
			}
		}
	}
}

// Q has orthonormal columns however close those of A are, also after some have left, and QR is A.
func TestThinQR(t *testing.T) {
	rng := rand.New(rand.NewPCG(52, 52))
	const m = 20
	var f thinQR
	base := normal(rng, m)
	for k := range 12 {
		v := normal(rng, m)
		for i := range v {
			v[i] = base[i] + math.Pow(10, -float64(k)/2)*v[i]
		}
		if !f.append(v) {
			t.Fatalf("column %d counts as dependent", k)
		}
		if f.append(v) {
			t.Fatalf("column %d counts as independent of itself", k)
		}
	}
	for _, i := range []int{0, 4, 9, 7} {
		f.remove(i)
		for j, q := range f.q {
			column := make([]float64, m)
			for k, v := range f.r[j] {
				kernel.Axpy(v, f.q[k], column)
			}
			for k, v := range column {
				if math.Abs(v-f.a[j][k]) > 1e-13 {
					t.Errorf("after leaving %d entry %d of column %d of QR is off by %.2g", i, k, j, v-f.a[j][k])
				}
			}
			for k, other := range f.q[:j+1] {
				want := 0.0
				if k == j {
					want = 1
				}
				if v := kernel.Dot(q, other); math.Abs(v-want) > 1e-14 {
					t.Errorf("after leaving %d ⟨q_%d,q_%d⟩ is %.17g", i, j, k, v)
				}
			}
		}
	}
}

// worst has the largest in order, however many there are and however many are equal.
func TestWorst(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 53))
	for range 300 {
		c := make([]candidate, 1+rng.IntN(200))
		for b := range c {
			c[b] = candidate{b, float64(rng.IntN(1 + rng.IntN(50)))}
		}
		most := 1 + rng.IntN(40)
		kept := worst(append([]candidate(nil), c...), most)
		if len(kept) != min(most, len(c)) {
			t.Fatalf("%d of %d kept, want %d", len(kept), len(c), most)
		}
		for i, v := range kept {
			above := 0
			for _, w := range c {
				if w.size > v.size || w.size == v.size && w.b < v.b {
					above++
				}
			}
			if above != i {
				t.Fatalf("candidate %d has %d above it", i, above)
			}
		}
	}
}
