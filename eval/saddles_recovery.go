package eval

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/model/dln"
)

// The setting of Decleves, Boursier and Flammarion (2026): columns N(0, I/n), a β* with s nonzeros, noise of scale σ/√n.
const (
	recoveryN, recoveryD, recoveryS = 140, 260, 20
	recoverySigma                   = 0.005
)

// recoveryMissing are the numbers of coordinates of β* that the start lacks, or has with the wrong sign.
var recoveryMissing = []int{0, 4, 8, 12, 16, 20}

// A Recovery says how often the signed support of β* stands on the path of three methods, by what their start lacks of it.
type Recovery struct {
	Points    []RecoveryPoint // one per entry of recoveryMissing
	Ambiguous int             // paths with a tie, which count as they are
}

// A RecoveryPoint is the share of trials in which a method recovers, with its interval.
type RecoveryPoint struct {
	Missing              int
	Lacking, Wrong       Share // saddles of the fine-tuned flow: coordinates missing, coordinates with the wrong sign
	Weighted, Unweighted Share // Lasso with weight 0 on the start's support, weight 1 everywhere
}

// A Share is a binomial share with Wilson's interval (1927).
type Share struct {
	Value float64
	CI    Interval
}

func share(successes, trials int) Share {
	const z = 1.959963984540054
	n := float64(trials)
	p := float64(successes) / n
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Share{p, Interval{centre - half, centre + half}}
}

// recover runs the trials. Trial i draws the same data for every method and every number of missing coordinates.
func (s Saddles) recover() *Recovery {
	const methods = 4
	hits := newMatrix(s.Trials, methods*len(recoveryMissing)) // 1 or 0
	doubtful := newMatrix(s.Trials, 1)
	split(s.Workers, s.Trials, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			t := newTrial(s.Seed, uint64(i))
			for m, missing := range recoveryMissing {
				row := hits.Row(i)[methods*m : methods*(m+1)]
				row[0] = count(t.tuned(t.start(missing, 0), &doubtful.Data[i]))
				row[1] = count(t.tuned(t.start(missing, -1), &doubtful.Data[i]))
				row[2] = count(t.lasso(t.order[missing:]))
				row[3] = count(t.lasso(nil))
			}
		}
	})
	r := &Recovery{Ambiguous: int(sum(doubtful.Data))}
	for m, missing := range recoveryMissing {
		var all [methods]Share
		for j := range all {
			all[j] = share(int(sum(hits.Col(methods*m+j))), s.Trials)
		}
		r.Points = append(r.Points, RecoveryPoint{missing, all[0], all[1], all[2], all[3]})
	}
	return r
}

