package bilevel_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"unroll/l2o/bilevel"
	"unroll/l2o/linop"
)

// testbed is a strongly convex instance: ½‖Au − y‖² + ½ρ‖u‖² + Σ_b s_b ‖u_b‖₁, A 60×20 with N(0, 1/60) entries, ρ = 0.1, ten nonzeros, noise
// 0.1, coordinates in four groups of two scales, and all kinds of parameters if there are any: τ, λ, one λ_j a scale, one weight a group, one
// threshold a layer.
func testbed(t testing.TB, seed uint64, K int, kinds bool) (in bilevel.Instance, theta []float64) {
	t.Helper()
	const m, n, ridge = 60, 20, 0.1
	rng := rand.New(rand.NewPCG(seed, 11))
	a := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}
	for i := range a.Data {
		a.Data[i] = rng.NormFloat64() / math.Sqrt(m)
	}
	star, y, group := make([]float64, n), make([]float64, m), make([]int, n)
	for _, j := range rng.Perm(n)[:10] {
		star[j] = rng.NormFloat64()
	}
	a.Apply(y, star)
	for i := range y {
		y[i] += 0.1 * rng.NormFloat64()
	}
	for j := range group {
		group[j] = j % 4
	}
	shrink, err := bilevel.NewShrink(group)
	if err != nil {
		t.Fatal(err)
	}
	norm := linop.Norm(a)
	layout := bilevel.NewLayout(K, 4).Step(1/(norm*norm+ridge), true).Lambda("lambda", 0.1)
	if kinds {
		layout.Factor("scale", []float64{0.9, 1.2}, func(_, b int) int { return b / 2 }).PerGroup("weight", 1.1).PerLayer("threshold", 0.8)
	}
	step, err := bilevel.NewForwardBackward(a, y, ridge, shrink, layout)
	if err != nil {
		t.Fatal(err)
	}
	theta = layout.Start()
	if kinds {
		for i := range theta {
			theta[i] += 0.05 * rng.NormFloat64()
		}
	}
	return bilevel.Instance{Step: step, Start: make([]float64, n), Star: star}, theta
}

// jacobians returns J = ∂_uΦ_K (n, n) and B = ∂_θΦ_K (n, p) by central differences of Φ_K alone, by columns.
func jacobians(s bilevel.Step, theta, u []float64, K int) (J, B [][]float64) {
	columns := func(x []float64) (all [][]float64) {
		const h = 1e-6
		for i, v := range x {
			x[i] = v + h
			plus := bilevel.Run(s, theta, u, K, K)
			x[i] = v - h
			minus := bilevel.Run(s, theta, u, K, K)
			x[i] = v
			for j := range plus {
				plus[j] = (plus[j] - minus[j]) / (2 * h)
			}
			all = append(all, plus)
		}
		return all
	}
	u, theta = slices.Clone(u), slices.Clone(theta)
	return columns(u), columns(theta)
}

