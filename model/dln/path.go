package dln

import "slices"

// A Saddle is where the flow rests from Time to the next saddle's: a minimiser of L over the vectors of its support.
type Saddle struct {
	Time    float64   // accelerated, t_k
	Hit     []int     // coordinates whose dual reached the boundary at Time
	Support []int     // ascending
	Values  []float64 // of β on Support
	Loss    float64   // ‖Xβ−y‖²/(2n)
}

// A Path is the sequence of saddles from the start, at time 0, to a minimiser of L.
type Path struct {
	N, D    int // rows and columns of X
	Saddles []Saddle
}

// Last is the minimiser at which the path ends.
func (p *Path) Last() *Saddle { return &p.Saddles[len(p.Saddles)-1] }

// At sets dst to the saddle on which the path rests at time t ≥ 0, at the time of a jump to the one it reaches, and returns its index.
func (p *Path) At(dst []float64, t float64) int {
	k := len(p.Saddles) - 1
	for k > 0 && p.Saddles[k].Time > t {
		k--
	}
	p.Saddles[k].Vector(dst)
	return k
}

// Mean sets dst to the time average of the path over [0, t], t > 0. As s = −t·∇L(mean), it is the Lasso solution of weight 1/t as long as
// s is a subgradient of ‖·‖₁ at it: while every coordinate that was active keeps |s| = 1.
func (p *Path) Mean(dst []float64, t float64) {
	clear(dst)
	for k, s := range p.Saddles {
		end := t
		if k+1 < len(p.Saddles) {
			end = min(end, p.Saddles[k+1].Time)
		}
		for i, j := range s.Support {
			dst[j] += max(0, end-s.Time) / t * s.Values[i]
		}
	}
}

// Lambda is the weight, in l2o's scaling ½‖Ax−y‖² + λ‖x‖₁, of the Lasso that belongs to the time t: n/t.
func (p *Path) Lambda(t float64) float64 { return float64(p.N) / t }

// Vector sets dst, of length d, to the saddle.
func (s *Saddle) Vector(dst []float64) {
	clear(dst)
	for i, j := range s.Support {
		dst[j] = s.Values[i]
	}
}

// record appends the present saddle to the path.
func (w *walk) record(time float64, hits []int) {
	s := Saddle{Time: time, Hit: hits, Support: slices.Sorted(slices.Values(w.f.cols)), Loss: dot(w.residual, w.residual) / float64(2*len(w.y))}
	for _, j := range s.Support {
		s.Values = append(s.Values, w.beta[j])
	}
	w.path.Saddles = append(w.path.Saddles, s)
}
