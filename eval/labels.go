package eval

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// endLabels writes every line's name beside its last point, in its colour, and moves names apart where the ends are close. It replaces a
// legend: the eye does not travel.
type endLabels struct {
	font   font.Font
	labels []endLabel
}

type endLabel struct {
	text  string
	color color.RGBA
	y     float64 // of the line's end, in data
}

func (l *endLabels) add(text string, c color.RGBA, y float64) {
	l.labels = append(l.labels, endLabel{text, c, y})
}

func (l *endLabels) style(c color.Color) text.Style {
	return text.Style{Color: c, Font: l.font, YAlign: draw.YCenter, Handler: plot.DefaultTextHandler}
}

const labelGap = 7 // between a line's end and its name, points

// GlyphBoxes implements plot.GlyphBoxer: it reserves the room right of the plot, so that no name is clipped.
func (l *endLabels) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	var boxes []plot.GlyphBox
	for _, label := range l.labels {
		width := l.style(label.color).Width(label.text)
		boxes = append(boxes, plot.GlyphBox{X: 1, Y: 0.5, Rectangle: vg.Rectangle{Max: vg.Point{X: width + labelGap}}})
	}
	return boxes
}

// Plot implements plot.Plotter.
func (l *endLabels) Plot(c draw.Canvas, p *plot.Plot) {
	_, toY := p.Transforms(&c)
	sorted := slices.SortedStableFunc(slices.Values(l.labels), func(a, b endLabel) int {
		if a.y < b.y {
			return -1
		}
		return 1
	})
	at := make([]vg.Length, len(sorted))
	for i, label := range sorted {
		at[i] = toY(label.y)
	}
	gap := l.font.Size * 1.15
	apart(at, gap)
	within(at, gap, c.Min.Y, c.Max.Y)
	for i, label := range sorted {
		c.FillText(l.style(label.color), vg.Point{X: c.Max.X + labelGap, Y: at[i]}, label.text)
	}
}

// within moves positions that apart has pushed over an edge back, and those in their way with them. Where there is not room for all, the lower
// edge holds.
func within(at []vg.Length, gap, low, high vg.Length) {
	for i := range at {
		at[i] = min(at[i], high-vg.Length(len(at)-1-i)*gap)
	}
	for i := range at {
		at[i] = max(at[i], low+vg.Length(i)*gap)
	}
}

// apart moves ascending positions as little as possible, in least squares, until neighbours are gap from each other: isotonic regression
// of at_i − i·gap by pooling adjacent violators (Ayer et al. 1955).
func apart(at []vg.Length, gap vg.Length) {
	type block struct {
		sum vg.Length
		n   int
	}
	level := func(b block) vg.Length { return b.sum / vg.Length(b.n) }
	var blocks []block
	for i, y := range at {
		blocks = append(blocks, block{y - vg.Length(i)*gap, 1})
		for n := len(blocks); n > 1 && level(blocks[n-2]) > level(blocks[n-1]); n-- {
			blocks[n-2].sum += blocks[n-1].sum
			blocks[n-2].n += blocks[n-1].n
			blocks = blocks[:n-1]
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.n {
			at[i] = level(b) + vg.Length(i)*gap
			i++
		}
	}
}
