package linop

import "fmt"

// A Kernel is what a [Conv2D] convolves with, row-major, its centre at (H/2, W/2).
type Kernel struct {
	H, W int
	Data []float64 // (H, W)
}

// Lines returns the kernels of size pixels of size×size that blur along a vertical, a horizontal and a diagonal line (from top left to bottom
// right), each 1/size: those of a blur that depends on the channel of a colour image.
func Lines(size int) []Kernel {
	lines := make([]Kernel, 3)
	for c := range lines {
		lines[c] = Kernel{size, size, make([]float64, size*size)}
		for t := range size {
			i, j := t, t
			switch c {
			case 0:
				j = size / 2
			case 1:
				i = size / 2
			}
			lines[c].Data[i*size+j] = 1 / float64(size)
		}
	}
	return lines
}

// Edges says what an image is beyond its edges.
type Edges int

const (
	Reflect  Edges = iota // mirrored at the outermost pixels, which are not repeated: x₋₁ = x₁
	Periodic              // repeated: x₋₁ = x_(n−1)
)

// at returns the pixel of n that stands for pixel i, which is less than n beyond the edges.
func (e Edges) at(i, n int) int {
	switch {
	case i >= 0 && i < n:
		return i
	case e == Periodic:
		return (i + n) % n
	case i < 0:
		return -i
	}
	return 2*(n-1) - i
}

// checkKernels returns a *[ShapeError] for kernels that are not one, nor one a channel, or of which one does not fit an image.
func checkKernels(s Shape, kernels []Kernel) error {
	if len(kernels) != 1 && len(kernels) != s.C {
		return &ShapeError{"number of kernels", len(kernels), fmt.Sprintf("1, or %d for an image of %v", s.C, s)}
	}
	for _, k := range kernels {
		size := fmt.Sprintf("%d×%d", k.H, k.W)
		switch {
		case k.H < 1 || k.W < 1:
			return &ShapeError{"kernel", size, "at least 1×1"}
		case k.H > s.H || k.W > s.W:
			return &ShapeError{"kernel", size, fmt.Sprintf("at most %d×%d, the image", s.H, s.W)}
		}
		checkHeld(k.H, k.W, len(k.Data))
	}
	return nil
}