func count(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// A trial is one draw of data. The first entries of order are those that the start lacks.
type trial struct {
	in    regression
	star  []float64
	order []int // the support of β*
}

func newTrial(seed, i uint64) trial {
	rng := rand.New(rand.NewPCG(seed, 1+i))
	x := &linop.Dense{M: recoveryN, N: recoveryD, Data: make([]float64, recoveryN*recoveryD)}
	for j := range x.Data {
		x.Data[j] = rng.NormFloat64() / math.Sqrt(recoveryN)
	}
	t := trial{regression{x, make([]float64, recoveryN)}, make([]float64, recoveryD), rng.Perm(recoveryD)[:recoveryS]}
	for _, j := range t.order {
		t.star[j] = rng.NormFloat64()
	}
	x.Apply(t.in.y, t.star)
	for j := range t.in.y {
		t.in.y[j] += recoverySigma / math.Sqrt(recoveryN) * rng.NormFloat64()
	}
	return t
}

// problem is the trial as l2o poses it.
func (t trial) problem() *l2o.Problem { return &l2o.Problem{A: t.in.x, Y: t.in.y} }

// start returns β* with the given number of coordinates multiplied by instead: 0 for missing, −1 for wrong.
func (t trial) start(missing int, instead float64) []float64 {
	start := slices.Clone(t.star)
	for _, j := range t.order[:missing] {
		start[j] *= instead
	}
	return start
}

// tuned reports whether a saddle of the fine-tuned flow has the signed support of β*.
func (t trial) tuned(start []float64, doubtful *float64) bool {
	path, err := dln.FineTune(t.in.x, t.in.y, start)
	if _, ambiguous := errors.AsType[*dln.AmbiguityError](err); ambiguous {
		*doubtful++
	} else if err != nil {
		panic(fmt.Sprintf("eval: a random instance was refused: %v", err))
	}
	return slices.ContainsFunc(path.Saddles, func(s dln.Saddle) bool {
		if len(s.Support) != len(t.order) {
			return false
		}
		for i, j := range s.Support {
			if !(s.Values[i]*t.star[j] > 0) {
				return false
			}
		}
		return true
	})
}

// lasso reports whether some λ > 0 gives a solution of the Lasso with the signed support of β*, where the weight of a coordinate is 0 on
// the known ones and 1 elsewhere. The primal–dual witness (Wainwright 2009, Lemma 2) settles that without a path: on the support T,
// β_T = G⁻¹(X_Tᵀy − λw), G = X_TᵀX_T and w the weighted signs, and every condition bounds λ,
//
//	sign β_T = sign β*_T,    |X_jᵀ(y − X_Tβ_T)| ≤ λ for j ∉ T
func (t trial) lasso(known []int) bool {
	free, pull, ok := t.witness(known) // β_T = free − λ·pull
	if !ok {
		return false
	}
	lambda := lambdaRange{0, math.Inf(1)}
	for _, j := range t.order {
		sign := math.Copysign(1, t.star[j])
		lambda.keep(sign*free[j], -sign*pull[j])
	}
	// X_jᵀ(y − X_Tβ_T) = a + λb
	rest, a, b := make([]float64, recoveryN), make([]float64, recoveryD), make([]float64, recoveryD)
	t.in.x.Apply(rest, pull)
	t.in.x.Adjoint(b, rest)
	t.in.x.Apply(rest, free)
	for i, y := range t.in.y {
		rest[i] = y - rest[i]
	}
	t.in.x.Adjoint(a, rest)
	for j, star := range t.star {
		if star == 0 {
			lambda.keep(-a[j], 1-b[j])
			lambda.keep(a[j], 1+b[j])
		}
	}
	return lambda.lo < lambda.hi
}

// witness returns G⁻¹X_Tᵀy and G⁻¹w, 0 outside T; ok is false where G is singular.
func (t trial) witness(known []int) (free, pull []float64, ok bool) {
	x := mat.NewDense(recoveryN, recoveryD, t.in.x.Data)
	columns, w := mat.NewDense(recoveryN, len(t.order), nil), mat.NewVecDense(len(t.order), nil)
	for p, j := range t.order {
		columns.SetCol(p, mat.Col(nil, j, x))
		if !slices.Contains(known, j) {
			w.SetVec(p, math.Copysign(1, t.star[j]))
		}
	}
	var qr mat.QR
	qr.Factorize(columns)
	var atY, half, atW mat.VecDense // G⁻¹w = R⁻¹R⁻ᵀw
	err := errors.Join(qr.SolveVecTo(&atY, false, mat.NewVecDense(recoveryN, t.in.y)), qr.SolveVecTo(&half, true, w), qr.SolveVecTo(&atW, false, &half))
	free, pull = make([]float64, recoveryD), make([]float64, recoveryD)
	for p, j := range t.order {
		if err == nil {
			free[j], pull[j] = atY.AtVec(p), atW.AtVec(p)
		}
	}
	return free, pull, err == nil
}

// A lambdaRange is an open interval of weights.
type lambdaRange struct{ lo, hi float64 }

// keep cuts the interval to the λ with a + bλ ≥ 0.
func (r *lambdaRange) keep(a, b float64) {
	switch {
	case b > 0:
		r.lo = max(r.lo, -a/b)
	case b < 0:
		r.hi = min(r.hi, -a/b)
	case a < 0:
		r.hi = r.lo
	}
}
