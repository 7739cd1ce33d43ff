package dln_test

import (
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// interpolation returns the equations Cβ = e, r×d of full row rank, whose solutions are the minimisers of ‖Xβ−y‖²: with X = UΣVᵀ of
// rank r they are Vᵀβ = Σ⁻¹Uᵀy.
func interpolation(in instance) (c *mat.Dense, e []float64) {
	n, d := in.x.Dims()
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(n, d, in.x.Data), mat.SVDThin) {
		panic("oracle: no singular value decomposition")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	sigma := svd.Values(nil)
	rank := 0
	for rank < len(sigma) && sigma[rank] > 1e-10*sigma[0] {
		rank++
	}
	c = mat.NewDense(rank, d, nil)
	for k := range rank {
		c.SetRow(k, mat.Col(nil, k, &v))
		e = append(e, mat.Dot(u.ColView(k), mat.NewVecDense(n, in.y))/sigma[k])
	}
	return c, e
}

// cheapest returns the β with Cβ = e that costs least, Σ up_i·max(β_i, 0) + down_i·max(−β_i, 0), by gonum's simplex method, which may
// fail. Columns of C that are 0 get β = 0.
func cheapest(c *mat.Dense, e, up, down []float64) ([]float64, error) {
	rank, d := c.Dims()
	beta := make([]float64, d)
	if rank == d {
		var x mat.VecDense
		err := x.SolveVec(c, mat.NewVecDense(d, e))
		copy(beta, x.RawVector().Data)
		return beta, err
	}
	var columns []int
	for j := range d {
		if mat.Norm(c.ColView(j), 2) > 1e-12 {
			columns = append(columns, j)
		}
	}
	a, cost := mat.NewDense(rank, 2*len(columns), nil), make([]float64, 2*len(columns))
	for k, j := range columns {
		for i := range rank {
			a.Set(i, 2*k, c.At(i, j))
			a.Set(i, 2*k+1, -c.At(i, j))
		}
		cost[2*k], cost[2*k+1] = up[j], down[j]
	}
	_, x, err := lp.Simplex(cost, a, e, 1e-12, nil)
	if err != nil {
		return nil, err
	}
	for k, j := range columns {
		beta[j] = x[2*k] - x[2*k+1]
	}
	return beta, nil
}

// misfit returns ‖Cβ − e‖∞.
func misfit(c *mat.Dense, e, beta []float64) float64 {
	var r mat.VecDense
	r.MulVec(c, mat.NewVecDense(len(beta), beta))
	return gap(r.RawVector().Data, e)
}

func constant(d int, v float64) []float64 {
	c := make([]float64, d)
	for i := range c {
		c[i] = v
	}
	return c
}
