package eval

import (
	"math"
	"slices"

	"unroll/data"
	"unroll/l2o/bilevel"
	"unroll/l2o/linop"
)

// A retuneBias is how far JFB's gradient is from the exact one, over K at the equilibrium and over T before it.
type retuneBias struct {
	Setting string
	OverK   []biasRow // at the equilibrium
	OverT   []biasRow // for one K
	Layers  int       // K that a bias of a tenth needs, by the factor of one layer
	Restart int       // T that a distance of a thousandth of the start's needs
	Factor  float64   // of one layer
}

// A biasRow is one gradient. Errors are relative to ‖∂_θΦ_K‖·‖∇ℓ‖, as the bound is.
type biasRow struct {
	K, T     int
	Q        float64 // ‖∂_uΦ_K‖^{1/K} at the equilibrium
	Error    float64
	Bound    float64 // q^K/(1−q^K)
	Share    float64 // the error relative to the exact gradient itself
	Away     float64 // OverT: relative distance to the gradient at the equilibrium
	Expected float64 // OverT: proportional to ϱ^{KT}, ϱ the spectral radius of a layer
	slope    []float64
}

const (
	biasRidge = 0.3 // makes the objective strongly convex: pixels that are not seen have no data term
	biasStep  = 0.95
	biasK     = 5   // K of OverT
	biasEnd   = 400 // layers after which the equilibrium is reached to rounding
)

// bias measures on one crop, half of it kept, with family A and a ridge.
func (s Retune) bias() (*retuneBias, error) {
	t, f := imagingTasks[1], imagingFamilies[0]
	small := s
	small.Size, small.K = 32, 50
	images, err := small.source()
	if err != nil {
		return nil, err
	}
	spoiled, err := small.spoil(t, images, data.Train, 1)
	if err != nil {
		return nil, err
	}
	layout, in, err := small.prepare(t, f, spoiled)
	if err != nil {
		return nil, err
	}
	in[0].Step.(*bilevel.ForwardBackward).Ridge = biasRidge
	theta := layout.Start()
	theta[slices.Index(layout.Names, "tau")] = math.Log(biasStep)
	exact := bilevel.ReTune{K: 1, Rule: bilevel.Implicit, Tol: 1e-13, Most: 3 * biasEnd}.Gradient(in[0], theta)
	r := &retuneBias{Setting: "half of a 32×32 crop kept, noise 0.1, family A with its initial weights, a ridge of 0.3 and τ = 0.95"}
	for _, K := range []int{1, 2, 3, 5, 8, 12, 20, 30, 50} {
		r.OverK = append(r.OverK, newBiasBlock(in[0], theta, exact, K).at(biasEnd/K))
	}
	r.Factor = r.OverK[0].Q
	r.Layers = bilevel.LayersFor(r.Factor, 0.1)
	first := bilevel.Run(in[0].Step, theta, in[0].Start, 1, biasK)
	block := math.Pow(r.Factor, biasK)
	r.Restart = bilevel.RestartsFor(block, math.Sqrt(distance2(first, in[0].Start)), 1e-3*math.Sqrt(distance2(exact.U, in[0].Start)))
	limit := bilevel.ReTune{K: biasK, T: biasEnd / biasK}.Gradient(in[0], theta)
	radius := spectralRadius(in[0].Step, theta, exact.U)
	five := newBiasBlock(in[0], theta, exact, biasK)
	for _, T := range []int{0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 50} {
		row := five.at(T)
		row.Away = math.Sqrt(distance2(row.slope, limit.Slope) / distance2(limit.Slope, make([]float64, len(theta))))
		row.Expected = math.Pow(radius, float64(biasK*T))
		r.OverT = append(r.OverT, row)
	}
	anchor(r.OverT)
	return r, nil
}

// anchor puts the expected line through the tenth restart, once the slowest direction has taken over.
func anchor(rows []biasRow) {
	for _, at := range rows {
		if at.T == 10 {
			by := at.Away / at.Expected
			for i := range rows {
				rows[i].Expected *= by
			}
			return
		}
	}
}

// A biasBlock compares gradients through a block of K layers with the exact one.
type biasBlock struct {
	in            bilevel.Instance
	theta         []float64
	exact         bilevel.Gradient
	K             int
	factor, scale float64 // ‖∂_uΦ_K‖ and ‖∂_θΦ_K‖·‖∇ℓ‖ at the equilibrium
}

func newBiasBlock(in bilevel.Instance, theta []float64, exact bilevel.Gradient, K int) biasBlock {
	slope := math.Sqrt(distance2(exact.U, in.Star)) / float64(len(exact.U))
	return biasBlock{in, theta, exact, K, bilevel.Contraction(in.Step, theta, exact.U, K), slope * parameterNorm(in.Step, theta, exact.U, K)}
}

