package l2o

import (
	"math"
	"slices"

	"unroll/engine/kernel"
)

// newton moves x towards the minimiser of the model on the face of x, the coordinates at which the prox of g has a derivative J > 0, as if
// g were quadratic there, which it is for all penalties whose blocks are single coordinates. With p = prox_{τg}(x + τ·slope) it solves
//
//	(G + diag((1/J − 1)/τ)) δ = (p − x)/(τJ) = −∇F
//
// on the face and goes as far along δ as no coordinate passes 0. It reports whether that was all the way. A column A_j = Σ a_i A_i that
// depends on others of the face is dealt with before: along ±(e_j − Σ a_i e_i) only g changes, and F falls until a coordinate with a kink there
// reaches 0.
func (q *model) newton() (all bool) {
	if !q.tracks() {
		return false
	}
	tau := math.Inf(1)
	for i, v := range q.step {
		if q.x[i] != 0 {
			tau = min(tau, v)
		}
	}
	if math.IsInf(tau, 1) {
		return true
	}
	q.nearlyDependent = false
	for {
		at, target, ridge := q.face(tau)
		l, on := q.factor(at, target, ridge)
		if on < 0 {
			continue
		}
		at = at[:on]
		l.solve(target[:on])
		return q.travel(at, target[:on], 1) == 1
	}
}

// tracks reports whether newton applies.
func (q *model) tracks() bool { return q.gram != nil && len(q.size) == len(q.coords) }

// factor returns the factor of the face's matrix and the number of its columns. Of those that depend on others it makes one 0 and returns
// −1, or has it stay, moved behind the others in at and target, where none can be 0.
func (q *model) factor(at []int, target, ridge []float64) (l cholesky, on int) {
	l, on = q.keep(at, target, ridge)
	var row []float64
	for i := on; i < len(at); i++ {
		place := at[i]
		row = row[:0]
		for _, other := range at[:on] {
			row = append(row, q.gram[place][other])
		}
		row = append(row, q.gram[place][place]+ridge[i])
		if l.append(row, tooDependent) {
			at[on], at[i] = place, at[on]
			target[on], target[i] = target[i], target[on]
			on++
			q.nearlyDependent = q.nearlyDependent || l.last() < closeColumns*row[len(row)-1]
			continue
		}
		q.nearlyDependent = true
		null := append(l.combination(row), -1)
		down := 0.0
		for k, v := range null[:on] {
			if other := at[k]; v*v*q.gram[other][other] < tooDependent*q.gram[place][place] {
				null[k] = 0 // rounding, or as good as that: it must not say how far to go
			}
			down += null[k] * target[k]
		}
		if down -= target[i]; down < 0 {
			kernel.Scale(null, -1, null)
		}
		if q.travel(append(at[:on:on], place), null, math.Inf(1)) > 0 {
			q.kept.l, q.kept.at = l, append(q.kept.at[:0], at[:on]...)
			return l, -1
		}
	}
	q.kept.l, q.kept.at = l, append(q.kept.at[:0], at[:on]...)
	return l, on
}

// keep takes of the factor that the last step left the rows of columns that are on the face, and returns it with their number. It brings
// them to the front of at and target, in its order. A ridge, which may be another one now, leaves nothing.
func (q *model) keep(at []int, target, ridge []float64) (l cholesky, on int) {
	if slices.ContainsFunc(ridge, nonzero) {
		return l, 0
	}
	l = q.kept.l
	where := make([]int, len(q.x)) // in at, from 1
	for i, place := range at {
		where[place] = i + 1
	}
	for _, place := range q.kept.at {
		i := where[place] - 1
		if i < 0 {
			l.remove(on)
			continue
		}
		other := at[on]
		at[on], at[i] = place, other
		target[on], target[i] = target[i], target[on]
		where[other] = i + 1
		r := l.rows[on]
		q.nearlyDependent = q.nearlyDependent || r[on]*r[on] < closeColumns*q.gram[place][place]
		on++
	}
	return l, on
}

// A factor is that of the Gram matrix of the columns at the given places of a working set.
type factor struct {
	l  cholesky
	at []int
}

const (
	tooDependent = 1e-11 // pivots of a Cholesky factor against the diagonal: below, a column counts as a combination of others
	closeColumns = 1e-5  // below, the answer needs more digits than the Gram matrix has
)

