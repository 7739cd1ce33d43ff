package dln_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/l2o/linop"
	"unroll/model/dln"
)

// Orthogonal columns: coordinate i is switched on at 1/(h_i|β*_i|), h_i = ‖X_i‖²/n, for good.
func TestDiagonalCovariance(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 2))
		const n, d = 12, 8
		var qr mat.QR
		qr.Factorize(mat.NewDense(n, d, normals(rng, n*d)))
		var q mat.Dense
		qr.QTo(&q)
		x, star, times := &linop.Dense{M: n, N: d, Data: make([]float64, n*d)}, normals(rng, d), make([]float64, d)
		for j := range d {
			scale := 0.5 + rng.Float64()
			for i := range n {
				x.Data[i*d+j] = scale * q.At(i, j)
			}
			times[j] = 1 / (scale * scale / n * math.Abs(star[j]))
		}
		y := make([]float64, n)
		x.Apply(y, star)
		p, err := dln.Saddles(x, y)
		if err != nil || len(p.Saddles) != d+1 {
			t.Fatalf("seed %d: %d saddles, %v", seed, len(p.Saddles), err)
		}
		for k, s := range p.Saddles[1:] {
			i := s.Hit[0]
			if math.Abs(s.Time-times[i]) > 1e-12*times[i] || len(s.Support) != k+1 {
				t.Errorf("seed %d: coordinate %d at %v, want %v; support %v", seed, i, s.Time, times[i], s.Support)
			}
		}
	}
}

// The first jump is that of the column most correlated with y, at 1/‖Xᵀy/n‖∞: by hand for one column, and in general.
func TestFirstJump(t *testing.T) {
	p, err := dln.Saddles(&linop.Dense{M: 2, N: 1, Data: []float64{3, 4}}, []float64{1, 3}) // Xᵀy/n = 7.5, ‖X‖² = 25
	if err != nil || len(p.Saddles) != 2 || p.Last().Time != 1/7.5 || math.Abs(p.Last().Values[0]-0.6) > 1e-15 || math.Abs(p.Last().Loss-0.25) > 1e-15 {
		t.Errorf("one column: %+v, %v; want 0.6 at 1/7.5 with loss 0.25", p, err)
	}
	if p.Lambda(4) != 0.5 {
		t.Errorf("two rows at t = 4: λ = %v, want 0.5", p.Lambda(4))
	}
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 3))
		in := instance{"", gaussian(rng, 6, 15, 0.5), normals(rng, 6)}
		p, err := dln.Saddles(in.x, in.y)
		if err != nil {
			t.Fatal(err)
		}
		g := gradient(in, make([]float64, 15))
		top := largest(g)
		if s := p.Saddles[1]; math.Abs(s.Time*top-1) > 1e-14 || math.Abs(g[s.Hit[0]]) != top {
			t.Errorf("seed %d: coordinate %d at %v, want 1/%v", seed, s.Hit[0], s.Time, top)
		}
	}
}

// The time average of the path is the Lasso solution of weight 1/t as long as no coordinate that was active has left |s| = 1; after
// that it is not, in general.
func TestMeanIsLasso(t *testing.T) {
	var lawful, lawless, apart int
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 4))
		in := instance{"", gaussian(rng, 6, 10, 0), normals(rng, 6)}
		p, err := dln.Saddles(in.x, in.y)
		if err != nil {
			t.Fatal(err)
		}
		mean, saddle, s := make([]float64, 10), make([]float64, 10), make([]float64, 10)
		kept := true
		for k, from := range p.Saddles {
			end := 2 * from.Time
			if k+1 < len(p.Saddles) {
				end = p.Saddles[k+1].Time
			}
			from.Vector(saddle)
			g := gradient(in, saddle)
			was := slices.Clone(mean)
			for i := range s {
				s[i] -= (end - from.Time) * g[i]
			}
			p.Mean(mean, end)
			for i, v := range mean {
				active := v != 0 || was[i] != 0
				kept = kept && (!active || math.Abs(s[i]) > 1-1e-9 && s[i]*v > 0)
			}
			lasso := descendLasso(in, 1/end)
			distance, size := gap(mean, lasso), largest(p.Last().Values)
			switch {
			case kept:
				lawful++
				if distance > 1e-8*size {
					t.Errorf("seed %d, t = %g: the mean is %g away from the Lasso at 1/t", seed, end, distance)
				}
			default:
				lawless++
				if distance > 1e-6*size {
					apart++
				}
			}
		}
	}
	t.Logf("%d plateau ends while every active coordinate kept |s| = 1; of %d later ones %d are not the Lasso", lawful, lawless, apart)
	if lawful < 1000 || apart < 100 {
		t.Errorf("%d lawful ends, %d of %d others apart", lawful, apart, lawless)
	}
}

