package dln

import "math"

// A solver solves the system of a stage, (I/c − J)k = b with J = −HD, D = diag(dβ/ds), through a positive definite one of the size of the
// support:
//
//	k = c(I + cHD)⁻¹b,    (I + cHD)⁻¹ = I − cHD^½ (I + cD^½HD^½)⁻¹ D^½
//
// Coordinates whose weight in D is too small to change a digit are left out of it.
type solver struct {
	gram []float64 // H, (d, d)
	d    int
	c    float64
	at   []int     // the coordinates that count, (k)
	root []float64 // D^½ there, (k)
	low  []float64 // Cholesky factor of I + cD^½HD^½, (k, k)
	z    []float64 // (k)
}

func newSolver(gram []float64, d int) solver {
	return solver{gram: gram, d: d, low: make([]float64, d*d), z: make([]float64, d)}
}

func (s *solver) row(p int) []float64 { return s.low[p*len(s.at) : (p+1)*len(s.at)] }

// factorise prepares solve for a c and the D of a dual. Where D overflows the factor holds NaN, and so do the stages.
func (s *solver) factorise(c float64, m mirror, dual []float64) {
	s.c, s.at, s.root = c, s.at[:0], s.root[:0]
	for i, v := range dual {
		if w := m.slope(v); c*w*s.gram[i*s.d+i] > 1e-20 {
			s.at, s.root = append(s.at, i), append(s.root, math.Sqrt(w))
		}
	}
	for p, i := range s.at {
		for q, j := range s.at[:p+1] {
			v := c*s.root[p]*s.root[q]*s.gram[i*s.d+j] - dot(s.row(p)[:q], s.row(q)[:q])
			if q < p {
				s.row(p)[q] = v / s.row(q)[q]
			} else {
				s.row(p)[p] = math.Sqrt(1 + v)
			}
		}
	}
}

// solve overwrites b with k.
func (s *solver) solve(b []float64) {
	z := s.z[:len(s.at)]
	for p, i := range s.at {
		z[p] = (s.root[p]*b[i] - dot(s.row(p)[:p], z[:p])) / s.row(p)[p]
	}
	for p := len(z) - 1; p >= 0; p-- {
		z[p] /= s.row(p)[p]
		for q, v := range s.row(p)[:p] {
			z[q] -= v * z[p]
		}
	}
	for p, i := range s.at {
		step := s.c * s.root[p] * z[p]
		for j, v := range s.gram[i*s.d : (i+1)*s.d] {
			b[j] -= step * v
		}
	}
	for j := range b {
		b[j] *= s.c
	}
}
