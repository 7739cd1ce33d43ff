package data

import (
	"math"
	"testing"
)

// Lattice noise has its heights at the nodes, is continuous across the edges of cells, and flat at the nodes.
func TestLattice(t *testing.T) {
	l := newLattice(stream(1, Test, 0), 5)
	const h = 1e-7
	for j := range 6 {
		for i := range 6 {
			u, v := float64(i)/5, float64(j)/5
			if got, want := l.at(u, v), l.heights[j*6+i]; math.Abs(got-want) > 1e-12 {
				t.Errorf("node (%d, %d): %g, want %g", i, j, got, want)
			}
			if i < 1 || j < 1 || i > 4 || j > 4 {
				continue
			}
			for _, shift := range []float64{0, 0.07} { // at a node, and on the edges beside it
				left, right := l.at(u-h, v+shift), l.at(u+h, v+shift)
				above, below := l.at(u+shift, v-h), l.at(u+shift, v+h)
				if math.Abs(left-right) > 1e-10 || math.Abs(above-below) > 1e-10 {
					t.Errorf("node (%d, %d)+%g: jumps of %g and %g", i, j, shift, right-left, below-above)
				}
			}
		}
	}
}
