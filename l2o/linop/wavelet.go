package linop

import "fmt"

// A Wavelet is the orthonormal transform of an image by Daubechies' wavelet with four vanishing moments (db4), two-dimensional and separable,
// of J levels, every channel alone. Each level halves rows and columns,
//
//	a_k = Σ_m h_m x_(2k+m−3),    d_k = Σ_m (−1)ᵐ h_(7−m) x_(2k+m−3),    m = 0 … 7, indices modulo the length,
//
// first down the columns and then along the rows, and goes on with what is smooth in both. So that the period is kept at every level, H and W
// must be multiples of 2ᴶ; then W⁻¹ = Wᵀ exactly: Apply is the analysis and Adjoint the synthesis. Coefficients lie band after band, see
// [Wavelet.Bands]. Several goroutines may use one.
//
// Daubechies, Orthonormal bases of compactly supported wavelets, 1988, table 1, N = 4; Mallat, A theory for multiresolution signal
// decomposition, 1989, §IV for the two-dimensional transform. Bands and signs are those of PyWavelets' mode periodization.
type Wavelet struct {
	shape  Shape
	levels int
	half   *scratch // one channel, after the columns and before the rows, and one row
}

// NewWavelet returns the transform of images of shape s. A number of levels that is below 1, or of which H or W is no multiple of the power of
// two, is a *[ShapeError].
func NewWavelet(s Shape, levels int) (*Wavelet, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if levels < 1 {
		return nil, &ShapeError{"number of levels of a wavelet transform", levels, "at least 1"}
	}
	if most := halvings(s); levels > most {
		return nil, &ShapeError{"number of levels of a wavelet transform", levels, fmt.Sprintf("at most %d for an image of %v, whose height and width it must halve", most, s)}
	}
	return &Wavelet{s, levels, &scratch{length: s.H*s.W + rowMemory(s.W)}}, nil
}

// halvings returns how often both sides of an image are even.
func halvings(s Shape) (most int) {
	for h, w := s.H, s.W; h%2 == 0 && w%2 == 0; h, w = h/2, w/2 {
		most++
	}
	return most
}

// Dims returns the length of the image twice.
func (a *Wavelet) Dims() (m, n int) { return a.shape.Len(), a.shape.Len() }

// Apply sets dst to the coefficients of x. Those of a level and of all coarser ones are in the first numbers of their channel, so the smooth
// part of a level is where the next finds it and leaves its own.
func (a *Wavelet) Apply(dst, x []float64) {
	checkLengths("Apply", a.shape.Len(), a.shape.Len(), len(dst), len(x))
	held := a.half.get()
	defer a.half.put(held)
	for c := range a.shape.C {
		from, to := a.shape.plane(x, c), a.shape.plane(dst, c)
		for level := range a.levels {
			h, w := a.shape.H>>level, a.shape.W>>level
			half, row := (*held)[:h*w], (*held)[a.shape.H*a.shape.W:]
			analyseColumns(half, from, h, w)
			analyseRows(to, half, row, h, w)
			from = to
		}
	}
}

// Adjoint sets dst to the image of coefficients y.
func (a *Wavelet) Adjoint(dst, y []float64) {
	checkLengths("Adjoint", a.shape.Len(), a.shape.Len(), len(y), len(dst))
	held := a.half.get()
	defer a.half.put(held)
	for c := range a.shape.C {
		details, to := a.shape.plane(y, c), a.shape.plane(dst, c)
		smooth := details
		for level := a.levels - 1; level >= 0; level-- {
			h, w := a.shape.H>>level, a.shape.W>>level
			half, row := (*held)[:h*w], (*held)[a.shape.H*a.shape.W:]
			synthesiseRows(half, smooth, details, row, h, w)
			synthesiseColumns(to, half, h, w)
			smooth = to
		}
	}
}
