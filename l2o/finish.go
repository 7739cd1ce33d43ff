package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
	"unroll/l2o/prox"
)

// A finish is an active-set method that has all the digits that the data allow, also where columns of the support are so close that their
// Gram matrix, whose condition is the square of theirs, tells little: it finds x_S by A_Sᵀ(y − A_S x_S) = c_S with c ∈ ∂g(x) (thinQR.solve),
// goes towards it until a coordinate passes 0 and leaves S, and at the end takes in the coordinate that violates optimality most, until
// none does.
type finish struct {
	d       *descent
	f       thinQR
	support []int
	sign    []float64 // of x_S
	left    []bool    // columns that depend on others of S, (n)
	column  []float64 // (m)
}

// finish is for the squared loss and the ℓ1 penalties, which are linear but for the kink at 0; for others it does nothing.
func (d *descent) finish() {
	switch d.g.(type) {
	case prox.L1, prox.WeightedL1, prox.NonNegL1:
	default:
		return
	}
	s := finish{d: d, left: make([]bool, d.n), column: make([]float64, d.m)}
	for j, v := range d.x {
		if v != 0 {
			s.take(j, math.Copysign(1, v))
		}
	}
	for range 10 * (len(s.support) + 10) {
		c := make([]float64, len(s.support))
		for i, j := range s.support {
			c[i] = s.sign[i] * d.g.DistanceBlock(j, []float64{0}, []float64{s.sign[i]}) // ∂g is one number there
		}
		x, r := s.f.solve(d.y, c)
		if s.approach(x) {
			continue
		}
		j, sign := s.worst(r)
		if j < 0 {
			break
		}
		s.take(j, sign)
	}
	d.refresh()
}

// take lets coordinate j join S, or keeps it at 0 for good if its column depends on those of S.
func (s *finish) take(j int, sign float64) {
	s.d.a.Column(s.column, j)
	if len(s.support) < s.d.m && s.f.append(s.column) {
		s.support, s.sign = append(s.support, j), append(s.sign, sign)
		return
	}
	s.d.x[j], s.left[j] = 0, true
}

// approach moves x_S to the given one, or as far as a coordinate reaches 0, which then leaves S, and reports whether one did.
func (s *finish) approach(x []float64) (stopped bool) {
	most, at := 1.0, -1
	for i, j := range s.support {
		if old := s.d.x[j]; x[i]*s.sign[i] <= 0 {
			if t := old / (old - x[i]); t < most || at < 0 {
				most, at = t, i
			}
		}
	}
	for i, j := range s.support {
		if at < 0 {
			s.d.x[j] = x[i]
		} else {
			s.d.x[j] += most * (x[i] - s.d.x[j])
		}
	}
	if at < 0 {
		return false
	}
	s.d.x[s.support[at]] = 0
	s.f.remove(at)
	s.support, s.sign = slices.Delete(s.support, at, at+1), slices.Delete(s.sign, at, at+1)
	return true
}

// worst returns the coordinate off S that violates optimality most, by more than r is rounded, and the sign that it wants; −1 for none.
func (s *finish) worst(r []float64) (at int, sign float64) {
	d := s.d
	at = -1
	size, most := math.Sqrt(kernel.SumSquares(r)), 0.0
	zero := []float64{0}
	for _, j := range d.live {
		if d.x[j] != 0 || s.left[j] {
			continue
		}
		w := []float64{d.a.DotColumn(j, r)}
		if d.g.Slack(j, w) > 1e-12*d.norm[j]*size {
			continue
		}
		d.a.Column(s.column, j)
		high, low := dot2(s.column, r, 0)
		w[0] = high + low
		if v := d.g.DistanceBlock(j, w, zero) / d.norm[j]; v > max(most, 4*ulp*size) {
			most, at, sign = v, j, math.Copysign(1, w[0])
		}
	}
	return at, sign
}
