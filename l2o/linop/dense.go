package linop

// A Dense is an m×n matrix, row-major: A[i,j] = Data[i*N+j]. *Dense is a [Columns]; copy it into a [ColMajor] for many uses of single
// columns.
type Dense struct {
	M, N int
	Data []float64 // (M, N)
}

// Dims returns the number of rows and of columns.
func (a *Dense) Dims() (m, n int) { return a.M, a.N }

// Apply sets dst = A x. Every entry of dst is one sum from the left to the right; four rows advance together,
// so that four chains of additions are in flight and x is read once for them.
func (a *Dense) Apply(dst, x []float64) {
	a.checkLengths("Apply", len(dst), len(x))
	n := len(x)
	i := 0
	for ; i+4 <= a.M; i += 4 {
		r0, r1, r2, r3 := a.row(i), a.row(i+1), a.row(i+2), a.row(i+3)
		r0, r1, r2, r3 = r0[:n], r1[:n], r2[:n], r3[:n]
		var s0, s1, s2, s3 float64
		for j, v := range x {
			s0 += r0[j] * v
			s1 += r1[j] * v
			s2 += r2[j] * v
			s3 += r3[j] * v
		}
		dst[i], dst[i+1], dst[i+2], dst[i+3] = s0, s1, s2, s3
	}
	for ; i < a.M; i++ {
		s, r := 0.0, a.row(i)[:n]
		for j, v := range x {
			s += r[j] * v
		}
		dst[i] = s
	}
}

// Adjoint sets dst = Aᵀ y. Every entry of dst is one sum from the top to the bottom; rows are added four at a
// time, so that dst is read and written once for them.
func (a *Dense) Adjoint(dst, y []float64) {
	a.checkLengths("Adjoint", len(y), len(dst))
	clear(dst)
	n := len(dst)
	i := 0
	for ; i+4 <= a.M; i += 4 {
		r0, r1, r2, r3 := a.row(i), a.row(i+1), a.row(i+2), a.row(i+3)
		r0, r1, r2, r3 = r0[:n], r1[:n], r2[:n], r3[:n]
		y0, y1, y2, y3 := y[i], y[i+1], y[i+2], y[i+3]
		for j, s := range dst {
			dst[j] = s + y0*r0[j] + y1*r1[j] + y2*r2[j] + y3*r3[j]
		}
	}
	for ; i < a.M; i++ {
		r, v := a.row(i)[:n], y[i]
		for j := range dst {
			dst[j] += v * r[j]
		}
	}
}

// Column sets dst = A_j.
func (a *Dense) Column(dst []float64, j int) {
	a.checkColumn("Column", len(dst), j)
	for i := range dst {
		dst[i] = a.Data[i*a.N+j]
	}
}

// DotColumn returns ⟨A_j, r⟩, summed from the top to the bottom.
func (a *Dense) DotColumn(j int, r []float64) float64 {
	a.checkColumn("DotColumn", len(r), j)
	s := 0.0
	for i, v := range r {
		s += a.Data[i*a.N+j] * v
	}
	return s
}

// AddColumn adds v·A_j to r.
func (a *Dense) AddColumn(r []float64, v float64, j int) {
	a.checkColumn("AddColumn", len(r), j)
	for i := range r {
		r[i] += v * a.Data[i*a.N+j]
	}
}

func (a *Dense) row(i int) []float64 { return a.Data[i*a.N : (i+1)*a.N] }

func (a *Dense) checkLengths(method string, rows, cols int) {
	checkLengths(method, a.M, a.N, rows, cols)
	checkHeld(a.M, a.N, len(a.Data))
}

func (a *Dense) checkColumn(method string, rows, j int) {
	checkColumn(method, a.M, a.N, rows, j)
	checkHeld(a.M, a.N, len(a.Data))
}
