package model_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/engine/kernel"
	"unroll/model"
)

// A signed permutation of coordinates.
type guise struct {
	to   []int
	sign []float64
}

// newGuise permutes the first coordinates of d among themselves, and the rest.
func newGuise(r *rand.Rand, d, first int) guise {
	g := guise{r.Perm(first), make([]float64, d)}
	for _, i := range r.Perm(d - first) {
		g.to = append(g.to, first+i)
	}
	for i := range g.sign {
		g.sign[i] = float64(1 - 2*r.IntN(2))
	}
	return g
}

// apply moves the rows of length d in v.
func (g guise) apply(v []float64) []float64 {
	out, d := make([]float64, len(v)), len(g.to)
	for at := 0; at < len(v); at += d {
		for i, to := range g.to {
			out[at+to] = g.sign[i] * v[at+i]
		}
	}
	return out
}

func equivariant(embedding, attention string, support int) model.Config {
	c := random(embedding, attention, true)
	c.Heads, c.Equivariant, c.Support = 2, true, support
	c.Width, c.Hidden = c.Fixed()+2*c.D+3, 4*c.D+3
	return c
}

// everyEquivariant is each embedding and attention, with free slots and units of every kind.
func everyEquivariant(t *testing.T, run func(t *testing.T, c model.Config)) {
	for _, embedding := range []string{model.Paired, model.Interleaved} {
		for _, attention := range []string{model.Linear, model.ReLU} {
			for _, support := range []int{0, 2} {
				t.Run(fmt.Sprintf("%s/%s/%d", embedding, attention, support), func(t *testing.T) { run(t, equivariant(embedding, attention, support)) })
			}
		}
	}
}

// A prompt in another guise has the estimates in that guise.
func TestEquivariant(t *testing.T) {
	everyEquivariant(t, func(t *testing.T, c model.Config) {
		b, p := bind(t, c, c.Init(3)), draw(4, c.D)
		want := estimates(b, p)
		r := rand.New(rand.NewPCG(5, 0))
		for range 10 {
			g := newGuise(r, c.D, c.Support)
			got := estimates(b, prompt{g.apply(p.x), p.y, g.apply(p.query)})
			if d := apart(got, g.apply(want)); d > 1e-12 {
				t.Fatalf("estimates in another guise are %g apart", d)
			}
		}
		free, g := c, newGuise(r, c.D, 0)
		free.Equivariant = c.Support > 0 // which tells coordinates apart
		b = bind(t, free, free.Init(3))
		if d := apart(estimates(b, prompt{g.apply(p.x), p.y, g.apply(p.query)}), g.apply(estimates(b, p))); d < 1e-6 {
			t.Errorf("a network that is not equivariant passes for it: %g apart", d)
		}
	})
}

// Equivariant is the orthogonal projection: it changes nothing twice, and what it takes away is orthogonal to all that it leaves.
func TestEquivariantProjects(t *testing.T) {
	everyEquivariant(t, func(t *testing.T, c model.Config) {
		free := c
		free.Equivariant = false
		other := c.Init(8)
		for i, p := range free.Init(7) {
			once := slices.Clone(p.F64)
			model.Equivariant(c, p.Name, once)
			twice := slices.Clone(once)
			model.Equivariant(c, p.Name, twice)
			if d := apart(once, twice); d > 1e-15 {
				t.Errorf("%s: averaged twice, %g apart", p.Name, d)
			}
			inner, size := 0.0, 0.0
			for j, v := range p.F64 {
				inner += (v - once[j]) * other[i].F64[j]
				size += v * v
			}
			if size == 0 || inner > 1e-12*size || inner < -1e-12*size {
				t.Errorf("%s: the rest is not orthogonal: %g of %g", p.Name, inner, size)
			}
		}
	})
}

// The construction commutes with the group already.
func TestConstructionIsEquivariant(t *testing.T) {
	each(t, func(t *testing.T, c model.Config) {
		steps := make([]model.Step, c.K)
		if c.Shared {
			steps = steps[:1]
		}
		for k := range steps {
			steps[k] = model.Step{Theta: 0.1, Mu: 0.3}
		}
		if !c.Momentum {
			for k := range steps {
				steps[k].Mu = 0
			}
		}
		for _, p := range c.Construct(steps, nil) {
			got := slices.Clone(p.F64)
			model.Equivariant(c, p.Name, got)
			if d := apart(got, p.F64); d > 1e-12 {
				t.Errorf("%s: the average over guises is %g away", p.Name, d)
			}
		}
	})
}

