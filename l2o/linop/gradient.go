package linop

// A Gradient is the map from an image (C, H, W) to its forward differences (C, 2, H, W), down and then to the right:
//
//	(Dx)_(c,0,i,j) = x_(c,i+1,j) − x_(c,i,j),  0 in the last row,
//	(Dx)_(c,1,i,j) = x_(c,i,j+1) − x_(c,i,j),  0 in the last column,
//
// and −Dᵀ is the discrete divergence (Chambolle, An algorithm for total variation minimization and applications, 2004). ‖D‖² < 8.
// Several goroutines may use one.
type Gradient struct{ shape Shape }

// NewGradient returns the operator on images of shape s; one without pixels is a *[ShapeError].
func NewGradient(s Shape) (*Gradient, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	return &Gradient{s}, nil
}

// Dims returns the numbers of differences and of pixels.
func (a *Gradient) Dims() (m, n int) { return 2 * a.shape.Len(), a.shape.Len() }

// Apply sets dst = D x.
func (a *Gradient) Apply(dst, x []float64) {
	m, n := a.Dims()
	checkLengths("Apply", m, n, len(dst), len(x))
	w, pixels := a.shape.W, a.shape.H*a.shape.W
	for c := range a.shape.C {
		u := a.shape.plane(x, c)
		down, right := dst[2*c*pixels:][:pixels], dst[(2*c+1)*pixels:][:pixels]
		for i := range pixels - w {
			down[i] = u[i+w] - u[i]
		}
		clear(down[pixels-w:])
		for i := 0; i < pixels; i += w {
			row, to := u[i:i+w], right[i:i+w]
			for j := range w - 1 {
				to[j] = row[j+1] - row[j]
			}
			to[w-1] = 0
		}
	}
}

// Adjoint sets dst = Dᵀ y.
func (a *Gradient) Adjoint(dst, y []float64) {
	m, n := a.Dims()
	checkLengths("Adjoint", m, n, len(y), len(dst))
	w, pixels := a.shape.W, a.shape.H*a.shape.W
	for c := range a.shape.C {
		u := a.shape.plane(dst, c)
		down, right := y[2*c*pixels:][:pixels], y[(2*c+1)*pixels:][:pixels]
		clear(u)
		for i := 0; i < pixels; i += w {
			row, from := u[i:i+w], right[i:i+w]
			for j := range w - 1 {
				row[j] -= from[j]
				row[j+1] += from[j]
			}
		}
		for i := range pixels - w {
			u[i] -= down[i]
			u[i+w] += down[i]
		}
	}
}
