package eval

import (
	"fmt"
	"math"
)

// ceiling is the error in dB, ten times that of the estimate 0, above which a figure draws nothing: a method that diverges would press all
// others flat.
const ceiling = 10.0

// figure draws every curve in dB. A level so far below all curves that it would press them into the upper third is told in the caption, and so
// is where a method ends that leaves the figure at its ceiling.
func (r *DecayResult) figure() *Figure {
	d := r.Study.Data
	f := &Figure{
		Name: decayStudy.Figure, XTitle: "layer / iteration k", YTitle: "NMSE (dB)",
		Caption: fmt.Sprintf("Error after every layer; d = %d, S = %d, N = %d, σ = %g. Bands: 95 %% bootstrap intervals over %d prompts.",
			d.D, d.S, d.N, d.Sigma, r.Study.Prompts),
	}
	lowest := math.Inf(1)
	for _, c := range r.Curves {
		for _, s := range c.Layers {
			if !c.Level {
				lowest = min(lowest, s.NMSE)
			}
		}
	}
	for _, c := range r.Curves {
		if c.Level && c.Last().NMSE < 3*lowest {
			f.Caption += fmt.Sprintf(" %s stands far below, at −%.1f dB.", c.Method, -c.Last().NMSE)
			continue
		}
		l := Line{Name: c.Method, Level: c.Level}
		for k, s := range c.Layers {
			l.X, l.Y = append(l.X, float64(k)), append(l.Y, min(s.NMSE, ceiling))
			l.Lo, l.Hi = append(l.Lo, min(s.NMSECI.Lo, ceiling)), append(l.Hi, min(s.NMSECI.Hi, ceiling))
		}
		if last := c.Last().NMSE; last > ceiling {
			f.Caption += fmt.Sprintf(" %s leaves the figure and ends at %.1f dB.", c.Method, last)
		}
		f.Lines = append(f.Lines, l)
	}
	return f
}
