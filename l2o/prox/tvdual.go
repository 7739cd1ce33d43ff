package prox

import (
	"math"
	"slices"
	"sync"

	"unroll/l2o/linop"
)

// A tvMemory is where a proximal point of [TV] is searched for. It keeps the last one and its derivative along one direction, so that what is
// asked again of the same point, as reverse mode does, is not computed again: the answer is the same, bit by bit.
type tvMemory struct {
	gradient    *linop.Gradient
	pixels      int
	x           []float64 // (n) the proximal point
	p, d        []float64 // (2n) the dual point, and Dx
	q, u        []float64 // (2n)
	size        []float64 // (H·W)
	of          TV
	v           []float64 // (n) what it is the proximal point of, with tau
	tau         float64
	solved      bool
	certificate Certificate
	derivative
}

// tvMemories lends them to the calls of all goroutines.
var tvMemories sync.Pool

// lend returns a memory of the right size.
func (g TV) lend() *tvMemory {
	if m, ok := tvMemories.Get().(*tvMemory); ok && m.of.Shape == g.Shape {
		return m
	}
	gradient, err := linop.NewGradient(g.Shape)
	if err != nil {
		panic("prox: total variation: " + err.Error())
	}
	n := g.Shape.Len()
	vector := func(n int) []float64 { return make([]float64, n) }
	m := &tvMemory{gradient: gradient, pixels: g.Shape.H * g.Shape.W, x: vector(n), v: vector(n), p: vector(2 * n), d: vector(2 * n), q: vector(2 * n),
		u: vector(2 * n), size: vector(g.Shape.H * g.Shape.W), of: g}
	m.derivative = newDerivative(g.Shape)
	return m
}

// between is the number of iterations between two looks at the gap.
const between = 10

// solve sets x to the proximal point and p, ‖p_i‖ ≤ κ = τλ, to a solution of its dual, min ½‖v − Dᵀp‖², by the accelerated projected gradient
//
//	p_(k+1) = proj(q_k + σD(v − Dᵀq_k)),    q_(k+1) = p_(k+1) + (t_k − 1)/t_(k+1) (p_(k+1) − p_k),    x = v − Dᵀp,
//
// σ = 1/‖D‖² (Beck and Teboulle, Fast gradient-based algorithms for constrained total variation image denoising and deblurring problems, 2009,
// algorithm FGP), begun again where its momentum points uphill (O'Donoghue and Candès 2015, the gradient scheme). The duality gap is
// Σ_i κ‖(Dx)_i‖ − ⟨p_i, (Dx)_i⟩ ≥ ½‖x − prox(v)‖², as the primal is 1-strongly convex.
func (m *tvMemory) solve(g TV, v []float64, tau float64) {
	if m.solved && m.of == g && m.tau == tau && slices.Equal(m.v, v) {
		return
	}
	m.of, m.tau, m.solved, m.known = g, tau, true, false
	copy(m.v, v)
	kappa, sigma := tau*g.Lambda, g.step()
	clear(m.p)
	clear(m.q)
	goal := g.tol() * math.Sqrt(dot(v, v))
	m.certificate = m.certify(kappa, 0, goal)
	momentum := 1.0
	for k := 1; k <= g.most() && !m.certificate.Reached; k++ {
		m.residual(m.q)
		m.gradient.Apply(m.u, m.x)
		for i, q := range m.q {
			m.u[i] = q + sigma*m.u[i]
		}
		m.project(kappa)
		uphill, moved := 0.0, false
		for i, p := range m.u {
			change := p - m.p[i]
			uphill += (m.q[i] - p) * change
			moved = moved || change != 0
		}
		if uphill > 0 {
			momentum = 1
		}
		next := (1 + math.Sqrt(1+4*momentum*momentum)) / 2
		c := (momentum - 1) / next
		for i, p := range m.u {
			m.q[i] = p + c*(p-m.p[i])
		}
		m.p, m.u, momentum = m.u, m.p, next
		if k%between == 0 || k == g.most() || !moved {
			m.certificate = m.certify(kappa, k, goal)
		}
		if !moved {
			break
		}
	}
}

// residual sets x = v − Dᵀp.
func (m *tvMemory) residual(p []float64) {
	m.gradient.Adjoint(m.x, p)
	for j, v := range m.v {
		m.x[j] = v - m.x[j]
	}
}

// norms sets size_i = ‖u_i‖.
func (m *tvMemory) norms(size, u []float64) {
	clear(size)
	for from := 0; from < len(u); from += m.pixels {
		for i, v := range u[from : from+m.pixels] {
			size[i] += v * v
		}
	}
	for i, v := range size {
		size[i] = math.Sqrt(v)
	}
}

// project moves every u_i into the ball of radius κ.
func (m *tvMemory) project(kappa float64) {
	m.norms(m.size, m.u)
	for i, v := range m.size {
		m.size[i] = 1
		if v > kappa {
			m.size[i] = kappa / v
		}
	}
	for from := 0; from < len(m.u); from += m.pixels {
		plane := m.u[from : from+m.pixels]
		for i, c := range m.size {
			plane[i] *= c
		}
	}
}

// certify sets x and d = Dx to those of p, and returns what that proves.
func (m *tvMemory) certify(kappa float64, iterations int, goal float64) Certificate {
	m.residual(m.p)
	m.gradient.Apply(m.d, m.x)
	m.norms(m.size, m.d)
	for i, v := range m.size {
		m.size[i] = kappa * v
	}
	for from := 0; from < len(m.d); from += m.pixels {
		p, d := m.p[from:from+m.pixels], m.d[from:from+m.pixels]
		for i, v := range d {
			m.size[i] -= p[i] * v
		}
	}
	gap := 0.0
	for _, v := range m.size {
		gap += max(v, 0)
	}
	distance := math.Sqrt(2 * gap)
	return Certificate{iterations, gap, distance, distance <= goal}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
