package linop

import (
	"fmt"

	"unroll/engine/kernel"
)

// A Mix makes the channels of every pixel out of those of the pixel in its place, y_(·,i,j) = M x_(·,i,j): a change of colours, or their
// mean. Several goroutines may use one.
type Mix struct {
	from Shape
	m    *Dense // (channels made, channels)
}

// NewMix returns the operator from images of shape s to images of as many channels as m has rows. A matrix that has not as many columns as
// s has channels is a *[ShapeError].
func NewMix(s Shape, m *Dense) (*Mix, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if m.N != s.C || m.M < 1 {
		return nil, &ShapeError{"matrix that mixes channels", fmt.Sprintf("%d×%d", m.M, m.N), fmt.Sprintf("%d columns for an image of %v", s.C, s)}
	}
	checkHeld(m.M, m.N, len(m.Data))
	return &Mix{s, m}, nil
}

// Dims returns the lengths of both images.
func (a *Mix) Dims() (m, n int) { return a.m.M * a.from.H * a.from.W, a.from.Len() }

// Apply sets dst = M x, with x as a matrix of one row a channel.
func (a *Mix) Apply(dst, x []float64) {
	m, n := a.Dims()
	checkLengths("Apply", m, n, len(dst), len(x))
	p := a.from.H * a.from.W
	kernel.Gemm(false, false, a.m.M, p, a.m.N, 1, a.m.Data, a.m.N, x, p, false, dst, p) // (made, pixels)
}

// Adjoint sets dst = Mᵀ y.
func (a *Mix) Adjoint(dst, y []float64) {
	m, n := a.Dims()
	checkLengths("Adjoint", m, n, len(y), len(dst))
	p := a.from.H * a.from.W
	kernel.Gemm(true, false, a.m.N, p, a.m.M, 1, a.m.Data, a.m.N, y, p, false, dst, p) // (channels, pixels)
}
