package diff

import "math"

// Rate returns the factor per iteration that linear theory gives for the iterations first+1 to last of a schedule, for the error of an iterate
// near x* and for that of its derivative alike: the geometric mean of the spectral radii of
//
//	e_k = f_k ((1+β_k) e_{k−1} − β_k e_{k−2}),    f_k = 1 − τ_k h,    h the eigenvalue of H at which it is largest.
//
// It is exact without momentum, where it is max(|1−τμ|, |1−τL|) for a constant step; with a momentum that changes slowly it is √(β_k f_k) when
// that is complex, at h = μ. Products of maps with a momentum that jumps have no such rate. The metric is left out.
func (l *Limit) Rate(s Schedule, first, last int) float64 {
	sum := 0.0
	for k := first + 1; k <= last; k++ {
		largest := 0.0
		for _, h := range l.values {
			largest = max(largest, radius(l.factor(h, s.Step[k-1]), s.momentum(k)))
		}
		sum += math.Log(largest)
	}
	return math.Exp(sum / float64(last-first))
}

// factor returns f for the eigenvalue h of H, of which a ridge or squared penalty is a part: by that part the prox divides.
func (l *Limit) factor(h, tau float64) float64 {
	own := l.ridge
	if l.smooth {
		own = l.lambda
	}
	return (1 - tau*(h-own)) / (1 + tau*own)
}

// radius returns the largest root of z² − (1+β) f z + β f in size.
func radius(f, beta float64) float64 {
	trace, det := (1+beta)*f, beta*f
	if d := trace*trace - 4*det; d >= 0 {
		return (math.Abs(trace) + math.Sqrt(d)) / 2
	}
	return math.Sqrt(det)
}
