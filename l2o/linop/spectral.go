package linop

// A spectral is a circular convolution of real images (rows, cols) as a product of Fourier transforms, of rows = 2ᵃ3ᵇ and an even number cols of
// that kind. Columns l and l + cols/2 go through one complex transform as real and imaginary part; of the result only the frequencies
// 0 … rows/2 are kept, as those beyond are their conjugates. Their transform along the rows, the product and the way back are done a few
// frequencies at a time, in the nearer caches.
type spectral struct {
	rows, cols   int
	down, along  *dft
	re, im       []float64 // of the kernel over rows·cols: (cols, rows/2 + 1)
	spectra, all *scratch
}

// block is how many sequences are transformed side by side. It is odd, so that the elements that a butterfly joins, a power of two apart, do not
// share their place in the nearest cache: with 16 the transform takes twice as long.
const block = 19

// newSpectral returns the convolution with an image g (rows, cols).
func newSpectral(g []float64, rows, cols int) *spectral {
	s := &spectral{rows: rows, cols: cols, down: newDFT(rows), along: newDFT(cols)}
	kept := rows/2 + 1
	s.spectra = &scratch{length: 2 * cols * kept}
	s.all = &scratch{length: 4 * block * max(rows, cols)}
	s.re, s.im = make([]float64, cols*kept), make([]float64, cols*kept)
	held := s.all.get()
	defer s.all.put(held)
	s.columns(g, s.re, s.im, *held)
	s.rowwise(s.re, s.im, *held, nil)
	scale := 1 / float64(rows*cols)
	for i := range s.re {
		s.re[i], s.im[i] = scale*s.re[i], scale*s.im[i]
	}
	return s
}

// apply replaces image (rows, cols) by its convolution with g, or by its correlation with g, which is the adjoint.
func (s *spectral) apply(image []float64, correlate bool) {
	spectra, work := s.spectra.get(), s.all.get()
	defer s.spectra.put(spectra)
	defer s.all.put(work)
	kept := s.rows/2 + 1
	re, im := (*spectra)[:s.cols*kept], (*spectra)[s.cols*kept:]
	s.columns(image, re, im, *work)
	s.rowwise(re, im, *work, func(x lanes, k, width int) { s.multiply(x, k, width, correlate) })
	s.back(image, re, im, *work)
}

// halves cuts memory for two sets of n sequences side by side.
func halves(work []float64, n, width int) (x, y lanes) {
	size := n * width
	return lanes{work[:size], work[size:][:size]}, lanes{work[2*size:][:size], work[3*size:][:size]}
}

// columns sets (re, im) to the transform down the columns of image, (cols, rows/2 + 1).
func (s *spectral) columns(image, re, im, work []float64) {
	n, half, kept := s.rows, s.cols/2, s.rows/2+1
	for l := 0; l < half; l += block {
		width := min(block, half-l)
		x, y := halves(work, n, width)
		for i := range n {
			copy(x.re[i*width:][:width], image[i*s.cols+l:])
			copy(x.im[i*width:][:width], image[i*s.cols+l+half:])
		}
		s.down.transform(&x, &y, width)
		for k := range kept {
			here, there := k*width, (n-k)%n*width
			ur, ui := x.re[here:][:width], x.im[here:][:width]
			vr, vi := x.re[there:][:width], x.im[there:][:width]
			a, b := l*kept+k, (l+half)*kept+k
			for q, r := range ur {
				re[a], im[a] = 0.5*(r+vr[q]), 0.5*(ui[q]-vi[q])
				re[b], im[b] = 0.5*(ui[q]+vi[q]), 0.5*(vr[q]-r)
				a, b = a+kept, b+kept
			}
		}
	}
}

// rowwise transforms (re, im) along the rows, some frequencies at a time. With a product it lets that change them and transforms them back.
func (s *spectral) rowwise(re, im, work []float64, product func(x lanes, k, width int)) {
	n, kept := s.cols, s.rows/2+1
	for k := 0; k < kept; k += block {
		width := min(block, kept-k)
		x, y := halves(work, n, width)
		for l := range n {
			copy(x.re[l*width:][:width], re[l*kept+k:])
			copy(x.im[l*width:][:width], im[l*kept+k:])
		}
		s.along.transform(&x, &y, width)
		if product != nil {
			product(x, k, width)
			x, y = x.exchanged(), y.exchanged()
			s.along.transform(&x, &y, width)
			x = x.exchanged()
		}
		for l := range n {
			copy(re[l*kept+k:][:width], x.re[l*width:])
			copy(im[l*kept+k:][:width], x.im[l*width:])
		}
	}
}

// multiply multiplies the frequencies from k on by those of g, or their conjugates.
func (s *spectral) multiply(x lanes, k, width int, conjugate bool) {
	kept, sign := s.rows/2+1, 1.0
	if conjugate {
		sign = -1
	}
	for l := range s.cols {
		gr, gi := s.re[l*kept+k:][:width], s.im[l*kept+k:][:width]
		xr, xi := x.re[l*width:][:width], x.im[l*width:][:width]
		for q, g := range gr {
			u, v, w := xr[q], xi[q], sign*gi[q]
			xr[q], xi[q] = u*g-v*w, u*w+v*g
		}
	}
}

// back sets image to the inverse transform of (re, im) down the columns.
func (s *spectral) back(image, re, im, work []float64) {
	n, half, kept := s.rows, s.cols/2, s.rows/2+1
	for l := 0; l < half; l += block {
		width := min(block, half-l)
		x, y := halves(work, n, width)
		for k := range kept {
			here, there := k*width, (n-k)%n*width
			ur, ui := x.re[here:][:width], x.im[here:][:width]
			vr, vi := x.re[there:][:width], x.im[there:][:width]
			a, b := l*kept+k, (l+half)*kept+k
			for q := range ur {
				vr[q], vi[q] = re[a]+im[b], re[b]-im[a]
				ur[q], ui[q] = re[a]-im[b], re[b]+im[a]
				a, b = a+kept, b+kept
			}
		}
		x, y = x.exchanged(), y.exchanged()
		s.down.transform(&x, &y, width)
		for i := range n {
			copy(image[i*s.cols+l:][:width], x.im[i*width:])
			copy(image[i*s.cols+l+half:][:width], x.re[i*width:])
		}
	}
}
