package eval

import "math"

// A Probe says of the free slots after one layer what part of their variance linear maps of known quantities explain, on prompts that the maps
// were not fitted on.
type Probe struct {
	Layer    int
	Spread   float64   // root mean square of the slots about their mean
	Explains []float64 // by each group of probeGroups, and by all of them together
}

// A probeGroup is a quantity that a slot may hold a linear map of.
type probeGroup struct {
	name string
	of   string // which tokens it is a probe for: both, query or demo
	size func(d int) int
	fill func(dst []float64, s *states, k, i int)
}

var probeGroups = []probeGroup{
	{"β", "both", vector, func(dst []float64, s *states, k, i int) { copy(dst, s.beta[k].Row(i)) }},
	{"β before", "both", vector, func(dst []float64, s *states, k, i int) { copy(dst, s.beta[max(0, k-1)].Row(i)) }},
	{"Xᵀy", "both", vector, func(dst []float64, s *states, _, i int) {
		s.gradient(dst, make([]float64, s.d), i)
	}},
	{"g = Xᵀ(Xβ−y)", "both", vector, func(dst []float64, s *states, k, i int) { s.gradient(dst, s.beta[k].Row(i), i) }},
	{"g before", "both", vector, func(dst []float64, s *states, k, i int) { s.gradient(dst, s.beta[max(0, k-1)].Row(i), i) }},
	{"XᵀXg", "both", vector, func(dst []float64, s *states, k, i int) {
		g := make([]float64, s.d)
		s.gradient(g, s.beta[k].Row(i), i)
		s.gram(dst, g, i)
	}},
	{"norms", "both", func(int) int { return 5 }, fillNorms},
	{"x₁, y₁, r₁", "demo", func(d int) int { return d + 2 }, func(dst []float64, s *states, k, i int) {
		row := s.x.Row(i)[:s.d]
		copy(dst, row)
		dst[s.d] = s.y.Row(i)[0]
		dst[s.d+1] = inner(row, s.beta[k].Row(i)) - dst[s.d]
	}},
	{"r₁x₁", "demo", vector, func(dst []float64, s *states, k, i int) {
		row := s.x.Row(i)[:s.d]
		r := inner(row, s.beta[k].Row(i)) - s.y.Row(i)[0]
		for j, v := range row {
			dst[j] = r * v
		}
	}},
}

func vector(d int) int { return d }

// fillNorms sets dst to ‖y‖, ‖β‖, ‖β‖₁, ‖g‖ and ‖Xβ − y‖.
func fillNorms(dst []float64, s *states, k, i int) {
	beta, g := s.beta[k].Row(i), make([]float64, s.d)
	s.gradient(g, beta, i)
	zero := make([]float64, s.d)
	dst[0] = math.Sqrt(inner(s.y.Row(i), s.y.Row(i)))
	dst[1] = math.Sqrt(distance2(beta, zero))
	for _, v := range beta {
		dst[2] += math.Abs(v)
	}
	dst[3] = math.Sqrt(distance2(g, zero))
	for r, y := range s.y.Row(i) {
		e := inner(s.x.Row(i)[r*s.d:(r+1)*s.d], beta) - y
		dst[4] = math.Hypot(dst[4], e)
	}
}

// groupsOf are those of the query token or of a demonstration.
func groupsOf(demo bool) (groups []probeGroup) {
	for _, g := range probeGroups {
		if g.of == "both" || demo && g.of == "demo" {
			groups = append(groups, g)
		}
	}
	return groups
}

// probeWidth is the number of features of all groups.
func probeWidth(d int) (width int) {
	for _, g := range probeGroups {
		width += g.size(d)
	}
	return width
}

// probes fits the free slots after every layer.
func (s Insight) probes(fit, test *states, demo bool) []Probe {
	out := make([]Probe, len(fit.beta)-1)
	split(s.Workers, len(out), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			out[k] = probe(fit, test, k+1, demo)
		}
	})
	return out
}

func probe(fit, test *states, k int, demo bool) Probe {
	groups := groupsOf(demo)
	var sizes []int
	for _, g := range groups {
		sizes = append(sizes, g.size(fit.d))
	}
	slots := func(s *states) matrix {
		if demo {
			return s.demo[k]
		}
		return s.free[k]
	}
	x, from := fit.probeFeatures(groups, k), slots(fit)
	onto, to := test.probeFeatures(groups, k), slots(test)
	p := Probe{Layer: k, Spread: math.Sqrt(variance(to) / float64(max(1, to.Cols)))}
	at := 1
	for _, size := range sizes {
		p.Explains = append(p.Explains, explained(x, from, onto, to, at, at+size))
		at += size
	}
	p.Explains = append(p.Explains, explained(x, from, onto, to, 1, at))
	return p
}

// probeFeatures are a constant and then the groups, (P, 1 + …).
func (s *states) probeFeatures(groups []probeGroup, k int) matrix {
	width := 1
	for _, g := range groups {
		width += g.size(s.d)
	}
	m := newMatrix(s.size, width)
	for i := range s.size {
		row := m.Row(i)
		row[0] = 1
		at := 1
		for _, g := range groups {
			size := g.size(s.d)
			g.fill(row[at:at+size], s, k, i)
			at += size
		}
	}
	return m
}

// explained is the share of the variance of all slots of the second batch that maps of the features lo … hi−1 explain, fitted on the first.
func explained(x, from, onto, to matrix, lo, hi int) float64 {
	total := variance(to)
	if total == 0 {
		return 0
	}
	row := make([]float64, 1+hi-lo)
	set := func(features []float64) {
		row[0] = 1
		copy(row[1:], features[lo:hi])
	}
	eq := newNormal(len(row), from.Cols)
	for i := range from.Rows {
		set(x.Row(i))
		eq.add(row, from.Row(i)...)
	}
	maps, left := eq.solve(), 0.0
	for i := range to.Rows {
		set(onto.Row(i))
		for slot, w := range maps {
			e := to.Row(i)[slot] - inner(w, row)
			left += e * e / float64(to.Rows)
		}
	}
	if maps == nil {
		return 0
	}
	return 1 - left/total
}

// variance is Σ over the columns of the mean square about their mean.
func variance(m matrix) (v float64) {
	for j := range m.Cols {
		column := m.Col(j)
		center := mean(column)
		for _, x := range column {
			v += (x - center) * (x - center) / float64(m.Rows)
		}
	}
	return v
}
