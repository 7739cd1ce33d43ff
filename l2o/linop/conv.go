package linop

import "unroll/engine/kernel"

// A Conv2D convolves every channel of an image with its kernel k, of centre (p, q):
//
//	(Ax)_(i,j) = Σ_(a,b) k_(a,b) x_(i+p−a, j+q−b),
//
// where x goes on beyond its edges as [Edges] says; the image keeps its size. A kernel with few numbers that are not 0, such as a line, is summed
// as it stands, another by the fast Fourier transform: then an entry has the rounding errors of the largest ones, about 1e-15 of them. Several
// goroutines may use one.
type Conv2D struct {
	shape  Shape
	frames []*frame // one, or one a channel
}

// NewConv2D returns the operator on images of shape s, with one kernel for all channels or one for each. Kernels larger than the image, or in
// another number, are a *[ShapeError].
func NewConv2D(s Shape, edges Edges, kernels ...Kernel) (*Conv2D, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := checkKernels(s, kernels); err != nil {
		return nil, err
	}
	a := &Conv2D{shape: s}
	for _, k := range kernels {
		a.frames = append(a.frames, newFrame(s, edges, k))
	}
	return a, nil
}

// Dims returns the length of the image twice.
func (a *Conv2D) Dims() (m, n int) { return a.shape.Len(), a.shape.Len() }

// Apply sets dst to the convolution of x.
func (a *Conv2D) Apply(dst, x []float64) {
	checkLengths("Apply", a.shape.Len(), a.shape.Len(), len(dst), len(x))
	for c := range a.shape.C {
		a.frames[c%len(a.frames)].apply(a.shape.plane(dst, c), a.shape.plane(x, c))
	}
}

// Adjoint sets dst to the transposed convolution of y.
func (a *Conv2D) Adjoint(dst, y []float64) {
	checkLengths("Adjoint", a.shape.Len(), a.shape.Len(), len(y), len(dst))
	for c := range a.shape.C {
		a.frames[c%len(a.frames)].adjoint(a.shape.plane(dst, c), a.shape.plane(y, c))
	}
}

// A frame convolves one channel: it is laid into a larger image, of which the margin holds what is beyond the edges, so that the sum over the
// kernel is one over rows in one piece. Where the transform's own period is that of the image there is no margin.
type frame struct {
	h, w          int
	height, width int   // of the larger image
	left          int   // columns of the margin on that side
	rows, cols    []int // the image's row and column that a row and column of the larger one repeats; the rest of it is 0
	taps          []tap
	fourier       *spectral // nil where the taps are summed
	framed        *scratch
}

// A tap is a number of the kernel that is not 0, and the corner in the frame of the pixels that it multiplies.
type tap struct {
	value    float64
	row, col int
}

// fewTaps is the number up to which their sum is faster than the transform, for which each costs about a third of a nanosecond a pixel.
const fewTaps = 60

func newFrame(s Shape, edges Edges, k Kernel) *frame {
	f := &frame{h: s.H, w: s.W, height: s.H + k.H - 1, width: s.W + k.W - 1, left: k.W - 1 - k.W/2}
	for i, v := range k.Data {
		if v != 0 {
			f.taps = append(f.taps, tap{v, k.H - 1 - i/k.W, k.W - 1 - i%k.W})
		}
	}
	top := k.H - 1 - k.H/2
	if len(f.taps) > fewTaps {
		if edges == Periodic && s.H == quick(s.H) && s.W == quick(s.W) {
			for i, t := range f.taps {
				f.taps[i].row, f.taps[i].col = wrap(t.row-top, s.H), wrap(t.col-f.left, s.W)
			}
			top, f.left, f.height, f.width = 0, 0, s.H, s.W
		}
		defer f.toFourier()
	}
	for i := range f.height {
		f.rows = append(f.rows, edges.at(i-top, s.H))
	}
	for j := range f.width {
		f.cols = append(f.cols, edges.at(j-f.left, s.W))
	}
	f.framed = &scratch{length: f.height * f.width}
	return f
}

// toFourier makes the frame as large as a transform wants it, and replaces the taps by theirs.
func (f *frame) toFourier() {
	f.height, f.width = quick(f.height), quick(f.width)
	f.framed = &scratch{length: f.height * f.width}
	g := make([]float64, f.height*f.width)
	for _, t := range f.taps {
		g[t.row*f.width+t.col] = t.value
	}
	f.fourier = newSpectral(g, f.height, f.width)
}

func (f *frame) apply(dst, x []float64) {
	held := f.framed.get()
	defer f.framed.put(held)
	framed := *held
	f.lay(framed, x)
	if f.fourier != nil {
		f.fourier.apply(framed, true)
		for i := range f.h {
			copy(dst[i*f.w:(i+1)*f.w], framed[i*f.width:])
		}
		return
	}
	for i := range f.h {
		row := dst[i*f.w : (i+1)*f.w]
		clear(row)
		for _, t := range f.taps {
			kernel.Axpy(t.value, framed[(i+t.row)*f.width+t.col:][:f.w], row)
		}
	}
}

func (f *frame) adjoint(dst, y []float64) {
	held := f.framed.get()
	defer f.framed.put(held)
	framed := *held
	clear(framed)
	if f.fourier != nil {
		for i := range f.h {
			copy(framed[i*f.width:], y[i*f.w:(i+1)*f.w])
		}
		f.fourier.apply(framed, false)
		f.fold(dst, framed)
		return
	}
	for i := range f.h {
		row := y[i*f.w : (i+1)*f.w]
		for _, t := range f.taps {
			kernel.Axpy(t.value, row, framed[(i+t.row)*f.width+t.col:][:f.w])
		}
	}
	f.fold(dst, framed)
}

// lay fills a frame from the image.
func (f *frame) lay(framed, x []float64) {
	left := f.left
	for i, from := range f.rows {
		row, to := x[from*f.w:(from+1)*f.w], framed[i*f.width:(i+1)*f.width]
		for j, c := range f.cols[:left] {
			to[j] = row[c]
		}
		copy(to[left:], row)
		for j, c := range f.cols[left+f.w:] {
			to[left+f.w+j] = row[c]
		}
		clear(to[len(f.cols):])
	}
	clear(framed[len(f.rows)*f.width:])
}

// fold is the adjoint of lay: it adds every pixel of a frame to the one that it repeats.
func (f *frame) fold(dst, framed []float64) {
	clear(dst)
	left := f.left
	for i, to := range f.rows {
		row, from := dst[to*f.w:(to+1)*f.w], framed[i*f.width:(i+1)*f.width]
		for j, c := range f.cols[:left] {
			row[c] += from[j]
		}
		kernel.Add(row, row, from[left:left+f.w])
		for j, c := range f.cols[left+f.w:] {
			row[c] += from[left+f.w+j]
		}
	}
}
