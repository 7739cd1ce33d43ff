package linop

import (
	"fmt"
	"sync"
)

// A Shape is that of an image of C channels, H rows and W columns, kept row-major: pixel (c, i, j) is at (c·H + i)·W + j.
type Shape struct{ C, H, W int }

// Len returns the number of numbers in an image.
func (s Shape) Len() int { return s.C * s.H * s.W }

func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.C, s.H, s.W) }

// plane returns channel c of an image.
func (s Shape) plane(x []float64, c int) []float64 { return x[c*s.H*s.W : (c+1)*s.H*s.W] }

// Check returns nil, or a *[ShapeError] for a shape without pixels.
func (s Shape) Check() error {
	if s.C < 1 || s.H < 1 || s.W < 1 {
		return &ShapeError{"shape of the image", s, "at least one channel, row and column"}
	}
	return nil
}

// A ShapeError names what does not fit an image.
type ShapeError struct {
	What string // a kernel, a mask, a number of levels, …
	Have any
	Want string
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("linop: %s is %v, want %s", e.What, e.Have, e.Want)
}

// A scratch lends vectors of one length to any number of goroutines, and allocates only while more are in use than ever before.
type scratch struct {
	length int
	pool   sync.Pool
}

func (s *scratch) get() *[]float64 {
	if v, ok := s.pool.Get().(*[]float64); ok {
		return v
	}
	v := make([]float64, s.length)
	return &v
}

func (s *scratch) put(v *[]float64) { s.pool.Put(v) }
