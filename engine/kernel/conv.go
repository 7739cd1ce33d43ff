package kernel

import "fmt"

// Conv is the shape of a 2-D convolution, as networks call the correlation of an image x (In, H, W) with the kernels w (Out, In, Size, Size),
// Size odd. The result y (Out, H, W) is as large as the image, outside of which there are zeros:
//
//	y[o,i,j] = Σ_{c,a,b} w[o,c,a,b] · x[c, i+a−r, j+b−r],   r = (Size−1)/2
//
// With zeros the map is a part of the convolution of the whole plane, so that one number bounds its norm at every image size: the largest
// singular value of the kernels' Fourier transform. Neither reflection nor any other rule that copies pixels has that.
//
// The image is taken in strips of rows. The shifted copies of a strip are the columns of a matrix (im2col), and products are those of Gemm, so
// that all of this is the same bits on every instruction set.
type Conv struct{ In, Out, Size, H, W int }

// stripPixels bounds the pixels of a strip, or it is one row: some 75 copies of it fit the second-level cache.
const stripPixels = 1024

func (s Conv) taps() int { return s.In * s.Size * s.Size }

// rows is the height of a strip.
func (s Conv) rows() int { return min(s.H, max(1, stripPixels/s.W)) }

// Scratch is the number of elements of the scratch that the functions below need.
func (s Conv) Scratch() int { return s.taps() * s.rows() * s.W }

// Convolve sets y, or with acc adds to y, the convolution of x with w.
//
//	for o, i, j := range y {
//		s := 0
//		for c, a, b := range w[o] { s = fma(w[o,c,a,b], x[c,i+a−r,j+b−r], s) }
//		y[o,i,j] = s + (acc ? y[o,i,j] : 0)
//	}
func Convolve[F Float](s Conv, w, x []F, acc bool, y, scratch []F) {
	s.check(len(w), len(x), len(y), len(scratch))
	for from := 0; from < s.H; from += s.rows() {
		cols, n := columns(s, from, x, scratch)
		Gemm(false, false, s.Out, n, s.taps(), 1, w, s.taps(), cols, n, acc, y[from*s.W:], s.H*s.W)
	}
}

// ConvolveAdjoint sets x, or with acc adds to x, what the adjoint of Convolve makes of y: for all x and y, ⟨Convolve(x), y⟩ = ⟨x,
// ConvolveAdjoint(y)⟩.
//
//	x[c,i,j] = Σ_{o,a,b} w[o,c,a,b] · y[o, i−a+r, j−b+r] + (acc ? x[c,i,j] : 0)
//
// The sum over o is a chain of fma; those over the shifts are added to x strip by strip, in the order of a and b.
func ConvolveAdjoint[F Float](s Conv, w, y []F, acc bool, x, scratch []F) {
	s.check(len(w), len(x), len(y), len(scratch))
	if !acc {
		clear(x)
	}
	for from := 0; from < s.H; from += s.rows() {
		n := min(s.rows(), s.H-from) * s.W
		cols := scratch[:s.taps()*n]
		Gemm(true, false, s.taps(), n, s.Out, 1, w, s.taps(), y[from*s.W:], s.H*s.W, false, cols, n)
		s.segments(from, func(at, image, length int) {
			Add(x[image:image+length], x[image:image+length], cols[at:at+length])
		})
	}
}

// ConvolveWeights adds to dw, shaped like w, the gradient of ⟨Convolve(x), g⟩ in w.
//
//	dw[o,c,a,b] += Σ_{i,j} g[o,i,j] · x[c, i+a−r, j+b−r]
//
// Each strip is a chain of fma in the order of its pixels.
func ConvolveWeights[F Float](s Conv, x, g, dw, scratch []F) {
	s.check(len(dw), len(x), len(g), len(scratch))
	for from := 0; from < s.H; from += s.rows() {
		cols, n := columns(s, from, x, scratch)
		Gemm(false, true, s.Out, s.taps(), n, 1, g[from*s.W:], s.H*s.W, cols, n, true, dw, s.taps())
	}
}

// columns fills cols (In·Size², n) with the shifted copies of a strip of n pixels.
func columns[F Float](s Conv, from int, x, scratch []F) (cols []F, n int) {
	n = min(s.rows(), s.H-from) * s.W
	cols = scratch[:s.taps()*n]
	clear(cols) // what lies outside the image
	s.segments(from, func(at, image, length int) { copy(cols[at:at+length], x[image:]) })
	return cols, n
}

// segments calls f for each part of a row that lies in the image, of every shifted copy of the strip that begins with row from: where it begins
// in the columns and in the image, and how long it is.
func (s Conv) segments(from int, f func(at, image, length int)) {
	rows, r := min(s.rows(), s.H-from), s.Size/2
	for tap := range s.taps() {
		c, a, b := tap/(s.Size*s.Size), tap/s.Size%s.Size-r, tap%s.Size-r
		left, right := max(0, -b), min(s.W, s.W-b)
		for i := max(0, -a-from); i < min(rows, s.H-a-from) && left < right; i++ {
			f((tap*rows+i)*s.W+left, (c*s.H+from+i+a)*s.W+left+b, right-left)
		}
	}
}

// check panics unless the shape is one and the operands are of it.
func (s Conv) check(w, x, y, scratch int) {
	if s.In < 1 || s.Out < 1 || s.Size < 1 || s.Size%2 == 0 || s.H < 1 || s.W < 1 {
		panic(fmt.Sprintf("kernel: convolution %+v: sizes from 1 up and an odd Size are allowed", s))
	}
	same("w", s.Out*s.taps(), w)
	same("x", s.In*s.H*s.W, x)
	same("y", s.Out*s.H*s.W, y)
	if scratch < s.Scratch() {
		panic(fmt.Sprintf("kernel: convolution %+v: a scratch of %d elements, want %d", s, scratch, s.Scratch()))
	}
}
