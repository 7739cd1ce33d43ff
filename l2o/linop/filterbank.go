package linop

import "unroll/engine/kernel"

// The filter bank of db4 in one dimension, on whole rows at a time: down the columns of an image its entries are rows; along a row they are, for
// one number m of the filter and all places k at once, the even or the odd pixels from some place on.
var (
	// low is h. It is orthogonal to its shifts by 2, 4 and 6, and Σ (−1)ᵐ mᵖ h_m = 0 for p = 0 … 3.
	low = filter{
		0.23037781330889650, 0.71484657055291565, 0.63088076792985890, -0.02798376941685985,
		-0.18703481171909308, 0.03084138183556076, 0.03288301166688520, -0.01059740178506903,
	}
	// high is (−1)ᵐ h_(7−m).
	high = filter{low[7], -low[6], low[5], -low[4], low[3], -low[2], low[1], -low[0]}
	// even and odd make the pixels x_(2i) = Σ_a h_(2a+1) a_(i+1−a) + … and x_(2i+1) = Σ_a h_(2a) a_(i+2−a) + … again, of four numbers from
	// what is smooth and four from the detail.
	even = filter{low[1], low[3], low[5], low[7], high[1], high[3], high[5], high[7]}
	odd  = filter{low[0], low[2], low[4], low[6], high[0], high[2], high[4], high[6]}
)

const (
	taps = 8
	lead = 3 // pixels before that of its output at which a filter begins
	pad  = 2 // of what a row goes on by, at either end, before a filter meets it
)

type filter [taps]float64

// of sets dst to the combination of eight rows.
func (f *filter) of(dst []float64, rows *[taps][]float64) {
	kernel.Scale(dst, f[0], rows[0])
	for m := 1; m < taps; m++ {
		kernel.Axpy(f[m], rows[m], dst)
	}
}

// strip is how many columns are filtered at once, so that eight rows of them stay in the nearest cache.
const strip = 256

// analyseColumns filters the columns of an h×w image: the upper half of dst becomes smooth, the lower half detail.
func analyseColumns(dst, x []float64, h, w int) {
	var rows [taps][]float64
	for left := 0; left < w; left += strip {
		width := min(strip, w-left)
		for k := range h / 2 {
			for m := range rows {
				rows[m] = x[wrap(2*k+m-lead, h)*w+left:][:width]
			}
			low.of(dst[k*w+left:][:width], &rows)
			high.of(dst[(k+h/2)*w+left:][:width], &rows)
		}
	}
}

// synthesiseColumns is the adjoint of analyseColumns.
func synthesiseColumns(dst, y []float64, h, w int) {
	var rows [taps][]float64
	n := h / 2
	for left := 0; left < w; left += strip {
		width := min(strip, w-left)
		take := func(i int) {
			for a := range taps / 2 {
				k := wrap(i-a, n)
				rows[a], rows[a+taps/2] = y[k*w+left:][:width], y[(k+n)*w+left:][:width]
			}
		}
		for i := range n {
			take(i + 1)
			even.of(dst[2*i*w+left:][:width], &rows)
			take(i + 2)
			odd.of(dst[(2*i+1)*w+left:][:width], &rows)
		}
	}
}

// rowMemory is what the passes along a row of w pixels need: both halves of it with what they go on by, and both halves of the result.
func rowMemory(w int) int { return 2*(w/2+2*pad) + w }

// analyseRows filters the rows of an h×w image into its four bands of h/2×w/2: smooth; horizontal, vertical and diagonal detail.
func analyseRows(dst, x, memory []float64, h, w int) {
	n := w / 2
	evens, odds := memory[:n+2*pad], memory[n+2*pad:][:n+2*pad]
	var rows [taps][]float64
	for m := range rows { // pixel 2k+m−3 is the odd one k+m/2−2 for an even m, the even one k+(m−1)/2−1 for an odd m
		if m%2 == 0 {
			rows[m] = odds[m/2:][:n]
		} else {
			rows[m] = evens[m/2+1:][:n]
		}
	}
	for i := range h {
		row := x[i*w : (i+1)*w]
		e, o := evens[pad:][:n], odds[pad:][:n]
		for k := range e {
			e[k], o[k] = row[2*k], row[2*k+1]
		}
		goOn(evens)
		goOn(odds)
		smooth, detail := bandRows(dst, i, h, w)
		low.of(smooth, &rows)
		high.of(detail, &rows)
	}
}

// synthesiseRows is the adjoint of analyseRows, with the smooth band from one place and the three others from another.
func synthesiseRows(dst, smooth, details, memory []float64, h, w int) {
	n := w / 2
	lows, highs := memory[:n+2*pad], memory[n+2*pad:][:n+2*pad]
	evens, odds := memory[2*n+4*pad:][:n], memory[3*n+4*pad:][:n]
	var forEven, forOdd [taps][]float64
	for a := range taps / 2 { // a_(i+1−a) and a_(i+2−a)
		forEven[a], forEven[a+taps/2] = lows[pad+1-a:][:n], highs[pad+1-a:][:n]
		forOdd[a], forOdd[a+taps/2] = lows[pad+2-a:][:n], highs[pad+2-a:][:n]
	}
	for i := range h {
		l, d := bandRows(details, i, h, w)
		if i < h/2 {
			l, _ = bandRows(smooth, i, h, w)
		}
		copy(lows[pad:], l)
		copy(highs[pad:], d)
		goOn(lows)
		goOn(highs)
		even.of(evens, &forEven)
		odd.of(odds, &forOdd)
		row := dst[i*w : (i+1)*w]
		for k, v := range evens {
			row[2*k], row[2*k+1] = v, odds[k]
		}
	}
}

// goOn repeats a period at both of its ends.
func goOn(row []float64) {
	n := len(row) - 2*pad
	for t := range pad {
		row[t], row[n+pad+t] = row[pad+wrap(t-pad, n)], row[pad+t%n]
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
