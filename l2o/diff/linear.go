package diff

import (
	"slices"

	"unroll/l2o/linop"
)

// A step is iteration k linearised at the iterates that it met. With D = diag(slope_j), D_j the derivative of the prox at coordinate j, 0
// off the support of x_k, and t_j the step τ_k, times the metric's entry,
//
//	ż_k = (1+β_k) ẋ_{k−1} − β_k ẋ_{k−2} + β̇_k (x_{k−1} − x_{k−2})
//	ẋ_k = D (ż_k − t ∇²f ż_k − t (∇f)˙ − t κ̇ pull + τ̇_k (x_k − z_k)/τ_k)
//
// where (∇f)˙ = −Aᵀẏ + Ȧᵀℓ′ + AᵀℓʺȦz is what the data's change does at a fixed z. The last term is the derivative of the prox and of the
// gradient step with respect to τ_k together: the two need no evaluation of ∇f, nor does any other term at a squared loss.
type step struct {
	*iteration
	k        int
	x, prev  []float64 // x_k, x_{k−1}
	older    []float64 // x_{k−2}
	rows     []int     // support of x_k
	cols     []int     // coordinates of z_k that may change: the support of x_{k−1}, and with momentum that of x_{k−2}
	from     []int     // room for cols
	slopes   []float64 // D of rows
	t        []float64 // of rows
	h        []float64 // (m), ℓ″(Az_k); nil where it is 1
	curve    []float64 // (m), the memory of h
	image    []float64 // (m)
	gram     gram
	product  []float64 // of rows
	change   []float64 // (n), 0 between uses
	rate, az []float64 // (m), ℓ′(Az_k) and ℓ″Ȧz_k; nil unless a change of A is asked for
	back     []float64 // (n), Ȧᵀℓ′(Az_k)
}

func newStep(it *iteration, changesA bool) *step {
	s := &step{iteration: it, image: make([]float64, it.m), change: make([]float64, it.n)}
	s.gram.model = it.model
	if !it.square {
		s.curve = make([]float64, it.m)
	}
	if changesA {
		s.rate, s.az, s.back = make([]float64, it.m), make([]float64, it.m), make([]float64, it.n)
	}
	return s
}

// at linearises iteration k.
func (s *step) at(k int, x, prev, older []float64) {
	s.k, s.x, s.prev, s.older = k, x, prev, older
	s.extrapolate(k, prev, older)
	s.rows = s.support(s.rows, x)
	s.cols = s.support(s.cols, prev)
	if s.Momentum != nil {
		s.from = s.support(s.from, older)
		s.cols = union(s.cols, s.from)
	}
	s.slopes, s.t = s.slopes[:0], s.t[:0]
	scale, tau := s.scale(k), s.Step[k-1]
	for _, j := range s.rows {
		t := tau
		if scale != nil {
			t *= scale[j]
		}
		s.t, s.slopes = append(s.t, t), append(s.slopes, s.slope(j, x[j], t))
	}
	if s.square && s.rate == nil {
		return
	}
	s.a.Apply(s.image, s.z)
	if !s.square {
		s.h = s.curve
		s.loss.Hess(s.h, s.image, s.y)
	}
	if s.rate != nil {
		s.loss.Grad(s.rate, s.image, s.y)
	}
}

// moved sets az = ℓ″Ȧz_k and back = Ȧᵀℓ′(Az_k).
func (s *step) moved(dA linop.Operator) {
	dA.Apply(s.az, s.z)
	for i, h := range s.h {
		s.az[i] *= h
	}
	dA.Adjoint(s.back, s.rate)
}

// hessian sets product[i] = Σ_j (Aᵀ diag(h) A)_{ij} v_j for i in the rows given, over j in cols; v is an n-vector.
func (s *step) hessian(rows, cols []int, v []float64) {
	s.product = s.product[:0]
	if !slices.ContainsFunc(cols, func(j int) bool { return v[j] != 0 }) {
		s.product = append(s.product, make([]float64, len(rows))...)
		return
	}
	if s.h == nil && s.gram.holds(cols) && s.gram.holds(rows) {
		s.product = s.gram.times(s.product, rows, cols, v)
		return
	}
	clear(s.image)
	for _, j := range cols {
		if v[j] != 0 {
			s.a.AddColumn(s.image, v[j], j)
		}
	}
	for i, h := range s.h {
		s.image[i] *= h
	}
	for _, j := range rows {
		s.product = append(s.product, s.a.DotColumn(j, s.image))
	}
}

// A gram keeps products of columns that were needed once, as long as they are few enough to be cheaper than the columns themselves.
type gram struct {
	*model
	place []int       // (n), of a column among those held, counted from 1; 0: not held
	held  []int       // the columns
	g     [][]float64 // (held, held)
	image []float64   // (m)

	rows, cols []int
	block      []float64 // (rows, cols) of G
	v          []float64 // (cols)
}

// holds takes the columns in if there is room for them, and reports whether there was.
func (g *gram) holds(cols []int) bool {
	if g.place == nil {
		g.place, g.image = make([]int, g.n), make([]float64, g.m)
	}
	for _, j := range cols {
		if g.place[j] != 0 {
			continue
		}
		if len(g.held) >= 2*g.m {
			return false
		}
		g.a.Column(g.image, j)
		g.held = append(g.held, j)
		g.place[j] = len(g.held)
		row := make([]float64, 0, 2*len(g.held))
		for i, other := range g.held {
			v := g.a.DotColumn(other, g.image)
			row = append(row, v)
			if i+1 < len(g.held) {
				g.g[i] = append(g.g[i], v)
			}
		}
		g.g = append(g.g, row)
	}
	return true
}

// times appends the product to dst. The block of G that it needs is the same in every iteration once the support is identified.
func (g *gram) times(dst []float64, rows, cols []int, v []float64) []float64 {
	if !slices.Equal(rows, g.rows) || !slices.Equal(cols, g.cols) {
		g.rows, g.cols, g.block = append(g.rows[:0], rows...), append(g.cols[:0], cols...), g.block[:0]
		for _, i := range rows {
			for _, j := range cols {
				g.block = append(g.block, g.g[g.place[i]-1][g.place[j]-1])
			}
		}
	}
	g.v = g.v[:0]
	for _, j := range cols {
		g.v = append(g.v, v[j])
	}
	for i := range rows {
		dst = append(dst, dot(g.v, g.block[i*len(cols):(i+1)*len(cols)]))
	}
	return dst
}

// union merges two rising lists into the first.
func union(a, b []int) []int {
	n := len(a)
	i := 0
	for _, v := range b {
		for i < n && a[i] < v {
			i++
		}
		if i == n || a[i] != v {
			a = append(a, v)
		}
	}
	return a
}
