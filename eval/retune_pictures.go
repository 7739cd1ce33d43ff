package eval

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"unroll/l2o/bilevel"
)

// A Raster is a PNG that a report shows.
type Raster struct {
	Name, Caption string
	PNG           []byte
}

// pictured is the test crop that pictures show, or the last one: edges and thin lines, where images are made.
const pictured = 18

// picturedMethods stand beside the truth.
var picturedMethods = []string{"degraded", "not learned", "grid-searched", "truncated unrolling", "ReTune, no restart", "ReTune", "exact implicit"}

const (
	enlarged = 2 // pixels of the picture for one of a crop
	gutter   = 4
)

// mosaicRow lays the truth and what the methods make of one crop side by side.
func mosaicRow(t imagingTask, f imagingFamily, in spoiled, shown [][]float64) Raster {
	panels, names := [][]float64{in.truth}, []string{"truth"}
	for m, method := range retuneMethods {
		for _, name := range picturedMethods {
			if name == method.Name && shown[m] != nil {
				panels, names = append(panels, shown[m]), append(names, name)
			}
		}
	}
	h, w := in.shape.H*enlarged, in.shape.W*enlarged
	out := image.NewRGBA(image.Rect(0, 0, len(panels)*(w+gutter)-gutter, h))
	for i := range out.Pix {
		out.Pix[i] = 0xFF
	}
	for k, panel := range panels {
		for i := range h {
			for j := range w {
				var p [3]uint8
				for c := range p {
					v := panel[(c*in.shape.H+i/enlarged)*in.shape.W+j/enlarged]
					p[c] = uint8(255*min(max(v, 0), 1) + 0.5)
				}
				out.SetRGBA(k*(w+gutter)+j, i, color.RGBA{p[0], p[1], p[2], 0xFF})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, out); err != nil {
		panic("eval: " + err.Error()) // a buffer takes everything
	}
	return Raster{Name: "pictures-" + t.Name + "-" + f.Name, PNG: b.Bytes(),
		Caption: fmt.Sprintf("Family %s, %v. From left to right: %s.", f.Name, t, strings.Join(names, ", "))}
}

// A retuneDescent is the objective along the layers, of parameters that were found in two ways, above its value after 51 blocks.
type retuneDescent struct {
	Task, Family string
	Lines        []Line
}

// descend follows one crop for K(T+1) layers.
func (s Retune) descend(t imagingTask, f imagingFamily, in bilevel.Instance, theta map[string][]float64) retuneDescent {
	d := retuneDescent{Task: t.Name, Family: f.Name}
	step := in.Step.(*bilevel.ForwardBackward)
	for _, c := range []struct{ name, way string }{{"ReTune", byReTune}, {"truncated", byTruncated}, {"grid", byGrid}} {
		p := theta[c.way]
		end := step.Objective(bilevel.Run(step, p, in.Start, s.K, longRun(s)), p)
		l := Line{Name: c.name}
		u := in.Start
		for k := range fullRun(s) + 1 {
			if v := step.Objective(u, p) - end; v > 1e-9*end {
				l.X, l.Y = append(l.X, float64(k)), append(l.Y, v/end)
			}
			u = bilevel.Run(step, p, u, 1, 1)
		}
		d.Lines = append(d.Lines, l)
	}
	return d
}
