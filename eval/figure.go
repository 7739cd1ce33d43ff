package eval

import (
	"bytes"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Figure is a line plot that a report draws as NAME.svg and NAME.png.
type Figure struct {
	Name           string
	XTitle, YTitle string
	Caption        string
	Lines          []Line
	LogY           bool // logarithmic vertical axis; values that are not positive are left out
}

// A Line is one labelled line of a figure. Lo and Hi, where given, bound a band around it.
type Line struct {
	Name   string
	X, Y   []float64
	Lo, Hi []float64
	Level  bool // a constant: drawn thin and without markers
	Dots   bool // measurements: a marker and a bar from Lo to Hi each, in the colour of the line before, without a name
}

const (
	figureWidth  = 6.4 * vg.Inch
	figureHeight = 4 * vg.Inch
	figureMargin = vg.Length(6)
	figureDPI    = 200
	markers      = 32 // lines with more points carry none
)

// palette is that of Okabe and Ito (2008), told apart under every common colour blindness; yellow is left out, it vanishes on white.
var palette = []color.RGBA{
	{0x00, 0x72, 0xB2, 0xFF}, // blue
	{0xD5, 0x5E, 0x00, 0xFF}, // vermillion
	{0x00, 0x9E, 0x73, 0xFF}, // bluish green
	{0xE6, 0x9F, 0x00, 0xFF}, // orange
	{0xCC, 0x79, 0xA7, 0xFF}, // reddish purple
	{0x56, 0xB4, 0xE9, 0xFF}, // sky blue
}

// Dashes and glyphs repeat the distinction that the colours make, for print without colour.
var (
	dashes = [][]vg.Length{nil, {6, 2}, {2, 2}, {6, 2, 2, 2}, {8, 3}, {1, 2}}
	glyphs = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.RingGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}}
	black  = color.RGBA{0x33, 0x33, 0x33, 0xFF}
)

// style returns the look of line i.
func (f Figure) style(i int) (color.RGBA, draw.LineStyle, draw.GlyphDrawer) {
	if f.Lines[i].Level {
		return black, draw.LineStyle{Color: black, Width: vg.Points(0.9), Dashes: []vg.Length{1.5, 1.5}}, nil
	}
	if f.Lines[i].Dots {
		c, _, _ := f.style(i - 1)
		return c, draw.LineStyle{Color: c, Width: vg.Points(1)}, draw.CircleGlyph{}
	}
	c := palette[i%len(palette)]
	round := i + i/len(palette) // the seventh line has the first one's colour, but not its dashes
	line := draw.LineStyle{Color: c, Width: vg.Points(1.5), Dashes: dashes[round%len(dashes)]}
	if len(f.Lines[i].X) > markers {
		return c, line, nil
	}
	return c, line, glyphs[round%len(glyphs)]
}

// blend moves a colour by the given share towards grey level to: 255 makes the tint of a band, opaque because a translucent fill turns grey
// in some viewers; 0 makes a name dark enough to read.
func blend(c color.RGBA, share, to float64) color.RGBA {
	mix := func(v uint8) uint8 { return uint8(float64(v)*(1-share) + to*share) }
	return color.RGBA{mix(c.R), mix(c.G), mix(c.B), 0xFF}
}

// points pairs x and y, with the logarithm where the axis wants it.
func (f Figure) points(x, y []float64) plotter.XYs {
	var p plotter.XYs
	for i, v := range y {
		if f.LogY {
			v = math.Log10(v)
		}
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			p = append(p, plotter.XY{X: x[i], Y: v})
		}
	}
	return p
}

// plot assembles the figure: grid, then all bands, then lines and markers, the first line on top, then the labels at the lines' ends.
func (f Figure) plot() *plot.Plot {
	text := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(9.5)}
	p := f.axes(text)
	for i, l := range slices.Backward(f.Lines) {
		if l.Dots {
			continue
		}
		lower := f.points(l.X, l.Lo)
		slices.Reverse(lower)
		if band := append(f.points(l.X, l.Hi), lower...); len(band) > 2 {
			c, _, _ := f.style(i)
			p.Add(&plotter.Polygon{XYs: []plotter.XYs{band}, Color: blend(c, 0.8, 255)})
		}
	}
	labels := &endLabels{font: text}
	for i, l := range slices.Backward(f.Lines) {
		if l.Dots {
			continue
		}
		points := f.points(l.X, l.Y)
		if len(points) == 0 {
			continue
		}
		c, line, glyph := f.style(i)
		p.Add(&plotter.Line{XYs: points, LineStyle: line})
		if glyph != nil {
			p.Add(&plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: c, Radius: vg.Points(2.6), Shape: glyph}})
		}
		labels.add(l.Name, blend(c, 0.25, 0), points[len(points)-1].Y)
	}
	for i, l := range f.Lines {
		if l.Dots {
			f.dots(p, i, l)
		}
	}
	p.Add(labels)
	return p
}

// dots draws the markers and bars of line i above all lines.
func (f Figure) dots(p *plot.Plot, i int, l Line) {
	c, bar, glyph := f.style(i)
	for k := range l.Y {
		p.Add(&plotter.Line{XYs: f.points([]float64{l.X[k], l.X[k]}, []float64{l.Lo[k], l.Hi[k]}), LineStyle: bar})
	}
	p.Add(&plotter.Scatter{XYs: f.points(l.X, l.Y), GlyphStyle: draw.GlyphStyle{Color: c, Radius: vg.Points(2.6), Shape: glyph}})
}

// axes returns a plot with titles, ticks and horizontal grid lines.
func (f Figure) axes(text font.Font) *plot.Plot {
	p := plot.New()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font, a.Tick.Label.Font = text, text
		a.Label.Padding, a.Padding, a.Tick.Length = vg.Points(2), vg.Points(6), vg.Points(4)
		a.Color, a.Tick.Color, a.Tick.Label.Color, a.Label.TextStyle.Color = black, black, black, black
		a.Tick.Marker = linearTicks{}
	}
	if f.LogY {
		p.Y.Tick.Marker = logTicks{}
	}
	p.X.Label.Text, p.Y.Label.Text = f.XTitle, f.YTitle
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color = color.Gray{0xE4}
	p.Add(grid)
	return p
}

// render returns the figure as SVG and as PNG.
func (f Figure) render() (svg, png []byte, err error) {
	var vector, raster bytes.Buffer
	p := f.plot()
	drawOn := func(sheet vg.CanvasSizer) {
		c := draw.New(sheet)
		c.SetColor(color.White)
		c.Fill(c.Rectangle.Path())
		p.Draw(draw.Crop(c, figureMargin, -figureMargin, figureMargin, -figureMargin))
	}
	c := vgsvg.New(figureWidth, figureHeight)
	drawOn(c)
	if _, err = c.WriteTo(&vector); err != nil {
		return nil, nil, err
	}
	img := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(figureWidth, figureHeight), vgimg.UseDPI(figureDPI))}
	drawOn(img)
	if _, err = img.WriteTo(&raster); err != nil {
		return nil, nil, err
	}
	// Arial and Helvetica have the metrics of Liberation Sans, which a reader may lack: nothing moves and nothing is clipped.
	fonts := strings.NewReplacer("font-family:Liberation Sans;", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")
	return []byte(fonts.Replace(vector.String())), raster.Bytes(), nil
}
