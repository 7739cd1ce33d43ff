package eval

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"unroll/model/dln"
)

// A dualLaw moves the dual along the plateaus of a path, to tell how far from settled each of them is at its middle. It knows the
// definition s = −∫∇L and nothing of how the path was found.
type dualLaw struct {
	in      regression
	s, g    []float64 // the dual at the beginning of the plateau, ∇L on it
	beta    []float64
	visited []bool // coordinates that have been active
	lawful  bool   // and all of them have kept |s| = 1
}

func newDualLaw(in regression) *dualLaw {
	d := in.x.N
	return &dualLaw{in: in, s: make([]float64, d), g: make([]float64, d), beta: make([]float64, d), visited: make([]bool, d), lawful: true}
}

// plateau describes plateau k, which must be called in order, and moves to its end.
func (l *dualLaw) plateau(path *dln.Path, k int) SaddlePlateau {
	from, to := &path.Saddles[k], &path.Saddles[k+1]
	width := to.Time - from.Time
	from.Vector(l.beta)
	l.in.gradient(l.g, l.beta)
	p := SaddlePlateau{Index: k, Hitting: math.Inf(1), Settled: width * l.relaxation(from)}
	for _, i := range to.Hit {
		p.Hitting = min(p.Hitting, width*math.Abs(l.g[i]))
	}
	for i, b := range l.beta {
		if b != 0 {
			l.visited[i] = true
			continue
		}
		middle := math.Abs(l.s[i] - width/2*l.g[i])
		p.Settled = min(p.Settled, 2*(1-middle))
		// A coordinate that leaves the boundary ends the law at once.
		l.lawful = l.lawful && !(l.visited[i] && middle < 1-1e-9)
		l.s[i] -= width * l.g[i]
	}
	p.Lasso = l.lawful
	return p
}

// relaxation is the smallest curvature on the support: perturbations of the saddle decay like e^{−2 ln(1/α)·it·t}.
func (l *dualLaw) relaxation(s *dln.Saddle) float64 {
	if len(s.Support) == 0 {
		return math.Inf(1)
	}
	return saddleCurvatures(l.in, s)[0]
}

// saddleCurvatures returns the eigenvalues of |β|^½H|β|^½ on the support, ascending: half the curvatures of F(u, v) there.
func saddleCurvatures(in regression, s *dln.Saddle) []float64 {
	n, d := in.x.Dims()
	m := mat.NewSymDense(len(s.Support), nil)
	for p, i := range s.Support {
		for q, j := range s.Support[:p+1] {
			h := 0.0
			for row := range n {
				h += in.x.Data[row*d+i] * in.x.Data[row*d+j] / float64(n)
			}
			m.SetSym(p, q, h*math.Sqrt(math.Abs(s.Values[p]*s.Values[q])))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(m, false) {
		panic("eval: no eigenvalues of a finite symmetric matrix")
	}
	return e.Values(nil)
}