// travel goes along a direction, most times it or as far as a coordinate reaches 0, and returns how far; 0 for an infinite way. What has no
// kink at 0 passes it: stopped there it would stay on the face, which must shrink.
func (q *model) travel(at []int, direction []float64, most float64) float64 {
	stop := -1
	for i, place := range at {
		if t := -q.x[place] / direction[i]; t > 0 && t < most && !q.free(place) {
			most, stop = t, place
		}
	}
	if math.IsInf(most, 1) {
		return 0
	}
	for i, place := range at {
		q.move(place, most*direction[i])
	}
	if stop >= 0 {
		q.x[stop] = 0
	}
	return most
}

// face returns the places with J > 0, and for them (p − x)/(τJ) and (1/J − 1)/τ.
func (q *model) face(tau float64) (at []int, target, ridge []float64) {
	v, ones, j := q.room[0], q.room[1], q.room[2] // off the set they are what they were, and not looked at
	for i, c := range q.coords {
		v[c], ones[c] = q.x[i]+tau*q.slope[i], 1
	}
	q.g.Jacobian(j, v, tau, ones)
	var p [1]float64
	for i, c := range q.coords {
		if !(j[c] > 0) || q.x[i] == 0 && !q.free(i) {
			continue
		}
		p[0] = v[c]
		q.g.ProxBlock(q.blocks[i], p[:], tau)
		at = append(at, i)
		target = append(target, (p[0]-q.x[i])/(tau*j[c]))
		ridge = append(ridge, (1/j[c]-1)/tau)
	}
	return at, target, ridge
}

// free reports whether a coordinate at 0 is not at a kink.
func (q *model) free(i int) bool {
	return math.IsInf(q.g.Slack(q.blocks[i], []float64{q.slope[i]}), -1)
}

// A cholesky is the factor L of a matrix LLᵀ, row by row.
type cholesky struct{ rows [][]float64 }

// append adds the last row of a larger matrix, up to its diagonal. It reports whether the new pivot exceeds the given part of the diagonal;
// if not, nothing changes.
func (l *cholesky) append(row []float64, part float64) bool {
	k := len(l.rows)
	r := make([]float64, k+1)
	copy(r, row)
	for j, above := range l.rows {
		r[j] = (r[j] - kernel.Dot(r[:j], above[:j])) / above[j]
	}
	pivot := r[k] - kernel.SumSquares(r[:k])
	if !(pivot > part*row[k]) {
		return false
	}
	r[k] = math.Sqrt(pivot)
	l.rows = append(l.rows, r)
	return true
}

// remove takes out a row and column of the matrix. Without it L has one entry beyond the diagonal in every row from that one on, which Givens
// rotations of its columns take away (Golub and Van Loan, Matrix Computations, 4th ed., §6.5.4).
func (l *cholesky) remove(i int) {
	l.rows = slices.Delete(l.rows, i, i+1)
	turns := make([][2]float64, 0, len(l.rows)-i) // cos, sin
	for j, r := range l.rows[i:] {
		tail := r[i:]
		for k, t := range turns {
			v, w := tail[k], tail[k+1]
			tail[k], tail[k+1] = t[0]*v+t[1]*w, t[0]*w-t[1]*v
		}
		v, w := tail[j], tail[j+1]
		h := math.Hypot(v, w)
		turns = append(turns, [2]float64{v / h, w / h})
		tail[j] = h
		l.rows[i+j] = r[:i+j+1]
	}
}

// combination returns the combination of the columns there are that a column, given by its row as to append, is nearest to.
func (l *cholesky) combination(row []float64) []float64 {
	c := slices.Clone(row[:len(l.rows)])
	l.solve(c)
	return c
}

// last returns the last pivot.
func (l *cholesky) last() float64 {
	r := l.rows[len(l.rows)-1]
	return r[len(r)-1] * r[len(r)-1]
}

// solve sets v = (LLᵀ)⁻¹v.
func (l *cholesky) solve(v []float64) {
	for j, r := range l.rows {
		v[j] = (v[j] - kernel.Dot(r[:j], v[:j])) / r[j]
	}
	for j := len(l.rows) - 1; j >= 0; j-- {
		r := l.rows[j]
		v[j] /= r[j]
		kernel.Axpy(-v[j], r[:j], v[:j])
	}
}
