package prox

import (
	"math"
	"slices"

	"unroll/l2o/linop"
)

// A derivative is what [TV] needs to apply the Jacobian of its proximal map, and the last direction that it was applied to.
type derivative struct {
	known         bool // whether part, curvature and e are those of the point
	part          []int
	count         []float64 // (H·W) pixels of a part, at the pixel that stands for it
	mean          []float64 // (H·W)
	curvature     []float64 // (H·W) τλ/‖(Dx)_i‖, 0 where x is flat
	e             []float64 // (2n) (Dx)_i/‖(Dx)_i‖
	t, z          []float64 // (n) a direction and its image, z known if along
	along         bool
	r, search, hs []float64 // (n)
}

func newDerivative(s linop.Shape) derivative {
	n, pixels := s.Len(), s.H*s.W
	vector := func(n int) []float64 { return make([]float64, n) }
	return derivative{part: make([]int, pixels), count: vector(pixels), mean: vector(pixels), curvature: vector(pixels), e: vector(2 * n),
		t: vector(n), z: vector(n), r: vector(n), search: vector(n), hs: vector(n)}
}

// differentiate sets z = Jt by conjugate gradients on the images that are constant on every part.
func (m *tvMemory) differentiate(g TV, t []float64) {
	if !m.known {
		m.linearise(g)
		m.known, m.along = true, false
	}
	if m.along && slices.Equal(m.t, t) {
		return
	}
	copy(m.t, t)
	m.along = true
	clear(m.z)
	copy(m.r, t)
	m.average(m.r)
	copy(m.search, m.r)
	rr, goal := dot(m.r, m.r), g.tol()*math.Sqrt(dot(t, t))
	for k := 0; k < g.most() && math.Sqrt(rr) > goal; k++ {
		m.hessian(m.hs, m.search)
		a := rr / dot(m.search, m.hs)
		for j, s := range m.search {
			m.z[j] += a * s
			m.r[j] -= a * m.hs[j]
		}
		next := dot(m.r, m.r)
		for j, r := range m.r {
			m.search[j] = r + next/rr*m.search[j]
		}
		rr = next
	}
}

// linearise finds the parts on which x is flat, and the curvature elsewhere.
func (m *tvMemory) linearise(g TV) {
	kappa, sigma := m.tau*g.Lambda, g.step()
	for i, p := range m.p {
		m.u[i] = p + sigma*m.d[i]
	}
	m.norms(m.size, m.u)
	m.norms(m.curvature, m.d)
	for i := range m.part {
		m.part[i], m.count[i] = i, 0
	}
	for i, norm := range m.curvature {
		if norm > 0 && (m.size[i] > kappa || kappa == 0) {
			m.curvature[i] = kappa / norm
			for c := i; c < len(m.d); c += m.pixels {
				m.e[c] = m.d[c] / norm
			}
			continue
		}
		m.curvature[i] = 0
		if i+g.Shape.W < m.pixels {
			m.join(i, i+g.Shape.W)
		}
		if (i+1)%g.Shape.W != 0 {
			m.join(i, i+1)
		}
	}
	for i := range m.part {
		m.part[i] = m.root(i)
		m.count[m.part[i]]++
	}
}

// root returns the pixel that stands for the part of pixel i.
func (m *tvMemory) root(i int) int {
	for m.part[i] != i {
		m.part[i] = m.part[m.part[i]]
		i = m.part[i]
	}
	return i
}

func (m *tvMemory) join(i, j int) {
	i, j = m.root(i), m.root(j)
	m.part[max(i, j)] = min(i, j)
}

// average replaces every pixel by the mean of its part.
func (m *tvMemory) average(x []float64) {
	for from := 0; from < len(x); from += m.pixels {
		plane := x[from : from+m.pixels]
		clear(m.mean)
		for i, v := range plane {
			m.mean[m.part[i]] += v
		}
		for i, k := range m.part {
			plane[i] = m.mean[k] / m.count[k]
		}
	}
}

// hessian sets dst = P H x.
func (m *tvMemory) hessian(dst, x []float64) {
	m.gradient.Apply(m.u, x)
	clear(m.size)
	for from := 0; from < len(m.u); from += m.pixels {
		e := m.e[from : from+m.pixels]
		for i, v := range m.u[from : from+m.pixels] {
			m.size[i] += e[i] * v
		}
	}
	for from := 0; from < len(m.u); from += m.pixels {
		e, u := m.e[from:from+m.pixels], m.u[from:from+m.pixels]
		for i, c := range m.curvature {
			u[i] = c * (u[i] - e[i]*m.size[i])
		}
	}
	m.gradient.Adjoint(dst, m.u)
	for j, v := range x {
		dst[j] += v
	}
	m.average(dst)
}
