package eval

import (
	"strings"
	"testing"

	"unroll/l2o/linop"
)

// A path or a flow that leaves the range of float64 is an error of one line, and no shorter picture.
func TestPictureOfAnOverflow(t *testing.T) {
	for _, c := range []struct {
		x, y float64
		lost bool
	}{{1e-160, 1e150, true}, {1e-150, 1e150, false}, {1e150, 1e150, false}, {1, 1, false}} {
		in := regression{x: &linop.Dense{M: 1, N: 1, Data: []float64{c.x}}, y: []float64{c.y}}
		p, err := Saddles{Alpha: 0.1}.picture(in)
		switch {
		case c.lost && (err == nil || !strings.Contains(err.Error(), "range of float64") || strings.Contains(err.Error(), "\n")):
			t.Errorf("x = %g, y = %g: error %v", c.x, c.y, err)
		case !c.lost && err != nil:
			t.Errorf("x = %g, y = %g: %v", c.x, c.y, err)
		case !c.lost && p.Frame[len(p.Frame)-1].Time != horizon(p.Path):
			t.Errorf("x = %g, y = %g: the picture ends at %g, want %g", c.x, c.y, p.Frame[len(p.Frame)-1].Time, horizon(p.Path))
		}
	}
}
