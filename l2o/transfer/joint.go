package transfer

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
)

// A joint is the scalar problem of stage 2 on one class of coordinates,
//
//	u ~ N(0, s²),  g | u ~ N(slope·u, τ²),  β₁ = S_{λ₁}(u)/Q̂₁
//	β₂ = S_t(g − pull·β₁)/Q̂₂,  t = inside where β₁ ≠ 0 and outside where β₁ = 0.
type joint struct {
	a, sd           float64 // coefficient of the class's value in u, standard deviation of u
	p               float64 // coefficient of the class's value in g
	slope, tau      float64 // slope = Cov(u, g)/s²
	pull            float64 // Q̂₂(κ − γ)
	qh1, qh2        float64
	kappa           float64
	lambda1         float64
	inside, outside float64 // λ₂ and λ₂ + Δλ
}

// fieldMoments are expectations over (u, g).
type fieldMoments struct {
	square    float64 // E β₂²
	withFirst float64 // E β₁β₂
	withField float64 // E uβ₂ / s²
	active    float64 // P(β₂ ≠ 0)
	selected  float64 // P(w ≠ 0)
}

// A rule is Gauss and Legendre's on [−1, 1].
type rule struct{ x, weight []float64 }

func legendre(n int) rule {
	r := rule{make([]float64, n), make([]float64, n)}
	quad.Legendre{}.FixedLocations(r.x, r.weight, -1, 1)
	return r
}

// moments integrates over u ≥ 0 and doubles, as (u, g) and (−u, −g) have one law. The inner expectation over g is in closed form, so that
// the integrand is analytic on either side of u = λ₁; panels are short where it turns within a few widths of β₂'s threshold.
func (j joint) moments(r rule) (f fieldMoments) {
	if !(j.sd > 0) {
		t := threshold(0, j.tau, j.outside)
		return fieldMoments{square: t.square / (j.qh2 * j.qh2), active: t.active, selected: t.active}
	}
	end := reach * j.sd
	j.integrate(&f, r, 0, min(j.lambda1, end), false)
	if j.lambda1 < end {
		j.integrate(&f, r, j.lambda1, end, true)
	}
	return f
}

// integrate adds the part from lo to hi, on which β₁ is 0 everywhere or nowhere.
func (j joint) integrate(f *fieldMoments, r rule, lo, hi float64, first bool) {
	t, slope, shift := j.outside, j.slope, 0.0
	if first {
		t, slope, shift = j.inside, j.slope-j.pull/j.qh1, j.pull/j.qh1*j.lambda1
	}
	var store [24]float64
	cuts := j.panels(store[:0], lo, hi, t, slope, shift)
	for i := range len(cuts) - 1 {
		half, mid := (cuts[i+1]-cuts[i])/2, (cuts[i+1]+cuts[i])/2
		for k, x := range r.x {
			u := mid + half*x
			d := 2 * half * r.weight[k] * density(u/j.sd) / j.sd
			v := threshold(slope*u+shift, j.tau, t)
			mean := d * v.mean / j.qh2
			f.square += d * v.square / (j.qh2 * j.qh2)
			f.withField += mean * u / (j.sd * j.sd)
			f.active += d * v.active
			if !first {
				f.selected += d * v.active
				continue
			}
			f.withFirst += mean * (u - j.lambda1) / j.qh1
			if j.kappa > 0 {
				f.selected += d
			} else {
				f.selected += d * v.active
			}
		}
	}
}

// panels returns ascending cuts from lo to hi: at the bends of the normal density, and around each u at which the mean slope·u + shift of
// β₂'s field crosses ±t, at distances in units of the crossing's width τ/|slope|.
func (j joint) panels(cuts []float64, lo, hi, t, slope, shift float64) []float64 {
	cuts = append(cuts, lo, hi)
	add := func(u float64) {
		if u > lo && u < hi {
			cuts = append(cuts, u)
		}
	}
	for _, c := range []float64{1.5, 3, 4.5, 6.5} {
		add(c * j.sd)
	}
	if slope != 0 {
		width := j.tau / math.Abs(slope)
		for _, level := range []float64{t, -t} {
			at := (level - shift) / slope
			for _, d := range []float64{-7, -3, 0, 3, 7} {
				add(at + d*width)
			}
		}
	}
	slices.Sort(cuts)
	return cuts
}
