package eval

import "math"

// A LayerStep is a layer's map of the estimate, fitted by proximal steps of four families, each with all of the one before it:
//
//	v = β − a·g                                  proximal gradient, g = Xᵀ(Xβ − y)
//	  + b·(β − β₋) − c·XᵀX(β − β₋)               accelerated: the same with an extrapolated β
//	  + e·XᵀXg                                   of second order
//	v = β − M g + …                              preconditioned, M (d, d)
//	β⁺ = S_θ(v)
//
// The construction has a = τ, e = 0, M = τI and, with momentum, b = μ and c = τμ. R² is 1 − Σ‖β⁺ − fit‖²/Σ‖β⁺ − β‖² on prompts that the fit
// has not seen: 0 is a layer that does nothing.
type LayerStep struct {
	Step, Momentum, Image, Second, Theta float64 // a, b, c, e, θ of the third family
	R2                                   [4]float64
	Diagonal, Beside                     float64 // of M: mean diagonal, and root mean square beside it
	PreTheta                             float64 // mean θ of the fourth family, which has one per coordinate
}

// families are the numbers of features that the first three families use.
var families = [3]int{1, 3, 4}

// layerStep fits layer k, from 0.
func layerStep(fit, test *states, k int) (l LayerStep) {
	from, onto := fit.features(k), test.features(k)
	moved := 0.0
	for i := range test.size {
		moved += distance2(test.beta[k+1].Row(i), test.beta[k].Row(i))
	}
	for f, count := range families {
		w := fitProx(pooled(fit, from, k, count))
		l.R2[f] = 1 - w.misfit(pooled(test, onto, k, count))/moved
		if f == len(families)-1 {
			l.Step, l.Momentum, l.Image, l.Second, l.Theta = -w.w[0], w.w[1], -w.w[2], w.w[3], w.theta
		}
	}
	off, left := 0.0, 0.0
	for j := range fit.d {
		w := fitProx(byCoordinate(fit, from, k, j))
		left += w.misfit(byCoordinate(test, onto, k, j))
		for i := range fit.d {
			if i == j {
				l.Diagonal -= w.w[i] / float64(fit.d)
			} else {
				off += w.w[i] * w.w[i]
			}
		}
		l.PreTheta += w.theta / float64(fit.d)
	}
	l.R2[3] = 1 - left/moved
	l.Beside = math.Sqrt(off / float64(fit.d*max(1, fit.d-1)))
	return l
}

// features are g, β − β₋, XᵀX(β − β₋) and XᵀXg of every prompt before layer k, each (P, d).
func (s *states) features(k int) (f [4]matrix) {
	for i := range f {
		f[i] = newMatrix(s.size, s.d)
	}
	for i := range s.size {
		beta := s.beta[k].Row(i)
		s.gradient(f[0].Row(i), beta, i)
		if k > 0 {
			for j, v := range s.beta[k-1].Row(i) {
				f[1].Row(i)[j] = beta[j] - v
			}
		}
		s.gram(f[2].Row(i), f[1].Row(i), i)
		s.gram(f[3].Row(i), f[0].Row(i), i)
	}
	return f
}

// A proxData is the data of a fit β⁺ ≈ S_θ(β + F w), a row for every entry of β, or the fit.
type proxData struct {
	features    matrix
	before, now []float64
}

type proxFit struct {
	w     []float64
	theta float64
}

// pooled has the entries of all coordinates, with the first so many features of each.
func pooled(s *states, f [4]matrix, k, count int) proxData {
	p := proxData{newMatrix(s.size*s.d, count), s.beta[k].Data, s.beta[k+1].Data}
	for m := range count {
		for i, v := range f[m].Data {
			p.features.Row(i)[m] = v
		}
	}
	return p
}

// byCoordinate has the entries of coordinate j, with all of g and the j-th entry of the other features.
func byCoordinate(s *states, f [4]matrix, k, j int) proxData {
	p := proxData{newMatrix(s.size, s.d+3), s.beta[k].Col(j), s.beta[k+1].Col(j)}
	for i := range s.size {
		row := p.features.Row(i)
		copy(row, f[0].Row(i))
		for m := 1; m < 4; m++ {
			row[s.d+m-1] = f[m].Row(i)[j]
		}
	}
	return p
}

const proxRounds = 12

// fitProx is the least squares fit by Gauss and Newton: with the entries above the threshold as they are, w and θ solve a linear problem; they
// say anew which entries those are. The best of the rounds counts, as nothing makes them descend.
func fitProx(p proxData) proxFit {
	fit := proxFit{w: make([]float64, p.features.Cols)}
	best, least := fit, math.Inf(1)
	for round := range proxRounds {
		next := p.solve(fit, round == 0)
		if m := next.misfit(p); m < least {
			best, least = next, m
		} else if round > 2 && m >= least*(1-1e-12) && m <= least*(1+1e-12) {
			break
		}
		fit = next
	}
	return best
}

// solve is one round. In the first all entries that the layer leaves nonzero count, with their sign.
func (p proxData) solve(at proxFit, first bool) proxFit {
	n := p.features.Cols + 1
	eq := newNormal(n, 1)
	row := make([]float64, n)
	for i, b := range p.before {
		v := at.point(p, i)
		if first {
			v = p.now[i]
		}
		if math.Abs(v) <= at.theta || first && math.Abs(v) < 1e-3 {
			continue
		}
		copy(row, p.features.Row(i))
		row[n-1] = -math.Copysign(1, v)
		eq.add(row, p.now[i]-b)
	}
	w := eq.solve()
	if w == nil {
		return at
	}
	return proxFit{w[0][:n-1], math.Max(0, w[0][n-1])}
}

// point is v of entry i.
func (f proxFit) point(p proxData, i int) float64 { return p.before[i] + inner(f.w, p.features.Row(i)) }

// misfit is Σ(β⁺ − S_θ(v))².
func (f proxFit) misfit(p proxData) (s float64) {
	for i, u := range p.now {
		v := f.point(p, i)
		e := u - math.Copysign(math.Max(0, math.Abs(v)-f.theta), v)
		s += e * e
	}
	return s
}
