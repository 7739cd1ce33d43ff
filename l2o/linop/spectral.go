package linop

import (
	"sync"

	"unroll/engine/kernel"
)

// A spectral is a circular convolution of real images (rows, cols), both 2ᵃ3ᵇ, as a product of Fourier transforms. Eight columns and the eight
// that are half of them further right go down through one complex transform, as real and imaginary parts; the frequencies 0 … rows/2 of what
// comes out tell the others. Eight frequencies at a time are then transformed along the rows, multiplied by the kernel's and transformed back, for
// which conjugates go through the same transform.
type spectral struct {
	rows, cols  int
	half        int // columns from one part to the other, a multiple of 8; beyond cols there are zeros
	down, along *dft
	g           []kernel.Complex8 // transform of the kernel over 4·rows·cols: (rows/16 + 1, cols)
	pool        sync.Pool         // of *workspace
}

type workspace struct {
	spectra []kernel.Complex8 // (rows/16 + 1, 2·half), of which the first cols count
	x, y    []kernel.Complex8 // (max(rows + 1, cols))
}

// newSpectral returns the convolution with an image g (rows, cols).
func newSpectral(g []float64, rows, cols int) *spectral {
	s := &spectral{rows: rows, cols: cols, half: (cols + 15) / 16 * 8, down: newDFT(rows), along: newDFT(cols)}
	w := s.get()
	defer s.pool.Put(w)
	s.columns(g, w)
	scale := 1 / (4 * float64(rows*cols)) // twice the spectra here and twice in apply
	for k := range rows/16 + 1 {
		x, _ := s.along.transform(w.spectra[2*s.half*k:][:cols], w.y)
		for _, v := range x[:cols] {
			for t := range v.Re {
				v.Re[t], v.Im[t] = scale*v.Re[t], scale*v.Im[t]
			}
			s.g = append(s.g, v)
		}
	}
	return s
}

func (s *spectral) get() *workspace {
	if w, ok := s.pool.Get().(*workspace); ok {
		return w
	}
	longest := max(s.rows+1, s.cols)
	return &workspace{make([]kernel.Complex8, (s.rows/16+1)*2*s.half), make([]kernel.Complex8, longest), make([]kernel.Complex8, longest)}
}

// apply replaces image (rows, cols) by its convolution with g, or by its correlation with g, which is the adjoint.
func (s *spectral) apply(image []float64, correlate bool) {
	w := s.get()
	defer s.pool.Put(w)
	sign := 1.0
	if correlate {
		sign = -1
	}
	s.columns(image, w)
	for k := range s.rows/16 + 1 {
		x := w.spectra[2*s.half*k:][:s.cols]
		here, other := s.along.transform(x, w.y)
		kernel.MulConj(here[:s.cols], s.g[s.cols*k:][:s.cols], sign)
		s.along.transform(here, other) // as many passes again, so that the end is where the start was
	}
	s.back(image, w)
}

// columns sets the spectra to twice the transform of an image down its columns.
func (s *spectral) columns(image []float64, w *workspace) {
	for l := 0; l < s.half; l += 8 {
		for i := range s.rows {
			row := image[i*s.cols:][:s.cols]
			fill(&w.x[i].Re, row, l)
			fill(&w.x[i].Im, row, l+s.half)
		}
		z, _ := s.down.transform(w.x, w.y)
		z[s.rows] = z[0]
		kernel.SplitSpectra(w.spectra[l:], w.spectra[l+s.half:], 2*s.half, z[:s.rows+1])
	}
}

// back sets image to what has the conjugate spectra, times rows and over 2.
func (s *spectral) back(image []float64, w *workspace) {
	for l := 0; l < s.half; l += 8 {
		kernel.JoinSpectra(w.x[:s.rows+1], w.spectra[l:], w.spectra[l+s.half:], 2*s.half)
		z, _ := s.down.transform(w.x, w.y)
		for i := range s.rows {
			row := image[i*s.cols:][:s.cols]
			empty(row, l, &z[i].Re)
			empty(row, l+s.half, &z[i].Im)
		}
	}
}

// fill sets eight numbers to those of a row from l on, and zeros beyond its end; empty is the way back.
func fill(eight *[8]float64, row []float64, l int) {
	if l+8 <= len(row) {
		*eight = [8]float64(row[l:])
		return
	}
	*eight = [8]float64{}
	copy(eight[:], row[min(l, len(row)):])
}

func empty(row []float64, l int, eight *[8]float64) {
	if l+8 <= len(row) {
		*(*[8]float64)(row[l:]) = *eight
		return
	}
	copy(row[min(l, len(row)):], eight[:])
}
