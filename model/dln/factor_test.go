package dln

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/l2o/linop"
)

// After hundreds of columns that come and go, the least squares by the updated factor are those of a new one by Householder reflections.
func TestFactorIsThatOfANewMatrix(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n, d = 30, 60
	x := &linop.ColMajor{M: n, N: d, Data: make([]float64, n*d)}
	y := make([]float64, n)
	for _, v := range [][]float64{x.Data, y} {
		for i := range v {
			v[i] = rng.NormFloat64()
		}
	}
	f := factor{x: x}
	in := map[int]bool{}
	residual := make([]float64, n)
	for round := range 2000 {
		if j := rng.IntN(d); len(f.cols) < 2 || (!in[j] && len(f.cols) < n && rng.IntN(2) == 0) {
			if in[j] {
				continue
			}
			if !f.add(j) {
				t.Fatalf("round %d: column %d of a Gaussian matrix is dependent", round, j)
			}
			in[j] = true
		} else {
			p := rng.IntN(len(f.cols))
			delete(in, f.cols[p])
			f.drop(p)
		}
		z := make([]float64, len(f.cols))
		f.solve(z, residual, y)
		sub := mat.NewDense(n, len(f.cols), nil)
		for k, j := range f.cols {
			sub.SetCol(k, x.Data[j*n:(j+1)*n])
		}
		var want mat.VecDense
		if err := want.SolveVec(sub, mat.NewVecDense(n, y)); err != nil {
			t.Fatal(err)
		}
		for k, v := range z {
			if math.Abs(v-want.AtVec(k)) > 1e-9*(1+mat.Norm(&want, math.Inf(1))) {
				t.Fatalf("round %d, %d columns: z[%d] = %g, want %g", round, len(f.cols), k, v, want.AtVec(k))
			}
		}
	}
}

func TestFactorSeesDependence(t *testing.T) {
	x := &linop.ColMajor{M: 3, N: 4, Data: []float64{1, 2, 3, 0, 1, 0, 7, 1, 1, 2, 1, 6}} // the last is 2·first − 3·second
	f := factor{x: x}
	if !f.add(0) || !f.add(1) || !f.add(2) || f.add(3) {
		t.Error("the span of the first two columns holds the last and not the third")
	}
	if got := f.dependence(3); len(got) != 3 || got[0] != 0 || got[1] != 1 || got[2] != 3 {
		t.Errorf("dependence %v, want [0 1 3]", got)
	}
	if f.drop(0); !f.add(3) {
		t.Error("without the first column the last is independent")
	}
}