func apart(a, b []float64) (most float64) {
	for i := range a {
		most = max(most, a[i]-b[i], b[i]-a[i])
	}
	return most
}

// A network with a level is homogeneous: its estimates have the size of y, whatever that is. Without one it is not.
func TestLevelIsHomogeneous(t *testing.T) {
	everyEquivariant(t, func(t *testing.T, c model.Config) {
		for _, level := range []float64{0, 0.7} {
			c.Level = level
			b, p := bind(t, c, c.Init(3)), draw(4, c.D)
			want, worst := estimates(b, p), 0.0
			for _, size := range []float64{1e-170, 1e-100, 0.01, 30, 1e100, 1e160} {
				large := slices.Clone(p.y)
				for i := range large {
					large[i] *= size
				}
				got := estimates(b, prompt{p.x, large, p.query})
				for i := range got {
					got[i] /= size
				}
				worst = max(worst, apart(got, want))
			}
			if homogeneous := worst < 1e-12; homogeneous != (level > 0) {
				t.Errorf("level %g: %g apart", level, worst)
			}
			last := make([]float64, c.D)
			b.Estimate(b.NewWorkspace(pairs), last, p.x, p.y, p.query)
			if d := apart(last, want[len(want)-c.D:]); d > 1e-13 {
				t.Errorf("level %g: Estimate and Estimates are %g apart", level, d)
			}
		}
	})
}

// So it is in float32, which is too narrow for most sizes of y. What fits keeps the bits of the narrow product, and the unit is the root mean
// square to the last bit wherever its square is a number with all its digits.
func TestLevelInFloat32(t *testing.T) {
	everyEquivariant(t, func(t *testing.T, c model.Config) {
		c.Precision, c.Level = model.Float32, 0.7
		b, p := bind(t, c, c.Init(3)), draw(4, c.D)
		p.query = make([]float64, c.D)
		want := estimates(b, p)
		for _, size := range []float64{0x1p-560, 0x1p-200, 0x1p-40, 1, 0x1p40, 0x1p200, 0x1p530} {
			y := slices.Clone(p.y)
			for i := range y {
				y[i] *= size
			}
			got, unit := estimates(b, prompt{p.x, y, p.query}), c.Unit(y)
			for i := range got {
				got[i] /= size
			}
			if d := apart(got, want); !(d < 1e-4) {
				t.Errorf("size %g: %g apart", size, d)
			}
			if size < 1e-20 || size > 1e20 {
				continue
			}
			if want := math.Sqrt(kernel.SumSquares(y)/float64(len(y))) / c.Level; unit != want {
				t.Errorf("size %g: the unit is %v, want %v", size, unit, want)
			}
			order := []int{}
			for k := range c.K {
				order = append(order, k)
			}
			b.Trace(order, p.x, y, func(k int, tokens []float64) bool {
				for j := 0; j < c.D && k > 0; j++ {
					v := tokens[len(tokens)-c.Width+c.Fixed()+j]
					if at, narrow := got[(k-1)*c.D+j]*size, float64(float32(unit)*float32(v)); at != narrow {
						t.Errorf("size %g: estimate %d after %d layers is %v, want %v", size, j, k, at, narrow)
					}
				}
				return true
			})
		}
	})
}

// A construction takes the same steps on a prompt that is longer than those it was trained on: the rows grow by what their weights lose.
func TestLongerPromptsTakeTheSameStep(t *testing.T) {
	c := random(model.Paired, model.Linear, true)
	c.Heads, c.Hidden, c.Saturate, c.Start, c.Theta = 1, 4*c.D, 0, model.Construction, 0.05
	params, p := c.Init(1), draw(2, c.D)
	want := estimates(bind(t, c, params), p)
	for _, longest := range []int{1, pairs - 1, pairs, pairs + 1} {
		c.Longest = longest
		if d := apart(estimates(bind(t, c, params), p), want); d > 1e-12 {
			t.Errorf("longest %d: %g apart", longest, d)
		}
		token, plain := make([]float64, c.Tokens(pairs)*c.Width), make([]float64, c.Tokens(pairs)*c.Width)
		model.Embed(c, token, p.x, p.y, p.query)
		free := c
		free.Longest = 0
		model.Embed(free, plain, p.x, p.y, p.query)
		if longer := token[0] != plain[0]; longer != (longest < pairs) {
			t.Errorf("longest %d of %d pairs: tokens changed is %v", longest, pairs, longer)
		}
	}
}