// descendLasso minimises ‖Xβ−y‖²/(2n) + λ‖β‖₁ by coordinate descent from 0, until no coordinate moves its gradient by 1e-14 of the first one.
func descendLasso(in instance, lambda float64) []float64 {
	n, d := in.x.Dims()
	beta := make([]float64, d)
	top := largest(gradient(in, beta))
	for range 200000 {
		worst := 0.0
		for j := range d {
			g, h := gradient(in, beta)[j], 0.0
			for i := range n {
				h += in.x.Data[i*d+j] * in.x.Data[i*d+j] / float64(n)
			}
			v := beta[j] - g/h
			v -= max(-lambda/h, min(lambda/h, v))
			worst = max(worst, h*math.Abs(v-beta[j]))
			beta[j] = v
		}
		if worst <= 1e-14*top {
			return beta
		}
	}
	panic("coordinate descent has not converged")
}

// Columns in another order, with other signs, and data on another scale give the same path in those terms, to the last bit for powers of two.
func TestSymmetries(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	const n, d = 8, 14
	x, y := gaussian(rng, n, d, 0.3), normals(rng, n)
	want, err := dln.Saddles(x, y)
	if err != nil {
		t.Fatal(err)
	}
	order := rng.Perm(d)
	turned, scaled, half := &linop.Dense{M: n, N: d, Data: make([]float64, n*d)}, slices.Clone(y), slices.Clone(x.Data)
	for i := range n {
		for j, from := range order {
			turned.Data[i*d+j] = -x.Data[i*d+from]
		}
		scaled[i] *= 8
	}
	for i := range half {
		half[i] /= 2
	}
	check := func(name string, got *dln.Path, err error, time, value, tol float64, order []int) {
		if err != nil || len(got.Saddles) != len(want.Saddles) {
			t.Fatalf("%s: %v", name, err)
		}
		a, b := make([]float64, d), make([]float64, d)
		for k, s := range want.Saddles {
			s.Vector(a)
			got.Saddles[k].Vector(b)
			if math.Abs(got.Saddles[k].Time-time*s.Time) > tol*time*s.Time {
				t.Errorf("%s: jump %d at %v, want %v", name, k, got.Saddles[k].Time, time*s.Time)
			}
			for j, v := range b {
				if math.Abs(v-value*a[order[j]]) > tol*math.Abs(value)*largest(a) {
					t.Errorf("%s: saddle %d: β[%d] = %v, want %v", name, k, j, v, value*a[order[j]])
				}
			}
		}
	}
	same := make([]int, d)
	for j := range same {
		same[j] = j
	}
	got, err := dln.Saddles(turned, y)
	check("columns turned", got, err, 1, -1, 1e-10, order)
	got, err = dln.Saddles(x, scaled)
	check("y times 8", got, err, 1./8, 8, 0, same)
	got, err = dln.Saddles(&linop.Dense{M: n, N: d, Data: half}, y)
	check("X halved", got, err, 2, 2, 0, same)
}
