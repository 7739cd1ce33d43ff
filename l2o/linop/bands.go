package linop

// An Orientation says along which axes a band of a [Wavelet] is detail.
type Orientation int

const (
	Approximation Orientation = iota // along none
	Horizontal                       // down the columns: horizontal edges
	Vertical                         // along the rows: vertical edges
	Diagonally                       // along both
)

// A Band is a contiguous range of the coefficients of a [Wavelet]: those of one channel, scale and orientation, row-major.
type Band struct {
	Channel     int
	Scale       int // 1 is the finest, J the coarsest
	Orientation Orientation
	H, W        int
	Start       int // coefficient (i, j) of the band is at Start + i·W + j
}

// Len returns the number of coefficients.
func (b Band) Len() int { return b.H * b.W }

// Bands returns the bands in the order in which they lie: channel by channel the approximation, and then the horizontal, vertical and diagonal
// detail of every scale, the coarsest first.
func (a *Wavelet) Bands() []Band {
	var bands []Band
	start := 0
	add := func(channel, scale int, o Orientation) {
		b := Band{channel, scale, o, a.shape.H >> scale, a.shape.W >> scale, start}
		bands, start = append(bands, b), start+b.Len()
	}
	for c := range a.shape.C {
		add(c, a.levels, Approximation)
		for scale := a.levels; scale > 0; scale-- {
			add(c, scale, Horizontal)
			add(c, scale, Vertical)
			add(c, scale, Diagonally)
		}
	}
	return bands
}

// Tied returns groups of coefficients in the same place of bands of the same scale: of all channels, of the three orientations of detail, or of
// both, and for each group its scale, 0 for the approximation. Every coefficient is in one group; they come in the order of their first one.
func (a *Wavelet) Tied(channels, orientations bool) (groups [][]int, scale []int) {
	bands := a.Bands()
	backing := make([]int, 0, a.shape.Len())
	for i, first := range bands {
		var tied []Band
		for _, b := range bands[i:] {
			same := b.Scale == first.Scale && (b.Orientation == Approximation) == (first.Orientation == Approximation)
			if same && (channels || b.Channel == first.Channel) && (orientations || b.Orientation == first.Orientation) {
				tied = append(tied, b)
			}
		}
		if channels && first.Channel > 0 || orientations && first.Orientation > Horizontal {
			continue // in the groups of a band before
		}
		s := first.Scale
		if first.Orientation == Approximation {
			s = 0
		}
		for k := range first.Len() {
			from := len(backing)
			for _, b := range tied {
				backing = append(backing, b.Start+k)
			}
			groups, scale = append(groups, backing[from:len(backing):len(backing)]), append(scale, s)
		}
	}
	return groups, scale
}
