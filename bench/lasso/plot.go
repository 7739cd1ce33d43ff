package main

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"unroll/bench/internal/peer"
)

// colours and dashes tell the three sides apart, ours first (Okabe and Ito 2008).
var (
	colours = []color.RGBA{{0x00, 0x72, 0xB2, 0xFF}, {0xD5, 0x5E, 0x00, 0xFF}, {0x00, 0x9E, 0x73, 0xFF}}
	dashes  = [][]vg.Length{nil, {6, 2}, {2, 2}}
	glyphs  = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}}
)

// plotTo draws, for each shape, the geometric mean of the median times over its cells against the gap, both in powers of ten.
func plotTo(path string, peers []*rival, results []result) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "log10 of the relative duality gap", "log10 of seconds on one thread, geometric mean over λ and correlation"
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	for s, shape := range shapes {
		for side := range len(peers) + 1 {
			points := means(results, shape, side)
			if len(points) == 0 {
				continue
			}
			line := &plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: colours[side], Width: vg.Points(1.5), Dashes: dashes[side]}}
			marks := &plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: colours[side], Radius: vg.Points(3), Shape: glyphs[s]}}
			name := "ours"
			if side > 0 {
				name = peers[side-1].name
			}
			p.Add(line, marks)
			p.Legend.Add(fmt.Sprintf("%s %d×%d", name, shape[0], shape[1]), line, marks)
		}
	}
	return p.Save(7*vg.Inch, 5*vg.Inch, path)
}

// means are the points of one side, 0 for ours and then the peers, on one shape; a gap that a cell does not reach has none.
func means(results []result, shape [2]int, side int) (points plotter.XYs) {
	for _, target := range targets {
		logs, cells := 0.0, 0
		for _, res := range at(results, target) {
			if res.shape != shape {
				continue
			}
			times := append([]peer.Times{res.ours}, res.peers...)[side]
			if times == nil {
				cells = 0
				break
			}
			logs += math.Log10(times.Median())
			cells++
		}
		if cells > 0 {
			points = append(points, plotter.XY{X: math.Log10(target), Y: logs / float64(cells)})
		}
	}
	return points
}
