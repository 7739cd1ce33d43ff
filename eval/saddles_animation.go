package eval

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
)

var animationPage = template.Must(template.ParseFS(templates, "templates/flow.html"))

// A scene is what the animation draws. Numbers are rounded to four digits: they become pixels.
type scene struct {
	Title               string
	Names               []string    // of the coordinates that are drawn
	Time, Arc, Loss     []float64   // per frame
	Beta                [][]float64 // (coordinates, frames)
	Jumps               []float64
	Plateaus            [][]float64 // (coordinates, saddles)
	Low, High, LossHigh float64
}

// animation renders flow.html, which needs no other file: the run in arc length, the clock in which resting and jumping take turns at one
// speed.
func (r *SaddlesResult) animation() ([]byte, error) {
	p := r.Picture
	s := scene{Title: fmt.Sprintf("n = %d, d = %d, α = %g", p.Path.N, p.Path.D, r.Study.Alpha)}
	way := p.Frame[len(p.Frame)-1].Arc - p.Frame[len(p.Frame)-1].Time
	unit := way / p.Frame[len(p.Frame)-1].Time // so that the whole way takes as long as the whole time
	for _, f := range p.Frame {
		s.Time, s.Loss = append(s.Time, short(f.Time)), append(s.Loss, short(f.Loss))
		s.Arc = append(s.Arc, short(f.Time+(f.Arc-f.Time)/max(unit, math.SmallestNonzeroFloat64)))
		s.LossHigh = max(s.LossHigh, f.Loss)
	}
	beta := make([]float64, p.Path.D)
	for _, j := range p.shownCoordinates(most) {
		var line, plateaus []float64
		for _, f := range p.Frame {
			line = append(line, short(f.Beta[j]))
			s.Low, s.High = min(s.Low, f.Beta[j]), max(s.High, f.Beta[j])
		}
		for _, saddle := range p.shown() {
			saddle.Vector(beta)
			plateaus = append(plateaus, short(beta[j]))
			s.Low, s.High = min(s.Low, beta[j]), max(s.High, beta[j])
		}
		s.Names, s.Beta, s.Plateaus = append(s.Names, subscript(j)), append(s.Beta, line), append(s.Plateaus, plateaus)
	}
	for _, saddle := range p.shown() {
		s.Jumps = append(s.Jumps, short(saddle.Time))
	}
	var page bytes.Buffer
	if err := animationPage.Execute(&page, s); err != nil {
		return nil, fmt.Errorf("eval: flow.html: %w", err)
	}
	return page.Bytes(), nil
}

// short rounds to five significant digits.
func short(v float64) float64 {
	if v == 0 || math.Abs(v) < 1e-12 {
		return 0
	}
	scale := math.Pow(10, 4-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}