func inner(a, b []float64) (s float64) {
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func size(v []float64) float64 { return math.Sqrt(inner(v, v)) }

func relative(a, b []float64) float64 {
	d := slices.Clone(a)
	for i := range d {
		d[i] -= b[i]
	}
	return size(d) / size(b)
}

func times(columns [][]float64, w []float64) (out []float64) {
	for _, c := range columns {
		out = append(out, inner(c, w))
	}
	return out
}

// definition is a rule's gradient written with the two Jacobians at the point u that it is taken at: Bᵀw, Bᵀ Σ_{j<terms} (Jᵀ)ʲ w.
func definition(in bilevel.Instance, theta, u []float64, K, terms int) []float64 {
	J, B := jacobians(in.Step, theta, u, K)
	w := bilevel.Run(in.Step, theta, u, K, K)
	for i := range w {
		w[i] = weightOf(in, i) * (w[i] - in.Star[i]) / float64(len(w))
	}
	sum, term := slices.Clone(w), w
	for range terms - 1 {
		term = times(J, term)
		for i, v := range term {
			sum[i] += v
		}
	}
	return times(B, sum)
}

// weightOf is that of entry i in the loss.
func weightOf(in bilevel.Instance, i int) float64 {
	if in.Weight == nil {
		return 1
	}
	return in.Weight[i]
}

// instances are of all kinds of parameters: the testbed's, plug-and-play with a denoiser whose strengths change with the layer, a penalty of
// blocks, one with ridges and a weighted loss, and a network's own weights.
var instances = map[string]func(t testing.TB, seed uint64, K int) (bilevel.Instance, []float64){
	"testbed": func(t testing.TB, seed uint64, K int) (bilevel.Instance, []float64) { return testbed(t, seed, K, true) },
	"plugged": plugged,
	"blocks":  blocks,
	"elastic": elastic,
	"network": network,
}

// Every rule agrees with its own definition by central differences, for every kind of parameter at once: in 1e-6.
func TestHypergradients(t *testing.T) {
	const K, T = 4, 3
	for kind, of := range instances {
		for seed := range uint64(2) {
			in, theta := of(t, seed, K)
			at := bilevel.Run(in.Step, theta, in.Start, K, K*T)
			far := bilevel.Run(in.Step, theta, in.Start, K, 150*K)
			for name, c := range map[string]struct {
				r    bilevel.ReTune
				want []float64
			}{
				"JFB":       {bilevel.ReTune{K: K, T: T}, definition(in, theta, at, K, 1)},
				"truncated": {bilevel.ReTune{K: K}, slope(in, theta, K, K)},
				"Neumann":   {bilevel.ReTune{K: K, T: T, Rule: bilevel.NeumannJ, Terms: 3}, definition(in, theta, at, K, 3)},
				"unrolled":  {bilevel.ReTune{K: K, T: T, Rule: bilevel.Unrolled}, slope(in, theta, K, K*(T+1))},
				"implicit":  {bilevel.ReTune{K: K, Rule: bilevel.Implicit}, slope(in, theta, K, 150*K)},
				"long JFB":  {bilevel.ReTune{K: K, T: 150}, definition(in, theta, far, K, 1)},
			} {
				got := c.r.Gradient(in, theta)
				if d := relative(got.Slope, c.want); !(d <= 1e-6) {
					t.Errorf("%s, seed %d, %s: off by %.1e, %.6g, want %.6g", kind, seed, name, d, got.Slope, c.want)
				}
				if c.r.Rule == bilevel.Implicit && !(got.Residual <= 1e-10) {
					t.Errorf("%s, seed %d: residual %.1e", kind, seed, got.Residual)
				}
			}
		}
	}
}

// slope is the gradient of the loss after so many layers, by central differences of the layers alone.
func slope(in bilevel.Instance, theta []float64, K, layers int) (g []float64) {
	value := func(theta []float64) float64 {
		u := bilevel.Run(in.Step, theta, in.Start, K, layers)
		s := 0.0
		for i, v := range u {
			s += weightOf(in, i) * (v - in.Star[i]) * (v - in.Star[i])
		}
		return s / float64(2*len(u))
	}
	const h = 1e-5
	for i := range theta {
		moved := slices.Clone(theta)
		moved[i] += h
		plus := value(moved)
		moved[i] -= 2 * h
		g = append(g, (plus-value(moved))/(2*h))
	}
	return g
}

// A layer's tangent is the transpose of its adjoint.
func TestTangentsMeetAdjoints(t *testing.T) {
	for kind, of := range instances {
		in, theta := of(t, 1, 2)
		rng := rand.New(rand.NewPCG(1, 29))
		draw := func() []float64 {
			v := make([]float64, len(in.Start))
			for i := range v {
				v[i] = rng.NormFloat64()
			}
			return v
		}
		u := bilevel.Run(in.Step, theta, in.Start, 2, 3)
		there, back, v, w := draw(), draw(), draw(), draw()
		in.Step.Tangent(there, u, theta, 1, v)
		in.Step.Adjoint(back, nil, u, theta, 1, w)
		if a, b := inner(there, w), inner(v, back); math.Abs(a-b) > 1e-12*size(v)*size(w) {
			t.Errorf("%s: ⟨∂φ v, w⟩ = %g and ⟨v, ∂φᵀ w⟩ = %g", kind, a, b)
		}
	}
}

// With the same layers JFB of K layers at the equilibrium is the series of K terms of one layer.
func TestJFBIsNeumann(t *testing.T) {
	in, theta := testbed(t, 1, 1, false)
	long, _ := testbed(t, 1, 5, false)
	jfb := bilevel.ReTune{K: 5, T: 200}.Gradient(long, theta)
	series := bilevel.ReTune{K: 1, T: 1000, Rule: bilevel.NeumannJ, Terms: 5}.Gradient(in, theta)
	if d := relative(jfb.Slope, series.Slope); !(d <= 1e-12) {
		t.Errorf("off by %.1e", d)
	}
}

// On 200 strongly convex instances the error of JFB at the equilibrium, relative to ‖∂_θΦ_K‖·‖∇ℓ‖, is at most q/(1−q), q = ‖∂_uΦ_K‖, on every
// one, and the bound at most ten times it in the median. Off the equilibrium it falls as q^{KT}, q^K the spectral radius of the block: the slope
// over T is within a tenth, but for two instances at most where it falls faster, since the slowest direction has not taken over.
func TestBiasBound(t *testing.T) {
	const instances, K = 200, 4
	var ratios, slopes, shares []float64
	for seed := range uint64(instances) {
		in, theta := testbed(t, 1000+seed, K, true)
		exact := bilevel.ReTune{K: K, Rule: bilevel.Implicit, Tol: 1e-14, Most: 150}.Gradient(in, theta)
		limit := bilevel.ReTune{K: K, T: 150}.Gradient(in, theta)
		J := bilevel.NewJacobian(in.Step, theta, exact.U, K)
		q := linop.Norm(J)
		_, B := jacobians(in.Step, theta, exact.U, K)
		w := slices.Clone(exact.U)
		for i := range w {
			w[i] = (w[i] - in.Star[i]) / float64(len(w))
		}
		d := slices.Clone(limit.Slope)
		for i := range d {
			d[i] -= exact.Slope[i]
		}
		bound := bilevel.BiasBound(q)
		err := size(d) / (linop.Norm(&linop.ColMajor{M: len(w), N: len(B), Data: slices.Concat(B...)}) * size(w))
		if !(err <= bound) {
			t.Errorf("seed %d: error %.3g above the bound %.3g at q = %.3g", seed, err, bound, q)
		}
		if power := bilevel.Contraction(in.Step, theta, exact.U, K); !(power <= q*(1+1e-9) && power >= 0.9*q) {
			t.Errorf("seed %d: power iteration finds %.6g, ‖J‖ is %.6g", seed, power, q)
		}
		ratios, shares = append(ratios, bound/err), append(shares, size(d)/size(exact.Slope))
		if s, ok := offEquilibrium(in, theta, limit.Slope, K); ok {
			slopes = append(slopes, s/math.Log(radius(in.Step, theta, exact.U, K)))
		}
	}
	slices.Sort(slopes)
	t.Logf("bound over error: median %.2f; error relative to the exact gradient: median %.2g, largest %.2g", median(ratios), median(shares), slices.Max(shares))
	t.Logf("slope over T relative to theory, of %d: %.3f to %.3f, median %.3f", len(slopes), slopes[0], slopes[len(slopes)-1], median(slopes))
	if !(median(ratios) <= 10) {
		t.Error("the bound is more than ten times the error")
	}
	if len(slopes) != instances || !(slopes[0] >= 0.9) || !(slopes[instances-3] <= 1.1) {
		t.Errorf("%d slopes, relative to theory %.3g", len(slopes), slopes)
	}
}

// offEquilibrium fits the logarithm of ‖g(T) − g(∞)‖ over T, where it lies between the first decades and rounding.
func offEquilibrium(in bilevel.Instance, theta, limit []float64, K int) (slope float64, ok bool) {
	var x, y []float64
	for T := range 200 {
		at := bilevel.ReTune{K: K}.Gradient(in, theta)
		in.Start = bilevel.Run(in.Step, theta, in.Start, K, K)
		e := relative(at.Slope, limit)
		if e < 1e-13 {
			break
		}
		if e < 1e-7 {
			x, y = append(x, float64(T)), append(y, math.Log(e))
		}
	}
	if len(x) < 4 {
		return 0, false
	}
	mx, my, above, below := 0.0, 0.0, 0.0, 0.0
	for i := range x {
		mx += x[i] / float64(len(x))
		my += y[i] / float64(len(x))
	}
	for i := range x {
		above += (x[i] - mx) * (y[i] - my)
		below += (x[i] - mx) * (x[i] - mx)
	}
	return above / below, true
}

// radius is the spectral radius of a block's Jacobian, by the growth of its powers.
func radius(s bilevel.Step, theta, u []float64, K int) float64 {
	j := bilevel.NewJacobian(s, theta, u, K)
	rng := rand.New(rand.NewPCG(3, 3))
	v, image := make([]float64, len(u)), make([]float64, len(u))
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	log := 0.0
	for l := range 500 {
		j.Apply(image, v)
		grown := size(image)
		for i := range v {
			v[i] = image[i] / grown
		}
		if l >= 400 {
			log += math.Log(grown) / 100
		}
	}
	return math.Exp(log)
}

// The memory of JFB is flat in T and linear in K, that of unrolling linear in K(T+1): states by its own count, bytes by the allocator's.
func TestMemory(t *testing.T) {
	bytes := func(r bilevel.ReTune) float64 {
		in, theta := testbed(t, 1, r.K, false)
		r.Gradient(in, theta)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 20 {
			r.Gradient(in, theta)
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc-before.TotalAlloc) / 20
	}
	first := bytes(bilevel.ReTune{K: 10})
	for T := range 51 {
		r := bilevel.ReTune{K: 10, T: T}
		in, theta := testbed(t, 1, 10, false)
		if s := r.Gradient(in, theta).States; s != 10 {
			t.Errorf("T = %d stores %d states", T, s)
		}
		if b := bytes(r); math.Abs(b-first) > 0.05*first {
			t.Errorf("T = %d allocates %.0f bytes, T = 0 %.0f", T, b, first)
		}
	}
	one, two, four := bytes(bilevel.ReTune{K: 10, T: 3}), bytes(bilevel.ReTune{K: 20, T: 3}), bytes(bilevel.ReTune{K: 40, T: 3})
	if growth := (four - two) / (two - one); math.Abs(growth-2) > 0.1 {
		t.Errorf("from K = 20 to 40 the bytes grow %.2f times as much as from 10 to 20, want 2: %.0f, %.0f, %.0f", growth, one, two, four)
	}
	if unrolled := bytes(bilevel.ReTune{K: 10, T: 10, Rule: bilevel.Unrolled}); unrolled < 5*first {
		t.Errorf("unrolling 110 layers allocates %.0f bytes, JFB of ten %.0f", unrolled, first)
	}
}

// turning is a layer that halves and rounds, and then one that changes the sign: blocks end at 0 after some, while layers within one need not.
type turning struct {
	bilevel.Step
	layers *int
}

func (s turning) Apply(dst, u, _ []float64, k int) {
	*s.layers++
	for i, v := range u {
		dst[i] = []float64{math.Trunc(v/2) + 3, 3 - v}[k]
	}
}

// A run ends where all its layers would, and leaves out blocks that no longer move.
func TestRunLeavesOutWhatDoesNotMove(t *testing.T) {
	for layers := range 40 {
		u, n := []float64{1000, -3}, 0
		got := bilevel.Run(turning{layers: &n}, nil, u, 2, layers)
		want, all := slices.Clone(u), 0
		for l := range layers {
			turning{layers: &all}.Apply(want, want, nil, l%2)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d layers end at %v, want %v", layers, got, want)
		}
		if layers == 39 && n > 28 {
			t.Errorf("%d layers were run", n)
		}
	}
}
