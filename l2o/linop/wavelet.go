package linop

import (
	"fmt"

	"unroll/engine/kernel"
)

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
	half   *scratch // one channel, after the columns and before the rows
}

// db4 is the low-pass filter h. It is orthogonal to its shifts by 2, 4 and 6, and Σ (−1)ᵐ mᵖ h_m = 0 for p = 0 … 3.
var db4 = [taps]float64{
	0.23037781330889650, 0.71484657055291565, 0.63088076792985890, -0.02798376941685985,
	-0.18703481171909308, 0.03084138183556076, 0.03288301166688520, -0.01059740178506903,
}

const (
	taps = 8
	lead = 3 // pixels before the first output at which the filters begin
)

// highpass returns (−1)ᵐ h_(7−m).
func highpass(m int) float64 {
	if m%2 == 1 {
		return -db4[taps-1-m]
	}
	return db4[taps-1-m]
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
	return &Wavelet{s, levels, &scratch{length: s.H * s.W}}, nil
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
			half := (*held)[:h*w]
			analyseColumns(half, from, h, w)
			analyseRows(to, half, h, w)
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
			half := (*held)[:h*w]
			synthesiseRows(half, smooth, details, h, w)
			synthesiseColumns(to, half, h, w)
			smooth = to
		}
	}
}

// analyseColumns filters the columns of an h×w image, row by row: the upper half of dst becomes smooth, the lower half detail.
func analyseColumns(dst, x []float64, h, w int) {
	for k := range h / 2 {
		low, high := dst[k*w:(k+1)*w], dst[(k+h/2)*w:][:w]
		clear(low)
		clear(high)
		for m, v := range db4 {
			i := wrap(2*k+m-lead, h)
			kernel.Axpy(v, x[i*w:(i+1)*w], low)
			kernel.Axpy(highpass(m), x[i*w:(i+1)*w], high)
		}
	}
}

// synthesiseColumns is the adjoint of analyseColumns.
func synthesiseColumns(dst, y []float64, h, w int) {
	clear(dst[:h*w])
	for k := range h / 2 {
		low, high := y[k*w:(k+1)*w], y[(k+h/2)*w:][:w]
		for m, v := range db4 {
			i := wrap(2*k+m-lead, h)
			kernel.Axpy(v, low, dst[i*w:(i+1)*w])
			kernel.Axpy(highpass(m), high, dst[i*w:(i+1)*w])
		}
	}
}

// analyseRows filters the rows of an h×w image into its four bands of h/2×w/2: smooth; horizontal, vertical and diagonal detail.
func analyseRows(dst, x []float64, h, w int) {
	for i := range h {
		low, high := bandRows(dst, i, h, w)
		row := x[i*w : (i+1)*w]
		for k := range w / 2 {
			l, d := 0.0, 0.0
			for m, v := range db4 {
				t := row[wrap(2*k+m-lead, w)]
				l += v * t
				d += highpass(m) * t
			}
			low[k], high[k] = l, d
		}
	}
}

// synthesiseRows is the adjoint of analyseRows, with the smooth band from one place and the three others from another.
func synthesiseRows(dst, smooth, details []float64, h, w int) {
	clear(dst)
	for i := range h {
		low, high := bandRows(details, i, h, w)
		if i < h/2 {
			low, _ = bandRows(smooth, i, h, w)
		}
		row := dst[i*w : (i+1)*w]
		for k := range w / 2 {
			for m, v := range db4 {
				row[wrap(2*k+m-lead, w)] += v*low[k] + highpass(m)*high[k]
			}
		}
	}
}

// bandRows returns the rows of two bands that row i of the h×w image before them, with its columns filtered, becomes. A row from the upper half,
// where columns are smooth, gives smooth and vertical detail, one from the lower half horizontal and diagonal detail.
func bandRows(bands []float64, i, h, w int) (low, high []float64) {
	area, row := h/2*(w/2), i%(h/2)*(w/2)
	if i < h/2 {
		return bands[row:][:w/2], bands[2*area+row:][:w/2]
	}
	return bands[area+row:][:w/2], bands[3*area+row:][:w/2]
}

// wrap returns i modulo n.
func wrap(i, n int) int {
	i %= n
	if i < 0 {
		i += n
	}
	return i
}