// at is the row of JFB(K, T).
func (b biasBlock) at(T int) biasRow {
	g := bilevel.ReTune{K: b.K, T: T}.Gradient(b.in, b.theta)
	d := math.Sqrt(distance2(g.Slope, b.exact.Slope))
	return biasRow{K: b.K, T: T, Q: math.Pow(b.factor, 1/float64(b.K)), Bound: bilevel.BiasBound(b.factor), Error: d / b.scale,
		Share: d / math.Sqrt(distance2(b.exact.Slope, make([]float64, len(b.theta)))), slope: g.Slope}
}

// parameterNorm is ‖∂_θΦ_K‖ at u, its columns by central differences.
func parameterNorm(s bilevel.Step, theta, u []float64, K int) float64 {
	const h = 1e-6
	b := &linop.ColMajor{M: len(u), N: len(theta)}
	moved := append([]float64(nil), theta...)
	for i, v := range theta {
		moved[i] = v + h
		plus := bilevel.Run(s, moved, u, K, K)
		moved[i] = v - h
		minus := bilevel.Run(s, moved, u, K, K)
		moved[i] = v
		for j := range plus {
			plus[j] = (plus[j] - minus[j]) / (2 * h)
		}
		b.Data = append(b.Data, plus...)
	}
	return linop.Norm(b)
}

// spectralRadius is that of one layer's Jacobian, by the growth of its powers.
func spectralRadius(s bilevel.Step, theta, u []float64) float64 {
	const settle, measured = 300, 50
	j := bilevel.NewJacobian(s, theta, u, 1)
	v, image := ones(len(u)), make([]float64, len(u))
	log := 0.0
	for l := range settle + measured {
		j.Apply(image, v)
		grown := math.Sqrt(distance2(image, make([]float64, len(image))))
		if grown == 0 {
			return 0
		}
		for i := range v {
			v[i] = image[i] / grown
		}
		if l >= settle {
			log += math.Log(grown) / measured
		}
	}
	return math.Exp(log)
}

// A gradientCost is what one of the hypergradients stores and takes, and how far it is from the exact one.
type gradientCost struct {
	Name            string
	States          int
	Memory, Seconds float64 // MB, s
	Layers          int
	Error, Cosine   float64 // relative to the exact gradient, and of the angle to it
}

func costOf(name string, in bilevel.Instance, theta []float64, r bilevel.ReTune) gradientCost {
	var g bilevel.Gradient
	c := gradientCost{Name: name, Seconds: seconds(func() { g = r.Gradient(in, theta) })}
	c.States, c.Layers, c.Memory = g.States, g.Layers, float64(8*g.States*len(g.U))/1e6
	return c
}

// costs compares the five hypergradients on one training crop with learned weights of the second task asked for, as the first of all is solved
// by a single layer, and of the first family.
func (s Retune) costs(images *imageSource, l *RetuneWeights) ([]gradientCost, error) {
	tasks, _ := s.tasks()
	families, _ := s.families()
	t, f := tasks[min(1, len(tasks)-1)], families[0]
	spoiled, err := s.spoil(t, images, data.Train, 1)
	if err != nil {
		return nil, err
	}
	layout, in, err := s.prepare(t, f, spoiled)
	if err != nil {
		return nil, err
	}
	theta, err := l.theta(t, f, byReTune, len(layout.Start()))
	if err != nil {
		return nil, err
	}
	exact := bilevel.ReTune{K: 1, Rule: bilevel.Implicit, Tol: 1e-8, Most: 2000}
	want := exact.Gradient(in[0], theta).Slope
	var rows []gradientCost
	for _, c := range []struct {
		name string
		bilevel.ReTune
	}{
		{"exact implicit", exact},
		{"JFB(K, T): ReTune", bilevel.ReTune{K: s.K, T: s.T}},
		{"Neumann-3", bilevel.ReTune{K: s.K, T: s.T, Rule: bilevel.NeumannJ, Terms: 3}},
		{"full unrolling", bilevel.ReTune{K: s.K, T: s.T, Rule: bilevel.Unrolled}},
		{"truncated unrolling", bilevel.ReTune{K: s.K}},
	} {
		row := costOf(c.name, in[0], theta, c.ReTune)
		got := c.Gradient(in[0], theta).Slope
		zero := make([]float64, len(got))
		size := math.Sqrt(distance2(want, zero))
		row.Error = math.Sqrt(distance2(got, want)) / size
		for i, v := range got {
			row.Cosine += v * want[i] / size / math.Sqrt(distance2(got, zero))
		}
		rows = append(rows, row)
	}
	return rows, nil
}
